/* SPDX-License-Identifier: ISC */

/*
 * IRC's lines and texts: the parser finds the parts of which a line was made,
 * times agree with the C library's calendar, and codes vanish while text
 * remains.
 */

#include <stdlib.h>
#include <time.h>

#include "chatserv/session/irc/message.h"
#include "ipc/common/bsd.h"
#include "tests/unit/tap.h"

#define ROUNDS		20000
#define YEAR_10000	UINT64_C(253402300800)	/* in s */

static unsigned short	seed[3] = { 4, 5, 6 };
static char		line[4096];	/* the line that is made */

static size_t
dice(size_t least, size_t most)
{
	return least + (size_t)nrand48(seed) % (most - least + 1);
}

static bool
is_param(const struct irc_param *p, const char *want)
{
	return p->len == strlen(want) && memcmp(p->s, want, p->len) == 0;
}

/* ---- lines ---- */

static void
add(const char *text)
{
	(void)strlcat(line, text, sizeof(line));
}

static void
add_blanks(void)
{
	add(&"   "[dice(0, 2)]);
}

/* A word of n bytes without blanks that does not begin with a colon or @. */
static void
some_word(char *dst, size_t n)
{
	static const char	letters[] = "abcXYZ019#!@:,\001\xc3\xa4";
	size_t			i;

	for (i = 0; i < n; i++)
		dst[i] = letters[dice(0, i == 0 ? 9 :
		    sizeof(letters) - 2)];
	dst[n] = '\0';
}

/* Make a line, and parse it. */
static bool
comes_apart(void)
{
	static char		param[IRC_PARAMS][64];
	char			word[16], command[16];
	struct irc_message	m;
	size_t			tags = 0, i, n = dice(0, IRC_PARAMS);

	line[0] = '\0';
	if (dice(0, 1) == 1) {
		add("@a=b;+c/d=e\\:");
		add_blanks();
		tags = strlen(line);
	}
	if (dice(0, 1) == 1) {
		some_word(word, dice(1, 9));
		add(":");
		add(word);
		add_blanks();
	}
	some_word(command, dice(1, 9));
	add(command);
	for (i = 0; i < n; i++) {
		some_word(param[i], dice(1, 40));
		add_blanks();
		if (i == n - 1 && dice(0, 1) == 1) {
			(void)strlcpy(param[i], dice(0, 1) == 1 ? "" :
			    ":a  text ", sizeof(param[i]));
			add(":");
		}
		add(param[i]);
	}
	if (!irc_parse(&m, line, strlen(line)) || m.n != (int)n ||
	    !is_param(&m.command, command) || m.len != strlen(line) - tags)
		return false;
	for (i = 0; i < n; i++)
		if (!is_param(&m.param[i], param[i]))
			return false;
	return true;
}

static void
test_lines(void)
{
	struct irc_message	m;
	struct irc_param	cut = { "12345\xe2\x82\xac", 8 };
	char			copy[8];
	unsigned int		i;

	for (i = 0; i < ROUNDS && comes_apart(); i++)
		continue;
	is_num(i, ROUNDS, "the parser finds the parts of which lines are made");
	ok(!irc_parse(&m, "", 0), "an empty line is no message");
	ok(!irc_parse(&m, "  ", 2), "nor are blanks");
	ok(!irc_parse(&m, "@a=b", 4), "nor tags alone");
	ok(!irc_parse(&m, "@a=b :src", 9), "nor tags and a source");
	(void)irc_parse(&m, "C 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16", 40);
	ok(m.n == IRC_PARAMS && is_param(&m.param[14], "15 16"),
	    "the last of too many params has all the rest");
	ok(irc_is((struct irc_param){ "pInG", 4 }, "PING") &&
	    !irc_is((struct irc_param){ "PINGS", 5 }, "PING") &&
	    !irc_is((struct irc_param){ "PIN", 3 }, "PING"),
	    "a command is the same in any case, and no longer or shorter");
	irc_copy(copy, sizeof(copy), cut);
	is_str(copy, "12345", "a copy is cut between characters");
	ok(irc_is_utf8("\xe2\x82\xac", 3) && irc_is_utf8("", 0) &&
	    !irc_is_utf8("caf\xe9", 4) && !irc_is_utf8("\xc0\x80", 2) &&
	    !irc_is_utf8("a\0b", 3) && !irc_is_utf8("\xed\xa0\x80", 3),
	    "Latin-1, overlong forms, surrogates and NUL are not UTF-8");
}

/* ---- codes ---- */

static void
strips(const char *from, const char *to, const char *name)
{
	char	got[128];
	size_t	n = irc_strip(got, from, strlen(from));

	is_bytes(got, n, to, name);
}

static void
test_codes(void)
{
	strips("\002b\002 \035i\035 \037u\037 \036s \021m \026r \017o",
	    "b i u s m r o", "codes of one byte vanish");
	strips("\003" "4red \003" "04,12both\003 none \00399,x",
	    "red both none ,x", "colours vanish with their numbers");
	strips("\003" "123 \003,5 \003", "3 ,5 ",
	    "and with no more than two digits, or none");
	strips("\004ff8800x \004zz", "x zz", "so do those in hexadecimal");
	strips("\003" "1,", ",", "a comma at the end is text");
	strips("plain \xe2\x82\xac, 4", "plain \xe2\x82\xac, 4",
	    "all else remains");
}

/* ---- times ---- */

static struct irc_param
param_of(const char *s)
{
	return (struct irc_param){ s, strlen(s) };
}

static bool
same_as_libc(uint64_t us)
{
	time_t		t = (time_t)(us / 1000000);
	struct tm	tm;
	char		want[80], day[40], got[IRC_TIME_SIZE];
	uint64_t	back = 0;

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		return false;
	(void)snprintf(want, sizeof(want), "%s.%03uZ", day,
	    (unsigned int)(us / 1000 % 1000));
	irc_time(got, us);
	return strcmp(got, want) == 0 &&
	    irc_parse_time(&back, param_of(got)) && back == us / 1000 * 1000;
}

static void
test_times(void)
{
	static const char *const none[] = { "", "2026-11-28",
	    "2026-11-28T07:00:00Z", "2026-13-28T07:00:00.000Z",
	    "2026-00-28T07:00:00.000Z", "2026-11-00T07:00:00.000Z",
	    "2026-11-32T07:00:00.000Z", "2026-11-28T24:00:00.000Z",
	    "2026-11-28T07:60:00.000Z", "2026-11-28T07:00:61.000Z",
	    "1969-12-31T23:59:59.999Z", "2026-11-28 07:00:00.000Z",
	    "2026-11-2xT07:00:00.000Z", "2026-11-28T07:00:00.000Zx" };
	uint64_t	us, second;
	unsigned int	i, bad = 0;
	char		text[IRC_TIME_SIZE];

	for (i = 0; i < ROUNDS && bad == 0; i++) {
		second = (uint64_t)nrand48(seed) * 118 % YEAR_10000;
		us = second * 1000000 + (uint64_t)nrand48(seed) % 1000000;
		if (!same_as_libc(us)) {
			bad++;
			(void)printf("# %llu\n", (unsigned long long)us);
		}
	}
	is_num(bad, 0, "times are those of the C library's calendar");
	ok(same_as_libc(0) && same_as_libc(UINT64_C(951782399999999)) &&
	    same_as_libc(UINT64_C(951782400000000)) &&
	    same_as_libc(UINT64_C(951868800000000)) &&
	    same_as_libc(UINT64_C(4107542400000000)),
	    "so are those at the Epoch and around 29 February, 2000 and 2100");
	irc_time(text, UINT64_MAX);
	is_num((long long)strlen(text), IRC_TIME_SIZE - 1,
	    "what is no time has a time's length");
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		if (irc_parse_time(&us, param_of(none[i]))) {
			bad++;
			(void)printf("# %s\n", none[i]);
		}
	is_num(bad, 0, "nothing else is mistaken for a time");
}

int
main(void)
{
	test_lines();
	test_codes();
	test_times();
	return done();
}
