/* SPDX-License-Identifier: ISC */

/*
 * What telnet(1) and PuTTY send between the text: however reads split it, the
 * lines are the same, and so are the answers.
 */

#include <stdlib.h>
#include <unistd.h>

#include "chatserv/session/telnet.h"
#include "tests/unit/tap.h"

#define MAX	8		/* bytes of a line */
#define IP	"\xFF\xF4"
#define DO_MARK	"\xFF\xFD\x06"
#define MARK	"\xFF\xFC\x06"	/* there is none */
#define SB	"\xFF\xFA"
#define SE	"\xFF\xF0"

static char	in_buf[4096], out_buf[6];
static char	got[4096], answers[64];

static void
must(bool done_it)
{
	if (!done_it) {
		(void)printf("Bail out! a system call failed\n");
		exit(1);
	}
}

/* Append the lines that are complete to got. */
static void
take_lines(struct telnet *t, struct line_in *in, struct line_out *out, int fd)
{
	enum line_state	 state;
	char		*line;
	size_t		 len;

	for (;;) {
		telnet_strip(t, in);
		telnet_answer(t, out);
		if (line_out_pending(out) > 0)
			must(line_out_flush(out, fd) > 0);
		telnet_answer(t, out);
		state = line_in_peek(in, &line, &len);
		if (state == LINE_NONE)
			return;
		(void)snprintf(got + strlen(got), sizeof(got) - strlen(got),
		    "[%.*s]", state == LINE_OK ? (int)len : 1,
		    state == LINE_OK ? line : "!");
		line_in_consume(in);
	}
}

/* Feed s[0..len) in reads that end at a, at b, and at its end. */
static void
feed(const char *s, size_t len, size_t a, size_t b)
{
	struct telnet	 t = { 0 };
	struct line_in	 in;
	struct line_out	 out;
	size_t		 end[] = { a, b, len }, i, at = 0;
	int		 fd[2], answer[2];
	ssize_t		 n;

	line_in_init(&in, in_buf, sizeof(in_buf), MAX, false);
	line_out_init(&out, out_buf, sizeof(out_buf));
	got[0] = '\0';
	must(pipe(fd) == 0 && pipe(answer) == 0);
	for (i = 0; i < 3; at = end[i++]) {
		if (end[i] > at)
			must(write(fd[1], s + at, end[i] - at) > 0 &&
			    line_in_fill(&in, fd[0]) > 0);
		take_lines(&t, &in, &out, answer[1]);
	}
	must(close(fd[1]) == 0 && line_in_fill(&in, fd[0]) == 0);
	take_lines(&t, &in, &out, answer[1]);
	must(close(answer[1]) == 0);
	must((n = read(answer[0], answers, sizeof(answers) - 1)) >= 0);
	answers[n] = '\0';
	must(close(answer[0]) == 0 && close(fd[0]) == 0);
}

/*
 * These bytes are these lines, and get these answers, however they are split.
 */
static void
gives(const char *s, size_t len, const char *lines, const char *wanted,
    const char *name)
{
	size_t	a, b, step = len > 64 ? 61 : 1;
	bool	fine = true;

	for (a = 0; a <= len && fine; a += step)
		for (b = a; b <= len && fine; b += step) {
			feed(s, len, a, b);
			fine = strcmp(got, lines) == 0 &&
			    strcmp(answers, wanted) == 0;
		}
	if (!ok(fine, name)) {
		tap_bytes(" lines: ", got, strlen(got));
		tap_bytes(" answers: ", answers, strlen(answers));
	}
}

#define GIVES(s, lines, answers, name) \
	gives(s, sizeof(s) - 1, lines, answers, name)

/* A subnegotiation of so many bytes, and then this. */
static void
test_long_sub(size_t n, const char *rest, const char *lines, const char *name)
{
	char	s[1024] = "a" SB;
	size_t	head = strlen(s);

	memset(s + head, '\n', n);
	(void)memcpy(s + head + n, rest, strlen(rest));
	gives(s, head + n + strlen(rest), lines, "", name);
}

int
main(void)
{
	GIVES("one\ntwo\r\n", "[one][two]", "", "text is left alone");
	GIVES("a" IP "b\n" IP "\n\xFF\xECq", "[ab][][q]", "",
	    "commands are no text");
	GIVES("\xFF\xFB\x1F\xFF\xFD\x01\xFF\xFC\n\xFF\xFE\nbob\n", "[bob]", "",
	    "nor are options, though an option may be a line feed");
	GIVES("x" IP DO_MARK "y\n" DO_MARK "z\n", "[xy][z]", MARK MARK,
	    "each request for a timing mark is refused");
	GIVES(DO_MARK DO_MARK DO_MARK DO_MARK, "", MARK MARK MARK MARK,
	    "even of more than there is space for at once");
	GIVES("a" SB "\x1F\0\n\0\n" SE "b\n", "[ab]", "",
	    "a subnegotiation is no text, though it has line feeds");
	GIVES("a" SB "\xFF\xFF\xF0\xFF\xFF" SE "b\n", "[ab]", "",
	    "nor if it has bytes like IAC");
	GIVES("a" SB "x" IP "b\n" SB DO_MARK "c\n", "[ab][c]", MARK,
	    "another command ends it");
	GIVES("a\xFF\xFF" "b\n", "[a\xFF" "b]", "", "IAC IAC is one byte");
	GIVES("a\xFF" "b\n\xFF\n\n", "[ab][][]", "",
	    "the byte after an IAC whose command is missing is text");
	GIVES("a\xFF", "[a]", "", "nothing may follow it at all");
	GIVES(IP "12345678" IP "\n" IP "1234" IP "56789" IP "\nx" IP "\n",
	    "[12345678][!][x]", "", "only text counts for a line's length");
	GIVES("123456789012" DO_MARK "34567" IP "\n" IP "1" IP "2\n" IP "3\n",
	    "[!][12][3]", MARK, "even after a line that is too long");
	test_long_sub(511, SE "b\n", "[ab]",
	    "a subnegotiation may have 511 bytes");
	test_long_sub(512, "b\n", "[ab]",
	    "one that has no end after 512 is none, and text follows");
	return done();
}
