/* SPDX-License-Identifier: ISC */

/*
 * Lines over a stream, through real read(2) and write(2) on a pipe.
 *
 * How reads split the bytes must make no difference, so the last tests feed
 * the same streams split in every way.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "ipc/common/line.h"
#include "tests/unit/tap.h"

#define MAX	8		/* of the short lines in most tests */

static char buf[LINE_TEXT_MAX + 3];
static struct line_in in;
static int feed[2], drain[2];

static void
must(bool done_it)
{
	if (!done_it) {
		(void)printf("Bail out! a system call failed: %s\n",
		    strerror(errno));
		exit(1);
	}
}

static void
start(size_t size, size_t max, bool split)
{
	if (feed[0] != 0) {
		(void)close(feed[0]);
		(void)close(feed[1]);
	}
	must(pipe(feed) == 0);
	line_in_init(&in, buf, size, max, split);
}

/* Send s[0..len) and read it, in however many calls. */
static void
arrive(const char *s, size_t len)
{
	ssize_t n;

	must(write(feed[1], s, len) == (ssize_t)len);
	for (; len > 0; len -= (size_t)n) {
		n = line_in_fill(&in, feed[0]);
		must(n > 0 && (size_t)n <= len);
	}
}

#define ARRIVE(s)	arrive(s, sizeof(s) - 1)

static void
end(void)
{
	must(close(feed[1]) == 0);
	must(line_in_fill(&in, feed[0]) == 0);
	feed[1] = -1;
}

/* The next line is this one; consume it. */
static void
gives(const char *want, size_t want_len, const char *name)
{
	char	*line = NULL;
	size_t	 len = 0;

	if (line_in_peek(&in, &line, &len) != LINE_OK) {
		ok(false, name);
		return;
	}
	if (ok(len == want_len && memcmp(line, want, len) == 0, name))
		line_in_consume(&in);
	else
		tap_bytes(" got: ", line, len);
}

#define GIVES(s, name)	gives(s, sizeof(s) - 1, name)

static enum line_state
state(void)
{
	char	*line;
	size_t	 len;

	return line_in_peek(&in, &line, &len);
}

static void
test_whole(void)
{
	start(MAX + 3, MAX, false);
	is_num(state(), LINE_NONE, "before anything arrives there is no line");
	ARRIVE("hello\n");
	GIVES("hello", "a line is returned without its LF");
	is_num(state(), LINE_NONE, "and only once");
	ARRIVE("a\nb\n\nc\n");
	GIVES("a", "of many lines in one read the first is returned first");
	GIVES("b", "then the second");
	GIVES("", "then an empty one");
	GIVES("c", "then the last");
	is_num(state(), LINE_NONE, "then none");
	ARRIVE("twice\n");
	(void)state();
	(void)state();
	GIVES("twice", "looking does not consume");
}

static void
test_bytes(void)
{
	static const char stream[] = "one\ntwo\r\nthree\r\0\n";
	size_t	i;
	int	early = 0;

	start(MAX + 3, MAX, false);
	for (i = 0; i < 3; i++) {
		arrive(stream + i, 1);
		if (state() != LINE_NONE)
			early++;
	}
	is_num(early, 0,
	    "one byte at a time, no line is complete before its LF");
	arrive(stream + 3, 1);
	GIVES("one", "then it is");
	for (i = 4; i < 9; i++)
		arrive(stream + i, 1);
	GIVES("two", "CR LF, one byte at a time, end a line");
	for (i = 9; i < sizeof(stream) - 1; i++)
		arrive(stream + i, 1);
	GIVES("three", "CR NUL LF, one byte at a time, end a line");
}

static void
test_ends(void)
{
	start(MAX + 3, MAX, false);
	ARRIVE("a\r\n");
	GIVES("a", "one CR before the LF is dropped");
	ARRIVE("a\r\0\n");
	GIVES("a", "CR NUL before the LF is dropped");
	ARRIVE("a\r\r\n");
	GIVES("a\r", "only one CR is dropped");
	ARRIVE("a\rb\n");
	GIVES("a\rb", "a CR inside stays");
	ARRIVE("a\0\n");
	GIVES("a\0", "a NUL without a CR stays");
	ARRIVE("a\0b\n");
	GIVES("a\0b", "a NUL does not end a line");
	ARRIVE("\r\n");
	GIVES("", "CR LF alone is an empty line");
	ARRIVE("\r\0\n");
	GIVES("", "CR NUL LF alone is an empty line");
	ARRIVE("\n");
	GIVES("", "LF alone is an empty line");
}

static void
test_long(void)
{
	start(MAX + 3, MAX, false);
	ARRIVE("12345678\n");
	GIVES("12345678", "the longest line passes");
	ARRIVE("12345678\r\n");
	GIVES("12345678", "the longest line passes with CR LF");
	ARRIVE("12345678\r\0\n");
	GIVES("12345678", "the longest line passes with CR NUL LF");
	ARRIVE("123456789\n");
	is_num(state(), LINE_TOO_LONG, "one byte more is too long");
	line_in_consume(&in);
	ARRIVE("fine\n");
	GIVES("fine", "the line after it is fine");
	ARRIVE("123456789\r\n");
	is_num(state(), LINE_TOO_LONG, "one byte more is too long with CR LF");
	line_in_consume(&in);
	ARRIVE("1234567\r\r\n");
	GIVES("1234567\r", "of two CRs one counts as text");
	ARRIVE("12345678\r\r\n");
	is_num(state(), LINE_TOO_LONG, "and may be the one byte too many");
	line_in_consume(&in);
	is_num(state(), LINE_NONE, "nothing of it is left");
}

static void
test_endless(void)
{
	int i, told = 0, full = 0;

	start(MAX + 3, MAX, false);
	for (i = 0; i < 10000; i++) {
		if (line_in_full(&in))
			full++;
		arrive("x", 1);
		if (state() == LINE_TOO_LONG) {
			told++;
			line_in_consume(&in);
		}
	}
	is_num(told, 1, "a line without an end is too long once");
	is_num(full, 0, "and never fills the buffer for ever");
	ARRIVE("x\nok\n");
	GIVES("ok", "when its end arrives at last, the next line is fine");
	ARRIVE("123456789AB");
	is_num(state(), LINE_TOO_LONG, "another one is too long again");
	line_in_consume(&in);
	ARRIVE("\n");
	is_num(state(), LINE_NONE, "and its LF alone is no empty line");
	ARRIVE("\n");
	GIVES("", "but the next LF is");
}

static void
test_eof(void)
{
	start(MAX + 3, MAX, false);
	ARRIVE("last");
	is_num(state(), LINE_NONE, "half a line is no line");
	end();
	GIVES("last", "at end of file a line without LF counts");
	is_num(state(), LINE_NONE, "once");
	start(MAX + 3, MAX, false);
	ARRIVE("last\n");
	end();
	GIVES("last", "at end of file a line with LF counts");
	is_num(state(), LINE_NONE, "and no empty one follows it");
	start(MAX + 3, MAX, false);
	end();
	is_num(state(), LINE_NONE, "an empty file has no line");
	ok(in.eof, "and its end is known");
	start(MAX + 3, MAX, false);
	ARRIVE("123456789AB");
	is_num(state(), LINE_TOO_LONG,
	    "a long line is too long before its end");
	line_in_consume(&in);
	end();
	is_num(state(), LINE_NONE, "and is not reported again at end of file");
	start(MAX + 3, MAX, false);
	ARRIVE("123456789");
	end();
	is_num(state(), LINE_TOO_LONG,
	    "a last line of one byte too many is too long");
	line_in_consume(&in);
	is_num(state(), LINE_NONE, "and then there is nothing");
}

static void
test_errors(void)
{
	ssize_t n;

	start(MAX + 3, MAX, false);
	must(fcntl(feed[0], F_SETFL, O_NONBLOCK) == 0);
	ARRIVE("ab");
	errno = 0;
	n = line_in_fill(&in, feed[0]);
	ok(n == -1 && errno == EAGAIN, "a read that would wait says so");
	ok(!in.eof, "and is not the end of the file");
	n = line_in_fill(&in, -1);
	ok(n == -1 && errno == EBADF, "a read that fails says why");
	ARRIVE("c\n");
	GIVES("abc", "and nothing that had arrived is lost");
}

static void
test_default(void)
{
	static char	 text[LINE_TEXT_MAX + 4];
	char		*line;
	size_t		 len;

	memset(text, 'x', LINE_TEXT_MAX);
	memcpy(text + LINE_TEXT_MAX, "\r\0\n", 3);
	start(sizeof(buf), LINE_TEXT_MAX, false);
	arrive(text, LINE_TEXT_MAX + 3);
	ok(line_in_peek(&in, &line, &len) == LINE_OK && len == LINE_TEXT_MAX,
	    "a client's line of 4,096 bytes passes");
	line_in_consume(&in);
	text[LINE_TEXT_MAX] = 'x';
	text[LINE_TEXT_MAX + 1] = '\n';
	arrive(text, LINE_TEXT_MAX + 2);
	is_num(state(), LINE_TOO_LONG, "one of 4,097 is too long");
}

static void
test_split(void)
{
	start(MAX + 3, MAX, true);
	ARRIVE("12345678");
	is_num(state(), LINE_NONE, "what may still fit is not split");
	ARRIVE("9A\n");
	GIVES("12345678", "a long line that may be split is returned in parts");
	GIVES("9A", "to its end");
	ARRIVE("1234567\xC3\xA9\n");
	GIVES("1234567", "a part ends between two characters");
	GIVES("\xC3\xA9", "never inside one");
	ARRIVE("12345\xF0\x9F\x98\x80\n");
	GIVES("12345", "not inside one of four bytes either");
	GIVES("\xF0\x9F\x98\x80", "which remains whole");
	ARRIVE("\x80\x80\x80\x80\x80\x80\x80\x80\x80\n");
	GIVES("\x80\x80\x80\x80\x80\x80\x80\x80",
	    "what is no character is cut anywhere");
	GIVES("\x80", "and nothing of it is lost");
	ARRIVE("123456789AB");
	GIVES("12345678",
	    "a part is returned before the line's end has arrived");
	end();
	GIVES("9AB", "and the last one at end of file");
	is_num(state(), LINE_NONE, "and then there is nothing");
}

/* What a stream yields, as one text to compare: "len:line," or "long,". */
static size_t
transcript(char *d, const char *s, size_t len, const size_t *cut,
    size_t ncuts, bool split)
{
	char		*line, *begin = d;
	size_t		 i, at = 0, n, line_len;
	enum line_state	 st;

	start(MAX + 3, MAX, split);
	for (i = 0; i <= ncuts; i++) {
		n = (i < ncuts ? cut[i] : len) - at;
		if (n > 0)
			must(write(feed[1], s + at, n) == (ssize_t)n);
		at += n;
		if (i == ncuts) {
			must(close(feed[1]) == 0);
			feed[1] = -1;
		}
		do {
			if (n > 0 || i == ncuts) {
				ssize_t got = line_in_fill(&in, feed[0]);

				must(got >= 0);
				n -= (size_t)got;
			}
			while ((st = line_in_peek(&in, &line, &line_len)) !=
			    LINE_NONE) {
				if (st == LINE_TOO_LONG)
					line_len = 0;
				d += snprintf(d, 32, "%s%zu:",
				    st == LINE_OK ? "" : "long", line_len);
				memcpy(d, line, line_len);
				d += line_len;
				line_in_consume(&in);
			}
		} while (n > 0 || (i == ncuts && !in.eof));
	}
	return (size_t)(d - begin);
}

/* Every way to split s[0..len) into up to four reads. */
static int
count_differences(const char *s, size_t len, bool split)
{
	char	whole[512], parts[512];
	size_t	cut[3] = { 0 }, n, m;
	int	differ = 0;

	n = transcript(whole, s, len, cut, 0, split);
	for (cut[0] = 0; cut[0] <= len; cut[0]++)
	for (cut[1] = cut[0]; cut[1] <= len; cut[1]++)
	for (cut[2] = cut[1]; cut[2] <= len; cut[2]++) {
		m = transcript(parts, s, len, cut, 3, split);
		if ((m != n || memcmp(whole, parts, n) != 0) &&
		    differ++ < 2) {
			tap_bytes("whole: ", whole, n);
			tap_bytes("parts: ", parts, m);
		}
	}
	return differ;
}

static void
test_cuts(void)
{
	static const struct {
		const char *s;
		size_t len;
	} stream[] = {
#define S(x)	{ x, sizeof(x) - 1 }
		S("one\ntwo\r\nthree\r\0\n\nlast"),
		S("12345678\r\0\n123456789\r\n12345678\r\nx"),
		S("123456789ABCDEFGH\r\0\nok\n1234\r"),
		S("1234567\xC3\xA9\n123456\xE2\x82\xAC..\n\xE2\x82"),
		S("12345\xF0\x9F\x98\x80..\r\n12345678\r\0" "9\nz\r\0"),
		S("\x80\x80\x80\x80\x80\x80\x80\x80\x80\xC3(\n\r\r\r\n"),
	};
	size_t	i;
	int	refuse = 0, split = 0;

	for (i = 0; i < sizeof(stream) / sizeof(stream[0]); i++) {
		refuse += count_differences(stream[i].s, stream[i].len, false);
		split += count_differences(stream[i].s, stream[i].len, true);
	}
	is_num(refuse, 0, "however a stream is cut into reads, "
	    "it gives the same lines");
	is_num(split, 0, "and the same parts of lines");
}

static void
test_out(void)
{
	struct line_out	 out;
	char		 space[8], got[8];
	ssize_t		 n;

	must(pipe(drain) == 0);
	line_out_init(&out, space, sizeof(space));
	is_num((long long)line_out_left(&out), 8,
	    "an empty buffer is all space");
	memcpy(line_out_space(&out, 5), "abcde", 5);
	line_out_added(&out, 5);
	is_num((long long)line_out_pending(&out), 5, "what was added waits");
	is_num((long long)line_out_left(&out), 3, "and the rest is space");
	memcpy(line_out_space(&out, 2), "xy", 2);
	line_out_added(&out, 2);
	line_out_cut(&out, 5);
	is_num((long long)line_out_pending(&out), 5,
	    "what is discarded does not");
	must(line_out_flush(&out, drain[1]) == 5);
	is_num((long long)line_out_pending(&out), 0,
	    "nor does what was written");
	n = read(drain[0], got, sizeof(got));
	is_bytes(got, (size_t)n, "abcde", "and arrives");
}

/* A pipe that is all but full accepts a part of what waits. */
static void
test_out_short(void)
{
	static char	 space[3 << 16], got[sizeof(space)];
	struct line_out	 out;
	size_t		 i, taken = 0;
	ssize_t		 n, wrote;
	int		 wrong = 0;

	line_out_init(&out, space, sizeof(space));
	must(fcntl(drain[1], F_SETFL, O_NONBLOCK) == 0);
	for (i = 0; i < sizeof(space); i++)
		space[i] = (char)('a' + i % 23);
	(void)line_out_space(&out, sizeof(space));
	line_out_added(&out, sizeof(space));
	wrote = line_out_flush(&out, drain[1]);
	ok(wrote > 0 && (size_t)wrote < sizeof(space),
	    "a short write is possible here");
	is_num((long long)line_out_pending(&out),
	    (long long)sizeof(space) - wrote, "what it left waits");
	errno = 0;
	ok(line_out_flush(&out, drain[1]) == -1 && errno == EAGAIN,
	    "a write that would wait says so");
	while (taken < sizeof(space)) {
		if ((n = read(drain[0], got + taken, 4096)) > 0)
			taken += (size_t)n;
		if (line_out_left(&out) > 0 && line_out_pending(&out) > 0)
			(void)line_out_space(&out, line_out_left(&out));
		if (line_out_pending(&out) > 0)
			(void)line_out_flush(&out, drain[1]);
	}
	for (i = 0; i < sizeof(space); i++)
		if (got[i] != (char)('a' + i % 23))
			wrong++;
	is_num(wrong, 0, "through short writes every byte arrives in order");
}

/* A caller that adds to a line consumes only part of it. */
static void
test_shorten(void)
{
	static const char	 input[] = "!ab\303\251cd\nx\n";
	struct line_in		 cut;
	char			 space[16], *line;
	size_t			 len;

	must(pipe(drain) == 0);
	must(write(drain[1], input, sizeof(input) - 1) > 0);
	line_in_init(&cut, space, sizeof(space), 8, true);
	must(line_in_fill(&cut, drain[0]) > 0);
	must(line_in_peek(&cut, &line, &len) == LINE_OK);
	ok(len == 7 && !cut.cut, "a line that fits does not continue");
	is_num((long long)line_in_shorten(&cut, 4), 3,
	    "a shorter part of it ends between characters");
	ok(cut.cut, "and continues");
	line_in_consume(&cut);
	must(line_in_peek(&cut, &line, &len) == LINE_OK);
	is_bytes(line, len, "\303\251cd", "the rest is a line of its own");
	line_in_consume(&cut);
	must(line_in_peek(&cut, &line, &len) == LINE_OK);
	is_bytes(line, len, "x", "and what follows is as it was");
}

/* Whole lines, if one fits into what a pipe surely accepts. */
static void
test_out_lines(void)
{
	struct line_out	 out;
	char		 space[32], got[32];
	ssize_t		 n;

	must(pipe(drain) == 0);
	line_out_init(&out, space, sizeof(space));
	memcpy(line_out_space(&out, 16), "one\ntwo\nlonger.\n", 16);
	line_out_added(&out, 16);
	is_num(line_out_flush_lines(&out, drain[1], 7), 4,
	    "no part of a second line is written");
	is_num(line_out_flush_lines(&out, drain[1], 4), 4,
	    "a line that just fits is");
	is_num(line_out_flush_lines(&out, drain[1], 3), 3,
	    "a part of one that cannot fit is");
	is_num(line_out_flush_lines(&out, drain[1], 100), 5,
	    "and all, where all fits");
	n = read(drain[0], got, sizeof(got));
	is_bytes(got, (size_t)n, "one\ntwo\nlonger.\n", "in order");
}

/* A connection that breaks rather than ends: half a line is no line. */
static void
test_break(void)
{
	start(sizeof(buf), MAX, false);
	ARRIVE("one\ntwo\nthr");
	(void)state();
	line_in_break(&in);
	ok(in.eof, "after a break nothing more arrives");
	GIVES("one", "whole lines before it are there");
	GIVES("two", "each of them");
	ok(state() == LINE_NONE, "and one without an end is not");
	start(sizeof(buf), MAX, false);
	ARRIVE("thr");
	ok(state() == LINE_NONE, "half a line that was looked at already");
	line_in_break(&in);
	ok(state() == LINE_NONE, "is not returned after a break either");
}

int
main(void)
{
	test_whole();
	test_bytes();
	test_ends();
	test_long();
	test_endless();
	test_eof();
	test_break();
	test_errors();
	test_default();
	test_split();
	test_cuts();
	test_out();
	test_out_short();
	test_shorten();
	test_out_lines();
	return done();
}
