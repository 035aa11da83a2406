/* SPDX-License-Identifier: ISC */

/*
 * What IRC clients say and ask in the one channel.
 *
 * A client's message is submitted like any other (session_submit()), and
 * returns to the client itself only if it requested echo-message, since IRC
 * clients show what their user types.  Codes for colours are dropped;
 * \1ACTION\1 corresponds to !me, and other requests between clients (CTCP) are
 * dropped too.
 *
 * A client that leaves the channel stays in the room, whose names would
 * otherwise change with each window; it receives nothing until it joins again.
 *
 * Runs in a session that has a name.
 */

#include <string.h>

#include "chatserv/session/action.h"
#include "chatserv/session/irc/irc.h"

void
irc_no_channel(struct session *s, struct irc_param p)
{
	char name[IRC_LINE_MAX / 2];

	irc_copy(name, sizeof(name), p);
	irc_numeric(s, "403", "%s :There is only %s here", name,
	    irc_config.channel);
}

/* ---- saying ---- */

/* Publish text to the channel or to one client; false if not now. */
static enum verdict
deliver(struct session *s, struct irc_param to, enum event_kind kind,
    const char *text, size_t len)
{
	if (irc_is_channel(to))
		return session_submit(s, kind, s->name, text, len,
		    RECORD_TO_ALL, 0) ? VERDICT_DONE : VERDICT_LATER;
	return action_tell(s, to.s, to.len, text, len);
}

/* The text of a CTCP request; its kind, or none if it is not for us. */
static bool
take_action(struct irc_param *text)
{
	static const char	action[] = "\001ACTION ";
	size_t			n = sizeof(action) - 1;

	if (!text_begins(text->s, text->len, action))
		return false;
	text->s += n;
	text->len -= n;
	if (text->len > 0 && text->s[text->len - 1] == '\001')
		text->len--;
	return true;
}

/* Publish m; if quiet is set, answer no refusal, as NOTICE demands. */
static bool
say(struct session *s, const struct irc_message *m, bool quiet)
{
	static char		 plain[IRC_LINE_MAX];
	enum event_kind		 kind = EVENT_MSG;
	struct irc_param	 text;
	char			 name[IRC_LINE_MAX / 2];
	size_t			 n;

	if (m->n < 2 || m->param[1].len == 0) {
		if (quiet)
			return true;
		if (!session_may_answer(s))
			return false;
		irc_numeric(s, m->n < 1 ? "411" : "412", m->n < 1 ?
		    ":No recipient given" : ":No text to send");
		return true;
	}
	text = m->param[1];
	if (take_action(&text))
		kind = EVENT_ME;
	else if (text.s[0] == '\001')
		return true;
	n = irc_strip(plain, text.s, text.len);
	if (n == 0)
		return true;
	switch (deliver(s, m->param[0], kind, plain, n)) {
	case VERDICT_LATER:
		return false;
	case VERDICT_NOBODY:
		break;
	default:
		return true;
	}
	if (quiet)
		return true;
	if (!session_may_answer(s))
		return false;
	irc_copy(name, sizeof(name), m->param[0]);
	irc_numeric(s, name[0] == '#' ? "403" : "401", "%s :%s", name,
	    name[0] == '#' ? "There is no such channel" :
	    "Nobody here has that name");
	return true;
}

bool
irc_privmsg(struct session *s, const struct irc_message *m)
{
	return say(s, m, false);
}

bool
irc_notice_to(struct session *s, const struct irc_message *m)
{
	return say(s, m, true);
}

/* ---- coming and going ---- */

void
irc_show_channel(struct session *s)
{
	irc_send_own(s, "JOIN %s", irc_config.channel);
	s->irc.in_channel = true;
	s->irc.list = IRC_NAMES;
	session_list(s);
}

static void
leave_channel(struct session *s, const char *why)
{
	irc_send_own(s, "PART %s :%s", irc_config.channel, why);
	s->irc.in_channel = false;
}

static void
join_one(struct session *s, struct irc_param channel)
{
	if (!irc_is_channel(channel))
		irc_no_channel(s, channel);
	else if (!s->irc.in_channel)
		irc_show_channel(s);
}

static void
part_one(struct session *s, struct irc_param channel, const char *why)
{
	if (!irc_is_channel(channel))
		irc_no_channel(s, channel);
	else if (s->irc.in_channel)
		leave_channel(s, why);
	else
		irc_numeric(s, "442", "%s :You are not there",
		    irc_config.channel);
}

/*
 * The next channel of a list of which n were taken; false at its end, which
 * may be its beginning, or where more come than there is space to answer.
 */
static bool
next_channel(struct session *s, struct irc_param *list, struct irc_param *one,
    int *n)
{
	if (!irc_next(list, one)) {
		if (*n == 0)
			irc_numeric(s, "461", "* :Not enough parameters");
		return false;
	}
	if (++*n <= IRC_CHANNELS_MAX)
		return true;
	irc_numeric(s, "407", "%.*s :Too many channels in a line",
	    (int)one->len, one->s);
	return false;
}

bool
irc_join(struct session *s, const struct irc_message *m)
{
	struct irc_param list = m->param[0], one;
	int		 n = 0;

	if (irc_is(list, "0")) {
		if (s->irc.in_channel)
			leave_channel(s, "");
		return true;
	}
	while (next_channel(s, &list, &one, &n))
		join_one(s, one);
	return true;
}

bool
irc_part(struct session *s, const struct irc_message *m)
{
	struct irc_param list = m->param[0], one;
	char		 why[IRC_LINE_MAX / 2] = "";
	int		 n = 0;

	if (m->n > 1)
		irc_copy(why, sizeof(why), m->param[1]);
	while (next_channel(s, &list, &one, &n))
		part_one(s, one, why);
	return true;
}

/* ---- asking ---- */

bool
irc_names(struct session *s, const struct irc_message *m)
{
	char name[IRC_LINE_MAX / 2];

	if (m->n > 0 && !irc_is_channel(m->param[0])) {
		irc_copy(name, sizeof(name), m->param[0]);
		irc_numeric(s, "366", "%s :End of NAMES", name);
		return true;
	}
	s->irc.list = IRC_NAMES;
	session_list(s);
	return true;
}

bool
irc_who(struct session *s, const struct irc_message *m)
{
	struct roster_row	row;
	char			name[TEXT_NAME_MAX + 1];

	if (m->n == 0 || irc_is_channel(m->param[0]) ||
	    irc_is(m->param[0], "*")) {
		s->irc.list = IRC_WHO;
		session_list(s);
		return true;
	}
	if (irc_find(s, m->param[0], &row, name))
		irc_numeric(s, "352", "%s %s %s %s %s H :0 %s",
		    irc_config.channel, IRC_USER, irc_config.server,
		    irc_config.server, row.name, row.name);
	irc_numeric(s, "315", "%s :End of WHO", name);
	return true;
}

/* A list of channels may name ours; conditions (ELIST) are none of ours. */
bool
irc_list(struct session *s, const struct irc_message *m)
{
	struct irc_param list = { "", 0 }, one;
	bool		 ours;

	if (m->n > 0)
		list = m->param[0];
	ours = list.len == 0 || list.s[0] != '#';
	while (irc_next(&list, &one))
		ours = ours || irc_is_channel(one);
	irc_numeric(s, "321", "Channel :Users  Name");
	if (ours)
		irc_numeric(s, "322", "%s %u :", irc_config.channel,
		    roster_count(s->bus));
	irc_numeric(s, "323", ":End of LIST");
	return true;
}

bool
irc_topic(struct session *s, const struct irc_message *m)
{
	if (!irc_is_channel(m->param[0]))
		irc_no_channel(s, m->param[0]);
	else if (m->n > 1)
		irc_numeric(s, "482", "%s :There are no operators here",
		    irc_config.channel);
	else
		irc_numeric(s, "331", "%s :No topic is set",
		    irc_config.channel);
	return true;
}

/* The modes of the channel, which nobody can change. */
static void
channel_mode(struct session *s, const struct irc_message *m)
{
	if (m->n == 1)
		irc_numeric(s, "324", "%s +n", irc_config.channel);
	else if (irc_is(m->param[1], "b") || irc_is(m->param[1], "+b"))
		irc_numeric(s, "368", "%s :End of bans", irc_config.channel);
	else
		irc_numeric(s, "482", "%s :There are no operators here",
		    irc_config.channel);
}

/*
 * One's own modes, of which there are none.  Some clients make themselves
 * invisible in their first line, which means nothing here, and is no error.
 */
static void
own_mode(struct session *s, const struct irc_message *m)
{
	if (m->n == 1)
		irc_numeric(s, "221", "+");
	else if (!irc_is(m->param[1], "+i") && !irc_is(m->param[1], "-i"))
		irc_numeric(s, "501", ":There are no modes of users here");
}

bool
irc_mode(struct session *s, const struct irc_message *m)
{
	struct irc_param	p = m->param[0];
	struct roster_row	row;
	char			name[TEXT_NAME_MAX + 1];

	if (irc_is_channel(p))
		channel_mode(s, m);
	else if (p.len > 0 && p.s[0] == '#')
		irc_no_channel(s, p);
	else if (irc_is(p, s->name))
		own_mode(s, m);
	else if (irc_find(s, p, &row, name))
		irc_numeric(s, "502", ":Nobody can change another's mode");
	else
		irc_numeric(s, "401", "%s :Nobody here has that name", name);
	return true;
}
