/* SPDX-License-Identifier: ISC */

/*
 * The lines of a client that speaks plain or TSV: text, or a command that
 * begins with "!".  Every client starts as a plain one, so its first line comes
 * here, too, and may switch the session to IRC's dialect (irc/dispatch.c);
 * until the client has a name, greet.c handles its lines.
 *
 * A command that only answers its own client waits until everything that was
 * published before it has been relayed (session_may_answer()), so answers
 * and events arrive in the order in which things happened.  A command that is
 * unknown or wrong gets an error that no other client sees.
 *
 * Runs in a session.
 */

#include <stdio.h>
#include <string.h>

#include "chatserv/session/action.h"
#include "chatserv/session/behalf.h"
#include "chatserv/session/command.h"
#include "chatserv/session/greet.h"
#include "chatserv/session/irc/irc.h"

struct command {
	const char	*word;
	const char	*usage;		/* NULL: for programs only */
	/* Execute it; arg follows the word.  False if not now. */
	bool		(*run)(struct session *, const char *arg, size_t len);
};

static bool	 error(struct session *, const char *);

static bool
run_quit(struct session *s, const char *arg, size_t len)
{
	session_quit(s, arg, len);
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

static bool
run_msg(struct session *s, const char *arg, size_t len)
{
	const char	*space = memchr(arg, ' ', len);
	size_t		 n = space == NULL ? len : (size_t)(space - arg);

	if (space == NULL || n + 1 == len)
		return error(s, "!msg needs a name and a text");
	switch (action_tell(s, arg, n, arg + n + 1, len - n - 1)) {
	case VERDICT_LATER:
		return false;
	case VERDICT_NOBODY:
		return error(s, memchr(arg, '*', n) == NULL ?
		    "nobody here has that name" :
		    "that client is outside, and would not receive it");
	default:
		return true;
	}
}

static bool
run_me(struct session *s, const char *arg, size_t len)
{
	if (len == 0)
		return error(s, "!me needs a text");
	return session_submit(s, EVENT_ME, s->name, arg, len, RECORD_TO_ALL, 0);
}

static bool
run_name(struct session *s, const char *arg, size_t len)
{
	char		 text[96];
	const char	*why;

	if (s->outside)
		return error(s,
		    "you are outside the room, and cannot change your name");
	switch (action_rename(s, arg, len, &why)) {
	case VERDICT_LATER:
		return false;
	case VERDICT_BAD_NAME:
		(void)snprintf(text, sizeof(text), "that name %s", why);
		return error(s, text);
	case VERDICT_TAKEN:
		session_answer(s, EVENT_ERR, "that name is taken");
		return true;
	default:
		return true;
	}
}

/* Publish what a client of another room said; for links to it alone. */
static bool
say_for(struct session *s, enum event_kind kind, const char *arg, size_t len)
{
	const char	*why;
	bool		 later;

	if (!s->peer->trusted)
		return error(s, "only a trusted peer may speak for others");
	if ((why = behalf_say(s, kind, arg, len, &later)) != NULL)
		return error(s, why);
	return !later;
}

static bool
run_from(struct session *s, const char *arg, size_t len)
{
	return say_for(s, EVENT_MSG, arg, len);
}

static bool
run_me_from(struct session *s, const char *arg, size_t len)
{
	return say_for(s, EVENT_ME, arg, len);
}

static bool	 run_help(struct session *, const char *, size_t);

static const struct command commands[] = {
	{ "!quit", "!quit [why]      leave", run_quit },
	{ "!who", "!who             who is here", run_who },
	{ "!name", "!name NEW        change your name", run_name },
	{ "!msg", "!msg NAME TEXT   say TEXT to NAME alone", run_msg },
	{ "!me", "!me TEXT         say what you do", run_me },
	{ "!help", "!help            this list", run_help },
	{ "!from", NULL, run_from },
	{ "!me-from", NULL, run_me_from }
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
	for (i = 0; i < COMMANDS && commands[i].usage != NULL; i++)
		session_answer(s, EVENT_INFO, commands[i].usage);
	session_answer(s, EVENT_INFO, "any other line is a message; "
	    "!!text says !text");
	return true;
}

/* An error is an answer, and keeps its place among the events. */
static bool
error(struct session *s, const char *why)
{
	if (!session_may_answer(s))
		return false;
	session_answer(s, EVENT_ERR, why);
	return true;
}

/* Execute the command that begins with "!". */
static bool
obey(struct session *s, const char *line, size_t len)
{
	const char	*space = memchr(line, ' ', len);
	size_t		 i, word = space == NULL ? len : (size_t)(space - line);
	size_t		 arg = space == NULL ? len : word + 1;

	for (i = 0; i < COMMANDS; i++)
		if (text_is(line, word, commands[i].word))
			return commands[i].run(s, line + arg, len - arg);
	return error(s, "no such command; !help lists them, "
	    "!!text says !text");
}

bool
command_line(struct session *s, const char *line, size_t len)
{
	if (behalf_begins(s, line, len))
		return true;
	if (!s->spoke && irc_begins(s, line, len)) {
		session_speak(s, &dialect_irc);
		return dialect_irc.line(s, line, len);
	}
	s->spoke = true;
	if (s->phase == PHASE_NAMING)
		return greet_line(s, line, len);
	if (len == 0)
		return true;
	if (line[0] == '!' && (len == 1 || line[1] != '!'))
		return obey(s, line, len);
	if (line[0] == '!') {
		line++;
		len--;
	}
	return session_submit(s, EVENT_MSG, s->name, line, len, RECORD_TO_ALL,
	    0);
}

bool
command_too_long(struct session *s)
{
	if (s->phase == PHASE_NAMING) {
		greet_long_line(s);
		return true;
	}
	return error(s, "that line is longer than 4096 bytes: not sent");
}
