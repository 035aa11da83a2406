/* SPDX-License-Identifier: ISC */

/*
 * The process out: it sends what this room says to the engine.
 *
 * One message is in flight at a time, and all waiting lines go into the next
 * one.  So nothing is reordered, batches form by themselves while the engine
 * is slower than the room, and a single line waits for nothing.
 *
 * It keeps nothing on disk.  The last message of this host in the stream says
 * where to continue, and the engine stores the next one only if that is still
 * the last: a process that was stopped, and another started meanwhile, cannot
 * both continue.  The room's ring may still have what the stream has lost:
 * then chatc is started again from there.
 *
 * A process that pipes a file into the room is slowed down to the engine's
 * speed, by the room's flow control: when the queue is full, chatc's output is
 * not read until the engine has stored something.  The room must not wait for
 * an engine that stores nothing: then chatc is stopped, and started again when
 * the queue is empty.
 *
 * Runs in the process out.
 */

#include <sys/wait.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "chatserv/common/log.h"
#include "contrib/chatlink/engine.h"
#include "contrib/chatlink/listener.h"
#include "contrib/chatlink/out.h"
#include "contrib/chatlink/queue.h"
#include "ipc/bus/bus.h"
#include "ipc/common/bsd.h"

#define AGAIN_MS	500	/* before another try */
#define PATIENCE_MS	1000	/* the room's, if the engine stores nothing */
#define READS		16	/* of chatc's lines, in one round */

struct out {
	const struct link	*link;
	struct engine		*engine;
	struct listener		 listener;
	struct queue		 queue;
	char			 stored_in[PAYLOAD_IDENTITY + 1];
	uint64_t		 stored;	/* the last ID in the stream */
	uint64_t		 seq;		/* of the message with it */
	bool			 on_its_way, doubtful, full;
	uint64_t		 again;		/* when to try again; 0: no */
	uint64_t		 waits_since;	/* as the queue is full */
	char			 payload[PAYLOAD_MAX];
};

static struct out out;

static void __attribute__((noreturn))
end(int status)
{
	(void)listener_stop(&out.listener);
	_exit(status);
}

static void
try_again(void)
{
	out.again = bus_now() + AGAIN_MS;
}

/* ---- the room ---- */

/* Listen from the place in the stream or the queue. */
static void
listen_on(void)
{
	uint64_t	 last = out.queue.last;
	const char	*identity = out.queue.newest;

	if (last == 0 || identity[0] == '\0') {
		last = out.stored;
		identity = out.stored_in;
	}
	if (listener_start(&out.listener, out.link, last, identity) == -1)
		try_again();
}

/* Start over, from what the stream says. */
static void
restart_listener(void)
{
	(void)listener_stop(&out.listener);
	queue_drop_all(&out.queue);
	listen_on();
}

/* chatc has exited, though it should run for ever. */
static void
lose_listener(void)
{
	int status = listener_stop(&out.listener);

	log_info("out: chatc has exited (%s %d)", WIFEXITED(status) ?
	    "status" : "signal", WIFEXITED(status) ? WEXITSTATUS(status) :
	    WTERMSIG(status));
	try_again();
}

static void
take_lines(void)
{
	char	*line;
	size_t	 len;

	out.full = false;
	while (line_in_peek(&out.listener.in, &line, &len) == LINE_OK) {
		if (!queue_add(&out.queue, line, len)) {
			out.full = true;
			return;
		}
		line_in_consume(&out.listener.in);
	}
}

/* The queue was full.  The room waits for some time only. */
static void
wait_for_space(void)
{
	take_lines();
	if (!out.full || (engine_is_up(out.engine) &&
	    bus_now() < out.waits_since + PATIENCE_MS))
		return;
	log_info("out: the engine is too far behind: the room's ring keeps "
	    "what follows");
	(void)listener_stop(&out.listener);
}

static bool
hears(void)
{
	return out.listener.pid != 0 && !out.full;
}

static void
hear(void)
{
	ssize_t	n = 1;
	int	i;

	for (i = 0; i < READS && n > 0 && hears(); i++) {
		n = line_in_fill(&out.listener.in, out.listener.fd);
		if (n == 0 || (n == -1 && errno != EINTR && errno != EAGAIN))
			lose_listener();
		else
			take_lines();
	}
	if (out.full)
		out.waits_since = bus_now();
}

/* ---- the stream ---- */

/* Whether the stream has lost messages, or has another process's. */
static bool
is_another_stream(const struct payload *p, uint64_t seq)
{
	return seq < out.seq || strcmp(p->identity, out.queue.identity) != 0 ||
	    (strcmp(p->identity, out.stored_in) == 0 && p->last < out.stored);
}

/* Take the place from the last message of this host. */
static void
go_on_after(const struct payload *p, uint64_t seq)
{
	bool other = out.listener.pid != 0 && is_another_stream(p, seq);

	out.stored = p->last;
	memcpy(out.stored_in, p->identity, sizeof(out.stored_in));
	out.seq = seq;
	if (other)
		restart_listener();
	else
		queue_drop(&out.queue, p->identity, p->last);
}

/* Find the place.  Returns false without an answer. */
static bool
look_at_stream(void)
{
	static const struct payload	 none;
	struct payload			 p;
	struct engine_event		*ev;

	switch (engine_last(out.engine, &ev)) {
	case ENGINE_DOWN:
		return false;
	case ENGINE_NONE:
		if (out.seq != 0)
			go_on_after(&none, 0);
		return true;
	case ENGINE_FOUND:
		if (!payload_open(&p, ev->data, ev->len)) {
			log_info("out: the last message of this host is "
			    "invalid: sending all that the room holds");
			p = none;
		}
		if (ev->seq != out.seq)
			go_on_after(&p, ev->seq);
		engine_free(ev);
		break;
	}
	return true;
}

static void
publish(void)
{
	char	id[PAYLOAD_IDENTITY + EVENT_ID_DIGITS + 8];
	size_t	n = queue_batch(&out.queue, out.payload);

	if (n == 0)
		return;
	(void)snprintf(id, sizeof(id), "%s.%" PRIu64, out.queue.identity,
	    out.queue.batch_last);
	out.on_its_way = engine_publish(out.engine, out.payload, n, out.seq,
	    id);
	if (!out.on_its_way)
		try_again();
}

static void
take_answer(const struct engine_event *ev)
{
	switch (ev->kind) {
	case ENGINE_STORED:
		out.on_its_way = false;
		out.seq = ev->seq;
		out.stored = out.queue.batch_last;
		out.waits_since = bus_now();
		memcpy(out.stored_in, out.queue.identity,
		    sizeof(out.stored_in));
		queue_done(&out.queue);
		break;
	case ENGINE_REFUSED:
		out.on_its_way = false;
		out.doubtful = true;
		try_again();
		log_info("out: the engine did not store a message: %s",
		    ev->why);
		break;
	case ENGINE_NEWS:
		log_info("out: the engine: %s", ev->why);
		break;
	case ENGINE_MESSAGE:
	case ENGINE_HERE:
		break;
	}
}

/* ---- all of it ---- */

static void
log_figures(void)
{
	log_info("out: the stream has all up to %" PRIu64 " of room %s; %zu "
	    "bytes wait; the engine is %s", out.stored, out.stored_in,
	    queue_bytes(&out.queue), engine_is_up(out.engine) ? "there" :
	    "away");
}

/* When something has to be done, even if nothing happens; 0: never. */
static uint64_t
next_try(void)
{
	uint64_t patience = out.waits_since + PATIENCE_MS;

	if (!out.full || out.listener.pid == 0 ||
	    (out.again != 0 && out.again < patience))
		return out.again;
	return patience;
}

static void
wait_for_events(void)
{
	struct pollfd	pfd[3] = {
	    { out.link->parent_fd, POLLIN, 0 },
	    { engine_fd(out.engine), POLLIN, 0 },
	    { hears() ? out.listener.fd : -1, POLLIN, 0 } };
	uint64_t	until = next_try();
	struct timespec	ts = link_until(until);

	if (ppoll(pfd, 3, until == 0 ? NULL : &ts, &link_awake) <= 0)
		return;
	if (pfd[0].revents != 0)
		end(0);
	if (pfd[2].revents != 0)
		hear();
}

/* Do what is possible now, or due for another try. */
static void
go_on(void)
{
	struct engine_event *ev;

	while ((ev = engine_next(out.engine)) != NULL) {
		take_answer(ev);
		engine_free(ev);
	}
	if (out.full && out.listener.pid != 0)
		wait_for_space();
	if (out.again != 0 && bus_now() < out.again)
		return;
	out.again = 0;
	if (out.doubtful && !look_at_stream()) {
		try_again();
		return;
	}
	out.doubtful = false;
	if (out.full && queue_is_empty(&out.queue))
		out.full = false;
	if (out.listener.pid == 0 && !out.full)
		listen_on();
	if (!out.on_its_way && engine_is_up(out.engine))
		publish();
	else if (!out.on_its_way && !queue_is_empty(&out.queue))
		try_again();
}

void
out_run(const struct link *l)
{
	out.link = l;
	queue_init(&out.queue);
	if ((out.engine = engine_open(l)) == NULL)
		_exit(1);
	out.doubtful = true;
	while (!link_stopped) {
		go_on();
		if (link_asked) {
			link_asked = 0;
			log_figures();
		}
		wait_for_events();
	}
	end(0);
}
