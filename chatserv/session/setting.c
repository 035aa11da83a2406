/* SPDX-License-Identifier: ISC */

/*
 * What a client may send before it gives a name.
 *
 * Settings choose the dialect (!tsv) and the history (!last, !since), and
 * prove an earlier name (!token).  The session keeps them until the client
 * joins.  A few commands need no name.  Each is answered at once, because the
 * session does not relay anything yet.
 *
 * Runs in a session.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chatserv/session/action.h"
#include "chatserv/session/setting.h"
#include "ipc/common/bsd.h"

#define ROOM_DIGITS	16

static int
hex_digit(char c)
{
	static const char	 digits[] = "0123456789abcdefABCDEF";
	const char		*at = strchr(digits, c);

	if (c == '\0' || at == NULL)
		return -1;
	return (int)(at - digits) < 16 ? (int)(at - digits) :
	    (int)(at - digits) - 6;
}

static bool
from_hex(unsigned char *token, const char *hex)
{
	unsigned char	bytes[BUS_TOKEN_SIZE];
	int		high, low;
	size_t		i;

	if (strlen(hex) != 2 * sizeof(bytes))
		return false;
	for (i = 0; i < sizeof(bytes); i++) {
		high = hex_digit(hex[2 * i]);
		low = hex_digit(hex[2 * i + 1]);
		if (high == -1 || low == -1)
			return false;
		bytes[i] = (unsigned char)(high << 4 | low);
	}
	memcpy(token, bytes, sizeof(bytes));
	return true;
}

static const char *
set_last(struct session *s, const char *arg)
{
	const char	*error;
	long long	 n;

	n = strtonum(arg, 0, INT64_MAX, &error);
	if (error != NULL)
		return "!last needs a number of messages";
	s->history = HISTORY_LAST;
	s->history_arg = (uint64_t)n;
	return NULL;
}

/* Which room hex names, relative to this one; false if it names none. */
static bool
which_room(const struct session *s, const char *hex,
    enum session_place *place)
{
	if (strlen(hex) != ROOM_DIGITS ||
	    strspn(hex, "0123456789abcdefABCDEF") != ROOM_DIGITS)
		return false;
	*place = strtoull(hex, NULL, 16) == s->bus->room ? PLACE_HERE :
	    PLACE_ELSEWHERE;
	return true;
}

/* "ID" or "ID ROOM". */
static const char *
set_since(struct session *s, char *arg)
{
	const char		*error;
	char			*room = strchr(arg, ' ');
	enum session_place	 place = PLACE_ANYWHERE;
	long long		 id;

	if (room != NULL)
		*room++ = '\0';
	id = strtonum(arg, 0, INT64_MAX, &error);
	if (error != NULL || (room != NULL && !which_room(s, room, &place)))
		return "!since needs an ID, and may have a room";
	/* A client that knows its place in several rooms sends them all. */
	if (place == PLACE_ELSEWHERE && s->history == HISTORY_SINCE &&
	    s->place == PLACE_HERE)
		return NULL;
	s->history = HISTORY_SINCE;
	s->history_arg = (uint64_t)id;
	s->place = place;
	return NULL;
}

bool
setting_token(struct session *s, const char *hex)
{
	if (!from_hex(s->token, hex))
		return false;
	s->has_token = true;
	return true;
}

void
setting_show_token(const struct session *s, char hex[SETTING_TOKEN_SIZE])
{
	size_t i;

	for (i = 0; i < BUS_TOKEN_SIZE; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", s->token[i]);
}

static const char *
set_token(struct session *s, const char *arg)
{
	return setting_token(s, arg) ? NULL :
	    "!token needs the 32 hexadecimal digits of a hello";
}

/* Apply a setting; returns what is wrong with it, or NULL. */
static const char *
setting(struct session *s, const char *word, char *arg)
{
	if (strcmp(word, "!last") == 0)
		return set_last(s, arg);
	if (strcmp(word, "!since") == 0)
		return set_since(s, arg);
	if (strcmp(word, "!token") == 0)
		return set_token(s, arg);
	if (strcmp(word, "!tsv") == 0) {
		session_speak(s, &dialect_tsv);
		session_answer(s, EVENT_INFO, "tsv");
	} else if (strcmp(word, "!outside") == 0) {
		return action_stay_outside(s, arg);
	} else if (strcmp(word, "!who") == 0) {
		session_list(s);
	} else if (strcmp(word, "!quit") == 0) {
		session_leave(s, "quit");
	} else if (strcmp(word, "!help") == 0) {
		session_answer(s, EVENT_INFO, "give your name to join; "
		    "before it, settings: !last N shows the last N messages, "
		    "!since ID what came after ID,");
		session_answer(s, EVENT_INFO, "!tsv speaks to programs, "
		    "!token HEX takes your name back, !outside NAME only "
		    "speaks; !who is here, !quit leaves");
	} else {
		return "no such command before the name; !help lists them";
	}
	return NULL;
}

void
setting_hear(struct session *s, const char *line, size_t len)
{
	char		 copy[64], none[1] = "", *arg;
	const char	*error;

	if (len >= sizeof(copy) || memchr(line, '\0', len) != NULL) {
		error = "no such command before the name; !help lists them";
	} else {
		memcpy(copy, line, len);
		copy[len] = '\0';
		if ((arg = strchr(copy, ' ')) != NULL)
			*arg++ = '\0';
		error = setting(s, copy, arg == NULL ? none : arg);
	}
	if (error != NULL)
		session_answer(s, EVENT_ERR, error);
}

