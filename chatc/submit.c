/* SPDX-License-Identifier: ISC */

/*
 * What a line of input submits.
 *
 * From a terminal, or if the user vouches for the input, ! begins a command;
 * from anything else every line is text, whatever it looks like.  A text may
 * be split into several messages, a command may not: everyone would read the
 * rest of a long private message.
 */

#include <string.h>

#include "chatc/submit.h"
#include "ipc/common/line.h"
#include "ipc/common/text.h"

static enum said
command_kind(const char *line, size_t len)
{
	if (text_begins(line, len, "!quit") && (len == 5 || line[5] == ' '))
		return SAID_QUIT;
	if (text_begins(line, len, "!me "))
		return SAID_ME;
	return SAID_COMMAND;
}

static void
say_command(struct say *say, const char *line, size_t len, bool goes_on)
{
	enum said kind;

	if (goes_on || (text_begins(line, len, "!me") && len <= 4)) {
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

/* Length of the word of ASCII letters at the beginning of s[0..len). */
static size_t
word(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && (s[n] | 0x20) >= 'a' && (s[n] | 0x20) <= 'z')
		n++;
	return n;
}

/* Whether s[0..len) is a word, alone or before a blank. */
static bool
is_command(const char *s, size_t len)
{
	size_t n = word(s, len);

	return n > 0 && (n == len || s[n] == ' ');
}

bool
say_doubts(struct say *say, const char *line, size_t len)
{
	size_t n = 0;

	if (len > 1 && line[0] == '/' && is_command(line + 1, len - 1)) {
		n = word(line + 1, len - 1);
		show_error(say->show, "not said: commands begin with !, as "
		    "in !help; //%.*s says /%.*s", (int)n, line + 1, (int)n,
		    line + 1);
		return true;
	}
	while (n < len && (line[n] == ' ' || line[n] == '\t'))
		n++;
	if (n == 0 || n == len || line[n] != '!' ||
	    !is_command(line + n + 1, len - n - 1))
		return false;
	show_error(say->show, "not said: a command begins with !, without a "
	    "blank before it");
	return true;
}

size_t
say_text(struct say *say, const char *line, size_t len)
{
	/* On the wire it may have a second ! and must still fit. */
	if (len > 0 && line[0] == '!')
		len = text_cut(line, len, LINE_TEXT_MAX - 1);
	if (len > 0)
		outbox_add(say->box, SAID_TEXT, line, len);
	return len;
}

size_t
say_line(struct say *say, const char *line, size_t len, bool goes_on)
{
	if (len == 0)
		return 0;
	if (say->skipping)
		say->skipping = goes_on;
	else if (!say->commands)
		return say_text(say, line, len);
	else if (say->typed && !goes_on && say_doubts(say, line, len))
		return len;
	else if (text_begins(line, len, "!!") || (say->typed && len > 2 &&
	    text_begins(line, len, "//") && word(line + 2, 1) == 1))
		(void)say_text(say, line + 1, len - 1);
	else if (line[0] == '!')
		say_command(say, line, len, goes_on);
	else
		(void)say_text(say, line, len);
	return len;
}

bool
say_quit(struct say *say)
{
	if (say->over)
		return true;
	if (!outbox_has_space(say->box))
		return false;
	outbox_add(say->box, SAID_QUIT, "!quit", 5);
	say->over = true;
	return true;
}
