/* SPDX-License-Identifier: ISC */

/*
 * The one place where a session waits for events.
 *
 * It waits in one ppoll(2) for its client, whose bytes it then reads into a
 * buffer, for the end of its parent, and for the signal that wakes it (wake.c);
 * nothing else in a session blocks, except the lock among writers.  It does not
 * read the client's bytes while it cannot use them: TCP then slows the client
 * down.
 *
 * Runs in a session.
 */

#include <errno.h>
#include <poll.h>
#include <time.h>

#include "chatserv/session/leaving.h"
#include "chatserv/session/relay.h"
#include "chatserv/session/waiting.h"
#include "ipc/bus/wake.h"

#define IDLE_MS		1000

/* Whether the session can use more of the client's bytes now. */
static bool
wants_input(const struct session *s)
{
	return !s->in.eof && ((s->phase <= PHASE_PRESENT &&
	    (!s->more || s->dialect->held != NULL) &&
	    !line_in_full(&s->in)) || s->phase == PHASE_LINGERING);
}

static void
read_input(struct session *s)
{
	ssize_t n;

	if (s->phase == PHASE_LINGERING)
		s->in.start = s->in.end;
	n = line_in_fill(&s->in, s->fd);
	if (n == -1 && errno != EAGAIN && errno != EWOULDBLOCK &&
	    errno != EINTR) {
		leaving_lost(s, errno);
		line_in_break(&s->in);
	}
	if (s->phase == PHASE_LINGERING && s->in.eof)
		s->phase = PHASE_DONE;
}

/* Whether all buffers are empty. */
static bool
idle(const struct session *s)
{
	return s->in.start == s->in.end && s->batch.used == 0 &&
	    line_out_pending(&s->out) == 0;
}

/* The time until the next deadline of any kind; NULL if there is none. */
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

bool
waiting_poll(struct session *s, bool again, const sigset_t *awake)
{
	struct pollfd	pfd[2];
	struct timespec	ts;
	bool		prepared = false, reading = wants_input(s);
	bool		timed_out = false;

	if (!again && relay_wanted(s) && relay_has_space(s)) {
		prepared = wake_prepare(s->bus, &s->reader);
		/* New records that do not fit wait for the socket. */
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
		timed_out = !again;
		break;
	}
	if (prepared)
		wake_cancel(s->bus);
	if (pfd[1].revents != 0) {
		s->parent_fd = -1;
		/*
		 * A client that has left still gets the rest: the segment is
		 * mapped.
		 */
		if (s->phase < PHASE_FINISHING)
			session_closed(s);
	}
	if (pfd[0].revents & (POLLIN | POLLHUP | POLLERR)) {
		if (reading)
			read_input(s);
		else if (pfd[0].revents & (POLLHUP | POLLERR))
			leaving_lost(s, ECONNRESET);
	}
	return timed_out && idle(s);
}
