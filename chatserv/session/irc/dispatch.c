/* SPDX-License-Identifier: ISC */

/*
 * The dialect of IRC clients: which function handles a line, and the words of
 * what a session sends.
 *
 * A table says which function executes which command; registration.c has those
 * before the name, channel.c and query.c the rest, chathistory.c the history.
 * outgoing.c words the events of the room; this file, the welcome and the
 * lists of names.
 *
 * Runs in a session.
 */

#include <stdio.h>
#include <string.h>

#include "chatserv/session/irc/irc.h"
#include "ipc/common/bsd.h"
#include "ipc/common/version.h"

/* ---- commands ---- */

/* Leave; everyone sees the reason. */
static bool
quit(struct session *s, const struct irc_message *m)
{
	char	plain[IRC_LINE_MAX];
	size_t	len = 0;

	if (m->n > 0)
		len = irc_strip(plain, m->param[0].s, m->param[0].len);
	session_quit(s, plain, len);
	return true;
}

static bool
ignore(struct session *s, const struct irc_message *m)
{
	(void)s;
	(void)m;
	return true;
}

/* Also before the registration; always answers, so not before it may. */
enum { EARLY = 1, ANSWERS = 2 };

static const struct {
	const char	*word;
	int		 params;	/* at least */
	unsigned int	 how;
	irc_command	*run;
} commands[] = {
	{ "PRIVMSG", 0, 0, irc_privmsg },
	{ "PING", 0, EARLY | ANSWERS, irc_ping },
	{ "PONG", 0, EARLY, ignore },
	{ "NICK", 0, EARLY | ANSWERS, irc_nick },
	{ "CAP", 1, EARLY | ANSWERS, irc_cap },
	{ "USER", 4, EARLY | ANSWERS, irc_user },
	{ "PASS", 1, EARLY | ANSWERS, irc_pass },
	{ "QUIT", 0, EARLY, quit },
	{ "NOTICE", 0, 0, irc_notice_to },
	{ "JOIN", 1, ANSWERS, irc_join },
	{ "PART", 1, ANSWERS, irc_part },
	{ "NAMES", 0, ANSWERS, irc_names },
	{ "WHO", 0, ANSWERS, irc_who },
	{ "WHOIS", 1, ANSWERS, irc_whois },
	{ "WHOWAS", 1, ANSWERS, irc_whowas },
	{ "LIST", 0, ANSWERS, irc_list },
	{ "MODE", 1, ANSWERS, irc_mode },
	{ "TOPIC", 1, ANSWERS, irc_topic },
	{ "ISON", 1, ANSWERS, irc_ison },
	{ "USERHOST", 1, ANSWERS, irc_userhost },
	{ "LUSERS", 0, ANSWERS, irc_lusers },
	{ "MOTD", 0, ANSWERS, irc_motd },
	{ "VERSION", 0, ANSWERS, irc_version },
	{ "TIME", 0, ANSWERS, irc_show_time },
	{ "INFO", 0, ANSWERS, irc_info },
	{ "AWAY", 0, ANSWERS, irc_away },
	{ "TOKEN", 0, ANSWERS, irc_token },
	{ "CHATHISTORY", 3, ANSWERS, irc_chathistory },
	{ "TAGMSG", 0, 0, ignore },
	{ "KICK", 2, ANSWERS, irc_no_privileges },
	{ "INVITE", 2, ANSWERS, irc_invite },
	{ "OPER", 2, ANSWERS, irc_no_privileges },
	{ "KILL", 2, ANSWERS, irc_no_privileges }
};

#define COMMANDS	(sizeof(commands) / sizeof(commands[0]))

/* Refuse a line by this number, once there is space to say so. */
static bool
refuse(struct session *s, const struct irc_message *m, const char *number,
    const char *why)
{
	char word[32];

	if (!session_may_answer(s))
		return false;
	irc_copy(word, sizeof(word), m->command);
	irc_numeric(s, number, "%s :%s", word, why);
	return true;
}

static bool
dispatch(struct session *s, const struct irc_message *m)
{
	size_t i;

	for (i = 0; i < COMMANDS; i++) {
		if (!irc_is(m->command, commands[i].word))
			continue;
		if (!(commands[i].how & EARLY) && s->phase == PHASE_NAMING)
			return refuse(s, m, "451", "You are not registered");
		if (m->n < commands[i].params)
			return refuse(s, m, "461", "Not enough parameters");
		if ((commands[i].how & ANSWERS) && !session_may_answer(s))
			return false;
		return commands[i].run(s, m);
	}
	return refuse(s, m, s->phase == PHASE_NAMING ? "451" : "421",
	    s->phase == PHASE_NAMING ? "You are not registered" :
	    "Unknown command");
}

static bool
line_received(struct session *s, const char *line, size_t len)
{
	struct irc_message	m;
	char			word[32];

	if (!irc_parse(&m, line, len))
		return true;
	if (m.len > IRC_LINE_MAX || len - m.len > IRC_TAGS_MAX)
		return refuse(s, &m, "417", "That line is too long");
	if (irc_is_utf8(line, len))
		return dispatch(s, &m);
	if (!session_may_answer(s))
		return false;
	irc_copy(word, sizeof(word), m.command);
	irc_fail(s, word[0] != '\0' && irc_is_utf8(word, strlen(word)) ? word :
	    "*",
	    "INVALID_UTF8", "That line was not UTF-8: not sent");
	return true;
}

static bool
too_long(struct session *s)
{
	if (!session_may_answer(s))
		return false;
	irc_numeric(s, "417", ":That line is too long");
	return true;
}

bool
irc_begins(const struct session *s, const char *line, size_t len)
{
	static const char *const	words[] = { "CAP", "NICK", "USER",
	    "PASS", "QUIT", "PING", "JOIN" };
	struct irc_message		m;
	size_t				i;

	/* line excludes its end, which is still in the buffer. */
	if (s->peer->local && (line + len == s->in.buf + s->in.end ||
	    line[len] != '\r'))
		return false;
	if (!irc_parse(&m, line, len) || m.n == 0)
		return false;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (irc_is(m.command, words[i]))
			return true;
	return false;
}

/* ---- what is sent ---- */

static void
answer(struct session *s, const struct event *ev)
{
	char text[IRC_LINE_MAX], why[IRC_LINE_MAX + 32];

	(void)snprintf(text, sizeof(text), "%.*s", (int)ev->text_len,
	    ev->text);
	switch (ev->kind) {
	case EVENT_BYE:
		(void)snprintf(why, sizeof(why), "Closing link (%s)", text);
		irc_error(s, why);
		break;
	case EVENT_ERR:
		if (s->phase == PHASE_NAMING)
			irc_error(s, text);
		else
			irc_notice(s, text);
		break;
	case EVENT_LOST:
		irc_send(s, "NOTICE %s :%s messages were lost: you read too "
		    "slowly", s->name, text);
		break;
	default:
		irc_notice(s, text);
		break;
	}
}

static void
welcome(struct session *s, const struct roster_row *row, uint32_t n,
    uint32_t total)
{
	(void)row;
	(void)n;
	(void)total;
	irc_numeric(s, "001", ":Welcome to the room, %s", s->name);
	irc_numeric(s, "002", ":Your host is %s, running chatserv-"
	    VERSION_TEXT,
	    irc_config.server);
	irc_numeric(s, "003", ":This server keeps messages in memory: see "
	    "CHATHISTORY");
	irc_numeric(s, "004", "%s chatserv-" VERSION_TEXT " i n",
	    irc_config.server);
	irc_numeric(s, "005", "CASEMAPPING=ascii CHANTYPES=# CHANMODES=,,,n "
	    "CHANLIMIT=#:1 CHANNELLEN=%zu NICKLEN=%d NETWORK=chatserv "
	    "PREFIX=(ov)@+ MODES=1 :are supported by this server",
	    strlen(irc_config.channel), TEXT_NAME_MAX);
	irc_numeric(s, "005", "UTF8ONLY CLIENTTAGDENY=* CHATHISTORY=1000 "
	    "MSGREFTYPES=msgid,timestamp TARGMAX=PRIVMSG:1,NOTICE:1,NAMES:1,"
	    "WHOIS:1,JOIN:%d,PART:%d TOPICLEN=0 KICKLEN=0 AWAYLEN=300 "
	    "LINELEN=512 :are supported by this server", IRC_CHANNELS_MAX,
	    IRC_CHANNELS_MAX);
	irc_show_users(s);
	irc_show_motd(s);
	irc_show_channel(s);
}

static void
who_names(struct session *s, const struct roster_row *row, uint32_t n)
{
	bool	 full = (s->irc.caps & IRC_CAP_USERHOST) != 0;
	char	 text[IRC_LINE_MAX], one[2 * IRC_SERVER_SIZE + TEXT_NAME_MAX];
	uint32_t i;

	text[0] = '\0';
	for (i = 0; i < n; i++) {
		(void)snprintf(one, sizeof(one), full ? "%s!%s@%s" : "%s",
		    row[i].name, IRC_USER, irc_config.server);
		if (strlen(text) + strlen(one) > IRC_LINE_MAX / 2) {
			irc_numeric(s, "353", "= %s :%s", irc_config.channel,
			    text);
			text[0] = '\0';
		}
		if (text[0] != '\0')
			(void)strlcat(text, " ", sizeof(text));
		(void)strlcat(text, one, sizeof(text));
	}
	if (text[0] != '\0')
		irc_numeric(s, "353", "= %s :%s", irc_config.channel, text);
}

static void
who(struct session *s, const struct roster_row *row, uint32_t n,
    uint32_t total, bool first, bool last)
{
	uint32_t i;

	(void)total;
	(void)first;
	if (s->irc.list == IRC_NAMES)
		who_names(s, row, n);
	for (i = 0; s->irc.list == IRC_WHO && i < n; i++)
		irc_numeric(s, "352", "%s %s %s %s %s H :0 %s",
		    irc_config.channel, IRC_USER, irc_config.server,
		    irc_config.server, row[i].name, row[i].name);
	if (last && s->irc.list == IRC_NAMES)
		irc_numeric(s, "366", "%s :End of NAMES", irc_config.channel);
	else if (last)
		irc_numeric(s, "315", "%s :End of WHO", irc_config.channel);
}

const struct dialect dialect_irc = {
	.id = DIALECT_IRC,
	.line_max = IRC_TAGS_MAX + IRC_LINE_MAX,
	.line = line_received,
	.too_long = too_long,
	.more = irc_more,
	.held = irc_held,
	.event_most = irc_event_most,
	.event = irc_event,
	.answer = answer,
	.welcome = welcome,
	.who = who
};
