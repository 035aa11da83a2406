/*
 * Copyright (c) 2026 The chatserv authors
 *
 * Permission to use, copy, modify, and distribute this software for any
 * purpose with or without fee is hereby granted, provided that the above
 * copyright notice and this permission notice appear in all copies.
 *
 * THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES
 * WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF
 * MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR
 * ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES
 * WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN
 * ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF
 * OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.
 */

/*
 * What goes to standard output.
 *
 * Events in the plain form, with a time in front if one was asked for, or
 * the server's TSV as it came.  The room's server makes texts harmless
 * before it publishes them; here it is done once more, because the program
 * at the other end may be anything.
 *
 * Standard output may be a pipe that nobody reads for hours, and it may be
 * shared with other processes, so it is never made non-blocking: poll(2)
 * says when it takes something, and no write is longer than what it then is
 * sure to take.  Where an edit line is on the screen, it is erased before
 * anything is shown; who owns it draws it again.
 */

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "chatc/link.h"
#include "chatc/show.h"
#include "ipc/bsd.h"
#include "ipc/text.h"

#define TIME_MAX	256
#define NOTICE_MAX	1024

void
show_init(struct show *s, const struct options *opt)
{
	s->opt = opt;
	s->window = s->colour = s->erased = false;
	line_out_init(&s->out, s->buf, sizeof(s->buf));
}

bool
show_has_room(const struct show *s)
{
	return line_out_room(&s->out) >= 4 * LINK_LINE_MAX + TIME_MAX +
	    NOTICE_MAX;
}

static void
put(struct show *s, const char *bytes, size_t len)
{
	memcpy(line_out_space(&s->out, len), bytes, len);
	line_out_added(&s->out, len);
}

/* Take the edit line off the screen. */
static void
erase(struct show *s)
{
	if (s->window && !s->erased) {
		put(s, "\r\033[K", 4);
		s->erased = true;
	}
}

static void
put_time(struct show *s, uint64_t id)
{
	/* The format is the user's own; called so, no compiler doubts it. */
	size_t (*const	format)(char *, size_t, const char *,
			    const struct tm *) = strftime;
	char		text[TIME_MAX], clean[4 * TIME_MAX];
	struct tm	tm;
	time_t		when;
	size_t		len;

	when = id == 0 ? time(NULL) : (time_t)(id / 1000000);
	if (s->opt->format == NULL || localtime_r(&when, &tm) == NULL)
		return;
	if ((len = format(text, sizeof(text), s->opt->format, &tm)) == 0)
		return;
	put(s, clean, text_visible(clean, text, len));
	put(s, " ", 1);
}

/* Whether -q leaves this kind out. */
static bool
is_noise(enum event_kind kind)
{
	return kind == EVENT_JOIN || kind == EVENT_LEAVE ||
	    kind == EVENT_NAME || kind == EVENT_INFO || kind == EVENT_HELLO;
}

static void
put_plain(struct show *s, const struct event *ev)
{
	char	plain[LINK_LINE_MAX + 256];
	char	*d;
	size_t	len;

	len = event_plain(plain, ev) - 1;
	d = line_out_space(&s->out, 4 * len + 1);
	len = text_visible(d, plain, len);
	d[len] = '\n';
	line_out_added(&s->out, len + 1);
}

void
show_event(struct show *s, const struct event *ev, const char *line,
    size_t len)
{
	if (s->opt->quiet && is_noise(ev->kind))
		return;
	erase(s);
	if (s->opt->raw) {
		put(s, line, len);
		put(s, "\n", 1);
		return;
	}
	put_time(s, ev->id);
	put_plain(s, ev);
}

static void	tell(struct show *, enum event_kind, const char *, va_list)
		    __attribute__((format(printf, 3, 0)));

/* A line of our own, where people look for it. */
static void
tell(struct show *s, enum event_kind kind, const char *fmt, va_list ap)
{
	struct event	ev;
	char		text[NOTICE_MAX], clean[4 * NOTICE_MAX];
	size_t		len;

	(void)vsnprintf(text, sizeof(text), fmt, ap);
	len = text_visible(clean, text, strlen(text));
	if (!s->window) {
		warnx("%.*s", (int)len, clean);
		return;
	}
	memset(&ev, 0, sizeof(ev));
	ev.kind = kind;
	ev.name = "";
	ev.text = clean;
	ev.text_len = len;
	erase(s);
	put_time(s, 0);
	put_plain(s, &ev);
}

void
show_notice(struct show *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tell(s, EVENT_INFO, fmt, ap);
	va_end(ap);
}

void
show_error(struct show *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tell(s, EVENT_ERR, fmt, ap);
	va_end(ap);
}

/* Nobody reads any more: end as any filter does. */
static void
die_of_pipe(void)
{
	sigset_t set;

	(void)signal(SIGPIPE, SIG_DFL);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGPIPE);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
	(void)raise(SIGPIPE);
}

int
show_flush(struct show *s)
{
	if (line_out_flush_lines(&s->out, STDOUT_FILENO, PIPE_BUF) != -1 ||
	    errno == EINTR || errno == EAGAIN)
		return 0;
	if (errno == EPIPE)
		die_of_pipe();
	return -1;
}
