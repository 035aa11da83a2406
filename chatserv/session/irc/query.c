/* SPDX-License-Identifier: ISC */

/*
 * What IRC clients ask about the server and about people.
 *
 * As in every dialect, each answer follows everything that was published
 * before the question; so a PONG tells a client that it has seen all that,
 * even if the PING is answered before earlier lines.
 *
 * Runs in a session.
 */

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "chatserv/session/irc/irc.h"
#include "chatserv/session/irc/motd.h"
#include "chatserv/session/setting.h"
#include "ipc/common/version.h"
#include "ipc/common/bsd.h"

/* ---- PING ---- */

#define LOOK_MS		250	/* from one search for a PING to the next */
#define HELD_MS		2000	/* that one waits behind other lines */

static void
pong(struct session *s, const struct irc_message *m)
{
	char token[IRC_LINE_MAX / 2];

	if (m->n == 0) {
		irc_numeric(s, "409", ":No origin given");
		return;
	}
	irc_copy(token, sizeof(token), m->param[0]);
	irc_send(s, "PONG %s :%s", irc_config.server, token);
}

bool
irc_ping(struct session *s, const struct irc_message *m)
{
	pong(s, m);
	s->irc.ping_since = 0;
	return true;
}

/* The first PING among the lines that wait; its command is at *word. */
static bool
find_ping(struct session *s, struct irc_message *m, char **word)
{
	char	*line = s->in.buf + s->in.start, *lf;
	char	*end = s->in.buf + s->in.end;
	size_t	 len;

	for (; (lf = memchr(line, '\n', (size_t)(end - line))) != NULL;
	    line = lf + 1) {
		len = (size_t)(lf - line);
		if (len > 0 && line[len - 1] == '\r')
			len--;
		if (irc_parse(m, line, len) && irc_is(m->command, "PING") &&
		    m->len <= IRC_LINE_MAX && irc_is_utf8(line, len)) {
			*word = s->in.buf + (m->command.s - s->in.buf);
			return true;
		}
	}
	return false;
}

/*
 * A busy room takes a client's lines slowly, and a client that receives no
 * PONG gives the connection up.  So a PING that has waited for HELD_MS behind
 * lines that are not published yet is answered before them, but after
 * everything that was published when the session first saw it.  The session
 * turns it into a PONG in the buffer, and ignores that later.
 */
void
irc_held(struct session *s)
{
	struct irc_message	 m;
	uint64_t		 now = bus_now();
	char			*word;

	if (s->phase != PHASE_PRESENT || s->batch.used == 0 ||
	    now < s->irc.ping_looked + LOOK_MS)
		return;
	s->irc.ping_looked = now;
	if (!find_ping(s, &m, &word)) {
		s->irc.ping_since = 0;
	} else if (s->irc.ping_since == 0) {
		s->irc.ping_since = now;
		s->irc.ping_after = ring_head(s->bus);
	} else if (now >= s->irc.ping_since + HELD_MS &&
	    s->reader.cursor >= s->irc.ping_after &&
	    line_out_left(&s->out) >= SESSION_ANSWER_SPACE) {
		pong(s, &m);
		word[1] = 'O';
		s->irc.ping_since = 0;
	}
}

/* ---- people ---- */

bool
irc_find(struct session *s, struct irc_param p, struct roster_row *row,
    char name[TEXT_NAME_MAX + 1])
{
	irc_copy(name, TEXT_NAME_MAX + 1, p);
	return p.len <= TEXT_NAME_MAX && roster_find(s->bus, name, row);
}

bool
irc_whois(struct session *s, const struct irc_message *m)
{
	struct roster_row	row;
	char			name[TEXT_NAME_MAX + 1];

	/*
	 * With two, the first names the server to ask, which can only be this
	 * one.
	 */
	if (!irc_find(s, m->param[m->n > 1], &row, name)) {
		irc_numeric(s, "401", "%s :Nobody here has that name", name);
	} else {
		irc_numeric(s, "311", "%s %s %s * :%s", row.name, IRC_USER,
		    irc_config.server, row.name);
		irc_numeric(s, "319", "%s :%s", row.name, irc_config.channel);
		irc_numeric(s, "312", "%s %s :chatserv", row.name,
		    irc_config.server);
		irc_numeric(s, "378", "%s :is connecting from %s", row.name,
		    row.origin);
	}
	irc_numeric(s, "318", "%s :End of WHOIS", name);
	return true;
}

bool
irc_whowas(struct session *s, const struct irc_message *m)
{
	char name[TEXT_NAME_MAX + 1];

	irc_copy(name, sizeof(name), m->param[0]);
	irc_numeric(s, "406", "%s :There is no record of that name", name);
	irc_numeric(s, "369", "%s :End of WHOWAS", name);
	return true;
}

/*
 * The clients that m names, in its params or between blanks, each in the form
 * of `format`.
 */
static bool
show_those_here(struct session *s, const struct irc_message *m,
    const char *number, bool with_host)
{
	struct roster_row	row;
	struct irc_param	p;
	char			text[IRC_LINE_MAX] = "";
	char			one[IRC_SERVER_SIZE + 2 * TEXT_NAME_MAX];
	char			name[TEXT_NAME_MAX + 1];
	size_t			left;
	int			i;

	for (i = 0; i < m->n; i++) {
		p = m->param[i];
		for (left = p.len; left > 0; left -= p.len, p.s += p.len) {
			for (p.len = 0; p.len < left && p.s[p.len] != ' ';)
				p.len++;
			if (irc_find(s, p, &row, name)) {
				(void)snprintf(one, sizeof(one), with_host ?
				    "%s=+%s@%s " : "%s ", row.name, IRC_USER,
				    irc_config.server);
				(void)strlcat(text, one, sizeof(text));
			}
			p.len += p.len < left;
		}
	}
	irc_numeric(s, number, ":%s", text);
	return true;
}

bool
irc_ison(struct session *s, const struct irc_message *m)
{
	return show_those_here(s, m, "303", false);
}

bool
irc_userhost(struct session *s, const struct irc_message *m)
{
	return show_those_here(s, m, "302", true);
}

bool
irc_away(struct session *s, const struct irc_message *m)
{
	if (m->n == 0 || m->param[0].len == 0)
		irc_numeric(s, "305", ":You are no longer marked as away");
	else
		irc_numeric(s, "306", ":You are away, but nobody is told");
	return true;
}

/* ---- oneself ---- */

/*
 * A token takes a name back, so nobody is told it unasked: clients keep what
 * they are told in logs, and show it to whoever looks on.
 */
bool
irc_token(struct session *s, const struct irc_message *m)
{
	char hex[SETTING_TOKEN_SIZE];

	(void)m;
	setting_show_token(s, hex);
	irc_send(s, "NOTICE %s :PASS %s takes this name over, from another "
	    "connection or in the next one", s->name, hex);
	explicit_bzero(hex, sizeof(hex));
	return true;
}

/* ---- the server ---- */

void
irc_show_users(struct session *s)
{
	unsigned int n = roster_count(s->bus);

	irc_numeric(s, "251", ":There are %u users and 0 invisible on 1 "
	    "server", n);
	irc_numeric(s, "252", "0 :operators");
	irc_numeric(s, "253", "%u :unknown connections",
	    roster_count_entering(s->bus));
	irc_numeric(s, "254", "1 :channel");
	irc_numeric(s, "255", ":I have %u clients and 0 servers", n);
	/* The most that there ever were, which may stand here, nobody knows. */
	irc_numeric(s, "265", ":Current local users: %u", n);
	irc_numeric(s, "266", ":Current global users: %u", n);
}

bool
irc_lusers(struct session *s, const struct irc_message *m)
{
	(void)m;
	irc_show_users(s);
	return true;
}

/* A name, the server's, a number and CR LF surround each line. */
_Static_assert(MOTD_TEXT_SIZE + (MOTD_LINES + 2) * (IRC_SERVER_SIZE +
    TEXT_NAME_MAX + 32) + SESSION_ANSWER_SPACE <= IRC_WELCOME_SPACE,
    "the welcome has no space for the message of the day");

void
irc_show_motd(struct session *s)
{
	const char	*text = irc_motd_text(), *end;

	if (*text == '\0') {
		irc_numeric(s, "422", ":There is no message of the day");
		return;
	}
	irc_numeric(s, "375", ":- %s Message of the day -",
	    irc_config.server);
	for (; *text != '\0'; text = end + (*end == '\n')) {
		end = text + strcspn(text, "\n");
		irc_numeric(s, "372", ":- %.*s", (int)(end - text), text);
	}
	irc_numeric(s, "376", ":End of MOTD");
}

bool
irc_motd(struct session *s, const struct irc_message *m)
{
	(void)m;
	if (line_out_left(&s->out) < IRC_WELCOME_SPACE)
		return false;
	irc_show_motd(s);
	return true;
}

bool
irc_version(struct session *s, const struct irc_message *m)
{
	(void)m;
	irc_numeric(s, "351", "chatserv-" VERSION_TEXT " %s :one room",
	    irc_config.server);
	return true;
}

bool
irc_show_time(struct session *s, const struct irc_message *m)
{
	struct timespec	ts;
	char		text[IRC_TIME_SIZE];

	(void)m;
	(void)clock_gettime(CLOCK_REALTIME, &ts);
	irc_time(text, (uint64_t)ts.tv_sec * 1000000 +
	    (uint64_t)ts.tv_nsec / 1000);
	irc_numeric(s, "391", "%s :%s", irc_config.server, text);
	return true;
}

bool
irc_info(struct session *s, const struct irc_message *m)
{
	(void)m;
	irc_numeric(s, "371", ":chatserv: one room, which is %s here",
	    irc_config.channel);
	irc_numeric(s, "374", ":End of INFO");
	return true;
}

/*
 * Everybody in the room is in the channel already, so nobody can be invited.
 */
bool
irc_invite(struct session *s, const struct irc_message *m)
{
	struct roster_row	row;
	char			name[TEXT_NAME_MAX + 1];

	if (!irc_is_channel(m->param[1]))
		irc_no_channel(s, m->param[1]);
	else if (!s->irc.in_channel)
		irc_numeric(s, "442", "%s :You are not there",
		    irc_config.channel);
	else if (irc_find(s, m->param[0], &row, name))
		irc_numeric(s, "443", "%s %s :is there already", row.name,
		    irc_config.channel);
	else
		irc_numeric(s, "401", "%s :Nobody here has that name", name);
	return true;
}

bool
irc_no_privileges(struct session *s, const struct irc_message *m)
{
	if (irc_is(m->command, "OPER"))
		irc_numeric(s, "491", ":There are no operators here");
	else if (irc_is(m->command, "KILL"))
		irc_numeric(s, "481", ":There are no operators here");
	else if (!irc_is_channel(m->param[0]))
		irc_no_channel(s, m->param[0]);
	else
		irc_numeric(s, "482", "%s :There are no operators here",
		    irc_config.channel);
	return true;
}
