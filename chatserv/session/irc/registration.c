/* SPDX-License-Identifier: ISC */

/*
 * How an IRC client joins, and changes its name.
 *
 * NICK, USER and CAP may arrive in any order; a client is registered, and in
 * the room, when it has given both names and does not negotiate (any more).
 * After a name that is taken another NICK may follow, NICK_TRIES times.  PASS
 * is the token of an earlier session, whose name it takes over; one that is no
 * token is ignored, and never kept, since it may be a password.
 *
 * On a unix-domain socket the kernel says who the client is: the answer to a
 * NICK that is not the login name is the login name.
 *
 * Runs in a session, before it has a name.
 */

#include <stdio.h>
#include <string.h>

#include "chatserv/session/action.h"
#include "chatserv/session/irc/irc.h"
#include "chatserv/session/setting.h"
#include "ipc/common/bsd.h"

#define NICK_TRIES	10

static const struct {
	const char	*name;
	enum irc_cap	 bit;
} caps[] = {
	{ "server-time", IRC_CAP_TIME }, { "message-tags", IRC_CAP_TAGS },
	{ "echo-message", IRC_CAP_ECHO }, { "batch", IRC_CAP_BATCH },
	{ "multi-prefix", IRC_CAP_PREFIX },
	{ "userhost-in-names", IRC_CAP_USERHOST },
	{ "draft/chathistory", IRC_CAP_HISTORY }
};

#define CAPS	(sizeof(caps) / sizeof(caps[0]))

/* Word the refusal of the requested name; close after too many. */
static void
refuse_nick(struct session *s, const char *number, const char *why)
{
	char shown[4 * TEXT_NAME_MAX + 1];

	shown[text_visible(shown, s->irc.nick, strlen(s->irc.nick))] = '\0';
	irc_numeric(s, number, "%s :That name %s", shown, why);
	s->irc.nick[0] = '\0';
	if (s->phase == PHASE_NAMING && ++s->tries >= NICK_TRIES)
		session_refuse(s, "that was the last attempt");
}

/* The kernel says who a local client is, whatever it requests. */
static enum verdict
enter_by_login(struct session *s)
{
	enum verdict verdict = action_enter_by_login(s);

	if (verdict == VERDICT_TAKEN)
		refuse_nick(s, "433", "is here too often");
	return verdict;
}

/* Join if everything necessary has arrived; false if not now. */
static bool
enter(struct session *s)
{
	enum verdict	 verdict;
	const char	*why = NULL;

	if (s->irc.negotiating || !s->irc.has_user || s->irc.nick[0] == '\0')
		return true;
	if (line_out_left(&s->out) < IRC_WELCOME_SPACE)
		return false;
	if (s->history == HISTORY_NONE && irc_config.history > 0 &&
	    (s->irc.caps & IRC_CAP_HISTORY) == 0) {
		s->history = HISTORY_LAST;
		s->history_arg = irc_config.history;
	}
	verdict = s->peer->local && !s->peer->trusted ? enter_by_login(s) :
	    action_enter(s, s->irc.nick, strlen(s->irc.nick), &why);
	if (verdict == VERDICT_BAD_NAME)
		refuse_nick(s, "432", why);
	else if (verdict == VERDICT_TAKEN && s->irc.nick[0] != '\0')
		refuse_nick(s, "433", "is taken: choose another");
	return verdict != VERDICT_LATER;
}

/* ---- CAP ---- */

/* " name name ..." of all capabilities, or of those in set. */
static void
list_caps(char *text, size_t size, unsigned int set)
{
	size_t i;

	text[0] = '\0';
	for (i = 0; i < CAPS; i++) {
		if ((set & caps[i].bit) == 0)
			continue;
		if (text[0] != '\0')
			(void)strlcat(text, " ", size);
		(void)strlcat(text, caps[i].name, size);
	}
}

/* The bit of p; 0 if it is no capability. */
static unsigned int
cap_bit(struct irc_param p)
{
	size_t i;

	for (i = 0; i < CAPS; i++)
		if (text_is(p.s, p.len, caps[i].name))
			return caps[i].bit;
	return 0;
}

/* Add or remove all capabilities that list names, or none of them. */
static bool
request_caps(struct session *s, struct irc_param list)
{
	struct irc_param	p = list;
	unsigned int		set = s->irc.caps, bit;
	size_t			left = list.len, n;
	bool			off;

	while (left > 0) {
		for (n = 0; n < left && p.s[n] != ' '; n++)
			continue;
		p.len = n;
		off = n > 0 && p.s[0] == '-';
		bit = cap_bit((struct irc_param){ p.s + off, n - off });
		if (n > 0 && bit == 0)
			return false;
		set = off ? set & ~bit : set | bit;
		n += n < left;
		p.s += n;
		left -= n;
	}
	s->irc.caps = set;
	return true;
}

bool
irc_cap(struct session *s, const struct irc_message *m)
{
	const char	*nick = s->name[0] == '\0' ? "*" : s->name;
	char		 text[IRC_LINE_MAX];
	struct irc_param list = { "", 0 };

	if (m->n > 1)
		list = m->param[1];
	if (irc_is(m->param[0], "LS") || irc_is(m->param[0], "LIST")) {
		if (irc_is(m->param[0], "LS"))
			s->irc.negotiating = s->phase == PHASE_NAMING;
		list_caps(text, sizeof(text), irc_is(m->param[0], "LS") ?
		    ~0U : s->irc.caps);
		irc_send(s, "CAP %s %s :%s", nick,
		    irc_is(m->param[0], "LS") ? "LS" : "LIST", text);
	} else if (irc_is(m->param[0], "REQ")) {
		s->irc.negotiating = s->phase == PHASE_NAMING;
		irc_copy(text, IRC_LINE_MAX / 2, list);
		/* The acknowledgement repeats the list, so that has to fit. */
		irc_send(s, "CAP %s %s :%s", nick, list.len < IRC_LINE_MAX /
		    2 && request_caps(s, list) ? "ACK" : "NAK", text);
	} else if (irc_is(m->param[0], "END")) {
		s->irc.negotiating = false;
		return s->phase != PHASE_NAMING || enter(s);
	} else {
		irc_copy(text, IRC_LINE_MAX / 2, m->param[0]);
		irc_numeric(s, "410", "%s :Invalid CAP command", text);
	}
	return true;
}

/* ---- the rest ---- */

bool
irc_pass(struct session *s, const struct irc_message *m)
{
	char token[SETTING_TOKEN_SIZE];

	if (s->phase != PHASE_NAMING) {
		irc_numeric(s, "462", ":You are registered already");
		return true;
	}
	irc_copy(token, sizeof(token), m->param[0]);
	if (m->param[0].len >= sizeof(token) || !setting_token(s, token))
		irc_notice(s, "PASS is no token of this room: ignored");
	explicit_bzero(token, sizeof(token));
	return true;
}

bool
irc_user(struct session *s, const struct irc_message *m)
{
	if (s->phase != PHASE_NAMING) {
		irc_numeric(s, "462", ":You are registered already");
		return true;
	}
	if (m->param[0].len == 0 || m->param[3].len == 0) {
		irc_numeric(s, "461", "USER :Not enough parameters");
		return true;
	}
	s->irc.has_user = true;
	return enter(s);
}

/* Change the name. */
static bool
rename_to(struct session *s)
{
	const char *why;

	switch (action_rename(s, s->irc.nick, strlen(s->irc.nick), &why)) {
	case VERDICT_LATER:
		return false;
	case VERDICT_BAD_NAME:
		if (!session_may_answer(s))
			return false;
		refuse_nick(s, "432", why);
		break;
	case VERDICT_TAKEN:
		refuse_nick(s, "433", "is taken");
		break;
	default:
		break;
	}
	return true;
}

bool
irc_nick(struct session *s, const struct irc_message *m)
{
	struct irc_param p = m->n > 0 ? m->param[0] :
	    (struct irc_param){ "", 0 };

	if (p.len == 0) {
		irc_numeric(s, "431", ":No nickname given");
		return true;
	}
	irc_copy(s->irc.nick, sizeof(s->irc.nick), p);
	if (p.len >= sizeof(s->irc.nick)) {
		refuse_nick(s, "432", "is longer than 32 bytes");
		return true;
	}
	return s->phase == PHASE_NAMING ? enter(s) : rename_to(s);
}
