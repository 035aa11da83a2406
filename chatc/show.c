/* SPDX-License-Identifier: ISC */

/*
 * What goes to standard output.
 *
 * Events in the plain form, with a time in front if the user asked for one, or
 * the server's TSV as it arrived.  The server makes texts harmless before it
 * publishes them; chatc does so again, because the program at the other end
 * may be anything.
 *
 * Standard output may be a pipe that nobody reads for hours, and may be shared
 * with other processes, so it is never made non-blocking: poll(2) says when
 * there is space, and no write is longer than what then surely fits.  A
 * terminal is opened a second time instead, since it may have space for one
 * byte and not for two.  If an edit line is on the screen, it is erased before
 * anything is shown; its owner draws it again.
 */

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "chatc/json.h"
#include "chatc/show.h"
#include "chatc/term.h"
#include "ipc/common/bsd.h"
#include "ipc/common/text.h"

#define TIME_MAX	((size_t)256)
#define NOTICE_MAX	1024
#define PLAIN_MAX	(CHATC_LINE_MAX + 256)
#define EVENT_MAX	(WRAP_MAX(PLAIN_MAX + TIME_MAX) + 64)
#define NOTICE_SPACE	(WRAP_MAX(NOTICE_MAX + TIME_MAX) + 64)
#define BEHIND		1024	/* bytes that a terminal shows at once */

#define BRIGHT		"\033[1m"
#define DIM		"\033[2m"
#define NO_COLOUR	"\033[0m"
#define OVERWRITE	"\033[?7l"	/* at the right edge, */
#define GO_ON		"\033[?7h"	/* or in the next row */

void
show_init(struct show *s, const struct options *opt)
{
	s->opt = opt;
	s->window = s->erased = false;
	s->colour = term_has_colour();
	s->terminal = isatty(STDOUT_FILENO) == 1;
	s->fd = term_output();
	s->blocks = s->fd == STDOUT_FILENO;
	s->wrap.ascii = s->terminal && !term_shows_utf8();
	s->format = opt->format;
	if (s->format == NULL && s->terminal)
		s->format = "%H:%M";
	line_out_init(&s->out, s->buf, sizeof(s->buf));
}

bool
show_has_space(const struct show *s)
{
	/* A notice may accompany an event. */
	return line_out_left(&s->out) >= EVENT_MAX + 3 * NOTICE_SPACE;
}

bool
show_has_notice_space(const struct show *s)
{
	return line_out_left(&s->out) >= 2 * NOTICE_SPACE;
}

bool
show_is_behind(const struct show *s)
{
	return line_out_pending(&s->out) > BEHIND;
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

/*
 * Format the time as the user wants it, without a NUL; 0 if that is
 * impossible.
 */
static size_t
format_time(char text[TIME_MAX + 1], const char *format, time_t when)
{
	/*
	 * The format is the user's own: strftime() by this name avoids the
	 * warning.
	 */
	size_t (*const	convert)(char *, size_t, const char *,
			    const struct tm *) = strftime;
	struct tm	tm;

	if (localtime_r(&when, &tm) == NULL)
		return 0;
	return convert(text, TIME_MAX + 1, format, &tm);
}

const char *
show_format_error(const char *format)
{
	char	text[TIME_MAX + 1], clean[4 * TIME_MAX];
	size_t	len;

	if (format[0] == '\0')
		return "is empty";
	/* The longest names of months and days, and numbers of two digits. */
	if ((len = format_time(text, format, 1758722399)) == 0)
		return "makes nothing, or more than 255 bytes";
	if (text_visible(clean, text, len) != len)
		return "makes more than one line of text";
	return NULL;
}

/* Whether -q hides this kind. */
static bool
is_noise(const struct show *s, enum event_kind kind)
{
	/* In a window, the user asked and wants to see the answer. */
	if (kind == EVENT_WHO || kind == EVENT_BYE)
		return !s->window;
	return kind == EVENT_JOIN || kind == EVENT_LEAVE ||
	    kind == EVENT_NAME || kind == EVENT_INFO || kind == EVENT_HELLO ||
	    kind == EVENT_ROOM;
}

/* Put printable text into the current row. */
static void
put_text(struct show *s, const char *text, size_t len)
{
	char *d = line_out_space(&s->out, WRAP_MAX(len));

	line_out_added(&s->out, wrap_put(&s->wrap, d, text, len));
}

/* Text made harmless again, in a colour or, with "", without. */
static void
put_visible(struct show *s, const char *colour, const char *text, size_t len)
{
	static char visible[4 * PLAIN_MAX];

	show_put(s, colour, strlen(colour));
	put_text(s, visible, text_visible(visible, text, len));
	if (colour[0] != '\0')
		show_put(s, NO_COLOUR, sizeof(NO_COLOUR) - 1);
}

static void
put_time(struct show *s, uint64_t id)
{
	char	text[TIME_MAX + 1];
	time_t	when = id == 0 ? time(NULL) : (time_t)(id / 1000000);
	size_t	len;

	if (s->format == NULL)
		return;
	if ((len = format_time(text, s->format, when)) == 0)
		return;
	put_visible(s, "", text, len);
	put_visible(s, "", " ", 1);
}

/* The colour of a name, the same always and everywhere. */
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

/* Messages with their sender's name in colour, other events dimmed. */
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
}

/*
 * Begin and end a line.  The terminal may disagree about the width of what is
 * not ASCII; then that must at least not begin a row of its own.
 */
static void
begin_line(struct show *s)
{
	show_erase(s);
	s->wrap.columns = s->terminal ? term_columns() : 0;
	s->wrap.at = 0;
	if (s->window)
		show_put(s, OVERWRITE, sizeof(OVERWRITE) - 1);
}

static void
end_line(struct show *s)
{
	if (s->window)
		show_put(s, GO_ON, sizeof(GO_ON) - 1);
	show_put(s, "\n", 1);
}

void
show_event(struct show *s, const struct event *ev, const char *line,
    size_t len)
{
	char *d;

	if (s->opt->silent || (s->opt->quiet && is_noise(s, ev->kind)))
		return;
	begin_line(s);
	if (s->opt->json) {
		d = line_out_space(&s->out, JSON_MAX(CHATC_LINE_MAX));
		line_out_added(&s->out, json_event(d, ev));
	} else if (!s->opt->raw) {
		put_time(s, ev->id);
		put_plain(s, ev);
	} else if (s->terminal) {
		put_visible(s, "", line, len);
	} else {
		show_put(s, line, len);
	}
	end_line(s);
}

static void	tell(struct show *, enum event_kind, const char *, va_list)
		    __attribute__((format(printf, 3, 0)));

/* A line of our own, where people look for it. */
static void
tell(struct show *s, enum event_kind kind, const char *fmt, va_list ap)
{
	struct event	ev;
	char		text[NOTICE_MAX / 4], clean[NOTICE_MAX];
	size_t		len;

	(void)vsnprintf(text, sizeof(text), fmt, ap);
	len = text_visible(clean, text, strlen(text));
	if (!s->window) {
		warnx("%.*s", (int)len, clean);
		return;
	}
	if (line_out_left(&s->out) < NOTICE_SPACE)
		return;
	memset(&ev, 0, sizeof(ev));
	ev.kind = kind;
	ev.name = "";
	ev.text = clean;
	ev.text_len = len;
	begin_line(s);
	put_time(s, 0);
	put_plain(s, &ev);
	end_line(s);
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

_Noreturn void
show_die_of_pipe(void)
{
	sigset_t set;

	(void)signal(SIGPIPE, SIG_DFL);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGPIPE);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
	(void)raise(SIGPIPE);
	/* SIGPIPE does not end the first process of a container. */
	_exit(128 + SIGPIPE);
}

int
show_flush(struct show *s)
{
	ssize_t n;

	if (!s->blocks)
		n = line_out_flush(&s->out, s->fd);
	else
		n = line_out_flush_lines(&s->out, s->fd, s->terminal ? 1 :
		    PIPE_BUF);
	if (n != -1 || errno == EINTR || errno == EAGAIN)
		return 0;
	if (errno == EPIPE)
		show_die_of_pipe();
	return -1;
}
