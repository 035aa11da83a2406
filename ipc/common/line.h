/* SPDX-License-Identifier: ISC */

/*
 * Lines over a byte stream, in and out, between caller-owned buffers and a
 * descriptor.  Nothing here waits, allocates or uses stdio.
 */
#ifndef IPC_LINE_H
#define IPC_LINE_H

#include <sys/types.h>
#include <assert.h>
#include <stdbool.h>
#include <stddef.h>

#define LINE_TEXT_MAX	4096	/* bytes in a line, without its end */

enum line_state {
	LINE_NONE,		/* no whole line has arrived */
	LINE_OK,
	LINE_TOO_LONG		/* will be dropped whole */
};

struct line_in {
	char	*buf;
	size_t	 size;
	size_t	 max;		/* longest line */
	bool	 split;		/* split long lines, between characters */
	bool	 eof;		/* nothing more will arrive */
	bool	 discard;	/* inside a line that was too long */
	bool	 cut;		/* the line in hand continues */
	size_t	 start;		/* first byte not consumed */
	size_t	 scan;		/* no LF before this */
	size_t	 end;		/* bytes in buf */
	size_t	 next;		/* what line_in_consume() moves start to */
};

struct line_out {
	char	*buf;
	size_t	 size;
	size_t	 start;		/* first byte not yet written */
	size_t	 end;
};

/*
 * Set up in over buf, which the caller owns and which must hold at least max +
 * 3 bytes.  Lines longer than max are refused, or, with split, returned in
 * several parts.
 */
void	 line_in_init(struct line_in *in, char *buf, size_t size, size_t max,
	    bool split);

/*
 * Read once from fd.  Returns what read(2) does: the bytes read, 0 at end of
 * file (then a last line without LF counts), -1 with errno set (EINTR and
 * EAGAIN included).  Must not be called while line_in_full().
 */
ssize_t	 line_in_fill(struct line_in *in, int fd);

/*
 * The stream broke: nothing more will arrive, and an incomplete line is
 * dropped.
 */
void	 line_in_break(struct line_in *in);

/* Whether there is no space for line_in_fill() before a line is consumed. */
bool	 line_in_full(const struct line_in *in);

/*
 * Skip the rest of a line that was too long, as line_in_peek() does by itself.
 * True if its end was found, and another line begins.
 */
bool	 line_in_skip(struct line_in *in);

/*
 * The next line: *line and *len hold it without LF, CR LF or CR NUL LF,
 * without a NUL at its end, valid until the next fill.  Another call returns
 * the same line; line_in_consume() goes on to the next.
 */
enum line_state line_in_peek(struct line_in *in, char **line, size_t *len);
void	 line_in_consume(struct line_in *in);

/*
 * Of the line that line_in_peek() returned, consume only the first max bytes
 * or fewer, between characters; the rest is the next line.  Only for a line_in
 * with split.  Returns the length that remains.
 */
size_t	 line_in_shorten(struct line_in *in, size_t max);

/* Set up out over buf, which the caller owns. */
void	 line_out_init(struct line_out *out, char *buf, size_t size);

/*
 * Bytes that wait to be written, and bytes that can be added now.  Inline,
 * since every record passes here for every client.
 */
static inline size_t
line_out_pending(const struct line_out *out)
{
	return out->end - out->start;
}

static inline size_t
line_out_left(const struct line_out *out)
{
	return out->size - line_out_pending(out);
}

/* Move what waits to the beginning, for line_out_space() only. */
void	 line_out_compact(struct line_out *out, size_t n);

/*
 * Where to write n bytes; line_out_added() then says how many were written.
 * The caller has checked that n is at most line_out_left().
 */
static inline char *
line_out_space(struct line_out *out, size_t n)
{
	if (out->size - out->end < n)
		line_out_compact(out, n);
	return out->buf + out->end;
}

static inline void
line_out_added(struct line_out *out, size_t n)
{
	out->end += n;
	assert(out->end <= out->size);
}

/* Discard what was added after the first n bytes that wait. */
void	 line_out_cut(struct line_out *out, size_t n);

/* Discard what waits to be written. */
void	 line_out_drop(struct line_out *out);

/*
 * Write once to fd what waits; the caller ignores SIGPIPE.  Returns what
 * write(2) does.
 */
ssize_t	 line_out_flush(struct line_out *out, int fd);

/*
 * The same with at most max bytes, whole lines if one of them fits: for pipes
 * and terminals, which poll(2) calls writable when they can accept some bytes,
 * and to which others may write as well.
 */
ssize_t	 line_out_flush_lines(struct line_out *out, int fd, size_t max);

#endif
