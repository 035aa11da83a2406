/* SPDX-License-Identifier: ISC */

/*
 * From the greeting to the name.
 *
 * A client without a name reads nothing of the bus, and no other client knows
 * of it; setting.c has what it may send meanwhile.  The roster checks and
 * claims a name in one step, so if two clients request one name at once, one
 * of them gets it.
 *
 * Runs in a session.
 */

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "chatserv/common/log.h"
#include "chatserv/session/action.h"
#include "chatserv/session/foreign.h"
#include "chatserv/session/greet.h"
#include "chatserv/session/setting.h"
#include "ipc/common/bsd.h"

#define TRIES		5

void
greet_begin(struct session *s)
{
	char text[128];

	session_answer(s, EVENT_INFO, "this is chatserv: "
	    "!help says what you can do, !quit leaves");
	if (s->peer->local && !s->peer->trusted) {
		(void)snprintf(text, sizeof(text), "you are %s here: press "
		    "Enter, or say something, to join", s->peer->login);
		session_answer(s, EVENT_INFO, text);
	} else {
		session_answer(s, EVENT_INFO, "what is your name?");
	}
}

/* ---- the name ---- */

/* Report what is wrong with name[0..len); close after too many attempts. */
static void
refuse_name(struct session *s, const char *name, size_t len, const char *why)
{
	char	text[160 + 4 * TEXT_NAME_MAX], shown[4 * TEXT_NAME_MAX];
	size_t	n;

	n = text_visible(shown, name, text_cut(name, len, TEXT_NAME_MAX));
	(void)snprintf(text, sizeof(text), "the name %.*s %s", (int)n, shown,
	    why);
	if (++s->tries >= TRIES) {
		(void)strlcat(text, "; that was the last attempt",
		    sizeof(text));
		session_refuse(s, text);
	} else {
		session_answer(s, EVENT_ERR, text);
	}
}

/* Join under the requested name; false if not now. */
static bool
handle_name(struct session *s, const char *line, size_t len)
{
	const char *why;

	switch (action_enter(s, line, len, &why)) {
	case VERDICT_LATER:
		return false;
	case VERDICT_BAD_NAME:
		refuse_name(s, line, len, why);
		break;
	case VERDICT_TAKEN:
		refuse_name(s, line, len, "is taken: choose another");
		break;
	default:
		break;
	}
	return true;
}

/* Join under the login name; false if not now. */
static bool
enter_by_login(struct session *s)
{
	enum verdict verdict = action_enter_by_login(s);

	if (verdict == VERDICT_TAKEN)
		refuse_name(s, s->peer->login, strlen(s->peer->login),
		    "is here too often");
	return verdict != VERDICT_LATER;
}

/*
 * The first line of a local user, whose name is known.  It may be just that
 * name, or nothing, or already a message: a line that cannot be a name is one.
 */
static bool
hear_local(struct session *s, const char *line, size_t len)
{
	bool says = len > 0 && text_name_error(line, len) != NULL;

	if (len > 0 && !says && (len != strlen(s->peer->login) ||
	    strncasecmp(line, s->peer->login, len) != 0))
		return handle_name(s, line, len);
	if (!enter_by_login(s))
		return false;
	/* Nothing was published before, so there is space for it. */
	if (says && s->phase == PHASE_PRESENT)
		(void)session_submit(s, EVENT_MSG, s->name,
		    line + (line[0] == '!'), len - (line[0] == '!'),
		    RECORD_TO_ALL, 0);
	return true;
}

bool
greet_line(struct session *s, const char *line, size_t len)
{
	const char *why;

	if (!session_may_answer(s))
		return false;
	if ((why = foreign_line(line, len)) != NULL) {
		session_refuse(s, why);
		return true;
	}
	if (len > 0 && line[0] == '!' && (len == 1 || line[1] != '!')) {
		setting_hear(s, line, len);
		return true;
	}
	if (s->peer->local && (!s->peer->trusted || len == 0))
		return hear_local(s, line, len);
	return len == 0 || handle_name(s, line, len);
}

/* No name is so long, and the rest may be another protocol's. */
void
greet_long_line(struct session *s)
{
	session_refuse(s, "that line is longer than 4096 bytes");
}

void
greet_beginning(struct session *s, const char *bytes, size_t len)
{
	const char *why = foreign_beginning(bytes, len);

	if (why != NULL)
		session_refuse(s, why);
}
