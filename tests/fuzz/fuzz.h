/* SPDX-License-Identifier: ISC */

/*
 * The frame of every target.  A target is one file with a function that takes
 * arbitrary bytes as input and checks the promises of production code: must()
 * prints a broken promise and aborts, so that the input is a finding.
 *
 * An engine that searches inputs brings its own main (-DFUZZING: see run.sh).
 * Without one, the main here replays the target's archive in corpus/ as a
 * test, so that any compiler finds again what was found once.  A case that was
 * a finding is named for the mistake; reach-N are the engine's own, which
 * together reach all code that any case has reached.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CORPUS	"tests/fuzz/corpus/"

int	 LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(promise)	\
	((promise) ? (void)0 : broken(#promise, __FILE__, __LINE__))

/*
 * The place of standard error, and of reports: while production code writes
 * elsewhere, findings are still reported here.
 */
static int	fuzz_err = STDERR_FILENO;

/* NOLINTNEXTLINE: the sanitizers' own name */
void	 __sanitizer_set_report_fd(void *fd) __attribute__((weak));

/* Set standard error to fd, and reports to err (-1: fd as well). */
static inline void
fuzz_stderr(int fd, int err)
{
	fuzz_err = err == -1 ? STDERR_FILENO : err;
	if (__sanitizer_set_report_fd != NULL)
		__sanitizer_set_report_fd((void *)(intptr_t)fuzz_err);
	if (dup2(fd, STDERR_FILENO) == -1)
		abort();
}

static inline void __attribute__((noreturn))
broken(const char *promise, const char *file, int line)
{
	(void)dprintf(fuzz_err, "%s:%d: broken: %s\n", file, line, promise);
	abort();
}

/* ---- input, taken from its front ---- */

struct input {
	const uint8_t	*at;
	size_t		 left;
};

/* Take the next byte; 0 at the end. */
static inline unsigned
take(struct input *in)
{
	if (in->left == 0)
		return 0;
	in->left--;
	return *in->at++;
}

/* Take the next n bytes, or as many as are left: *got. */
static inline const char *
take_bytes(struct input *in, size_t n, size_t *got)
{
	const char *s = (const char *)in->at;

	*got = n < in->left ? n : in->left;
	if (*got > 0)
		in->at += *got;
	in->left -= *got;
	return s;
}

/* Numbers without a pattern, equal for equal seeds. */
static inline unsigned
dice(uint32_t *seed)
{
	*seed = *seed * 1664525U + 1013904223U;
	return *seed >> 16;
}

/* ---- text, by table 3-7 of the Unicode standard ---- */

struct utf8_row {
	uint8_t	first, last;		/* lead bytes of this kind */
	uint8_t	length;
	uint8_t	second_low, second_high;
};

/* The length of the well-formed character at s[0..len), or 0. */
static inline size_t
utf8_length(const char *s, size_t len)
{
	static const struct utf8_row rows[] = {
		{ 0x00, 0x7F, 1, 0, 0 }, { 0xC2, 0xDF, 2, 0x80, 0xBF },
		{ 0xE0, 0xE0, 3, 0xA0, 0xBF }, { 0xE1, 0xEC, 3, 0x80, 0xBF },
		{ 0xED, 0xED, 3, 0x80, 0x9F }, { 0xEE, 0xEF, 3, 0x80, 0xBF },
		{ 0xF0, 0xF0, 4, 0x90, 0xBF }, { 0xF1, 0xF3, 4, 0x80, 0xBF },
		{ 0xF4, 0xF4, 4, 0x80, 0x8F }
	};
	const uint8_t	*b = (const uint8_t *)s;
	size_t		 row, i;

	for (row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
		if (len < rows[row].length || b[0] < rows[row].first ||
		    b[0] > rows[row].last)
			continue;
		if (rows[row].length > 1 && (b[1] < rows[row].second_low ||
		    b[1] > rows[row].second_high))
			return 0;
		for (i = 2; i < rows[row].length; i++)
			if (b[i] < 0x80 || b[i] > 0xBF)
				return 0;
		return rows[row].length;
	}
	return 0;
}

/* The code point of a well-formed character. */
static inline uint32_t
utf8_value(const char *s, size_t length)
{
	static const uint8_t	 bits[] = { 0, 0x7F, 0x1F, 0x0F, 0x07 };
	const uint8_t		*b = (const uint8_t *)s;
	uint32_t		 value = b[0] & bits[length];
	size_t			 i;

	for (i = 1; i < length; i++)
		value = value << 6 | (b[i] & 0x3FU);
	return value;
}

/*
 * The length of the character at the start of s[0..len) if text in the room
 * may contain it, by chatproto(7), or 0.
 */
static inline size_t
printable_length(const char *s, size_t len)
{
	size_t		n = utf8_length(s, len);
	uint32_t	c;

	if (n == 0)
		return 0;
	c = utf8_value(s, n);
	if ((c < 0x20 && c != '\t') || (c >= 0x7F && c <= 0x9F) ||
	    c == 0x61C || c == 0x200B || c == 0x200E || c == 0x200F ||
	    (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x2069) ||
	    c == 0xFEFF)
		return 0;
	return n;
}

/* Whether all of s[0..len) is such text. */
static inline bool
is_printable(const char *s, size_t len)
{
	size_t at, n;

	for (at = 0; at < len; at += n) {
		n = 1;
		if (s[at] >= ' ' && s[at] <= '~')
			continue;	/* nearly always */
		if ((n = printable_length(s + at, len - at)) == 0)
			return false;
	}
	return true;
}

/* ---- replaying ---- */

#ifndef FUZZING

#define TAR_BLOCK	512
#define TAR_SIZE	124	/* offset of the size, in octal */
#define TAR_NAME	100	/* bytes of a name */

static uint8_t	fuzz_buf[1 << 20];

/* Read the file at path into fuzz_buf; returns its size. */
static inline size_t
slurp(const char *path)
{
	size_t	size = 0;
	ssize_t	n = -1;
	int	fd = open(path, O_RDONLY);

	while (fd != -1 && (n = read(fd, fuzz_buf + size,
	    sizeof(fuzz_buf) - size)) > 0)
		size += (size_t)n;
	if (n == -1 || size == sizeof(fuzz_buf)) {
		(void)printf("Bail out! %s cannot be read\n", path);
		exit(1);
	}
	(void)close(fd);
	return size;
}

/* The last comment printed names the case that ended the program. */
static inline void
replay(const char *name, const uint8_t *bytes, size_t size)
{
	static unsigned	 number;
	uint8_t		*data;

	(void)printf("# %s\n", name);
	(void)fflush(stdout);
	/* Of its own size, so that a checker sees reads behind it. */
	if ((data = malloc(size + (size == 0))) == NULL)
		abort();
	memcpy(data, bytes, size);
	(void)LLVMFuzzerTestOneInput(data, size);
	free(data);
	(void)printf("ok %u - no promise is broken\n", ++number);
}

/*
 * Replay each file in the tar(1) archive in fuzz_buf[0..size): a block with
 * its name and size, then its bytes in whole blocks.  Returns how many.
 */
static inline unsigned
replay_archive(size_t size)
{
	const uint8_t	*header;
	char		 name[TAR_NAME + 1] = "";
	size_t		 at = 0, len;
	unsigned	 n = 0;

	while (at + TAR_BLOCK <= size && fuzz_buf[at] != '\0') {
		header = fuzz_buf + at;
		memcpy(name, header, TAR_NAME);
		len = strtoul((const char *)header + TAR_SIZE, NULL, 8);
		at += TAR_BLOCK;
		must(len <= size - at);
		replay(name, fuzz_buf + at, len);
		at += (len + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
		n++;
	}
	return n;
}

/* Replay the files in the arguments, or the target's archive. */
int
main(int argc, char **argv)
{
	const char	*target = strrchr(argv[0], '/');
	char		 path[512];
	unsigned	 n = 0;
	int		 i;

	for (i = 1; i < argc; i++, n++)
		replay(argv[i], fuzz_buf, slurp(argv[i]));
	if (argc == 1) {
		(void)snprintf(path, sizeof(path), CORPUS "%s.tar",
		    target == NULL ? argv[0] : target + 1);
		n = replay_archive(slurp(path));
	}
	if (n == 0)
		(void)printf("not ok 1 - there are cases\n");
	(void)printf("1..%u\n", n == 0 ? 1 : n);
	return n == 0;
}

#endif

#endif
