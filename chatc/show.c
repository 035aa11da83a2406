/* SPDX-License-Identifier: ISC */

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
#include "chatc/term.h"
#include "ipc/common/bsd.h"
#include "ipc/common/text.h"

#define TIME_MAX	((size_t)256)
#define NOTICE_MAX	1024
#define PLAIN_MAX	(LINK_LINE_MAX + 256)
#define EVENT_MAX	(4 * (PLAIN_MAX + TIME_MAX) + 64)

#define BRIGHT		"\033[1m"
#define DIM		"\033[2m"
#define NO_COLOUR	"\033[0m"

void
show_init(struct show *s, const struct options *opt)
{
	s->opt = opt;
	s->window = s->erased = false;
	s->colour = term_has_colour();
	s->format = opt->format;
	if (s->format == NULL && isatty(STDOUT_FILENO) == 1)
		s->format = "%H:%M";
	line_out_init(&s->out, s->buf, sizeof(s->buf));
}

bool
show_has_room(const struct show *s)
{
	/* An event may come with a notice about it. */
	return line_out_left(&s->out) >= 2 * EVENT_MAX;
}

void
show_put(struct show *s, const char *bytes, size_t len)
{
	memcpy(line_out_space(&s->out, len), bytes, len);
	line_out_added(&s->out, len);
}

void
show_erase(struct show *s)
{
	if (s->window && !s->erased) {
		show_put(s, "\r\033[K", 4);
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
	if (s->format == NULL || localtime_r(&when, &tm) == NULL)
		return;
	if ((len = format(text, sizeof(text), s->format, &tm)) == 0)
		return;
	show_put(s, clean, text_visible(clean, text, len));
	show_put(s, " ", 1);
}

/* Whether -q leaves this kind out. */
static bool
is_noise(enum event_kind kind)
{
	return kind == EVENT_JOIN || kind == EVENT_LEAVE ||
	    kind == EVENT_NAME || kind == EVENT_INFO || kind == EVENT_HELLO ||
	    kind == EVENT_ROOM;
}

/* Text made harmless once more, in a colour or, with "", without. */
static void
put_visible(struct show *s, const char *colour, const char *text, size_t len)
{
	char *d;

	show_put(s, colour, strlen(colour));
	d = line_out_space(&s->out, 4 * len);
	line_out_added(&s->out, text_visible(d, text, len));
	if (colour[0] != '\0')
		show_put(s, NO_COLOUR, sizeof(NO_COLOUR) - 1);
}

/* The colour that a name has always and everywhere. */
static const char *
colour_of(const char *name, size_t len)
{
	static const char *const colours[] = { "\033[31m", "\033[32m",
	    "\033[33m", "\033[34m", "\033[35m", "\033[36m", "\033[91m",
	    "\033[92m", "\033[93m", "\033[94m", "\033[95m", "\033[96m" };
	uint32_t	hash = 2166136261U;
	size_t		i;

	for (i = 0; i < len && name[i] != '>'; i++)
		hash = (hash ^ (unsigned char)name[i]) * 16777619U;
	return colours[(hash >> 8) % (sizeof(colours) / sizeof(colours[0]))];
}

/* Messages with their sender's name in colour, the rest less bright. */
static void
put_plain(struct show *s, const struct event *ev)
{
	char	plain[PLAIN_MAX];
	size_t	len, at;

	len = event_plain(plain, ev) - 1;
	if (!s->colour) {
		put_visible(s, "", plain, len);
	} else if (ev->kind == EVENT_ERR) {
		put_visible(s, BRIGHT, plain, len);
	} else if (ev->kind != EVENT_MSG && ev->kind != EVENT_PRIV &&
	    ev->kind != EVENT_ME) {
		put_visible(s, DIM, plain, len);
	} else {
		at = ev->kind == EVENT_ME ? 2 : 1;
		put_visible(s, "", plain, at);
		put_visible(s, colour_of(ev->name, ev->name_len), plain + at,
		    ev->name_len);
		at += ev->name_len;
		put_visible(s, "", plain + at, len - at);
	}
	show_put(s, "\n", 1);
}

void
show_event(struct show *s, const struct event *ev, const char *line,
    size_t len)
{
	if (s->opt->quiet && is_noise(ev->kind))
		return;
	show_erase(s);
	if (s->opt->raw) {
		show_put(s, line, len);
		show_put(s, "\n", 1);
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
	if (line_out_left(&s->out) < EVENT_MAX)
		return;
	memset(&ev, 0, sizeof(ev));
	ev.kind = kind;
	ev.name = "";
	ev.text = clean;
	ev.text_len = len;
	show_erase(s);
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

void
show_die_of_pipe(void)
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
		show_die_of_pipe();
	return -1;
}
