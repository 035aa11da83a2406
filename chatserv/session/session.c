/* SPDX-License-Identifier: ISC */

/*
 * One client's life.
 *
 * A session is a process that turns round and round: hear the client's
 * lines, publish what they say, relay what the bus has, send, and then
 * wait, in the one ppoll(2) of session_wait(), for its client, for the end
 * of its parent, or to be woken.  Nothing else in it can block but the lock
 * among writers (lock.c), which is held for microseconds.
 *
 * It goes forward only.  Where the bus or the socket has no room, it keeps
 * what it has and leaves the next line unread: TCP then slows the client.
 * Memory is what it had at its birth.
 *
 * The phases of its end are kept apart so that nothing said is lost: first
 * all is published (LEAVING), then everything up to its own leave relayed
 * (PARTING), sent (FLUSHING), and then the client's close awaited
 * (DRAINING), because closing over unread input would reset the connection
 * and could take our last line with it.
 *
 * Writers wait for a session that has a cursor, so only those have one for
 * whom they may: PRESENT, LEAVING, and PARTING until everything up to the
 * leave is relayed, and then only while the client can be reached.  Who has
 * no name, or has left, or is lost, is at BUS_NOT_READING.
 */

#include <sys/socket.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "chatserv/session/behalf.h"
#include "chatserv/session/greet.h"
#include "chatserv/common/log.h"
#include "chatserv/common/memory.h"
#include "chatserv/session/relay.h"
#include "chatserv/session/session.h"
#include "ipc/common/bsd.h"
#include "ipc/bus/lock.h"
#include "ipc/bus/flow.h"
#include "ipc/bus/publish.h"
#include "ipc/bus/wake.h"

#define IN_SIZE		((size_t)32 << 10)
#define OUT_SIZE	((size_t)64 << 10)
#define IDLE_MS		1000
#define FLUSH_MS	30000
#define NAMELESS_MS	1000	/* likewise, without a name */
#define DRAIN_MS	2000

/* All that a session needs memory for, in one piece. */
static struct {
	uint64_t	scratch[SESSION_SCRATCH / sizeof(uint64_t)];
	uint64_t	batch[BATCH_MAX / sizeof(uint64_t)];
	char		in[IN_SIZE], out[OUT_SIZE];
} space;

_Static_assert(sizeof(space.scratch) / 4 >= LINE_TEXT_MAX,
    "no room for a line made visible");

static volatile sig_atomic_t terminated;

static void
on_term(int sig)
{
	(void)sig;
	terminated = 1;
}

/* ---- what greet.c and command.c call ---- */

void
session_answer(struct session *s, enum event_kind kind, const char *text)
{
	struct event ev = { 0, kind, "", 0, text, strlen(text) };

	if (kind == EVENT_BYE) {
		ev.name = s->name;
		ev.name_len = strlen(s->name);
	}
	s->dialect->answer(s, &ev);
}

bool
session_may_answer(struct session *s)
{
	if (s->phase == PHASE_PRESENT) {
		if (s->batch.used > 0)
			return false;
		if (s->answer_after == 0)
			s->answer_after = ring_head(s->bus);
		if (s->reader.cursor < s->answer_after)
			return false;
	}
	if (line_out_left(&s->out) < SESSION_ANSWER_SPACE)
		return false;
	s->answer_after = 0;
	return true;
}

static bool
compose(struct session *s, const struct event *ev, uint16_t to,
    uint32_t to_generation)
{
	if (!ring_compose(&s->batch, ev, s->bus->me, to, to_generation))
		return false;
	/* Relaxed: a figure for people, which orders nothing. */
	atomic_fetch_add_explicit(&s->bus->slot[s->bus->me].messages_in, 1,
	    memory_order_relaxed);
	return true;
}

bool
session_submit(struct session *s, enum event_kind kind, const char *name,
    const char *text, size_t len, uint16_t to, uint32_t to_generation)
{
	struct event	ev = { 0, kind, name, strlen(name), s->scratch, 0 };

	if (s->batch.size - s->batch.used < RECORD_MAX)
		return false;
	ev.text_len = text_visible(s->scratch, text, len);
	return compose(s, &ev, to, to_generation);
}

bool
session_submit_visible(struct session *s, enum event_kind kind,
    const char *name, const char *text, size_t len)
{
	struct event	ev = { 0, kind, name, strlen(name), text, len };

	return s->batch.size - s->batch.used >= RECORD_MAX &&
	    compose(s, &ev, RECORD_TO_ALL, 0);
}

void
session_list(struct session *s)
{
	s->listing = true;
	s->list_next = 0;
	s->list_total = roster_count(s->bus);
}

/* The next rows of a list that was begun; false if not now. */
static bool
list_on(struct session *s)
{
	struct roster_row	row[SESSION_ROWS];
	uint32_t		n;
	bool			first = s->list_next == 0;

	if (line_out_left(&s->out) < 2 * SESSION_ANSWER_SPACE)
		return false;
	n = roster_list(s->bus, &s->list_next, row, SESSION_ROWS);
	s->listing = n == SESSION_ROWS;
	s->dialect->who(s, row, n, s->list_total, first, !s->listing);
	return true;
}

/* Let no writer wait for us any more: we relay nothing more either. */
static void
stop_reading(struct session *s)
{
	s->reader.cursor = s->reader.limit = BUS_NOT_READING;
	flow_passed(s->bus, &s->reader);
}

/*
 * Until when the client may take to read the rest.  Who has no name has
 * answers to come at most, and its place may be wanted.
 */
static uint64_t
flush_deadline(const struct session *s)
{
	return bus_now() + (s->name[0] == '\0' ? NAMELESS_MS : FLUSH_MS);
}

void
session_leave(struct session *s, const char *reason)
{
	if (s->phase >= PHASE_LEAVING)
		return;
	(void)strlcpy(s->reason, reason, sizeof(s->reason));
	s->phase = s->phase == PHASE_NAMING ? PHASE_FINISHING : PHASE_LEAVING;
	s->deadline = flush_deadline(s);
}

/* What follows a colon in the reason is something that was said. */
static void
log_left(const struct session *s)
{
	log_info("%s pid %d: %s left (%.*s)", s->peer->name,
	    (int)s->bus->pid, s->name, (int)strcspn(s->reason, ":"),
	    s->reason);
}

void
session_closed(struct session *s)
{
	const char	*why = "server stopping";
	bool		 left = s->phase == PHASE_FINISHING;

	if (s->phase > PHASE_FINISHING)
		return;
	if (atomic_load(&s->bus->slot[s->bus->me].state) == SLOT_REPLACED)
		why = "replaced";
	session_leave(s, why);
	/* A quit would say that all is published, and that all was heard. */
	(void)strlcpy(s->reason, why, sizeof(s->reason));
	if (s->name[0] != '\0' && !left)
		log_left(s);
	s->batch.used = 0;
	stop_reading(s);
	s->phase = PHASE_FINISHING;
}

void
session_refuse(struct session *s, const char *why)
{
	if (line_out_left(&s->out) >= SESSION_ANSWER_SPACE)
		session_answer(s, EVENT_ERR, why);
	log_info("%s pid %d: refused: %s", s->peer->name, (int)s->bus->pid,
	    why);
	s->phase = PHASE_FLUSHING;
	s->deadline = flush_deadline(s);
}

void
session_named(struct session *s, const char *name)
{
	(void)strlcpy(s->name, name, sizeof(s->name));
	setproctitle("%s %s", s->name, s->peer->name);
}

/* Nobody reads what we send; what the client has said still counts. */
static void
lose_client(struct session *s, int error)
{
	if (s->lost != NULL)
		return;
	s->lost = error == ETIMEDOUT ? "timed out" : "connection lost";
	if (s->phase == PHASE_NAMING || s->phase > PHASE_LEAVING) {
		s->phase = PHASE_DONE;
		return;
	}
	stop_reading(s);
}

/* ---- the steps of a round ---- */

/* Hand one line to the dialect; false if it must wait. */
static bool
handle_line(struct session *s, enum line_state state, const char *line,
    size_t len)
{
	return state == LINE_TOO_LONG ? s->dialect->too_long(s) :
	    s->dialect->line(s, line, len);
}

/* What is left when the client's last line has been heard. */
static void
handle_end(struct session *s)
{
	if (!s->in.eof)
		return;
	if (s->phase == PHASE_NAMING && s->lost != NULL)
		s->phase = PHASE_DONE;
	else
		session_leave(s, s->lost != NULL ? s->lost : "quit");
}

static void
hear(struct session *s)
{
	enum line_state	 state;
	char		*line;
	size_t		 len;

	s->more = false;
	while (s->phase <= PHASE_PRESENT) {
		if (s->listing) {
			s->more = !list_on(s);
			if (s->more)
				return;
			continue;
		}
		if (s->dialect->more != NULL && !s->dialect->more(s)) {
			s->more = true;
			return;
		}
		state = line_in_peek(&s->in, &line, &len);
		if (state == LINE_NONE) {
			if (s->phase == PHASE_NAMING)
				greet_beginning(s, line,
				    s->in.end - s->in.start);
			handle_end(s);
			return;
		}
		if (!handle_line(s, state, line, len)) {
			s->more = true;
			return;
		}
		line_in_consume(&s->in);
	}
}

/* Publish what was said.  True if something was. */
static bool
publish(struct session *s)
{
	size_t	used = s->batch.used;
	int	ms;

	if (used == 0 || s->phase > PHASE_LEAVING)
		return false;
	if ((ms = rate_limit_wait(&s->rate_limit, s->bus)) > 0) {
		s->retry_ms = ms;
		return false;
	}
	switch (publish_batch(s->bus, &s->batch, &s->retry_ms)) {
	case BUS_OK:
		rate_limit_charge(&s->rate_limit, s->bus, used);
		return true;
	case BUS_WAIT:
		break;
	default:
		session_closed(s);
		break;
	}
	return false;
}

/* Tell the room that we leave. */
static void
leave(struct session *s)
{
	struct reader end;

	if (s->phase != PHASE_LEAVING || s->batch.used > 0)
		return;
	if (s->outside) {
		log_left(s);
		s->reader.limit = ring_head(s->bus);
		s->phase = s->lost != NULL ? PHASE_DONE : PHASE_FINISHING;
		return;
	}
	switch (roster_leave(s->bus, s->reason, &end, &s->retry_ms)) {
	case BUS_OK:
		log_left(s);
		if (s->reader.limit > end.cursor)
			s->reader.limit = end.cursor;
		s->last_seq = end.seq;
		s->phase = s->lost != NULL ? PHASE_DONE : PHASE_FINISHING;
		break;
	case BUS_WAIT:
		break;
	default:
		session_closed(s);
		break;
	}
}

/* When all is relayed that concerns us, the last line. */
static void
part(struct session *s)
{
	if (s->phase != PHASE_FINISHING)
		return;
	if (s->reader.cursor < s->reader.limit &&
	    s->reader.cursor < ring_head(s->bus))
		return;
	stop_reading(s);
	if (line_out_left(&s->out) < RECORD_MAX)
		return;
	session_answer(s, EVENT_BYE, s->reason);
	s->phase = PHASE_FLUSHING;
}

/* Send what the socket takes.  True if it took something. */
static bool
flush(struct session *s)
{
	size_t waiting = line_out_pending(&s->out);

	if (waiting > 0 && s->lost == NULL &&
	    line_out_flush(&s->out, s->fd) == -1 && errno != EAGAIN &&
	    errno != EWOULDBLOCK && errno != EINTR)
		lose_client(s, errno);
	if (s->lost != NULL)
		line_out_drop(&s->out);
	if (s->phase == PHASE_FLUSHING && line_out_pending(&s->out) == 0) {
		(void)bsd_end_output(s->fd);
		s->phase = s->in.eof ? PHASE_DONE : PHASE_LINGERING;
		s->deadline = bus_now() + DRAIN_MS;
	}
	return line_out_pending(&s->out) < waiting;
}

/*
 * The room has had no space for what our client said last.  Say so, to it
 * and in the log, and leave for a reason that does not promise that all is
 * published; there is still a moment for that.
 */
static void
give_up_batch(struct session *s)
{
	const struct record	*rec;
	unsigned int		 lines = 0;
	size_t			 at;
	char			 text[64];

	for (at = 0; at < s->batch.used; at += rec->size) {
		rec = (const struct record *)(void *)(s->batch.buf + at);
		lines++;
	}
	log_info("%s pid %d: %s: %u of its lines not published",
	    s->peer->name, (int)s->bus->pid, s->name, lines);
	(void)snprintf(text, sizeof(text), "your last lines, %u of them, "
	    "found no space: nobody got them", lines);
	if (s->lost == NULL &&
	    line_out_left(&s->out) >= SESSION_ANSWER_SPACE)
		session_answer(s, EVENT_ERR, text);
	s->batch.used = 0;
	(void)strlcpy(s->reason, "timed out", sizeof(s->reason));
	s->deadline = bus_now() + DRAIN_MS;
}

/* Whether we were told to go, or have waited too long. */
static void
look_at_clock(struct session *s)
{
	bool stopping = atomic_load(&s->bus->segment->stopping);

	if (terminated && s->phase == PHASE_NAMING && !stopping)
		session_refuse(s, "you gave no name in time");
	else if (terminated)
		session_leave(s, stopping ? "server stopping" : "killed");
	terminated = 0;
	if (atomic_load(&s->bus->slot[s->bus->me].state) == SLOT_REPLACED)
		session_closed(s);
	if (s->deadline == 0 || bus_now() < s->deadline)
		return;
	if (s->phase == PHASE_NAMING)
		session_refuse(s, "you gave no name in time");
	else if (s->phase == PHASE_LEAVING && s->batch.used > 0)
		give_up_batch(s);
	else
		s->phase = PHASE_DONE;
}

/* ---- waiting ---- */

/* The client's bytes, while we may hear them. */
static bool
wants_input(const struct session *s)
{
	return !s->in.eof && ((s->phase <= PHASE_PRESENT && !s->more &&
	    !line_in_full(&s->in)) || s->phase == PHASE_LINGERING);
}

static void
take_input(struct session *s)
{
	ssize_t n;

	if (s->phase == PHASE_LINGERING)
		s->in.start = s->in.end;
	n = line_in_fill(&s->in, s->fd);
	if (n == -1 && errno != EAGAIN && errno != EWOULDBLOCK &&
	    errno != EINTR) {
		lose_client(s, errno);
		line_in_break(&s->in);
	}
	if (s->phase == PHASE_LINGERING && s->in.eof)
		s->phase = PHASE_DONE;
}

/* What is in the buffers now is all gone on. */
static bool
idle(const struct session *s)
{
	return s->in.start == s->in.end && s->batch.used == 0 &&
	    line_out_pending(&s->out) == 0;
}

/* A quiet while after a burst, or after the entry, which are the same. */
static void
rest(struct session *s)
{
	if (!s->untrimmed || !idle(s))
		return;
	memory_trim(&space, sizeof(space));
	s->untrimmed = false;
}

/* The earliest of the times to look again; NULL if there is none. */
static struct timespec *
timeout(const struct session *s, bool now, struct timespec *ts)
{
	uint64_t ms = UINT64_MAX, clock;

	if (s->deadline != 0) {
		clock = bus_now();
		ms = s->deadline > clock ? s->deadline - clock : 0;
	}
	if (s->retry_ms >= 0 && (uint64_t)s->retry_ms < ms)
		ms = (uint64_t)s->retry_ms;
	if (s->untrimmed && idle(s) && ms > IDLE_MS)
		ms = IDLE_MS;
	if (now)
		ms = 0;
	ts->tv_sec = (time_t)(ms / 1000);
	ts->tv_nsec = (long)(ms % 1000) * 1000000;
	return ms == UINT64_MAX ? NULL : ts;
}

/*
 * Wait for what there is to wait for.  With again set something is to be
 * done at once, but the socket is looked at in every round, or a busy room
 * would starve its members.
 */
static void
session_wait(struct session *s, bool again, const sigset_t *awake)
{
	struct pollfd	pfd[2];
	struct timespec	ts;
	bool		prepared = false, reading = wants_input(s);

	if (!again && relay_wanted(s) && relay_has_space(s)) {
		prepared = wake_prepare(s->bus, &s->reader);
		/* News that does not fit waits for the socket. */
		again = !prepared &&
		    (!s->out_full || line_out_pending(&s->out) == 0);
	}
	pfd[0].fd = s->lost != NULL && !reading ? -1 : s->fd;
	pfd[0].events = (short)((reading ? POLLIN : 0) |
	    (line_out_pending(&s->out) > 0 ? POLLOUT : 0));
	pfd[1].fd = s->parent_fd;
	pfd[1].events = POLLIN;
	switch (ppoll(pfd, 2, timeout(s, again, &ts), awake)) {
	case -1:
		pfd[0].revents = pfd[1].revents = 0;
		break;
	case 0:
		if (!again)
			rest(s);
		break;
	}
	if (prepared)
		wake_cancel(s->bus);
	if (pfd[1].revents != 0) {
		s->parent_fd = -1;
		/* Who has left can hear the rest, while the segment is ours. */
		if (s->phase < PHASE_FINISHING)
			session_closed(s);
	}
	if (pfd[0].revents & (POLLIN | POLLHUP | POLLERR)) {
		if (reading)
			take_input(s);
		else if (pfd[0].revents & (POLLHUP | POLLERR))
			lose_client(s, ECONNRESET);
	}
}

static void
prepare(sigset_t *awake)
{
	struct sigaction	sa;
	sigset_t		blocked;

	memset(&sa, 0, sizeof(sa));
	sigemptyset(&sa.sa_mask);
	sa.sa_handler = on_term;
	(void)sigaction(SIGTERM, &sa, NULL);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &blocked, awake);
	sigdelset(awake, SIGTERM);
	sigdelset(awake, WAKE_SIGNAL);
	wake_init();
	lock_init();
}

void
session_run(struct bus *bus, int fd, int parent_fd,
    struct peer *peer, int naming_ms)
{
	static struct session	s;
	sigset_t		awake;
	bool			done;

	/* All but the reason, which is long, and written before read. */
	memset(&s, 0, offsetof(struct session, reason));
	s.bus = bus;
	s.fd = fd;
	s.parent_fd = parent_fd;
	s.peer = peer;
	s.dialect = &dialect_plain;
	s.reader.cursor = s.reader.limit = BUS_NOT_READING;
	s.held_until = bus_now() + (uint64_t)peer->hold_ms;
	s.deadline = s.held_until + (uint64_t)naming_ms;
	s.scratch = (char *)space.scratch;
	s.batch = (struct batch){ (char *)space.batch, ring_batch_max(bus), 0 };
	line_in_init(&s.in, space.in, sizeof(space.in), peer->trusted ?
	    BEHALF_LINE_MAX : LINE_TEXT_MAX, false);
	line_out_init(&s.out, space.out, sizeof(space.out));
	s.untrimmed = true;
	prepare(&awake);
	greet_begin(&s);
	while (s.phase != PHASE_DONE) {
		s.retry_ms = -1;
		hear(&s);
		done = publish(&s);
		leave(&s);
		done = relay_news(&s) || done;
		part(&s);
		/* What waited for room, in the buffer or the bus, may go on. */
		done = flush(&s) || done;
		if (s.phase != PHASE_DONE)
			session_wait(&s, done && (s.more ||
			    s.phase == PHASE_FINISHING), &awake);
		look_at_clock(&s);
		assert(!relay_wanted(&s) || s.phase == PHASE_DONE ||
		    (s.name[0] != '\0' && s.phase <= PHASE_FINISHING &&
		    s.lost == NULL));
	}
	if (s.name[0] == '\0')
		log_debug("%s pid %d: disconnected without a name",
		    peer->name, (int)bus->pid);
	(void)close(s.fd);
}
