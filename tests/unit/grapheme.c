/* SPDX-License-Identifier: ISC */

/*
 * Characters as people see them, and rows of them: what is one, how wide it
 * is, and that no text whatsoever begins a row of its own.
 */

#include <locale.h>
#include <stdlib.h>

#include "chatc/grapheme.h"
#include "chatc/wrap.h"
#include "tests/unit/tap.h"

static const struct {
	const char	*text;
	size_t		 cells;
	const char	*name;
} whole[] = {
	{ "a", 1, "a letter" },
	{ "e\u0301\u0327", 1, "a letter with two marks" },
	{ "\u65E5", 2, "a wide one" },
	{ "\U0001F1EE\U0001F1F9", 2, "a flag" },
	{ "\U0001F44D\U0001F3FD", 2, "a thumb with its colour" },
	{ "\U0001F468\u200D\U0001F469\u200D\U0001F467", 2, "parents" },
	{ "\U0001F3F3\uFE0F\u200D\U0001F308", 2, "a flag of two pictures" },
	{ "\u2764\uFE0F", 2, "a heart that is an emoji" },
	{ "\U0001FADF", 2, "an emoji newer than the C library" },
	{ "\U0001F3F4\U000E0067\U000E0062\U000E007F", 2, "one by tags" },
	{ "\u0915\u093F", 2, "a vowel sign with a column of its own" },
	{ "\u1112\u1161\u11AB", 2, "a syllable of three letters" },
	{ "1\uFE0F\u20E3", 1, "a key" },
};

#define WHOLE	(sizeof(whole) / sizeof(whole[0]))

static void
test_whole(void)
{
	char	text[256];
	size_t	i, n, cells, at;

	for (i = 0; i < WHOLE; i++) {
		n = strlen(whole[i].text);
		(void)snprintf(text, sizeof(text), "x%s\u65E5", whole[i].text);
		is_num((long long)grapheme_next(text + 1, strlen(text) - 1,
		    &cells), (long long)n, whole[i].name);
		is_num((long long)cells, (long long)whole[i].cells,
		    "has its width");
		at = grapheme_before(text, strlen(text), 1 + n);
		is_num((long long)at, 1, "and is found from its end");
	}
	is_num((long long)grapheme_next("\U0001F1EE\U0001F1F9\U0001F1EE", 12,
	    &cells), 8, "three letters are a flag and a half");
	is_num((long long)grapheme_next("\xff\xfe", 2, &cells), 1,
	    "a byte that is no text is one");
	is_num((long long)grapheme_next("", 0, &cells), 0, "nor is nothing");
}

static unsigned int seed = 1;

static unsigned int
chance(unsigned int n)
{
	seed = seed * 1103515245U + 12345U;
	return (seed >> 16) % n;
}

/*
 * The rows of a text: 0 if none is wider than the window, and all but the
 * first are indented; otherwise 1.
 */
static unsigned int
bad_rows(const char *s, size_t len, size_t columns, bool ascii)
{
	size_t	at, n, cells, sum = 0;
	bool	begins = false;

	for (at = 0; at < len; at += n) {
		n = grapheme_next(s + at, len - at, &cells);
		if (ascii && (unsigned char)s[at] >= 0x80)
			return 1;
		if (s[at] == '\n') {
			begins = true;
			sum = 0;
			continue;
		}
		if (begins && s[at] != ' ')
			return 1;
		begins = false;
		sum = s[at] == '\t' ? (sum / 8 + 1) * 8 : sum + cells;
		if (sum > columns)
			return 1;
	}
	return 0;
}

static void
test_rows(void)
{
	char		text[512], out[WRAP_MAX(512)];
	unsigned int	i, bad = 0, lost = 0;
	size_t		n, m, k, len, columns;
	struct wrap	w;

	for (i = 0; i < 20000; i++) {
		len = 0;
		for (n = chance(30); n > 0; n--) {
			k = chance(WHOLE + 3);
			if (k < WHOLE)
				k = (size_t)snprintf(text + len, 64, "%s",
				    whole[k].text);
			else
				k = (size_t)snprintf(text + len, 64, "%s",
				    k == WHOLE ? "\t" : "word ");
			len += k;
		}
		columns = 8 + chance(90);
		memset(&w, 0, sizeof(w));
		w.columns = columns;
		w.ascii = chance(2) == 0;
		/* In pieces, as a line with colours arrives. */
		m = len > 0 && text[0] == 'w';
		n = wrap_put(&w, out, text, m);
		n += wrap_put(&w, out + n, text + m, len - m);
		if (n > WRAP_MAX(len))
			lost++;
		bad += bad_rows(out, n, columns, w.ascii);
	}
	is_num(bad, 0, "no row is too wide, or begins like a line");
	is_num(lost, 0, "nor does any text need more space than promised");
	memset(&w, 0, sizeof(w));
	n = wrap_put(&w, out, "no window\twidth", 15);
	is_bytes(out, n, "no window\twidth",
	    "without a window no row is ended");
	w.columns = 40;
	w.ascii = true;
	n = wrap_put(&w, out, " \xdb\x9b" "9;30H", 8);
	is_bytes(out, n, " \\333\\2339;30H",
	    "a terminal of eight bits is sent no half of a character");
}

int
main(void)
{
	if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
		(void)setlocale(LC_CTYPE, "en_US.UTF-8");
	test_whole();
	test_rows();
	return done();
}
