/* SPDX-License-Identifier: ISC */

/*
 * Fifty clients that talk, listen, fail and reconnect, and the law that holds
 * nevertheless.
 *
 *	soak seed clients host port
 *
 * Until end of file on standard input they send texts with a number and a
 * checksum, and at random they are reset, closed, half-closed or frozen; half
 * of those that reconnect ask for what they missed.  The caller kills and
 * stops the server's processes meanwhile.
 *
 * Client 0 is the witness, which only reads, at once, and whose session the
 * caller spares.  It is shown exactly what was published.  For every other
 * reader, at every single line, the line is the next in the witness's
 * transcript after as many as the reader was told it has lost.  That is the
 * conservation law; it includes order, wholeness, and that nothing comes twice.
 *
 * After the end of the input every client reconnects and gets the last
 * message; then the program prints its figures, and how often the law was
 * broken, which is also the exit status.
 */

#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ipc/common/bsd.h"
#include "ipc/common/event.h"
#include "ipc/common/line.h"

#define CLIENTS_MAX	1000
#define LINE_MAX_SHOWN	20000
#define IN_SIZE		((size_t)64 << 10)
#define OUT_SIZE	((size_t)16 << 10)
#define WINDOW		16	/* sent and not yet echoed */
#define TICK_MS		5
#define AGAIN_MS	50	/* until the next try to connect */
#define STAY_MS		UINT64_C(4000)	/* without harm, at most */
#define FREEZE_MS	2500	/* at most */
#define PATIENCE_MS	60000	/* for the end */
#define TEXTS_A_SECOND	3000
#define RESUME_MAX	2000	/* records; the index of a small ring ends */
#define SHOWN		20	/* breaches of the law that are printed */

enum state { DOWN, COMING, IN, LEAVING };

/* What a reader was shown: a record, and how many it missed before it. */
struct shown {
	uint64_t	id;
	uint64_t	lost;
	uint32_t	sum;
	bool		first;	/* of a stay that did not resume another */
};

struct client {
	enum state	 state;
	int		 fd;
	uint64_t	 again;		/* when to connect */
	uint64_t	 harm;		/* when something will befall it */
	uint64_t	 frozen;	/* reads nothing until then; 0: reads */
	struct line_in	 in;
	struct line_out	 out;
	unsigned int	 stay;
	unsigned int	 said, heard;	/* numbers of its own texts */
	bool		 lossless;	/* this stay, so far */
	uint64_t	 lost;		/* since the last record */
	uint64_t	 last_id;
	bool		 first;
	struct shown	*queue;		/* not yet found there */
	size_t		 queued, checked, room;
	size_t		 at;		/* in the transcript */
	unsigned int	*text;		/* the last one in it, of each stay */
	size_t		 texts;
};

/* The witness's transcript. */
struct entry {
	uint64_t	 id;
	uint32_t	 sum;
};

static struct client		 client[CLIENTS_MAX];
static int			 clients;
static struct entry		*transcript;
static size_t			 written, transcript_space;
static uint64_t			 last_text;	/* the witness's own */
static uint64_t			 shown_all, lost_all, unanchored, stays, ends;
static unsigned int		 breaches;
static uint64_t			 random_state;
static struct sockaddr_in	 server;
static bool			 finishing;	/* no more harm */
static bool			 over;		/* nobody reconnects */

static uint64_t
now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* Marsaglia's xorshift: the same for the same seed, everywhere. */
static uint64_t
draw(uint64_t below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return below == 0 ? 0 : (random_state >> 11) % below;
}

static uint32_t
checksum(const char *s, size_t len)
{
	uint32_t	sum = 2166136261U;	/* FNV-1a */
	size_t		i;

	for (i = 0; i < len; i++)
		sum = (sum ^ (unsigned char)s[i]) * 16777619U;
	return sum;
}

static void *
grow(void *p, size_t used, size_t *room, size_t size)
{
	if (used < *room)
		return p;
	*room = *room == 0 ? 1024 : *room * 2;
	if ((p = realloc(p, *room * size)) == NULL)
		err(1, "no memory");
	return p;
}

static int
number(const struct client *c)
{
	return (int)(c - client);
}

static void __attribute__((format(printf, 2, 3)))
breach(const struct client *c, const char *fmt, ...)
{
	va_list ap;

	if (breaches++ >= SHOWN)
		return;
	(void)printf("client %d, stay %u: ", number(c), c->stay);
	va_start(ap, fmt);
	(void)vprintf(fmt, ap);
	va_end(ap);
	(void)printf("\n");
}

/* ---- the law ---- */

static void
write_down(uint64_t id, uint32_t sum)
{
	transcript = grow(transcript, written, &transcript_space,
	    sizeof(*transcript));
	transcript[written].id = id;
	transcript[written++].sum = sum;
}

static bool
look_up(uint64_t id, size_t *at)
{
	size_t low = 0, high = written, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (transcript[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	*at = low;
	return low < written && transcript[low].id == id;
}

/* Compare one event that c was shown with the witness's transcript. */
static void
check(struct client *c, const struct shown *s)
{
	if (s->first) {
		unanchored += s->lost;
		if (!look_up(s->id, &c->at))
			breach(c, "%llu was never published",
			    (unsigned long long)s->id);
		return;
	}
	lost_all += s->lost;
	c->at += (size_t)s->lost + 1;
	if (c->at < written && transcript[c->at].id == s->id &&
	    transcript[c->at].sum == s->sum)
		return;
	breach(c, "%llu is not what follows after %llu lost",
	    (unsigned long long)s->id, (unsigned long long)s->lost);
	(void)look_up(s->id, &c->at);
}

static void
check_all(struct client *c)
{
	while (c->checked < c->queued && written > 0 &&
	    c->queue[c->checked].id <= transcript[written - 1].id)
		check(c, &c->queue[c->checked++]);
	if (c->checked == c->queued)
		c->checked = c->queued = 0;
}

/* ---- what is received ---- */

/*
 * Check that text n is the next of a stay.  Of two stays the older may speak
 * last: its process was stopped.
 */
static void
check_order(unsigned long from, unsigned long stay, unsigned long n)
{
	struct client	*c = &client[from];
	size_t		 before = c->texts;

	if (stay > c->stay)
		return;
	while (c->texts <= stay)
		c->text = grow(c->text, stay, &c->texts, sizeof(*c->text));
	if (c->texts > before)
		memset(c->text + before, 0,
		    (c->texts - before) * sizeof(*c->text));
	if (n <= c->text[stay])
		breach(c, "text %lu of stay %lu comes after %u", n, stay,
		    c->text[stay]);
	c->text[stay] = (unsigned int)n;
}

/* A text: its sender, that one's stay, a number, filling, a checksum. */
static void
take_text(struct client *c, const struct event *ev)
{
	char		 copy[64], *end;
	unsigned long	 from, stay, n, sum;
	size_t		 body;

	if (ev->text_len < 10 || ev->text_len > LINE_TEXT_MAX) {
		breach(c, "a text of %zu bytes", ev->text_len);
		return;
	}
	body = ev->text_len - 9;
	(void)strlcpy(copy, ev->text + body, 10);
	sum = strtoul(copy, NULL, 16);
	if (checksum(ev->text, body) != sum)
		breach(c, "a text that is not whole: %.*s", (int)ev->text_len,
		    ev->text);
	(void)strlcpy(copy, ev->text, sizeof(copy));
	from = strtoul(copy, &end, 10);
	stay = strtoul(end, &end, 10);
	n = strtoul(end, NULL, 10);
	if (from >= (unsigned long)clients)
		return;
	if (from == (unsigned long)number(c) && n > c->heard)
		c->heard = (unsigned int)n;
	if (c != client)
		return;
	check_order(from, stay, n);
	if (from == 0)
		last_text = ev->id;
}

static void
take_record(struct client *c, const struct event *ev, const char *line,
    size_t len)
{
	struct shown s = { ev->id, c->lost, checksum(line, len), c->first };

	if (ev->id <= c->last_id)
		breach(c, "%llu after %llu", (unsigned long long)ev->id,
		    (unsigned long long)c->last_id);
	c->last_id = ev->id;
	c->lost = 0;
	c->first = false;
	shown_all++;
	if (ev->kind == EVENT_MSG)
		take_text(c, ev);
	if (c == client) {
		if (s.lost > 0)
			breach(c, "the witness lost %llu between %llu and %llu",
			    (unsigned long long)s.lost,
			    written == 0 ? 0ULL :
			    (unsigned long long)transcript[written - 1].id,
			    (unsigned long long)s.id);
		write_down(s.id, s.sum);
		return;
	}
	c->queue = grow(c->queue, c->queued, &c->room, sizeof(*c->queue));
	c->queue[c->queued++] = s;
}

static void
take_bye(struct client *c, const struct event *ev)
{
	ends++;
	if (c->state == LEAVING && c->lossless && c->heard < c->said &&
	    ev->text_len == 4 && memcmp(ev->text, "quit", 4) == 0)
		breach(c, "said %u, but heard only %u before the bye",
		    c->said, c->heard);
}

static void
take_line(struct client *c, const char *line, size_t len)
{
	struct event	ev;
	char		digits[24];

	if (event_parse(&ev, line, len) == -1) {
		if (c->state == COMING)	/* greeted in the plain form */
			return;
		breach(c, "cannot read: %.*s", (int)len, line);
	} else if (ev.id != 0) {
		take_record(c, &ev, line, len);
	} else if (ev.kind == EVENT_HELLO) {
		if (c->state == COMING)
			c->state = IN;
	} else if (ev.kind == EVENT_LOST) {
		(void)strlcpy(digits, ev.text, ev.text_len < sizeof(digits) ?
		    ev.text_len + 1 : sizeof(digits));
		c->lost += strtoull(digits, NULL, 10);
		c->lossless = false;
		c->heard = c->said;	/* for all it can know */
	} else if (ev.kind == EVENT_BYE) {
		take_bye(c, &ev);
	} else if (ev.kind == EVENT_ERR) {
		breach(c, "refused: %.*s", (int)len, line);
	}
}

/* ---- a client's life ---- */

static void
cut(struct client *c, bool reset)
{
	struct linger hard = { 1, 0 };

	if (c->state == DOWN)
		return;
	if (reset)
		(void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &hard,
		    sizeof(hard));
	(void)close(c->fd);
	c->state = DOWN;
	c->again = now() + AGAIN_MS;
	c->frozen = 0;
	c->lost = 0;		/* it is told again, or starts over */
	c->first = c->last_id == 0 || (c != client && draw(2) == 0);
}

static void __attribute__((format(printf, 2, 3)))
say(struct client *c, const char *fmt, ...)
{
	va_list	 ap;
	char	*space = line_out_space(&c->out, LINE_TEXT_MAX + 2);
	int	 n;

	va_start(ap, fmt);
	n = vsnprintf(space, LINE_TEXT_MAX + 2, fmt, ap);
	va_end(ap);
	line_out_added(&c->out, (size_t)n);
}

/*
 * Whether c can ask for what followed its last record.  The server can count
 * lost records only as far back as its index goes.
 */
static bool
can_resume(const struct client *c)
{
	size_t at;

	return !c->first && (c == client ||
	    (look_up(c->last_id, &at) && written - at < RESUME_MAX));
}

static void
come(struct client *c)
{
	if ((c->fd = socket(AF_INET, SOCK_STREAM, 0)) == -1 ||
	    fcntl(c->fd, F_SETFL, O_NONBLOCK) == -1)
		err(1, "socket");
	c->state = COMING;
	c->first = !can_resume(c);
	c->harm = now() + draw(STAY_MS);
	c->stay++;
	stays++;
	c->heard = c->said;
	c->lossless = true;
	line_in_init(&c->in, c->in.buf, IN_SIZE, LINE_MAX_SHOWN, false);
	line_out_init(&c->out, c->out.buf, OUT_SIZE);
	if (connect(c->fd, (struct sockaddr *)&server, sizeof(server)) == -1 &&
	    errno != EINPROGRESS)
		cut(c, false);
	say(c, "!tsv\n");
	if (!c->first)
		say(c, "!since %llu\n", (unsigned long long)c->last_id);
	if (c == client)
		say(c, "witness\n");
	else
		say(c, "c%d-%u\n", number(c), c->stay);
}

/* A connection's last bytes may be half a line: drop that. */
static void
take(struct client *c)
{
	enum line_state	 state;
	char		*line;
	size_t		 len;
	ssize_t		 n = line_in_fill(&c->in, c->fd);

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		cut(c, false);
		return;
	}
	while ((state = line_in_peek(&c->in, &line, &len)) != LINE_NONE) {
		if (state == LINE_TOO_LONG)
			breach(c, "a line without end");
		else
			take_line(c, line, len);
		line_in_consume(&c->in);
	}
}

static void
say_text(struct client *c)
{
	char	text[LINE_TEXT_MAX];
	size_t	len, fill = draw(20) == 0 ? draw(3000) : draw(120);

	len = (size_t)snprintf(text, sizeof(text), "%d %u %u ", number(c),
	    c->stay, ++c->said);
	while (fill-- > 0)
		text[len++] = (char)('a' + draw(26));
	text[len] = '\0';
	say(c, "%s %08x\n", text, checksum(text, len));
}

/* Do it some harm, now and then. */
static void
harm(struct client *c)
{
	c->harm = now() + draw(STAY_MS);
	switch (draw(10)) {
	case 0:
	case 1:
		cut(c, true);
		break;
	case 2:
	case 3:
		cut(c, false);
		break;
	case 4:
	case 5:
		c->state = LEAVING;	/* by a half-close; see leave() */
		break;
	case 6:
		say(c, "!quit\n");
		c->state = LEAVING;
		break;
	default:
		c->frozen = now() + draw(FREEZE_MS);
		break;
	}
}

static void
flush(struct client *c)
{
	if (line_out_pending(&c->out) > 0 &&
	    line_out_flush(&c->out, c->fd) == -1 && errno != EAGAIN &&
	    errno != EINTR && errno != ENOTCONN)
		line_out_init(&c->out, c->out.buf, OUT_SIZE);
	if (c->state == LEAVING && line_out_pending(&c->out) == 0)
		(void)shutdown(c->fd, SHUT_WR);
}

/* ---- the round ---- */

static void
look_after(struct client *c)
{
	if (c->frozen != 0 && (finishing || now() >= c->frozen))
		c->frozen = 0;
	if (c->state == DOWN && !over && now() >= c->again &&
	    (c == client || client[0].state == IN))
		come(c);
	else if (c->state == IN && c != client && !finishing &&
	    now() >= c->harm)
		harm(c);
	check_all(c);
}

/* Send as many texts as are due, from clients that may speak. */
static void
talk(void)
{
	static uint64_t	 last;
	struct client	*c;
	uint64_t	 due;

	if (last == 0 || finishing)
		last = now();
	for (due = (now() - last) * TEXTS_A_SECOND / 1000; due > 0; due--) {
		last = now();
		c = &client[1 + draw((uint64_t)clients - 1)];
		if (c->state == IN && c->said - c->heard < WINDOW &&
		    line_out_left(&c->out) > OUT_SIZE / 2)
			say_text(c);
	}
}

static void
move_bytes(void)
{
	static struct pollfd	 pfd[CLIENTS_MAX + 1];
	struct client		*c;
	int			 i;

	for (i = 0; i < clients; i++) {
		c = &client[i];
		pfd[i].fd = c->state == DOWN ? -1 : c->fd;
		pfd[i].events = (short)((c->frozen == 0 ? POLLIN : 0) |
		    (line_out_pending(&c->out) > 0 ? POLLOUT : 0));
		pfd[i].revents = 0;
	}
	pfd[i].fd = finishing ? -1 : STDIN_FILENO;
	pfd[i].events = POLLIN;
	pfd[i].revents = 0;
	(void)poll(pfd, (nfds_t)clients + 1, TICK_MS);
	if (pfd[i].revents != 0)
		finishing = true;
	for (i = 0; i < clients; i++) {
		c = &client[i];
		if (c->state != DOWN && c->frozen == 0 &&
		    (pfd[i].revents & ~POLLOUT) != 0)
			take(c);
		if (c->state != DOWN)
			flush(c);
	}
}

static void
run_until(bool (*done)(const struct client *), int from, const char *what)
{
	uint64_t	limit = 0;
	int		i = from;

	while (i < clients) {
		talk();
		for (i = 0; i < clients; i++)
			look_after(&client[i]);
		move_bytes();
		if (finishing && limit == 0)
			limit = now() + PATIENCE_MS;
		for (i = from; i < clients && done(&client[i]); i++)
			continue;
		if (limit != 0 && now() > limit) {
			breach(&client[i], "never %s", what);
			return;
		}
	}
}

static bool
has_come_back(const struct client *c)
{
	return finishing && c->state == IN;
}

static bool
has_read_all(const struct client *c)
{
	return last_text != 0 && c->last_id >= last_text && c->queued == 0;
}

static bool
has_left(const struct client *c)
{
	return c->state == DOWN;
}

static void
leave(int from, int to)
{
	over = true;
	for (; from < to; from++)
		client[from].state = LEAVING;
}

int
main(int argc, char *argv[])
{
	const char	*error = NULL, *wrong = NULL;
	int		 i;

	if (argc != 5)
		errx(2, "usage: soak seed clients host port");
	random_state = (uint64_t)strtonum(argv[1], 1, INT32_MAX, &error);
	if (error == NULL)
		clients = (int)strtonum(argv[2], 2, CLIENTS_MAX, &error);
	server.sin_family = AF_INET;
	server.sin_port = htons((in_port_t)strtonum(argv[4], 1, 65535,
	    &wrong));
	if (error != NULL || wrong != NULL ||
	    inet_pton(AF_INET, argv[3], &server.sin_addr) != 1)
		errx(2, "a seed, a number, an IPv4 address, a port, please");
	(void)signal(SIGPIPE, SIG_IGN);
	for (i = 0; i < clients; i++) {
		if ((client[i].in.buf = malloc(IN_SIZE)) == NULL ||
		    (client[i].out.buf = malloc(OUT_SIZE)) == NULL)
			err(1, "no memory");
		client[i].first = true;
	}
	run_until(has_come_back, 0, "came back");
	say_text(&client[0]);
	run_until(has_read_all, 0, "read all");
	leave(1, clients);
	run_until(has_left, 1, "left");
	leave(0, 1);
	run_until(has_left, 0, "left");
	lost_all += unanchored;
	(void)printf("%llu stays, %zu published, %llu shown, %llu lost and "
	    "told so, %llu byes, %u breaches\n", (unsigned long long)stays,
	    written, (unsigned long long)shown_all,
	    (unsigned long long)lost_all,
	    (unsigned long long)ends, breaches);
	return breaches == 0 ? 0 : 1;
}
