/* SPDX-License-Identifier: ISC */

/*
 * Lines over a byte stream.
 *
 * TCP keeps bytes in order and nothing else: a read may return half a line or
 * sixty.  This file makes whole lines of what reads return, and keeps what a
 * write did not accept for the next one.  Both buffers are the caller's and
 * never grow; a line that is too long for its buffer is dropped whole (or, if
 * a client may do so, split between characters), so no peer can make a process
 * use more memory than it had at its start.
 *
 * No stdio: poll(2) does not see a line that waits in a stdio buffer.
 *
 * Runs in sessions and in chatc.
 */

#include <assert.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "ipc/common/line.h"
#include "ipc/common/text.h"

void
line_in_init(struct line_in *in, char *buf, size_t size, size_t max,
    bool split)
{
	assert(size >= max + 3);
	memset(in, 0, sizeof(*in));
	in->buf = buf;
	in->size = size;
	in->max = max;
	in->split = split;
}

bool
line_in_full(const struct line_in *in)
{
	return in->end - in->start == in->size;
}

ssize_t
line_in_fill(struct line_in *in, int fd)
{
	ssize_t n;

	if (in->start == in->end) {
		in->start = in->scan = in->end = 0;
	} else if (in->start > 0 && in->size - in->end <= in->max) {
		memmove(in->buf, in->buf + in->start, in->end - in->start);
		in->end -= in->start;
		in->scan -= in->start;
		in->start = 0;
	}
	n = read(fd, in->buf + in->end, in->size - in->end);
	if (n > 0)
		in->end += (size_t)n;
	else if (n == 0)
		in->eof = true;
	return n;
}

void
line_in_break(struct line_in *in)
{
	while (in->end > in->start && in->buf[in->end - 1] != '\n')
		in->end--;
	if (in->scan > in->end)
		in->scan = in->end;
	in->eof = true;
}

/* Length of the line p[0..n), whose LF is p[n], without its CR or CR NUL. */
static size_t
chomp(const char *p, size_t n)
{
	if (n >= 1 && p[n - 1] == '\r')
		return n - 1;
	if (n >= 2 && p[n - 2] == '\r' && p[n - 1] == '\0')
		return n - 2;
	return n;
}

/*
 * The line that begins at start and has no LF: at the end of the file it
 * counts; before, it is too long or incomplete.
 */
static enum line_state
peek_rest(struct line_in *in, size_t *len)
{
	size_t rest = in->end - in->start;

	in->scan = in->end;
	in->next = in->end;
	if (in->discard) {
		in->start = in->end;
		return LINE_NONE;
	}
	if (in->eof) {
		*len = chomp(in->buf + in->start, rest);
		return rest == 0 ? LINE_NONE :
		    *len <= in->max ? LINE_OK : LINE_TOO_LONG;
	}
	/* CR and NUL may belong to an end that has not arrived yet. */
	*len = rest;
	return rest > in->max + 2 ? LINE_TOO_LONG : LINE_NONE;
}

bool
line_in_skip(struct line_in *in)
{
	char *lf;

	if (!in->discard || (lf = memchr(in->buf + in->scan, '\n',
	    in->end - in->scan)) == NULL)
		return false;
	in->start = in->scan = (size_t)(lf + 1 - in->buf);
	in->discard = false;
	return true;
}

enum line_state
line_in_peek(struct line_in *in, char **line, size_t *len)
{
	enum line_state	 state;
	char		*lf;

	(void)line_in_skip(in);
	lf = memchr(in->buf + in->scan, '\n', in->end - in->scan);
	if (lf != NULL) {
		in->scan = (size_t)(lf - in->buf);
		in->next = in->scan + 1;
		*len = chomp(in->buf + in->start, in->scan - in->start);
		state = *len <= in->max ? LINE_OK : LINE_TOO_LONG;
	} else {
		state = peek_rest(in, len);
	}
	*line = in->buf + in->start;
	in->cut = false;
	if (state == LINE_TOO_LONG && in->split) {
		*len = line_in_shorten(in, in->max);
		state = LINE_OK;
	}
	return state;
}

size_t
line_in_shorten(struct line_in *in, size_t max)
{
	size_t len;

	assert(in->split);
	len = text_cut(in->buf + in->start, in->end - in->start, max);
	in->next = in->start + len;
	in->cut = true;
	return len;
}

void
line_in_consume(struct line_in *in)
{
	/* Too long, and its end has not arrived: discard the rest, too. */
	if (!in->split && in->next == in->end && !in->eof &&
	    in->buf[in->end - 1] != '\n')
		in->discard = true;
	in->start = in->next;
	if (in->scan < in->start)
		in->scan = in->start;
}

void
line_out_init(struct line_out *out, char *buf, size_t size)
{
	out->buf = buf;
	out->size = size;
	out->start = out->end = 0;
}

void
line_out_compact(struct line_out *out, size_t n)
{
	assert(n <= line_out_left(out));
	memmove(out->buf, out->buf + out->start, out->end - out->start);
	out->end -= out->start;
	out->start = 0;
}

void
line_out_cut(struct line_out *out, size_t n)
{
	assert(n <= line_out_pending(out));
	out->end = out->start + n;
}

void
line_out_drop(struct line_out *out)
{
	out->start = out->end = 0;
}

ssize_t
line_out_flush(struct line_out *out, int fd)
{
	return line_out_flush_lines(out, fd, SSIZE_MAX);
}

ssize_t
line_out_flush_lines(struct line_out *out, int fd, size_t max)
{
	const char	*s = out->buf + out->start;
	size_t		 len = line_out_pending(out);
	ssize_t		 n;

	if (len > max) {
		for (len = max; len > 0 && s[len - 1] != '\n'; )
			len--;
		if (len == 0)
			len = max;
	}
	n = write(fd, s, len);
	if (n > 0)
		out->start += (size_t)n;
	if (out->start == out->end)
		out->start = out->end = 0;
	return n;
}
