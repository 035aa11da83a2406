/* SPDX-License-Identifier: ISC */

/*
 * What terminals send: a sequence that has no meaning here types nothing,
 * however it is split, and what follows it is typed.
 */

#include <stdlib.h>

#include "chatc/keys.h"
#include "tests/unit/tap.h"

static unsigned int seed = 1;

static unsigned int
chance(unsigned int n)
{
	seed = seed * 1103515245U + 12345U;
	return (seed >> 16) % n;
}

/* The text in these bytes, and how many keys they hold besides. */
static unsigned int
text_of(const char *bytes, size_t len, char *text, size_t *n)
{
	static struct keys	k;
	unsigned int		others = 0;
	enum key		key;
	size_t			i;

	memset(&k, 0, sizeof(k));
	*n = 0;
	for (i = 0; i < len; i++) {
		key = keys_take(&k, bytes[i]);
		if (key == KEY_TEXT) {
			memcpy(text + *n, k.text, k.text_len);
			*n += k.text_len;
		} else if (key != KEY_NONE) {
			others++;
		}
	}
	return others;
}

/* A sequence by the grammar of ECMA-48 without a meaning here; its length. */
static size_t
unknown(char *d)
{
	static const char	strings[] = "]PX^_";
	static const char	finals[] = "EGIJKLNPQRSTUWXYZ"
				    "`abcdefghijklmnopqrstuvwxyz{|}";
	size_t			n = 0, i, len;

	d[n++] = '\033';
	switch (chance(5)) {
	case 0:
		d[n++] = strings[chance(5)];
		len = chance(40);
		for (i = 0; i < len; i++)
			d[n++] = (char)(' ' + chance(95));
		if (chance(2) == 0) {
			d[n++] = '\a';
		} else {
			d[n++] = '\033';
			d[n++] = '\\';
		}
		return n;
	case 1:
		d[n++] = '[';
		d[n++] = "<>=?"[chance(4)];
		break;
	case 2:
		d[n++] = '[';
		break;
	case 3:
		d[n++] = '(';
		d[n++] = (char)('0' + chance(75));
		return n;
	default:
		memcpy(d + n, "[M", 2);
		for (i = 2; i < 5; i++)
			d[n + i] = (char)(' ' + chance(95));
		return n + 5;
	}
	len = chance(20);
	for (i = 0; i < len; i++)
		d[n++] = "0123456789;:"[chance(12)];
	len = chance(2);
	for (i = 0; i < len; i++)
		d[n++] = (char)(' ' + chance(16));
	d[n++] = finals[chance(sizeof(finals) - 1)];
	return n;
}

static void
test_unknown(void)
{
	char		bytes[128], text[128];
	unsigned int	i, wrong = 0;
	size_t		n, len;

	for (i = 0; i < 100000; i++) {
		bytes[0] = 'a';
		len = 1 + unknown(bytes + 1);
		memcpy(bytes + len, "b\r", 2);
		if (text_of(bytes, len + 2, text, &n) == 1 && n == 2 &&
		    memcmp(text, "ab", 2) == 0)
			continue;
		if (wrong++ == 0)
			(void)is_bytes(bytes + 1, len - 1, "",
			    "this types nothing");
	}
	is_num(wrong, 0, "no sequence without a meaning types anything");
}

/* The same for sequences that terminals really send. */
static void
test_answers(void)
{
	static const char *const answers[] = {
		"\033]11;rgb:0000/0000/0000\033\\", "\033]11;rgb:1/2/3\a",
		"\033[?62;1;4c", "\033[24;80R", "\033[I", "\033[O",
		"\033[97;5u", "\033[<0;10;20M", "\033[M !!", "\033[2~",
		"\033[[A", "\033OP", "\033P1$r0m\033\\", "\033_G;OK\033\\",
		"\033(B", "\033x", "\033[27;5;9~", "\302\2335n"
	};
	char	bytes[128], text[128];
	size_t	i, n, len;

	for (i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		len = strlen(answers[i]);
		memcpy(bytes, answers[i], len);
		bytes[len] = 'h';
		if (text_of(bytes, len + 1, text, &n) != 0 || n != 1)
			(void)is_bytes(text, n, "h", answers[i] + 1);
	}
	(void)text_of("\033]never ended\rx", 15, text, &n);
	is_bytes(text, n, "x", "Enter ends a string that does not end");
	is_num(text_of("\033\r", 2, text, &n), 1,
	    "and an Escape that a person typed");
}

int
main(void)
{
	test_unknown();
	test_answers();
	return done();
}
