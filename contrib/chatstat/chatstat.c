/* SPDX-License-Identifier: ISC */

/*
 * chatstat(1): shows a running room from outside.
 *
 * It maps the shared segment read-only and shows its contents: the ring's head,
 * the lock's holder, how far each session has read.  It acquires no lock and
 * wakes nobody, so the server does not notice it; for the same reason it may
 * read a slot while a session changes it, and show a wrong row once.  When the
 * server ends, the segment stays readable; when another server creates a new
 * segment of that name, the next look shows it.
 */

#include <sys/ioctl.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>

#include "contrib/chatstat/chatstat.h"
#include "ipc/common/bsd.h"
#include "ipc/bus/lock.h"
#include "ipc/bus/ring.h"
#include "ipc/bus/shm.h"
#include "ipc/common/option.h"
#include "ipc/common/text.h"

#define DEFAULT_PORT	"53000"
#define DEFAULT_PAUSE	2	/* s */
#define CLEAR		"\033[H\033[J"
#define ROWS		24	/* of a terminal of unknown size */
#define COLUMNS		80

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

static double
per_second(uint64_t now, uint64_t before, uint64_t ms)
{
	return ms == 0 || now < before ? 0 :
	    (double)(now - before) * 1000 / (double)ms;
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

static void
show_summary(const struct bus *b, const char *name, const struct look *now,
    const struct look *before)
{
	uint64_t	ms = now->at - before->at;
	unsigned int	living, named;
	pid_t		owner;

	count(b, &living, &named);
	(void)lock_hold(b, &owner);
	(void)printf("room %s, parent %u: %u clients of %u, %u with a name\n",
	    name, b->segment->made_by, living, b->segment->clients, named);
	(void)printf("ring of %llu bytes, head %llu (%.0f bytes/s), "
	    "%llu records (%.0f/s)\n", (unsigned long long)b->ring_size,
	    (unsigned long long)now->head,
	    per_second(now->head, before->head, ms),
	    (unsigned long long)now->seq - 1,
	    per_second(now->seq, before->seq, ms));
	if (owner == 0)
		(void)printf("lock free");
	else
		(void)printf("lock held by %d", (int)owner);
	(void)printf(", %u waiting; waker %d %s%s\n",
	    atomic_load(&b->segment->waiting),
	    (int)atomic_load(&b->segment->waker),
	    atomic_load(&b->segment->waker_sleeps) ? "asleep" : "awake",
	    atomic_load(&b->segment->stopping) ? "; stopping" : "");
}

const char *
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

/* Print a session as a row of a table, or as tab-separated fields. */
static void
show_slot(const struct bus *b, uint32_t i, uint64_t head, bool tabs)
{
	const struct slot	*s = &b->slot[i];
	uint64_t		 cursor = atomic_load(&s->cursor);
	uint64_t		 lag = cursor < head ? head - cursor : 0;
	char			 name[4 * TEXT_NAME_MAX + 1];
	char			 origin[4 * BUS_ORIGIN_MAX + 1];

	(void)printf(tabs ?
	    "slot\t%u\t%d\t%s\t%s\t%s\t%llu\t%llu\t%llu\t%llu\t%s\n" :
	    "%5u %7d %-16s %-20s %-8s %9llu %9llu %9llu %6llu %s\n",
	    i, (int)atomic_load(&s->pid),
	    visible(name, s->name, TEXT_NAME_MAX),
	    visible(origin, s->origin, BUS_ORIGIN_MAX), state_word(s),
	    (unsigned long long)lag,
	    (unsigned long long)atomic_load(&s->messages_in),
	    (unsigned long long)atomic_load(&s->messages_out),
	    (unsigned long long)atomic_load(&s->lost), dialect_word(s));
}

static void
show_slots(const struct bus *b, uint64_t head, bool tabs, unsigned int most)
{
	uint32_t i;

	if (!tabs)
		(void)printf("\n%5s %7s %-16s %-20s %-8s %9s %9s %9s %6s %s\n",
		    "SLOT", "PID", "NAME", "ORIGIN", "STATE", "LAG", "IN",
		    "OUT", "LOST", "DIALECT");
	for (i = 0; i < b->slots && most > 0; i++)
		if (atomic_load(&b->slot[i].pid) != 0) {
			show_slot(b, i, head, tabs);
			most--;
		}
}

static void
show_tabs(const struct bus *b, const struct look *l)
{
	unsigned int	living, named;
	pid_t		owner;

	count(b, &living, &named);
	(void)lock_hold(b, &owner);
	(void)printf("room\t%u\t%u\t%u\t%u\t%llu\t%llu\t%llu\t%d\t%d\n",
	    b->segment->made_by, b->segment->clients, living, named,
	    (unsigned long long)b->ring_size, (unsigned long long)l->head,
	    (unsigned long long)l->seq - 1, (int)owner,
	    (int)atomic_load(&b->segment->waker));
	show_slots(b, l->head, true, UINT32_MAX);
}

/* The terminal's size. */
static struct winsize
terminal_size(void)
{
	struct winsize ws;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == -1 || ws.ws_row == 0 ||
	    ws.ws_col == 0) {
		ws.ws_row = ROWS;
		ws.ws_col = COLUMNS;
	}
	return ws;
}

/* Its rows that are left for slots below the first n. */
static unsigned int
rows_left(unsigned int n)
{
	unsigned int rows = terminal_size().ws_row;

	return rows > n + 1 ? rows - n : 1;
}

/* Show the room again and again, until the user presses Enter. */
static void
refresh(struct bus *b, const char *name, int pause_ms, bool lecture)
{
	struct pollfd	pfd = { STDIN_FILENO, POLLIN, 0 };
	struct look	before = look_at(b), now;
	struct bus	newer;

	do {
		now = look_at(b);
		(void)fputs(CLEAR, stdout);
		if (lecture) {
			lecture_show(b, name, terminal_size().ws_col,
			    rows_left(LECTURE_HEAD));
		} else {
			show_summary(b, name, &now, &before);
			show_slots(b, now.head, false, rows_left(6));
		}
		if (fflush(stdout) == EOF)
			err(1, "standard output");
		before = now;
		if (poll(&pfd, 1, pause_ms) == -1 && errno != EINTR)
			err(1, "poll");
		/* After the server's end only the old segment exists. */
		if (shm_view(&newer, name) == 0) {
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

int
main(int argc, char *argv[])
{
	struct bus	b;
	struct look	now;
	char		name[SHM_NAME_MAX];
	bool		once = isatty(STDOUT_FILENO) == 0, tabs = false;
	bool		lecture = false;
	int		ch, pause = DEFAULT_PAUSE;

	if (argc > 1 && strcmp(argv[1], "--help") == 0)
		option_help(&table, NULL);
	while ((ch = getopt(argc, argv, option_letters(&table))) != -1)
		switch (ch) {
		case '1':
			once = true;
			break;
		case 'h':
			option_help(&table, NULL);
		case 'l':
			lecture = true;
			break;
		case 's':
			pause = number("-s", optarg, 1, 3600);
			break;
		case 't':
			once = tabs = true;
			break;
		case 'V':
			option_version("chatstat");
		default:
			option_fail(&table);
		}
	argc -= optind;
	argv += optind;
	if (argc > 1 || (tabs && lecture))
		option_fail(&table);
	(void)snprintf(name, sizeof(name), "/chatserv.%d",
	    number("port", argc > 0 ? argv[0] : DEFAULT_PORT, 1, 65535));
	if (shm_view(&b, name) == -1)
		err(1, "cannot open the room: %s", name);
	now = look_at(&b);
	if (tabs) {
		show_tabs(&b, &now);
	} else if (once && lecture) {
		lecture_show(&b, name, terminal_size().ws_col, UINT32_MAX);
	} else if (once) {
		show_summary(&b, name, &now, &now);
		show_slots(&b, now.head, false, UINT32_MAX);
	} else {
		refresh(&b, name, pause * 1000, lecture);
	}
	if (fflush(stdout) == EOF)
		err(1, "standard output");
	return 0;
}
