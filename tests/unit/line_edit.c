/* SPDX-License-Identifier: ISC */

/*
 * The line that is being typed: keys, characters and their width, and that
 * no bytes whatever make it larger than it is or draw more than one row.
 */

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chatc/line_edit.h"
#include "ipc/common/text.h"
#include "tests/unit/tap.h"

static struct line_edit ed;

/* Type these bytes; the last thing that came of it. */
static enum edit
type(const char *keys)
{
	enum edit	what = EDIT_NOTHING;
	size_t		used, len = strlen(keys);

	while (len > 0) {
		what = line_edit_key(&ed, keys, len, &used);
		if (what == EDIT_MORE)
			break;
		keys += used;
		len -= used;
	}
	return what;
}

/* What has become of the line after these keys. */
static void
gives(const char *keys, const char *text, const char *name)
{
	line_edit_init(&ed);
	(void)type(keys);
	is_bytes(ed.text, ed.len, text, name);
}

static void
test_keys(void)
{
	gives("abc\033[D\033[Dx", "axbc", "left goes left");
	gives("abc\001x\005y", "xabcy", "^A and ^E go to the ends");
	gives("abc\033[Hx\033[Fy", "xabcy", "Home and End do");
	gives("abc\033[1~x\033[4~y", "xabcy", "also in another dialect");
	gives("abc\033OHx\033OFy", "xabcy", "and in a third");
	gives("abc\033[D\033[3~", "ab", "Delete deletes");
	gives("abc\033[D\033[D\033[C\177", "ac", "Backspace does");
	gives("one two  \027", "one ", "^W takes a word with its spaces");
	gives("abc\033[D\025", "c", "^U takes what is before");
	gives("abc\033[D\013", "ab", "^K takes what is after");
	gives("a\033[1;5Cb\033[24~c\033[200c", "abc",
	    "keys without a meaning leave nothing");
	gives("a\033xb", "axb", "a lone escape is forgotten");
	gives("a\001\002\003\006\007b", "ba",
	    "neither do control characters");
	gives("a\xff\xc0\x80" "b\xed\xa0\x80" "c", "abc",
	    "what is not UTF-8 is not typed");
	gives("a\u202E\u200Bb", "ab", "nor is what hides");
	gives("\u00E4\u65E5\177x", "\u00E4x", "backspace takes a character");
	gives("ae\u0301\u0327\177x", "ax", "with its marks");
}

static void
test_events(void)
{
	line_edit_init(&ed);
	is_num(type("\004"), EDIT_END, "^D in an empty line is the end");
	is_num(type("a\004"), EDIT_BELL, "but not in another");
	is_num(type("\t"), EDIT_TAB, "a tab asks for a name");
	is_num(type("\033[200~\tb\033[201~\t"), EDIT_TAB, "not if pasted");
	is_bytes(ed.text, ed.len, "a\tb", "then it is text");
	is_num(type("\r"), EDIT_LINE, "Enter says the line");
	is_num(type("\014"), EDIT_REFRESH, "^L asks for a new screen");
	is_num(type("\033["), EDIT_MORE, "half a key is none");
	is_num(type("\xe6\x97"), EDIT_MORE, "nor is half a character");
}

static void
test_past(void)
{
	char	line[64];
	int	i;

	line_edit_init(&ed);
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
	ok(ed.len > 0 && ed.past_at == 0 && memcmp(ed.text, "line", 4) == 0,
	    "the oldest lines are forgotten, and only whole");
}

static void
test_full(void)
{
	size_t i, used;

	line_edit_init(&ed);
	for (i = 0; i < LINE_TEXT_MAX; i++)
		(void)type("x");
	is_num(type("y"), EDIT_BELL, "a full line takes no more");
	(void)type("\033[200~");
	is_num(line_edit_key(&ed, "y", 1, &used), EDIT_LINE,
	    "but a pasted one is said in parts");
	is_num((long long)used, 0, "and the key is not lost");
	line_edit_clear(&ed);
	ok(line_edit_replace(&ed, 0, "abc", 3) && ed.len == 3,
	    "a name can be put in");
}

static void
test_draw(void)
{
	char	row[EDIT_DRAW_SIZE + 1];
	size_t	n;

	line_edit_init(&ed);
	(void)type("a\u65E5e\u0301x");
	n = line_edit_draw(&ed, 80, row);
	is_bytes(row, n, "> a\u65E5e\u0301x\r\033[7C",
	    "wide characters take two cells, marks none");
	line_edit_init(&ed);
	(void)type("0123456789abcdefghij");
	n = line_edit_draw(&ed, 12, row);
	is_bytes(row, n, "> cdefghij\r\033[10C", "the end of a long line");
	(void)type("\001");
	n = line_edit_draw(&ed, 12, row);
	is_bytes(row, n, "> 012345678\r\033[2C", "its beginning");
	n = line_edit_draw(&ed, 40, row);
	is_bytes(row, n, "> 0123456789abcdefghij\r\033[2C",
	    "all of it, where there is room");
}

/* Keys at random: the text stays text, and a row stays a row. */
static void
test_noise(void)
{
	static const char *const	some[] = { "\033[A", "\033[B", "\033[C",
	    "\033[D", "\033[3~", "\177", "\025", "\013", "\027", "\r", "\001",
	    "\005", "\u65E5", "e\u0301", "\033[200~", "\033[201~", " ", "word",
	    "\t", "\xff" };
	char				row[EDIT_DRAW_SIZE + 1];
	unsigned int			seed = 1, wrong = 0;
	uint32_t			cp;
	size_t				i, at, n;

	line_edit_init(&ed);
	for (i = 0; i < 200000; i++) {
		seed = seed * 1103515245U + 12345U;
		if (type(some[(seed >> 16) % 20]) == EDIT_LINE)
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
	is_num(wrong, 0, "no keys whatever break the line");
}

int
main(void)
{
	if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
		(void)setlocale(LC_CTYPE, "en_US.UTF-8");
	test_keys();
	test_events();
	test_past();
	test_full();
	test_draw();
	test_noise();
	return done();
}
