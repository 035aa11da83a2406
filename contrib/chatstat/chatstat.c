/* SPDX-License-Identifier: ISC */

/*
 * chatstat(1): shows a running room from outside.
 *
 * It maps the shared segment read-only and shows its contents: the ring's
 * head, the lock's holder, how far each session has read.  It acquires no lock
 * and wakes nobody, so the server does not notice it; for the same reason it
 * may read a slot while a session changes it, and show a wrong row once.  When
 * the server ends, the segment remains readable; once another server has
 * created a segment of that name, chatstat shows that one.
 */

#include <sys/ioctl.h>
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>

#include "contrib/chatstat/chatstat.h"
#include "ipc/common/bsd.h"
#include "ipc/bus/lock.h"
#include "ipc/bus/ring.h"
#include "ipc/bus/segment.h"
#include "ipc/bus/shm.h"
#include "ipc/common/option.h"
#include "ipc/common/text.h"

#define DEFAULT_PORT	"53000"
#define DEFAULT_PAUSE	2	/* s */
#define CLEAR		"\033[H\033[J"
#define ROWS		24	/* of a terminal of unknown size */
#define COLUMNS		80
#define HEAD_ROWS	6	/* all lines above and below the sessions' */
#define RATE_SIZE	48
#define LINE_SIZE	1024	/* of the longest, the lecture's bar */
#define TRIES		20	/* to see a segment that is being made */
#define TRY_MS		50
#define WIDE		97
#define NAME_WIDTH(wide)	((wide) ? 20 : 12)
#define ORIGIN_WIDTH(wide)	((wide) ? 20 : 13)

static size_t	columns = SIZE_MAX;	/* of the terminal, if it is one */

/* What the command line asks for. */
struct view {
	char	name[SHM_NAME_MAX];	/* of the room */
	int	pause;			/* s */
	bool	once, lecture, tabs;
};

struct look {
	uint64_t	at;	/* ms */
	uint64_t	head;
	uint64_t	seq;	/* of the next record */
};

static const char *
state_word(const struct slot *s)
{
	static const char *const words[] = { "free", "entering", "outside",
	    "present", "left", "replaced" };
	uint32_t state = atomic_load(&s->state);

	if (atomic_load(&s->lagging) && state == SLOT_PRESENT)
		return "lagging";
	return state < sizeof(words) / sizeof(words[0]) ? words[state] : "?";
}

static const char *
dialect_word(const struct slot *s)
{
	static const char *const words[] = { "plain", "tsv", "irc" };
	uint32_t dialect = atomic_load(&s->dialect);

	return dialect < sizeof(words) / sizeof(words[0]) ? words[dialect] :
	    "?";
}

static struct look
look_at(const struct bus *b)
{
	struct reader	r;
	struct look	l;

	ring_seek_head(b, &r);
	l.at = bus_now();
	l.head = r.cursor;
	l.seq = r.seq;
	return l;
}

/* What a number grows by, in text; nothing if it was seen only once. */
static const char *
rate(char text[RATE_SIZE], uint64_t now, uint64_t before, uint64_t ms,
    const char *unit)
{
	text[0] = '\0';
	if (ms != 0 && now >= before)
		(void)snprintf(text, RATE_SIZE, " (%.0f%s/s)",
		    (double)(now - before) * 1000 / (double)ms, unit);
	return text;
}

/* Count the sessions, and those with a name. */
static void
count(const struct bus *b, unsigned int *living, unsigned int *named)
{
	uint32_t i;

	*living = *named = 0;
	for (i = 0; i < b->slots; i++) {
		if (atomic_load(&b->slot[i].pid) != 0)
			++*living;
		if (atomic_load(&b->hash[i]) != 0)
			++*named;
	}
}

/*
 * Names and origins are cut between characters before this, so the rest is of
 * one column each.
 */
void
put_line(const char *fmt, ...)
{
	char	line[LINE_SIZE];
	va_list	ap;

	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	line[text_cut(line, strlen(line), columns)] = '\0';
	(void)puts(line);
}

static void
show_summary(const struct bus *b, const char *name, const struct look *now,
    const struct look *before)
{
	uint64_t	ms = now->at - before->at;
	unsigned int	living, named;
	char		bytes[RATE_SIZE], records[RATE_SIZE];

	count(b, &living, &named);
	put_line("room %s, parent %u%s: %u clients of %u, %u with a name",
	    name, b->segment->made_by, segment_is_claimed(b) ? "" : " (gone)",
	    living, b->segment->clients, named);
	put_line("ring %llu, head %llu%s, records %llu%s",
	    (unsigned long long)b->ring_size, (unsigned long long)now->head,
	    rate(bytes, now->head, before->head, ms, " bytes"),
	    (unsigned long long)now->seq - 1,
	    rate(records, now->seq, before->seq, ms, ""));
	show_lock(b);
}

char *
visible(char *dst, const char *src, size_t max)
{
	char	copy[BUS_ORIGIN_MAX];
	size_t	len;

	memcpy(copy, src, max);
	len = text_visible(dst, copy, strnlen(copy, max));
	dst[len] = '\0';
	for (; *dst != '\0'; dst++)
		if (*dst == '\t')
			*dst = '?';
	return dst - len;
}

void
show_lock(const struct bus *b)
{
	char		name[4 * TEXT_NAME_MAX + 1];
	char		holder[sizeof(name) + 32];
	pid_t		owner;
	uint32_t	i;

	(void)lock_hold(b, &owner);
	for (i = 0; i < b->slots; i++)
		if (atomic_load(&b->slot[i].pid) == owner)
			break;
	if (owner == 0)
		(void)strlcpy(holder, "free", sizeof(holder));
	else
		(void)snprintf(holder, sizeof(holder), "held by %d (%s)",
		    (int)owner, i == b->slots ? "no session" :
		    visible(name, b->slot[i].name, TEXT_NAME_MAX));
	put_line("lock %s, %u waiting; waker %d %s%s", holder,
	    atomic_load(&b->segment->waiting),
	    (int)atomic_load(&b->segment->waker),
	    atomic_load(&b->segment->waker_sleeps) ? "asleep" : "awake",
	    atomic_load(&b->segment->stopping) ? "; stopping" : "");
}

/* n in at most six characters. */
static const char *
short_number(char text[RATE_SIZE], uint64_t n)
{
	static const char	units[] = " kMGTPE";
	size_t			unit = 0;

	for (; n > 999999 || (unit > 0 && n > 99999); unit++)
		n /= 1000;
	(void)snprintf(text, RATE_SIZE, unit == 0 ? "%llu" : "%llu%c",
	    (unsigned long long)n, units[unit]);
	return text;
}

const char *
fit(char *text, int width)
{
	if (columns != SIZE_MAX)
		text[text_cut(text, strlen(text), (size_t)width)] = '\0';
	return text;
}

/* Print a session as a row of a table. */
static void
show_slot(const struct bus *b, uint32_t i, uint64_t head)
{
	const struct slot	*s = &b->slot[i];
	uint64_t		 cursor = atomic_load(&s->cursor);
	char			 name[4 * TEXT_NAME_MAX + 1];
	char			 origin[4 * BUS_ORIGIN_MAX + 1];
	char			 n[4][RATE_SIZE];
	bool			 wide = columns >= WIDE;

	(void)visible(name, s->name, TEXT_NAME_MAX);
	(void)visible(origin, s->origin, BUS_ORIGIN_MAX);
	put_line("%4u %7d %-*s %-*s %-8s %6s %6s %6s %4s %s", i,
	    (int)atomic_load(&s->pid), NAME_WIDTH(wide),
	    fit(name, NAME_WIDTH(wide)), ORIGIN_WIDTH(wide),
	    fit(origin, ORIGIN_WIDTH(wide)), state_word(s),
	    short_number(n[0], cursor < head ? head - cursor : 0),
	    short_number(n[1], atomic_load(&s->messages_in)),
	    short_number(n[2], atomic_load(&s->messages_out)),
	    short_number(n[3], atomic_load(&s->lost)), dialect_word(s));
}

/* The same in tab-separated fields. */
static void
show_fields(const struct bus *b, uint32_t i, uint64_t head)
{
	const struct slot	*s = &b->slot[i];
	uint64_t		 cursor = atomic_load(&s->cursor);
	char			 name[4 * TEXT_NAME_MAX + 1];
	char			 origin[4 * BUS_ORIGIN_MAX + 1];

	(void)printf(
	    "slot\t%u\t%d\t%s\t%s\t%s\t%llu\t%llu\t%llu\t%llu\t%s\n",
	    i, (int)atomic_load(&s->pid),
	    visible(name, s->name, TEXT_NAME_MAX),
	    visible(origin, s->origin, BUS_ORIGIN_MAX), state_word(s),
	    (unsigned long long)(cursor < head ? head - cursor : 0),
	    (unsigned long long)atomic_load(&s->messages_in),
	    (unsigned long long)atomic_load(&s->messages_out),
	    (unsigned long long)atomic_load(&s->lost), dialect_word(s));
}

/* Show no more than most sessions. */
static void
show_slots(const struct bus *b, uint64_t head, unsigned int most)
{
	bool		wide = columns >= WIDE;
	uint32_t	i;

	if (most > 0) {
		put_line("%s", "");
		put_line("%4s %7s %-*s %-*s %-8s %6s %6s %6s %4s %s", "SLOT",
		    "PID", NAME_WIDTH(wide), "NAME", ORIGIN_WIDTH(wide),
		    "ORIGIN", "STATE", "LAG", "IN", "OUT", "LOST", "DIALECT");
	}
	for (i = 0; i < b->slots && most > 0; i++)
		if (atomic_load(&b->slot[i].pid) != 0) {
			show_slot(b, i, head);
			most--;
		}
}

static void
show_tabs(const struct bus *b, const struct look *l)
{
	unsigned int	living, named;
	pid_t		owner;
	uint32_t	i;

	count(b, &living, &named);
	(void)lock_hold(b, &owner);
	(void)printf("room\t%u\t%u\t%u\t%u\t%llu\t%llu\t%llu\t%d\t%d\n",
	    b->segment->made_by, b->segment->clients, living, named,
	    (unsigned long long)b->ring_size, (unsigned long long)l->head,
	    (unsigned long long)l->seq - 1, (int)owner,
	    (int)atomic_load(&b->segment->waker));
	for (i = 0; i < b->slots; i++)
		if (atomic_load(&b->slot[i].pid) != 0)
			show_fields(b, i, l->head);
}

/*
 * Learn the terminal's width.  Returns its rows that are left beside the first
 * n; all if it is none.
 */
static unsigned int
measure(unsigned int n)
{
	struct winsize ws;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == -1)
		return UINT32_MAX;
	columns = ws.ws_col == 0 ? COLUMNS : ws.ws_col;
	if (ws.ws_row == 0)
		ws.ws_row = ROWS;
	return ws.ws_row > n ? ws.ws_row - n : 0;
}

/*
 * Show the room as it is now, and its rates since `before`; if it is shown
 * again, no more sessions than the terminal has rows for.
 */
static void
show(const struct bus *b, const struct view *v, const struct look *now,
    const struct look *before)
{
	unsigned int most = measure(v->lecture ? LECTURE_HEAD : HEAD_ROWS);

	if (v->once)
		most = UINT32_MAX;
	if (v->tabs) {
		show_tabs(b, now);
	} else if (v->lecture) {
		lecture_show(b, v->name, columns == SIZE_MAX ? COLUMNS :
		    (unsigned int)columns, most);
	} else {
		show_summary(b, v->name, now, before);
		show_slots(b, now->head, most);
	}
	if (fflush(stdout) == EOF)
		err(1, "standard output");
}

/* Show the room again and again, until the user presses Enter. */
static void
refresh(struct bus *b, const struct view *v)
{
	struct pollfd	pfd = { STDIN_FILENO, POLLIN, 0 };
	struct look	before = look_at(b), now;
	struct bus	newer;

	do {
		now = look_at(b);
		(void)fputs(CLEAR, stdout);
		show(b, v, &now, &before);
		before = now;
		if (poll(&pfd, 1, v->pause * 1000) == -1 && errno != EINTR)
			err(1, "poll");
		/* After the server's end only the old segment exists. */
		if (shm_view(&newer, v->name) == 0) {
			shm_view_end(b);
			*b = newer;
		}
	} while (pfd.revents == 0);
	/* Consume the key. */
	(void)tcflush(STDIN_FILENO, TCIFLUSH);
}

static const struct option_row rows[] = {
	{ '1', NULL, "show the room once" },
	{ 'h', NULL, "show this help" },
	{ 'l', NULL, "show what processes wait for, and the ring" },
	{ 's', "seconds", "look again after so many seconds" },
	{ 't', NULL, "write tab-separated fields, once" },
	{ 'V', NULL, "show the version" },
};

static const struct option_table table = { rows,
    sizeof(rows) / sizeof(rows[0]), "[port]", "chatstat(1)" };

static int
number(const char *what, const char *arg, int least, int most)
{
	const char	*error;
	int		 n = (int)strtonum(arg, least, most, &error);

	if (error != NULL)
		errx(2, "%s: \"%s\" is %s", what, arg, error);
	return n;
}

/* A server that starts has made its segment in a moment. */
static void
open_room(struct bus *b, const char *name)
{
	int i;

	for (i = 0; shm_view(b, name) == -1; i++) {
		if (errno != EINVAL)
			err(1, "cannot open the room: %s", name);
		if (i == TRIES)
			errx(1, "cannot open the room: %s: it is not of this "
			    "version, or its server does not finish its start",
			    name);
		(void)poll(NULL, 0, TRY_MS);
	}
}

static void
parse(struct view *v, int argc, char *argv[])
{
	int ch;

	while ((ch = option_next(&table, argc, argv)) != -1)
		switch (ch) {
		case '1':
			v->once = true;
			break;
		case 'h':
			option_help(&table, NULL);
		case 'l':
			v->lecture = true;
			break;
		case 's':
			v->pause = number("-s", optarg, 1, 3600);
			break;
		case 't':
			v->once = v->tabs = true;
			break;
		case 'V':
			option_version("chatstat");
		default:
			option_fail(&table);
		}
	argc -= optind;
	argv += optind;
	if (argc > 1 || (v->tabs && v->lecture))
		option_fail(&table);
	(void)snprintf(v->name, sizeof(v->name), "/chatserv.%d",
	    number("port", argc > 0 ? argv[0] : DEFAULT_PORT, 1, 65535));
}

int
main(int argc, char *argv[])
{
	struct view	v = { .once = isatty(STDOUT_FILENO) == 0,
	    .pause = DEFAULT_PAUSE };
	struct bus	b;
	struct look	now;

	parse(&v, argc, argv);
	open_room(&b, v.name);
	if (v.once) {
		now = look_at(&b);
		show(&b, &v, &now, &now);
	} else {
		refresh(&b, &v);
	}
	return 0;
}
