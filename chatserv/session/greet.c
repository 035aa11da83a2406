/* SPDX-License-Identifier: ISC */

/*
 * From the greeting to the name.
 *
 * Until it has a name a client is nobody: it reads nothing of the bus, and
 * nobody knows of it; setting.c has what it may say meanwhile.  Checking a
 * name and taking it are one step of the roster's, so of two who want one
 * name at once, one gets it.
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "chatserv/common/log.h"
#include "chatserv/session/greet.h"
#include "chatserv/session/setting.h"
#include "ipc/common/bsd.h"
#include "ipc/bus/history.h"

#define TRIES		5
#define LOGINS		999	/* sessions of one user */
#define HISTORY_KINDS	(1U << EVENT_MSG | 1U << EVENT_ME)

void
greet_begin(struct session *s)
{
	char text[128];

	session_answer(s, EVENT_INFO, "this is chatserv: "
	    "!help says what you can do, !quit leaves");
	if (s->peer->local && !s->peer->proxy) {
		(void)snprintf(text, sizeof(text), "you are %s here: press "
		    "Enter, or say something, to come in", s->peer->login);
		session_answer(s, EVENT_INFO, text);
	} else {
		session_answer(s, EVENT_INFO, "what is your name?");
	}
}

static void
to_hex(char *dst, const unsigned char *token)
{
	size_t i;

	for (i = 0; i < BUS_TOKEN_SIZE; i++)
		(void)snprintf(dst + 2 * i, 3, "%02x", token[i]);
}

/* ---- the name ---- */

/* Say what is wrong with name[0..len); close after too many. */
static void
refuse_name(struct session *s, const char *name, size_t len, const char *why)
{
	char	text[160 + 4 * TEXT_NAME_MAX], shown[4 * TEXT_NAME_MAX];
	size_t	n;

	n = text_visible(shown, name, text_cut(name, len, TEXT_NAME_MAX));
	(void)snprintf(text, sizeof(text), "the name %.*s %s", (int)n, shown,
	    why);
	if (++s->tries >= TRIES) {
		(void)strlcat(text, "; that was the last try", sizeof(text));
		session_refuse(s, text);
	} else {
		session_answer(s, EVENT_ERR, text);
	}
}

static void
welcome(struct session *s)
{
	struct roster_row	row[SESSION_ROWS];
	char			hex[2 * BUS_TOKEN_SIZE + 1];
	uint32_t		from = 0, n, total;

	n = roster_list(s->bus, &from, row, SESSION_ROWS);
	total = roster_count(s->bus);
	to_hex(hex, s->token);
	s->dialect->welcome(&s->out, s->name, hex, s->bus->room, row, n,
	    total < n ? n : total);
}

/* Say if the place that the client named is not one to go on from. */
static void
tell_place(struct session *s)
{
	char text[96];

	if (s->history != HISTORY_SINCE || (s->place != PLACE_ELSEWHERE &&
	    s->history_arg <= s->last_id))
		return;
	if (s->place != PLACE_ANYWHERE)
		(void)strlcpy(text, "another room: from the beginning",
		    sizeof(text));
	else if (s->last_id == 0)
		(void)strlcpy(text, "nothing here is after that ID: nothing "
		    "has been said", sizeof(text));
	else
		(void)snprintf(text, sizeof(text), "nothing here is after "
		    "that ID: the last one is %016" PRIu64, s->last_id);
	session_answer(s, EVENT_INFO, text);
}

/* What to show of the past; false if nothing. */
static bool
seek_history(struct session *s, struct reader *start)
{
	switch (s->history) {
	case HISTORY_LAST:
		history_seek_last(s->bus, start, s->history_arg, HISTORY_KINDS);
		return true;
	case HISTORY_SINCE:
		/* Nobody has seen in this room what it has not come to. */
		s->last_id = history_last_id(s->bus);
		history_seek_id(s->bus, start, s->place == PLACE_ELSEWHERE ||
		    (s->place == PLACE_HERE && s->history_arg > s->last_id) ?
		    0 : s->history_arg);
		return true;
	default:
		return false;
	}
}

/* Try to come in under name. */
static enum bus_result
join(struct session *s, char *name)
{
	struct reader	start;
	bool		history = seek_history(s, &start);
	enum bus_result	result;

	/* Straight from the kernel: arc4random(3) would make a pool first. */
	if (!s->has_token && getentropy(s->token, sizeof(s->token)) == -1)
		fatal("no random numbers");
	result = roster_join(s->bus, name, s->has_token ? s->token : NULL,
	    s->token, history ? &start : NULL, &s->reader, &s->live,
	    &s->retry_ms);
	if (result == BUS_GONE)
		session_closed(s);
	if (result != BUS_OK && result != BUS_TAKEN_OVER)
		return result;
	roster_spelling(s->bus, name);
	session_named(s, name);
	log_info("%s pid %d: joined as %s", s->peer->name, (int)s->bus->pid,
	    name);
	s->phase = PHASE_PRESENT;
	s->deadline = 0;
	welcome(s);
	tell_place(s);
	return BUS_OK;
}

/* Come in under the name that was asked for; false if not now. */
static bool
handle_name(struct session *s, const char *line, size_t len)
{
	char		 name[TEXT_NAME_MAX + 1];
	const char	*error = greet_name_error(s, line, len);

	if (error == NULL) {
		memcpy(name, line, len);
		name[len] = '\0';
		switch (join(s, name)) {
		case BUS_WAIT:
			return false;
		case BUS_TAKEN:
			error = "is taken: choose another";
			break;
		default:
			return true;
		}
	}
	refuse_name(s, line, len, error);
	return true;
}

/* Come in under one's login name, or the next that is free. */
static bool
enter_by_login(struct session *s)
{
	char		name[TEXT_NAME_MAX + 1];
	enum bus_result	result;
	int		n;

	for (n = 1; n <= LOGINS; n++) {
		(void)strlcpy(name, s->peer->login, sizeof(name));
		if (n > 1 && snprintf(name, sizeof(name), "%s/%d",
		    s->peer->login, n) >= (int)sizeof(name))
			break;
		if ((result = join(s, name)) != BUS_TAKEN)
			return result != BUS_WAIT;
	}
	refuse_name(s, s->peer->login, strlen(s->peer->login),
	    "is here too often");
	return true;
}

const char *
greet_name_error(const struct session *s, const char *name, size_t len)
{
	char		 copy[TEXT_NAME_MAX + 1];
	const char	*error;

	if ((error = text_name_error(name, len)) != NULL)
		return error;
	if (!s->peer->local)
		return memchr(name, '/', len) == NULL ? NULL :
		    "has a /, which only names given by the system may";
	if (s->peer->proxy)
		return NULL;
	memcpy(copy, name, len);
	copy[len] = '\0';
	return peer_owns(s->peer, copy) ? NULL : "is not yours";
}

/*
 * The first line of a local user, whose name is known.  It may be just
 * that name, or nothing, or already something to say: what cannot be a
 * name is not one.
 */
static bool
hear_local(struct session *s, const char *line, size_t len)
{
	bool says = len > 0 && text_name_error(line, len) != NULL;

	if (len > 0 && !says && strncasecmp(line, s->peer->login,
	    len > strlen(s->peer->login) ? len : strlen(s->peer->login)) != 0)
		return handle_name(s, line, len);
	if (!enter_by_login(s))
		return false;
	/* Nothing was said before, so there is room for it. */
	if (says && s->phase == PHASE_PRESENT)
		(void)session_submit(s, EVENT_MSG, s->name,
		    line + (line[0] == '!'), len - (line[0] == '!'),
		    RECORD_TO_ALL, 0);
	return true;
}

bool
greet_line(struct session *s, const char *line, size_t len)
{
	if (!session_may_answer(s))
		return false;
	if (len > 0 && line[0] == '!' && (len == 1 || line[1] != '!')) {
		setting_hear(s, line, len);
		return true;
	}
	if (s->peer->local && (!s->peer->proxy || len == 0))
		return hear_local(s, line, len);
	return len == 0 || handle_name(s, line, len);
}
