/* SPDX-License-Identifier: ISC */

/*
 * The engine that carries lines between hosts: a stream of NATS JetStream.
 *
 * libnats has threads, and calls back in them.  Here a callback only writes
 * a pointer to a pipe, so that the process handles everything in its own
 * time, in the one place where it waits.
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
	ENGINE_HERE,		/* a host says who is there */
	ENGINE_STORED,		/* what was published has this seq */
	ENGINE_REFUSED,		/* it is not known to be stored: see why */
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

/* What is known of the stream. */
struct engine_stream {
	int64_t		 created;	/* ns since the Epoch */
	uint64_t	 first, last;	/* sequence numbers */
};

/* What engine_get() and engine_last() may find. */
enum engine_found {
	ENGINE_FOUND,
	ENGINE_NONE,			/* there is no such message */
	ENGINE_DOWN			/* it cannot be told now */
};

/*
 * Connect, as l says, once in a process.  Returns NULL, having logged why,
 * where that is not possible now; exits where it never will be.  A connection
 * that breaks is made again by itself.
 */
struct engine *engine_open(const struct link *l);

/* Whether there is a connection now. */
bool	 engine_is_up(struct engine *e);

/* To be polled for input: engine_next() has something then. */
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
 * Begin to get the stream's messages from number seq on, the first being 1.
 * Called again, it begins anew there; what was on its way comes nevertheless.
 * Returns false if the engine refuses.
 */
bool	 engine_follow(struct engine *e, uint64_t seq);

/*
 * Publish data[0..len) as this host's, if its last message in the stream has
 * the number expected (0: it has none).  The answer is an event.  id makes
 * what is published twice one message.  Returns false if nothing was sent.
 */
bool	 engine_publish(struct engine *e, const char *data, size_t len,
	    uint64_t expected, const char *id);

/* Tell the other hosts who is here, and begin to hear them. */
bool	 engine_say_here(struct engine *e, const char *data, size_t len);
bool	 engine_hear_here(struct engine *e);

#endif
