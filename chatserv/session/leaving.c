/* SPDX-License-Identifier: ISC */

/*
 * The end of a session, phase by phase.
 *
 * The phases are kept apart so that nothing that was said is lost: first the
 * session publishes what its client has said (LEAVING), then it relays
 * everything up to its own leave (FINISHING) and sends it (FLUSHING), and
 * then it waits for the client to close (LINGERING, which is nginx's
 * lingering close), because closing over unread input would reset the
 * connection and could destroy the last line on its way.
 *
 * Writers wait for a session that has a cursor.  So a session gives its
 * cursor up, for BUS_NOT_READING, as soon as its client has left, is lost or
 * has nothing more to read.
 *
 * Runs in a session.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "chatserv/common/deny.h"
#include "chatserv/common/log.h"
#include "chatserv/session/leaving.h"
#include "ipc/bus/flow.h"
#include "ipc/common/bsd.h"

#define FLUSH_MS	30000
#define NAMELESS_MS	1000	/* the same, for a client without a name */
#define LINGER_MS	2000
/*
 * If all processes get SIGTERM at once, as when the machine goes down, the
 * parent says within this time that the server stops.  If not, it is a kick.
 */
#define KICK_MS		1000

/* Writers no longer wait for this session, and it relays nothing more. */
static void
stop_reading(struct session *s)
{
	s->reader.cursor = s->reader.limit = BUS_NOT_READING;
	flow_passed(s->bus, &s->reader);
}

/*
 * When the session gives up on a client that does not read the rest.  A client
 * without a name has at most answers to read, and another client may need its
 * slot.
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

void
session_quit(struct session *s, const char *text, size_t len)
{
	static char	reason[SESSION_REASON_MAX + 1];
	size_t		n;

	(void)strlcpy(reason, "quit", sizeof(reason));
	if (len > 0) {
		n = strlcpy(reason, "quit: ", sizeof(reason));
		n += text_visible(reason + n, text, len);
		reason[n] = '\0';
	}
	session_leave(s, reason);
}

/* After a colon, the reason is the client's own text. */
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
	/* "quit" would promise that everything was published and relayed. */
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
leaving_lost(struct session *s, int error)
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

void
leaving_publish(struct session *s)
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

void
leaving_say_goodbye(struct session *s)
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

void
leaving_linger(struct session *s)
{
	(void)bsd_end_output(s->fd);
	s->phase = s->in.eof ? PHASE_DONE : PHASE_LINGERING;
	s->deadline = bus_now() + LINGER_MS;
}

/*
 * The ring has had no space for the client's last lines.  Tell the client and
 * the log, and leave for a reason that does not promise that everything was
 * published; the deadline leaves a moment for that.
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
	    "found no space: not published", lines);
	if (s->lost == NULL &&
	    line_out_left(&s->out) >= SESSION_ANSWER_SPACE)
		session_answer(s, EVENT_ERR, text);
	s->batch.used = 0;
	(void)strlcpy(s->reason, "timed out", sizeof(s->reason));
	s->deadline = bus_now() + LINGER_MS;
}

bool
leaving_denied(struct session *s)
{
	if (!deny_has(&s->peer->address, s->peer->login))
		return false;
	if (s->phase == PHASE_NAMING)
		session_refuse(s, EVENT_DENIED);
	else
		session_leave(s, "denied");
	return true;
}

static void
refuse_nameless(struct session *s)
{
	session_refuse(s, s->peer->only_takeover != NULL ?
	    s->peer->only_takeover : "you gave no name in time");
}

void
leaving_check_time(struct session *s, bool terminated)
{
	bool stopping = atomic_load(&s->bus->segment->stopping);

	if (terminated && s->phase == PHASE_NAMING && !stopping)
		refuse_nameless(s);
	else if (terminated && stopping)
		session_leave(s, "server stopping");
	else if (terminated && s->phase == PHASE_PRESENT && s->deadline == 0)
		s->deadline = bus_now() + KICK_MS;
	if (atomic_load(&s->bus->slot[s->bus->me].state) == SLOT_REPLACED)
		session_closed(s);
	if (s->deadline == 0 || bus_now() < s->deadline)
		return;
	if (s->phase == PHASE_NAMING)
		refuse_nameless(s);
	else if (s->phase == PHASE_PRESENT)
		session_leave(s, "killed");
	else if (s->phase == PHASE_LEAVING && s->batch.used > 0)
		give_up_batch(s);
	else
		s->phase = PHASE_DONE;
}
