/* SPDX-License-Identifier: ISC */

/*
 * What begins with "!".
 *
 * A command that only speaks to its own client waits until everything
 * published before it has been relayed (session_may_answer()), so answers
 * and events come in the order in which things happened.  What is unknown
 * or wrong gets an error that nobody else sees.
 */

#include <stdio.h>
#include <string.h>

#include "chatserv/session/command.h"
#include "chatserv/session/greet.h"
#include "chatserv/common/log.h"
#include "ipc/common/bsd.h"

#define RENAME_MS	100	/* from one new name to the next */

struct command {
	const char	*word;
	const char	*usage;
	/* Do it; arg is what follows the word.  False if not now. */
	bool		(*run)(struct session *, const char *arg, size_t len);
};

static bool	 error(struct session *, const char *);

static bool
run_quit(struct session *s, const char *arg, size_t len)
{
	static char	reason[SESSION_REASON_MAX + 1];
	size_t		n;

	(void)strlcpy(reason, "quit", sizeof(reason));
	if (len > 0) {
		n = strlcpy(reason, "quit: ", sizeof(reason));
		n += text_visible(reason + n, arg, len);
		reason[n] = '\0';
	}
	session_leave(s, reason);
	return true;
}

static bool
run_who(struct session *s, const char *arg, size_t len)
{
	(void)arg;
	(void)len;
	if (!session_may_answer(s))
		return false;
	session_list(s);
	return true;
}

/* The one to whom arg is addressed, and where the text begins; or why not. */
static const char *
addressee(struct session *s, const char *arg, size_t len,
    struct roster_row *row, size_t *text_at)
{
	char		 name[TEXT_NAME_MAX + 1];
	const char	*space = memchr(arg, ' ', len);
	size_t		 n = space == NULL ? len : (size_t)(space - arg);

	if (space == NULL || n + 1 == len)
		return "!msg needs a name and a text";
	if (n > TEXT_NAME_MAX || memchr(arg, '\0', n) != NULL)
		return "nobody here has that name";
	memcpy(name, arg, n);
	name[n] = '\0';
	*text_at = n + 1;
	return roster_find(s->bus, name, row) ? NULL :
	    "nobody here has that name";
}

static bool
run_msg(struct session *s, const char *arg, size_t len)
{
	struct roster_row	 row;
	char			 names[2 * TEXT_NAME_MAX + 2];
	const char		*why;
	size_t			 at;

	if ((why = addressee(s, arg, len, &row, &at)) != NULL)
		return error(s, why);
	(void)snprintf(names, sizeof(names), "%s>%s", s->name, row.name);
	return session_submit(s, EVENT_PRIV, names, arg + at, len - at,
	    (uint16_t)row.slot, row.generation);
}

static bool
run_me(struct session *s, const char *arg, size_t len)
{
	if (len == 0)
		return error(s, "!me needs a text");
	return session_submit(s, EVENT_ME, s->name, arg, len, RECORD_TO_ALL, 0);
}

/* Each is told to all, and logged: a flood of them would fill a disk. */
static bool
may_rename(struct session *s)
{
	uint64_t now = bus_now();

	if (now >= s->renamed + RENAME_MS)
		return true;
	s->retry_ms = (int)(s->renamed + RENAME_MS - now);
	return false;
}

static bool
run_name(struct session *s, const char *arg, size_t len)
{
	char		 name[TEXT_NAME_MAX + 1], text[96];
	const char	*why = greet_name_error(s, arg, len);

	if (why != NULL) {
		(void)snprintf(text, sizeof(text), "that name %s", why);
		return error(s, text);
	}
	if (!may_rename(s) || !session_may_answer(s))
		return false;
	memcpy(name, arg, len);
	name[len] = '\0';
	switch (roster_rename(s->bus, name, &s->retry_ms)) {
	case BUS_WAIT:
		return false;
	case BUS_TAKEN:
		session_answer(s, EVENT_ERR, "that name is taken");
		return true;
	case BUS_GONE:
		session_closed(s);
		return true;
	default:
		break;
	}
	log_info("%s pid %d: %s is now %s", s->peer->name, (int)s->bus->pid,
	    s->name, name);
	session_named(s, name);
	s->renamed = bus_now();
	return true;
}

static bool	 run_help(struct session *, const char *, size_t);

static const struct command commands[] = {
	{ "!quit", "!quit [why]      leave", run_quit },
	{ "!who", "!who             who is here", run_who },
	{ "!name", "!name NEW        take another name", run_name },
	{ "!msg", "!msg NAME TEXT   say TEXT to NAME alone", run_msg },
	{ "!me", "!me TEXT         say what you do", run_me },
	{ "!help", "!help            this list", run_help }
};

#define COMMANDS	(sizeof(commands) / sizeof(commands[0]))

static bool
run_help(struct session *s, const char *arg, size_t len)
{
	size_t i;

	(void)arg;
	(void)len;
	if (!session_may_answer(s))
		return false;
	for (i = 0; i < COMMANDS; i++)
		session_answer(s, EVENT_INFO, commands[i].usage);
	session_answer(s, EVENT_INFO, "any other line is a message; "
	    "!!text says !text");
	return true;
}

/* An error is an answer: in its turn. */
static bool
error(struct session *s, const char *why)
{
	if (!session_may_answer(s))
		return false;
	session_answer(s, EVENT_ERR, why);
	return true;
}

bool
command_line(struct session *s, const char *line, size_t len)
{
	const char	*space = memchr(line, ' ', len);
	size_t		 i, word = space == NULL ? len : (size_t)(space - line);
	size_t		 arg = space == NULL ? len : word + 1;

	for (i = 0; i < COMMANDS; i++)
		if (strlen(commands[i].word) == word &&
		    memcmp(commands[i].word, line, word) == 0)
			return commands[i].run(s, line + arg, len - arg);
	return error(s, "no such command; !help lists them, "
	    "!!text says !text");
}
