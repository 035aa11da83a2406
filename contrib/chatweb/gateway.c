/* SPDX-License-Identifier: ISC */

/*
 * The process of one browser.
 *
 * It reads the head of one request, within HEAD_MS.  The answer to GET / is
 * the page; an upgrade to WebSocket leads to a connection to the room, on
 * which the browser is a TSV client like any other (chatproto(7)).  This file
 * moves bytes and waits for them; browser.h names the files that interpret
 * them.
 *
 * Bytes move forward only: if the room accepts no more, the browser's remain
 * unread, and if the browser accepts no more, the room's do, so the room waits
 * for a slow browser, or laps it, as it would a slow client.  The process
 * allocates no memory after its start.
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "chatserv/common/log.h"
#include "contrib/chatweb/browser.h"
#include "contrib/chatweb/gateway.h"
#include "contrib/chatweb/seal.h"
#include "ipc/bus/bus.h"
#include "ipc/common/bsd.h"

#define HEAD_MS		10000	/* for the browser to send a head */
#define CLOSE_MS	2000	/* for the browser to close after us */
#define FLUSH_MS	30000	/* for the browser to accept the rest */

void
browser_put(struct line_out *out, const void *bytes, size_t len)
{
	memcpy(line_out_space(out, len), bytes, len);
	line_out_added(out, len);
}

void
browser_finish(struct browser *b)
{
	b->phase = BROWSER_FLUSHING;
	b->deadline = bus_now() + FLUSH_MS;
}

/* ---- input and output ---- */

/*
 * The browser accepts nothing any more; its complete messages still go to the
 * room.
 */
static void
lose(struct browser *b)
{
	b->gone = b->in_over = true;
	line_out_drop(&b->out);
	b->page_left = 0;
	if (b->phase != BROWSER_OPEN && b->phase != BROWSER_FLUSHING)
		b->phase = BROWSER_DONE;
}

static bool
would_block(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

static void
read_browser(struct browser *b)
{
	ssize_t n;

	if (b->phase > BROWSER_OPEN)
		b->in_start = b->in_end = 0;
	if (b->in_start > 0) {
		b->in_end -= b->in_start;
		memmove(b->in, b->in + b->in_start, b->in_end);
		b->in_start = 0;
	}
	n = read(b->fd, b->in + b->in_end, sizeof(b->in) - 1 - b->in_end);
	if (n > 0)
		b->in_end += (size_t)n;
	else if (n == -1 && !would_block())
		lose(b);
	else if (n == 0)
		b->in_over = true;
	if (b->in_over && b->phase == BROWSER_HEAD)
		b->phase = BROWSER_DONE;
}

static void
read_room(struct browser *b)
{
	ssize_t n;

	if (b->phase > BROWSER_OPEN)
		b->room_end = 0;
	n = read(b->room_fd, b->room + b->room_end,
	    sizeof(b->room) - b->room_end);
	if (n > 0)
		b->room_end += (size_t)n;
	else if (n == 0 || !would_block())
		b->room_over = true;
}

/* Write as many whole messages to the room as it accepts. */
static void
flush_room(struct browser *b)
{
	struct line_out	*out = &b->to_room;
	size_t		 whole = line_out_pending(out) - b->unfinished;
	ssize_t		 n;

	if (whole == 0 || b->phase < BROWSER_OPEN)
		return;
	n = write(b->room_fd, out->buf + out->start, whole);
	if (n > 0)
		out->start += (size_t)n;
	else if (n == -1 && !would_block())
		out->start += whole;
}

static void
flush_page(struct browser *b)
{
	ssize_t n;

	/*
	 * The page is sent only in answer to a request, and after nothing
	 * else.
	 */
	if (b->page_left == 0)
		return;
	n = write(b->fd, b->page, b->page_left);
	if (n > 0) {
		b->page += n;
		b->page_left -= (size_t)n;
	} else if (n == -1 && !would_block()) {
		lose(b);
	}
}

/*
 * All is written.  A close over unread input would be a reset, and the room
 * would report a lost connection; so shut both connections down for writing,
 * and give both peers a while to close.
 */
static void
linger(struct browser *b)
{
	(void)shutdown(b->fd, SHUT_WR);
	if (!b->gone)
		(void)shutdown(b->room_fd, SHUT_WR);
	b->phase = BROWSER_LINGERING;
	b->deadline = bus_now() + CLOSE_MS;
}

/* Write as much as the browser and the room accept. */
static void
flush(struct browser *b)
{
	flush_room(b);
	if (b->gone)
		line_out_drop(&b->out);
	else if (line_out_pending(&b->out) > 0 &&
	    line_out_flush(&b->out, b->fd) == -1 && !would_block())
		lose(b);
	flush_page(b);
	if (b->phase == BROWSER_FLUSHING && b->page_left == 0 &&
	    line_out_pending(&b->out) == 0 &&
	    line_out_pending(&b->to_room) == 0)
		linger(b);
	if (b->phase == BROWSER_LINGERING && (b->gone ||
	    (b->in_over && (b->room_over || !b->room_open))))
		b->phase = BROWSER_DONE;
}

static void
look_at_clock(struct browser *b)
{
	uint64_t now = bus_now();

	if (b->phase == BROWSER_OPEN && now >= b->ping_at)
		conversation_ping(b);
	if (b->deadline == 0 || now < b->deadline)
		return;
	/*
	 * Browsers open connections that they may need; such a one sends
	 * nothing.
	 */
	if (b->phase == BROWSER_HEAD && b->in_end > 0)
		request_refuse(b, 408, "the request took too long");
	else if (b->phase == BROWSER_CONNECTING)
		request_refuse(b, 502, "the room accepts no connection");
	else
		b->phase = BROWSER_DONE;
}

/* ---- waiting ---- */

enum { BROWSER, ROOM, PARENT, FDS };

static int
timeout(const struct browser *b)
{
	uint64_t at = b->deadline, now = bus_now();

	if (b->phase == BROWSER_OPEN && line_out_left(&b->out) >=
	    BROWSER_ANSWER)
		at = b->ping_at;
	if (at == 0)
		return -1;
	return at <= now ? 0 : (int)(at - now);
}

static void
set_events(const struct browser *b, struct pollfd pfd[FDS])
{
	bool writes = line_out_pending(&b->out) > 0 || b->page_left > 0;
	bool reads = b->in_end - b->in_start < sizeof(b->in) - 1 &&
	    b->phase != BROWSER_CONNECTING && !b->in_over;

	pfd[BROWSER].fd = b->gone || (!reads && !writes) ? -1 : b->fd;
	pfd[BROWSER].events = (short)((reads ? POLLIN : 0) |
	    (writes ? POLLOUT : 0));
	pfd[ROOM].fd = !b->room_open || b->room_over ? -1 : b->room_fd;
	pfd[ROOM].events = (short)(b->phase == BROWSER_CONNECTING ||
	    line_out_pending(&b->to_room) > b->unfinished ? POLLOUT : 0);
	if (b->phase > BROWSER_OPEN || (b->phase == BROWSER_OPEN &&
	    b->room_end < sizeof(b->room)))
		pfd[ROOM].events |= POLLIN;
	if (pfd[ROOM].events == 0)
		pfd[ROOM].fd = -1;
	pfd[PARENT].fd = b->parent_fd;
	pfd[PARENT].events = POLLIN;
}

static void
wait_for_events(struct browser *b)
{
	struct pollfd	pfd[FDS];
	struct timespec	ts;
	int		ms = timeout(b);

	set_events(b, pfd);
	ts.tv_sec = ms / 1000;
	ts.tv_nsec = (long)(ms % 1000) * 1000000;
	if (ppoll(pfd, FDS, ms == -1 ? NULL : &ts, NULL) <= 0)
		return;
	if (pfd[PARENT].revents != 0) {
		b->parent_fd = -1;
		if (b->phase == BROWSER_OPEN)
			conversation_close(b, FRAME_GOING_AWAY);
		else if (b->phase < BROWSER_OPEN)
			request_refuse(b, 503, "the gateway is stopping");
	}
	if (pfd[BROWSER].events & POLLIN && pfd[BROWSER].revents &
	    (POLLIN | POLLHUP | POLLERR))
		read_browser(b);
	if (pfd[ROOM].revents != 0 && b->phase == BROWSER_CONNECTING)
		conversation_begin(b);
	else if (pfd[ROOM].events & POLLIN && pfd[ROOM].revents &
	    (POLLIN | POLLHUP | POLLERR))
		read_room(b);
}

/*
 * A socket for each address of the room, as later none can be made.  Returns
 * whether there is one: this system may lack a family.
 */
static bool
make_sockets(struct browser *b)
{
	int fd, i;

	for (i = 0; i < b->opt->rooms; i++) {
		fd = socket(b->opt->room[i].address.ss_family, SOCK_STREAM, 0);
		if (fd == -1)
			continue;
		if (fcntl(fd, F_SETFL, O_NONBLOCK) == -1)
			return false;
		b->way[b->ways].to = &b->opt->room[i];
		b->way[b->ways++].fd = fd;
	}
	b->room_fd = b->way[0].fd;
	return b->ways > 0;
}

void
gateway_run(const struct gateway_options *options, int fd, int parent_fd,
    const char *address)
{
	static struct browser	b;
	static char		to_room[BROWSER_TO_ROOM_SIZE];
	static char		out[BROWSER_OUT_SIZE];

	b.opt = options;
	b.fd = fd;
	b.parent_fd = parent_fd;
	(void)strlcpy(b.address, address, sizeof(b.address));
	line_out_init(&b.to_room, to_room, sizeof(to_room));
	line_out_init(&b.out, out, sizeof(out));
	b.deadline = bus_now() + HEAD_MS;
	if (!make_sockets(&b) || fcntl(fd, F_SETFL, O_NONBLOCK) == -1) {
		log_warn("%s: cannot make a socket", address);
		return;
	}
	seal(fd, b.way[0].fd, b.way[b.ways - 1].fd);
	while (b.phase != BROWSER_DONE) {
		wait_for_events(&b);
		if (b.phase == BROWSER_HEAD)
			request_read(&b);
		do
			flush(&b);
		while (conversation_step(&b));
		look_at_clock(&b);
	}
}
