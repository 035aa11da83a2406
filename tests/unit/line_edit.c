/* SPDX-License-Identifier: ISC */

/*
 * The line that is being typed: keys, characters and their width, and that no
 * bytes whatsoever overflow it or draw more than one row.
 */

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chatc/line_edit.h"
#include "ipc/common/text.h"
#include "tests/unit/tap.h"

static struct line_edit ed;

/* Type these bytes; returns the last result. */
static enum edit
type(const char *keys)
{
	enum edit what = EDIT_NOTHING;

	for (; *keys != '\0'; keys++)
		what = line_edit_take(&ed, *keys);
	return what;
}

/* The line after these keys. */
static void
gives(const char *keys, const char *text, const char *name)
{
	line_edit_init(&ed, false);
	(void)type(keys);
	is_bytes(ed.text, ed.len, text, name);
}

static void
test_keys(void)
{
	gives("abc\033[D\033[Dx", "axbc", "left goes left");
	gives("abc\001x\005y", "xabcy", "^A and ^E go to the ends");
	gives("abc\033[Hx\033[Fy", "xabcy", "Home and End do");
	gives("abc\033[1~x\033[4~y", "xabcy", "and in another form");
	gives("abc\033OHx\033OFy", "xabcy", "and in a third");
	gives("abc\033[D\033[3~", "ab", "Delete deletes");
	gives("abc\033[D\033[D\033[C\177", "ac", "Backspace does");
	gives("one two  \027", "one ", "^W deletes a word with its spaces");
	gives("abc\033[D\025", "c", "^U deletes what is before");
	gives("abc\033[D\013", "ab", "^K deletes what is after");
	gives("a\033[1;5Cb\033[24~c\033[200c", "abc",
	    "keys without a meaning type nothing");
	gives("a\033xb", "ab", "Alt and a letter of no meaning type nothing");
	gives("a\001\002\003\006\007b", "ab",
	    "control characters move at most");
	gives("ab\002x\006y", "axby", "^B and ^F move");
	gives("one two\027\031\031", "one twotwo", "^Y brings back a word");
	gives("one two\001\013\031!", "one two!", "and what ^K deleted");
	gives("one-two\033bx\033b\033by\033f!", "yone!-xtwo",
	    "Alt+b and Alt+f move by words");
	gives("one two\033\177x", "one x", "Alt+Backspace deletes a word");
	gives("one two\001\033dx", "x two", "Alt+d deletes the next");
	gives("one two\033[1;5Dx\033[1;3Cy", "one xtwoy",
	    "Control and Alt with arrows move by words");
	gives("one two\033Odx\033Ocy", "one xtwoy", "so do rxvt's sequences");
	gives("one two\002\177\177", "one o", "Backspace within a word");
	gives("a\xff\xc0\x80" "b\xed\xa0\x80" "c", "abc",
	    "what is not UTF-8 is not typed");
	gives("a\u202E\u200Bb", "ab", "nor is what hides");
	gives("\u00E4\u65E5\177x", "\u00E4x", "Backspace deletes a character");
	gives("ae\u0301\u0327\177x", "ax", "with its marks");
}

/* What is submitted, which is not always what was typed. */
static void
says(const char *keys, const char *text, const char *name)
{
	line_edit_init(&ed, false);
	(void)type(keys);
	ok(type("\r") == EDIT_LINE, "a line can be submitted");
	is_bytes(ed.text, ed.len, text, name);
}

#define FAMILY	"\U0001F468\u200D\U0001F469\u200D\U0001F467"
#define PERSIAN	"\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645"
#define FLAG	"\U0001F1EE\U0001F1F9"

static void
test_joined(void)
{
	says(FAMILY, FAMILY, "a family is submitted as one");
	says("\U0001F469\u200D\U0001F4BB!", "\U0001F469\u200D\U0001F4BB!",
	    "and a profession");
	says("x\U0001F469\u200D", "x\U0001F469",
	    "a joiner with nothing to join is not");
	says("a\u200Db", "ab", "nor is one between letters");
	says("\u200Da", "a", "nor one at the beginning");
	says(PERSIAN, PERSIAN, "a non-joiner remains in a Persian word");
	says("a\u200Cb", "ab", "but not between Latin letters");
	gives("a" FAMILY "\177b", "ab", "Backspace deletes a family");
	gives("a" FLAG FLAG "\177b", "a" FLAG "b", "or a flag");
	gives("a\U0001F44D\U0001F3FD\177b", "ab", "or a skin with its thumb");
	gives("a" FAMILY "\033[Db\033[Cc", "ab" FAMILY "c", "Left does, too");
	gives(FLAG "a\001\033[3~", "a", "Delete deletes a flag");
}

/* A paste is text, whatever it looks like; what is typed is not. */
static void
test_pasted(void)
{
	line_edit_init(&ed, false);
	ok(type("\033[200~!quit\r") == EDIT_LINE && ed.verbatim,
	    "a pasted line is text");
	line_edit_clear(&ed);
	ok(type("b\033[201~\r") == EDIT_LINE && !ed.verbatim,
	    "a line that is ended by hand may be a command");
	line_edit_clear(&ed);
	ok(type("!msg bob \033[200~x\r") == EDIT_LINE && !ed.verbatim,
	    "and so is one that was begun by hand");
	gives("\033[200~a\004b\025c\033[Ad\033be\177f\033[201~", "abcdef",
	    "no key has a meaning in it");
}

static void
test_events(void)
{
	line_edit_init(&ed, false);
	is_num(type("\004"), EDIT_END, "^D in an empty line is the end");
	is_num(type("a\004"), EDIT_BELL, "but not in another");
	is_num(type("\t"), EDIT_TAB, "a tab asks for a name");
	is_num(type("\033[200~\tb\033[201~\t"), EDIT_TAB, "not if pasted");
	is_bytes(ed.text, ed.len, "a\tb", "then it is text");
	is_num(type("\r"), EDIT_LINE, "Enter submits the line");
	is_num(type("\014"), EDIT_REFRESH, "^L asks for a new screen");
	is_num(type("\033["), EDIT_NOTHING, "half a key is no key");
	is_num(type("\014"), EDIT_REFRESH, "and a control character ends it");
	is_num(type("\xe6\x97"), EDIT_NOTHING, "nor is half a character");
	is_num(type("\xa5"), EDIT_CHANGED, "before it is whole");
	is_num(type("\xe9"), EDIT_NOTHING, "a byte that begins one");
	is_num(type("x\xff"), EDIT_BELL, "is reported where it is none");
}

static void
test_past(void)
{
	char	line[64];
	int	i;

	line_edit_init(&ed, false);
	for (i = 0; i < 5000; i++) {
		(void)snprintf(line, sizeof(line), "line %d of many", i);
		(void)type(line);
		line_edit_clear(&ed);
	}
	(void)type("draft\033[A");
	is_bytes(ed.text, ed.len, "line 4999 of many", "up is the line before");
	(void)type("\033[A!");
	is_bytes(ed.text, ed.len, "line 4998 of many!", "and before that");
	(void)type("\033[B\033[B");
	is_bytes(ed.text, ed.len, "draft", "down comes back to what was typed");
	for (i = 0; i < 5000; i++)
		(void)type("\033[A");
	ok(ed.len > 0 && ed.past.at == 0 && memcmp(ed.text, "line", 4) == 0,
	    "the oldest lines are forgotten whole");
}

static void
test_full(void)
{
	size_t i;

	line_edit_init(&ed, false);
	for (i = 0; i < LINE_TEXT_MAX; i++)
		(void)type("x");
	is_num(type("y"), EDIT_BELL, "a full line takes no more");
	(void)type("\033[200~");
	is_num(type("y"), EDIT_BELL, "nor of a paste, if it was typed");
	line_edit_init(&ed, false);
	(void)type("\033[200~");
	for (i = 0; i < LINE_TEXT_MAX; i++)
		(void)type("x");
	is_num(type("y"), EDIT_LINE, "but a pasted one is submitted in parts");
	line_edit_clear(&ed);
	is_bytes(ed.text, ed.len, "y", "and the key is not lost");
	ok(line_edit_replace(&ed, 0, "abc", 3) && ed.len == 3,
	    "a name can be inserted");
}

static void
test_draw(void)
{
	char	row[EDIT_DRAW_SIZE + 1];
	size_t	n;

	line_edit_init(&ed, false);
	(void)type("a\u65E5e\u0301x");
	n = line_edit_draw(&ed, 80, row);
	is_bytes(row, n, "> a\u65E5e\u0301x",
	    "wide characters take two cells, marks none");
	is_num((long long)ed.cursor_cell, 7, "and the cursor is behind them");
	line_edit_init(&ed, false);
	(void)type("0123456789abcdefghij");
	n = line_edit_draw(&ed, 12, row);
	is_bytes(row, n, "> cdefghij", "the end of a long line");
	(void)type("\001");
	n = line_edit_draw(&ed, 12, row);
	is_bytes(row, n, "> \0337" "012345678\0338", "its beginning");
	n = line_edit_draw(&ed, 40, row);
	is_bytes(row, n, "> \0337" "0123456789abcdefghij\0338",
	    "all of it, where there is space");
}

/* Keys at random: the text remains text, and a row remains a row. */
static void
test_noise(void)
{
	static const char *const	some[] = { "\033[A", "\033[B", "\033[C",
	    "\033[D", "\033[3~", "\177", "\025", "\013", "\027", "\r", "\001",
	    "\005", "\u65E5", "e\u0301", "\033[200~", "\033[201~", " ", "word",
	    "\t", "\xff", "\u200D", "\u200C", "\U0001F469", "\U0001F1EE",
	    "\u0645", "\033", "\033]", "\033b", "\033f", "\033\177", "\031",
	    "\033[", "\xF0", "!" };
	const unsigned int		kinds = sizeof(some) / sizeof(some[0]);
	char				row[EDIT_DRAW_SIZE + 1];
	unsigned int			seed = 1, wrong = 0;
	uint32_t			cp;
	size_t				i, at, n;

	line_edit_init(&ed, false);
	for (i = 0; i < 200000; i++) {
		seed = seed * 1103515245U + 12345U;
		if (type(some[(seed >> 16) % kinds]) == EDIT_LINE)
			line_edit_clear(&ed);
		if (ed.at > ed.len || ed.len > sizeof(ed.text))
			wrong++;
		for (at = 0; at < ed.len; at += n)
			if ((n = text_decode(ed.text + at, ed.len - at,
			    &cp)) == 0) {
				wrong++;
				break;
			}
		if (i % 16 == 0 && line_edit_draw(&ed, seed >> 16 & 127,
		    row) > EDIT_DRAW_SIZE)
			wrong++;
	}
	is_num(wrong, 0, "no keys whatsoever break the line");
}

int
main(void)
{
	if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
		(void)setlocale(LC_CTYPE, "en_US.UTF-8");
	test_keys();
	test_joined();
	test_pasted();
	test_events();
	test_past();
	test_full();
	test_draw();
	test_noise();
	return done();
}
