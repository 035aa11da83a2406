/* SPDX-License-Identifier: ISC */

/*
 * The main loop of a session.
 *
 * A session is a process with one loop: pass the client's lines to its dialect,
 * which adds messages to a batch, publish that (ipc/bus/publish.c), relay new
 * records from the bus (relay.c), send them, and wait for the next event, which
 * also reads the client's bytes (waiting.c).
 *
 * Lines move forward only.  Where the ring or the socket has no space, the
 * session keeps what it has and leaves the next line unread.  All its memory
 * is allocated before it starts.
 *
 * Writers wait for a session that has a cursor, so only a session whose
 * client has a name, is reachable and has something left to read has one;
 * all others are at BUS_NOT_READING (leaving.c).
 *
 * Runs in a session.
 */

#include <sys/socket.h>
#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "chatserv/common/log.h"
#include "chatserv/common/memory.h"
#include "chatserv/session/behalf.h"
#include "chatserv/session/greet.h"
#include "chatserv/session/leaving.h"
#include "chatserv/session/relay.h"
#include "chatserv/session/session.h"
#include "chatserv/session/waiting.h"
#include "ipc/bus/flow.h"
#include "ipc/bus/lock.h"
#include "ipc/bus/publish.h"
#include "ipc/bus/wake.h"
#include "ipc/common/bsd.h"

#define IN_SIZE		((size_t)32 << 10)
#define OUT_SIZE	((size_t)64 << 10)
#define SPARE_MS	5000	/* to take over, from a spare place */

/* All the memory that a session needs, in one piece. */
static struct {
	uint64_t	scratch[SESSION_SCRATCH / sizeof(uint64_t)];
	uint64_t	batch[BATCH_MAX / sizeof(uint64_t)];
	char		in[IN_SIZE], out[OUT_SIZE];
} space;

_Static_assert(sizeof(space.scratch) / 4 >= LINE_TEXT_MAX,
    "no space for a line made visible");

static volatile sig_atomic_t terminated, list_changed;

static void
on_signal(int sig)
{
	if (sig == SIGHUP)
		list_changed = 1;
	else
		terminated = 1;
}

/* Pass one line to the dialect; false if it must wait. */
static bool
handle_line(struct session *s, enum line_state state, const char *line,
    size_t len)
{
	return state == LINE_TOO_LONG ? s->dialect->too_long(s) :
	    s->dialect->line(s, line, len);
}

/* Leave if the client has ended its input and its last line is handled. */
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

/* Consume the client's lines, as far as that is possible. */
static void
read_lines(struct session *s)
{
	enum line_state	 state;
	char		*line;
	size_t		 len;

	s->more = false;
	while (s->phase <= PHASE_PRESENT) {
		if (s->listing) {
			s->more = !session_list_more(s);
			if (s->more)
				return;
			continue;
		}
		if (s->dialect->more != NULL && !s->dialect->more(s)) {
			s->more = true;
			return;
		}
		if (s->dialect->strip != NULL)
			s->dialect->strip(s);
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
			if (s->dialect->held != NULL)
				s->dialect->held(s);
			return;
		}
		line_in_consume(&s->in);
	}
}

/* Publish the batch.  Returns whether something was published. */
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

/* Send what the socket accepts.  Returns whether it accepted something. */
static bool
flush(struct session *s)
{
	size_t waiting = line_out_pending(&s->out);

	if (waiting > 0 && s->lost == NULL &&
	    line_out_flush(&s->out, s->fd) == -1 && errno != EAGAIN &&
	    errno != EWOULDBLOCK && errno != EINTR)
		leaving_lost(s, errno);
	if (s->lost != NULL)
		line_out_drop(&s->out);
	if (line_out_pending(&s->out) != waiting)
		atomic_store(&s->bus->slot[s->bus->me].held_back,
		    line_out_pending(&s->out));
	if (s->phase == PHASE_FLUSHING && line_out_pending(&s->out) == 0)
		leaving_linger(s);
	return line_out_pending(&s->out) < waiting;
}

/* Give back the resident pages of the buffers: the session has been idle. */
static void
trim(struct session *s)
{
	if (!s->untrimmed)
		return;
	memory_trim(&space, sizeof(space));
	s->untrimmed = false;
}

/* Block and handle the signals of a session; *awake is for waiting_poll(). */
static void
prepare(sigset_t *awake)
{
	struct sigaction	sa;
	sigset_t		blocked;

	memset(&sa, 0, sizeof(sa));
	sigemptyset(&sa.sa_mask);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGHUP);
	(void)sigprocmask(SIG_BLOCK, &blocked, awake);
	sa.sa_handler = on_signal;
	(void)sigaction(SIGTERM, &sa, NULL);
	(void)sigaction(SIGHUP, &sa, NULL);
	sigdelset(awake, SIGTERM);
	sigdelset(awake, SIGHUP);
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

	/*
	 * All save the reason, which is long, and always written before it is
	 * read.
	 */
	memset(&s, 0, offsetof(struct session, reason));
	s.bus = bus;
	s.fd = fd;
	s.parent_fd = parent_fd;
	s.peer = peer;
	s.dialect = &dialect_plain;
	s.reader.cursor = s.reader.limit = BUS_NOT_READING;
	s.held_until = bus_now() + (uint64_t)peer->hold_ms;
	s.deadline = s.held_until + (uint64_t)(peer->only_takeover != NULL &&
	    naming_ms > SPARE_MS ? SPARE_MS : naming_ms);
	s.scratch = (char *)space.scratch;
	s.batch = (struct batch){ (char *)space.batch, ring_batch_max(bus), 0 };
	line_in_init(&s.in, space.in, sizeof(space.in), peer->trusted ?
	    BEHALF_LINE_MAX : LINE_TEXT_MAX, false);
	line_out_init(&s.out, space.out, sizeof(space.out));
	s.untrimmed = true;
	prepare(&awake);
	/* The parent signals every change of the list from now on. */
	if (!leaving_denied(&s))
		greet_begin(&s);
	while (s.phase != PHASE_DONE) {
		s.retry_ms = -1;
		read_lines(&s);
		done = publish(&s);
		leaving_publish(&s);
		done = relay_news(&s) || done;
		leaving_say_goodbye(&s);
		/* This made space: lines that waited for it may go on. */
		done = flush(&s) || done;
		if (s.phase != PHASE_DONE && waiting_poll(&s, done &&
		    (s.more || s.phase == PHASE_FINISHING), &awake))
			trim(&s);
		leaving_check_time(&s, terminated);
		if (list_changed) {
			list_changed = 0;
			(void)leaving_denied(&s);
		}
		terminated = 0;
		assert(!relay_wanted(&s) || s.phase == PHASE_DONE ||
		    (s.name[0] != '\0' && s.phase <= PHASE_FINISHING &&
		    s.lost == NULL));
	}
	if (s.name[0] == '\0')
		log_debug("%s pid %d: disconnected without a name",
		    peer->name, (int)bus->pid);
	(void)close(s.fd);
}
