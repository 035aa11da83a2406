/* SPDX-License-Identifier: ISC */

/*
 * What a client can do in the room, whatever dialect it speaks.
 *
 * A dialect parses lines and words the answers; this file does what lies
 * between, once for all dialects: joining under a name, changing it, sending a
 * private message.  Each action is attempted whenever the session looks at the
 * client's line, and is either done, refused for a reason that the caller
 * words, or not possible yet, because the bus has no space or an earlier line
 * is not published; then the line stays where it is.
 *
 * Runs in a session.
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "chatserv/common/log.h"
#include "chatserv/session/action.h"
#include "ipc/bus/history.h"
#include "ipc/common/bsd.h"

#define LOGINS		999	/* sessions of one user */
#define RENAME_MS	100	/* from one new name to the next */
#define HISTORY_KINDS	(1U << EVENT_MSG | 1U << EVENT_ME)

/* Why this client may not be called name[0..len); NULL if it may. */
static const char *
name_error(const struct session *s, const char *name, size_t len)
{
	char		 copy[TEXT_NAME_MAX + 1];
	const char	*error;

	if ((error = text_name_error(name, len)) != NULL)
		return error;
	if (!s->peer->local)
		return memchr(name, '/', len) == NULL ? NULL :
		    "has a /, which only names given by the system may";
	if (s->peer->trusted)
		return NULL;
	memcpy(copy, name, len);
	copy[len] = '\0';
	return peer_owns(s->peer, copy) ? NULL : "is not yours";
}

static enum verdict
verdict_of(enum bus_result result)
{
	switch (result) {
	case BUS_WAIT:
		return VERDICT_LATER;
	case BUS_TAKEN:
		return VERDICT_TAKEN;
	default:
		return VERDICT_DONE;	/* or over, and so reported */
	}
}

/* ---- entering ---- */

static void
welcome(struct session *s)
{
	struct roster_row	row[SESSION_ROWS];
	uint32_t		from = 0, n, total;

	n = roster_list(s->bus, &from, row, SESSION_ROWS);
	total = roster_count(s->bus);
	s->dialect->welcome(s, row, n, total < n ? n : total);
}

/* Tell the client if the room cannot resume from the place that it named. */
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
		(void)strlcpy(text, "no message here has a later ID: nothing "
		    "has been said", sizeof(text));
	else
		(void)snprintf(text, sizeof(text), "no message here has a "
		    "later ID: the last one is %016" PRIu64, s->last_id);
	session_answer(s, EVENT_INFO, text);
}

/* Find the history to show; false if there is none. */
static bool
seek_history(struct session *s, struct reader *start)
{
	switch (s->history) {
	case HISTORY_LAST:
		history_seek_last(s->bus, start, s->history_arg, HISTORY_KINDS);
		return true;
	case HISTORY_SINCE:
		/*
		 * The client has seen nothing after its own place in this
		 * room.
		 */
		s->last_id = history_last_id(s->bus);
		history_seek_id(s->bus, start, s->place == PLACE_ELSEWHERE ||
		    (s->place == PLACE_HERE && s->history_arg > s->last_id) ?
		    0 : s->history_arg);
		return true;
	default:
		return false;
	}
}

/*
 * Everyone receives each join, and it is logged: a client from an address that
 * connects very often has to wait, and is told so.
 */
static bool
may_join(struct session *s)
{
	uint64_t	now = bus_now();
	char		text[96];

	if (now >= s->held_until)
		return true;
	s->retry_ms = (int)(s->held_until - now);
	if (!s->told_held) {
		(void)snprintf(text, sizeof(text), "too many have joined from "
		    "your address: you can join in %d s",
		    s->retry_ms / 1000 + 1);
		session_answer(s, EVENT_INFO, text);
		s->told_held = true;
	}
	return false;
}

/* Try to join under name. */
static enum verdict
join(struct session *s, char *name)
{
	struct reader	start, reader;
	bool		history;
	enum bus_result	result;

	if (s->peer->only_takeover != NULL && !s->has_token) {
		session_refuse(s, s->peer->only_takeover);
		return VERDICT_DONE;
	}
	if (!may_join(s))
		return verdict_of(BUS_WAIT);
	history = seek_history(s, &start);
	/*
	 * Straight from the kernel: arc4random(3) would allocate a pool first.
	 */
	if (!s->has_token && getentropy(s->token, sizeof(s->token)) == -1)
		fatal("no random numbers");
	result = roster_join(s->bus, name, s->has_token ? s->token : NULL,
	    s->peer->only_takeover == NULL ? s->token : NULL,
	    history ? &start : NULL, &reader, &s->live, &s->retry_ms);
	if (result == BUS_GONE)
		session_closed(s);
	if (result != BUS_OK && result != BUS_TAKEN_OVER)
		return verdict_of(result);
	s->reader = reader;
	roster_spelling(s->bus, name);
	session_named(s, name);
	log_info("%s pid %d: joined as %s", s->peer->name, (int)s->bus->pid,
	    name);
	s->phase = PHASE_PRESENT;
	s->deadline = 0;
	welcome(s);
	tell_place(s);
	return VERDICT_DONE;
}

/* The verdict for the client: in a spare place, another's name is final. */
static enum verdict
admitted(struct session *s, enum verdict verdict)
{
	if (verdict != VERDICT_TAKEN || s->peer->only_takeover == NULL)
		return verdict;
	session_refuse(s, s->peer->only_takeover);
	return VERDICT_DONE;
}

enum verdict
action_enter(struct session *s, const char *asked, size_t len,
    const char **why)
{
	char name[TEXT_NAME_MAX + 1];

	if ((*why = name_error(s, asked, len)) != NULL)
		return VERDICT_BAD_NAME;
	memcpy(name, asked, len);
	name[len] = '\0';
	return admitted(s, join(s, name));
}

enum verdict
action_enter_by_login(struct session *s)
{
	char		name[TEXT_NAME_MAX + 1];
	enum verdict	verdict;
	int		n;

	for (n = 1; n <= LOGINS; n++) {
		(void)strlcpy(name, s->peer->login, sizeof(name));
		if (n > 1 && snprintf(name, sizeof(name), "%s/%d",
		    s->peer->login, n) >= (int)sizeof(name))
			break;
		if ((verdict = join(s, name)) != VERDICT_TAKEN)
			return verdict;
	}
	return admitted(s, VERDICT_TAKEN);
}

/* "cron*", or on the unix-domain socket "cron*root"; false if neither is. */
static bool
name_outside(const struct session *s, const char *name, char *full,
    size_t size)
{
	const char *login = s->peer->local && !s->peer->trusted ?
	    s->peer->login : "";

	if (name[0] == '\0' || strcasecmp(name, login) == 0) {
		name = name[0] == '\0' ? login : name;
		login = "";
	}
	(void)snprintf(full, size, "%s*%s", name, login);
	return text_is_outside(full, strlen(full)) &&
	    (s->peer->local || strchr(name, '/') == NULL);
}

const char *
action_stay_outside(struct session *s, const char *name)
{
	char full[2 * TEXT_SPEAKER_MAX];

	if (!name_outside(s, name, full, sizeof(full)))
		return "!outside needs a name, as the room has them";
	if (s->peer->only_takeover != NULL) {
		session_refuse(s, s->peer->only_takeover);
		return NULL;
	}
	if (roster_stay_outside(s->bus, &s->live) != BUS_OK) {
		session_closed(s);
		return NULL;
	}
	s->reader = s->live;
	s->outside = true;
	session_named(s, full);
	log_info("%s pid %d: speaks from outside as %s", s->peer->name,
	    (int)s->bus->pid, full);
	s->phase = PHASE_PRESENT;
	s->deadline = 0;
	welcome(s);
	return NULL;
}

/* ---- in the room ---- */

/* Everyone receives it, and it is logged: a flood would fill a disk. */
static bool
may_rename(struct session *s)
{
	uint64_t now = bus_now();

	if (now >= s->renamed + RENAME_MS)
		return true;
	s->retry_ms = (int)(s->renamed + RENAME_MS - now);
	return false;
}

enum verdict
action_rename(struct session *s, const char *asked, size_t len,
    const char **why)
{
	char		name[TEXT_NAME_MAX + 1];
	enum bus_result	result;

	if (text_is(asked, len, s->name))
		return VERDICT_DONE;	/* it is called so already */
	if ((*why = name_error(s, asked, len)) != NULL)
		return VERDICT_BAD_NAME;
	if (!may_rename(s) || !session_may_answer(s))
		return VERDICT_LATER;
	memcpy(name, asked, len);
	name[len] = '\0';
	result = roster_rename(s->bus, name, &s->retry_ms);
	if (result == BUS_GONE)
		session_closed(s);
	if (result != BUS_OK)
		return verdict_of(result);
	log_info("%s pid %d: %s is now %s", s->peer->name, (int)s->bus->pid,
	    s->name, name);
	session_named(s, name);
	s->renamed = bus_now();
	return VERDICT_DONE;
}

enum verdict
action_tell(struct session *s, const char *to, size_t to_len,
    const char *text, size_t len)
{
	struct roster_row	row;
	char			names[2 * TEXT_SPEAKER_MAX + 2];
	char			name[TEXT_NAME_MAX + 1];

	if (to_len > TEXT_NAME_MAX || memchr(to, '\0', to_len) != NULL)
		return VERDICT_NOBODY;
	memcpy(name, to, to_len);
	name[to_len] = '\0';
	if (!roster_find(s->bus, name, &row))
		return VERDICT_NOBODY;
	(void)snprintf(names, sizeof(names), "%s>%s", s->name, row.name);
	return session_submit(s, EVENT_PRIV, names, text, len,
	    (uint16_t)row.slot, row.generation) ? VERDICT_DONE :
	    VERDICT_LATER;
}
