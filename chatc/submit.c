/* SPDX-License-Identifier: ISC */

/*
 * What a line of input says.
 *
 * From a terminal, or where the user vouches for it, ! begins a command;
 * from anything else every line is text, whatever it looks like.  A text
 * may be cut into several messages, a command may not: the rest of a long
 * private message would be said to everyone.
 */

#include <string.h>

#include "chatc/submit.h"
#include "ipc/common/line.h"
#include "ipc/common/text.h"

static bool
begins(const char *line, size_t len, const char *with)
{
	size_t n = strlen(with);

	return len >= n && memcmp(line, with, n) == 0;
}

static enum said
command_kind(const char *line, size_t len)
{
	if (begins(line, len, "!quit") && (len == 5 || line[5] == ' '))
		return SAID_QUIT;
	if (begins(line, len, "!me "))
		return SAID_ME;
	return SAID_COMMAND;
}

static void
say_command(struct say *say, const char *line, size_t len, bool goes_on)
{
	enum said kind;

	if (goes_on || (begins(line, len, "!me") && len <= 4)) {
		show_error(say->show, goes_on ? "that command is too long" :
		    "!me needs a text");
		say->failed = true;
		say->skipping = goes_on;
		return;
	}
	kind = command_kind(line, len);
	outbox_add(say->box, kind, line, len);
	if (kind == SAID_QUIT)
		say->over = true;
}

size_t
say_line(struct say *say, const char *line, size_t len, bool goes_on)
{
	if (len == 0)
		return 0;
	if (say->skipping) {
		say->skipping = goes_on;
	} else if (line[0] != '!') {
		outbox_add(say->box, SAID_TEXT, line, len);
	} else if (!say->commands) {
		/* On the wire it has a second ! and must still fit. */
		len = text_cut(line, len, LINE_TEXT_MAX - 1);
		outbox_add(say->box, SAID_TEXT, line, len);
	} else if (begins(line, len, "!!")) {
		outbox_add(say->box, SAID_TEXT, line + 1, len - 1);
	} else {
		say_command(say, line, len, goes_on);
	}
	return len;
}

bool
say_quit(struct say *say)
{
	if (say->over)
		return true;
	if (!outbox_has_room(say->box))
		return false;
	outbox_add(say->box, SAID_QUIT, "!quit", 5);
	say->over = true;
	return true;
}
