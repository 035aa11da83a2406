/* SPDX-License-Identifier: ISC */

/*
 * Line framing: a stream's bytes arrive in reads of any size, a process
 * consumes, leaves and trims lines as it likes, and the lines are those of the
 * stream as a whole.  In the other direction: what was added is what arrives,
 * however much each write accepts.
 *
 * Input: eight bytes of choices, then the stream.
 */

#include <sys/param.h>
#include <errno.h>

#include "ipc/common/line.h"
#include "tests/fuzz/fuzz.h"

#define SHORT_MAX	24
#define IN_SIZE		(LINE_TEXT_MAX + 3 + 256)
#define OUT_SIZE	8192
#define PIPE_SIZE	4096

/* The whole stream, and how far it has been consumed and read. */
struct stream {
	const char	*s;
	size_t		 len;
	size_t		 at;
	size_t		 read;
	size_t		 max;
	bool		 split;
	bool		 over;		/* nothing more will be read */
};

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Where s[0..len) may be cut, at most max bytes from its start. */
static size_t
cut(const char *s, size_t len, size_t max)
{
	size_t back, n;

	if (len <= max)
		return len;
	for (back = 1; back <= 3 && back < max; back++) {
		n = utf8_length(s + max - back, len - max + back);
		if (n > back)
			return max - back;
	}
	return max;
}

/* The next line, were the whole stream here; *next is behind it. */
static enum line_state
expected(const struct stream *t, size_t *len, size_t *next)
{
	const char	*s = t->s + t->at, *lf;
	size_t		 left = t->len - t->at;

	if (left == 0)
		return LINE_NONE;
	lf = memchr(s, '\n', left);
	*len = lf == NULL ? left : (size_t)(lf - s);
	*next = t->at + *len + (lf != NULL);
	if (*len >= 2 && memcmp(s + *len - 2, "\r", 2) == 0)
		*len -= 2;
	else if (*len >= 1 && s[*len - 1] == '\r')
		*len -= 1;
	if (*len <= t->max)
		return LINE_OK;
	if (!t->split)
		return LINE_TOO_LONG;
	*len = cut(s, left, t->max);
	*next = t->at + *len;
	return LINE_OK;
}

/* The code under test says that no line is here: check that. */
static void
check_none(const struct stream *t, const struct line_in *in)
{
	if (t->over) {
		must(t->at >= t->len);
		return;
	}
	if (t->at >= t->read)
		return;
	must(memchr(t->s + t->at, '\n', t->read - t->at) == NULL);
	must(t->read - t->at <= t->max + 2);
	must(!line_in_full(in));
}

/* It says that this is the next line: check that, and what follows. */
static void
check_line(const struct stream *t, const struct line_in *in,
    enum line_state state, const char *line, size_t len, size_t *next)
{
	size_t	want_len = 0;

	must(expected(t, &want_len, next) == state);
	if (state != LINE_OK)
		return;
	must(len == want_len);
	must(memcmp(line, t->s + t->at, len) == 0);
	must(in->cut == (t->split && len > 0 && *next == t->at + len &&
	    *next < t->len));
}

/* Consume a line; false if there is none. */
static bool
take_line(struct stream *t, struct line_in *in, uint32_t *seed)
{
	enum line_state	 state;
	char		*line, *again;
	size_t		 len, len_again, next = 0, less, all;

	state = line_in_peek(in, &line, &len);
	if (state == LINE_NONE) {
		check_none(t, in);
		return false;
	}
	must(line_in_peek(in, &again, &len_again) == state);
	must(again == line && len_again == len);
	check_line(t, in, state, line, len, &next);
	if (t->split && len >= 2 && dice(seed) % 4 == 0) {
		less = 1 + dice(seed) % (len - 1);
		all = t->len - t->at;
		len = line_in_shorten(in, less);
		must(len == cut(t->s + t->at, all, less));
		next = t->at + len;
	}
	line_in_consume(in);
	t->at = next;
	return true;
}

/* The stream breaks: an unfinished line was never there. */
static void
break_off(struct stream *t, struct line_in *in)
{
	line_in_break(in);
	for (t->len = t->read; t->len > 0 && t->s[t->len - 1] != '\n'; )
		t->len--;
	/* Parts of a long line may have been consumed. */
	if (t->len < t->at)
		t->len = t->at;
	t->read = t->len;
	t->over = true;
}

/* Write some of the stream to the pipe, and read some of it. */
static void
feed(struct stream *t, struct line_in *in, int fd[2], size_t *sent,
    uint32_t *seed)
{
	size_t	n;
	ssize_t	got;

	n = dice(seed) % 4 == 0 ? dice(seed) % 300 : dice(seed) % 12;
	n = least(n, t->len - *sent);
	if (n > 0) {
		must(write(fd[1], t->s + *sent, n) == (ssize_t)n);
		*sent += n;
	}
	if (*sent == t->len && fd[1] != -1) {
		(void)close(fd[1]);
		fd[1] = -1;
	}
	if (*sent == t->read && fd[1] != -1)
		return;
	got = line_in_fill(in, fd[0]);
	must(got >= 0 && t->read + (size_t)got <= *sent);
	t->read += (size_t)got;
	t->over = in->eof;
	must(got > 0 || (t->over && t->read == t->len));
}

static void
lines_in(struct stream *t, size_t room, bool breaks, uint32_t *seed)
{
	static char	buf[IN_SIZE];
	struct line_in	in;
	size_t		sent = 0, end = t->len;
	int		fd[2];

	if (breaks)
		end = dice(seed) % (t->len + 1);
	must(pipe(fd) == 0);
	line_in_init(&in, buf, t->max + 3 + room, t->max, t->split);
	while (!t->over) {
		if (breaks && t->read >= end)
			break_off(t, &in);
		else if (!line_in_full(&in))
			feed(t, &in, fd, &sent, seed);
		while ((dice(seed) % 8 != 0 || line_in_full(&in)) &&
		    take_line(t, &in, seed))
			continue;
	}
	while (take_line(t, &in, seed))
		continue;
	must(t->at == t->len);
	(void)close(fd[0]);
	if (fd[1] != -1)
		(void)close(fd[1]);
}

/* ---- out ---- */

/* Read what arrived, and compare it with what was added. */
static void
arrive(int fd, const char *want, size_t len)
{
	static char	got[OUT_SIZE];
	size_t		n;
	ssize_t		r;

	for (n = 0; n < len; n += (size_t)r)
		must((r = read(fd, got + n, len - n)) > 0);
	must(memcmp(got, want, len) == 0);
}

/*
 * Flush; the end of text[0..*len) remains.  Whole lines, if one fits into max
 * and the pipe accepts all of it.
 */
static void
flush(struct line_out *out, int fd[2], size_t *unread, char *text,
    size_t *len, size_t max)
{
	size_t	full = least(*len, max);
	ssize_t	n;

	n = max > *len ? line_out_flush(out, fd[1]) :
	    line_out_flush_lines(out, fd[1], max);
	if (n == -1) {
		must(errno == EAGAIN && *unread > 0);
		n = 0;
	}
	while (*len > max && full > 0 && text[full - 1] != '\n')
		full--;
	must((size_t)n <= (full > 0 ? full : least(*len, max)));
	must(*unread > 0 || *len == 0 || n > 0);
	*unread += (size_t)n;
	*len -= (size_t)n;
	must(line_out_pending(out) == *len);
	memmove(text, text + n, *len);
}

/* Add up to n bytes of the input, which repeats. */
static void
add(struct line_out *out, const struct stream *t, char *text, size_t *len,
    size_t n)
{
	char	*dst;
	size_t	 i;

	n = least(n, line_out_left(out));
	dst = line_out_space(out, n);
	for (i = 0; i < n; i++)
		text[*len + i] = t->len == 0 ? 'x' : t->s[i % t->len];
	memcpy(dst, text + *len, n);
	line_out_added(out, n);
	*len += n;
	must(line_out_pending(out) == *len);
	must(line_out_left(out) == OUT_SIZE - *len);
}

static void
lines_out(const struct stream *t, uint32_t *seed)
{
	static char	buf[OUT_SIZE], text[OUT_SIZE], sent[2 * OUT_SIZE];
	struct line_out	out;
	size_t		len = 0, unread = 0, before, turn;
	int		fd[2];

	must(pipe(fd) == 0 && fcntl(fd[1], F_SETFL, O_NONBLOCK) == 0);
#ifdef F_SETPIPE_SZ
	(void)fcntl(fd[1], F_SETPIPE_SZ, PIPE_SIZE);
#endif
	line_out_init(&out, buf, sizeof(buf));
	for (turn = 0; turn < t->len && turn < 64; turn++) {
		add(&out, t, text, &len, dice(seed) % (dice(seed) % 2 ? 64 :
		    OUT_SIZE));
		if (dice(seed) % 16 == 0) {
			line_out_drop(&out);
			len = 0;
		}
		before = len;
		memcpy(sent + unread, text, len);
		flush(&out, fd, &unread, text, &len,
		    1 + dice(seed) % (dice(seed) % 2 ? 64 : OUT_SIZE));
		must(before >= len && unread <= sizeof(sent) / 2);
		if (dice(seed) % 2) {
			arrive(fd[0], sent, unread);
			unread = 0;
		}
	}
	(void)close(fd[0]);
	(void)close(fd[1]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input	in = { data, size };
	struct stream	t;
	unsigned	how = take(&in), max = take(&in), room = take(&in);
	uint32_t	seed;

	memset(&t, 0, sizeof(t));
	seed = take(&in) << 8;
	seed |= take(&in);
	t.split = how & 1;
	t.max = (how & 2) != 0 ? LINE_TEXT_MAX : 1 + max % SHORT_MAX;
	t.s = take_bytes(&in, in.left, &t.len);
	if ((how & 4) != 0)
		lines_out(&t, &seed);
	else
		lines_in(&t, room, (how & 8) != 0, &seed);
	return 0;
}
