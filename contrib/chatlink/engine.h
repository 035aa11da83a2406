/* SPDX-License-Identifier: ISC */

/*
 * The engine that carries lines between hosts: a stream of NATS JetStream.
 *
 * libnats has threads, and calls back in them.  Here a callback only writes
 * a pointer to a pipe, so that the process handles every event in its main
 * thread, in the one place where it waits.
 */
#ifndef CHATLINK_ENGINE_H
#define CHATLINK_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "contrib/chatlink/link.h"

struct engine;

enum engine_kind {
	ENGINE_MESSAGE,		/* of the stream */
	ENGINE_HERE,		/* a host lists its people */
	ENGINE_STORED,		/* the publication has this seq */
	ENGINE_REFUSED,		/* it may not be stored: see why */
	ENGINE_NEWS		/* for the log: see why */
};

struct engine_event {
	enum engine_kind kind;
	uint64_t	 seq;
	char		 host[TEXT_HOST_MAX + 1];	/* in its subject */
	const char	*data;
	size_t		 len;
	char		 why[128];
	void		*message;			/* the library's */
};

/* The stream's properties. */
struct engine_stream {
	int64_t		 created;	/* ns since the Epoch */
	uint64_t	 first, last;	/* sequence numbers */
};

/* The results of engine_get() and engine_last(). */
enum engine_found {
	ENGINE_FOUND,
	ENGINE_NONE,			/* there is no such message */
	ENGINE_DOWN			/* no answer */
};

/*
 * Connect as l says, once in a process.  Returns NULL, having logged why, if
 * that is impossible now; exits if it always will be.  The library restores a
 * connection that breaks.
 */
struct engine *engine_open(const struct link *l);

/* Whether there is a connection now. */
bool	 engine_is_up(struct engine *e);

/* A descriptor to poll for input: then engine_next() has an event. */
int	 engine_fd(const struct engine *e);

/*
 * The next event, or NULL.  The caller frees it with engine_free().
 */
struct engine_event *engine_next(struct engine *e);
void	 engine_free(struct engine_event *ev);

/* Each waits for the engine's answer, for a second at most. */
bool	 engine_stream(struct engine *e, struct engine_stream *s);

/*
 * The message with this number, or the last one of this link's host: the
 * caller frees *ev if it is found.
 */
enum engine_found engine_get(struct engine *e, uint64_t seq,
	    struct engine_event **ev);
enum engine_found engine_last(struct engine *e, struct engine_event **ev);

/*
 * Subscribe to the stream's messages from number seq on, the first being 1.
 * Called again, it restarts from there; messages in flight arrive nevertheless.
 * Returns false if the engine refuses.
 */
bool	 engine_follow(struct engine *e, uint64_t seq);

/*
 * Publish data[0..len) as this host's, if its last message in the stream has
 * the number expected (0: it has none).  The answer is an event.  id makes
 * two publications of it one message.  Returns false if nothing was sent.
 */
bool	 engine_publish(struct engine *e, const char *data, size_t len,
	    uint64_t expected, const char *id);

/* Tell the other hosts who is here, and subscribe to their lists. */
bool	 engine_say_here(struct engine *e, const char *data, size_t len);
bool	 engine_hear_here(struct engine *e);

#endif
