/* SPDX-License-Identifier: ISC */

/*
 * What the process in must know after a restart.
 *
 * The file is replaced now and then, atomically, and may be older than the
 * room: it has matching places in the room and in the stream, and the room
 * knows what followed.
 */
#ifndef CHATLINK_STATE_H
#define CHATLINK_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "contrib/chatlink/payload.h"

#define STATE_TOKEN	32	/* hexadecimal digits */
#define STATE_MARKS	512	/* of all rooms of all hosts */

/* The place in the events of a host's room. */
struct watermark {
	char		host[TEXT_HOST_MAX + 1];
	char		identity[PAYLOAD_IDENTITY + 1];
	uint64_t	last;
	uint64_t	sent;		/* the room was told up to here */
	uint64_t	used;		/* the time, counted in uses */
};

struct state {
	char		token[STATE_TOKEN + 1];
	uint64_t	place;		/* our room's last event; 0: none yet */
	char		identity[PAYLOAD_IDENTITY + 1];	/* our room's */
	int64_t		created;	/* the stream; 0: none yet */
	uint64_t	seq;		/* all up to here is in our room */
	uint64_t	check;		/* a hash of that message */
	uint64_t	uses;
	int		marks;
	struct watermark	mark[STATE_MARKS];
	bool		changed;	/* since it was written */
};

/*
 * Read the file, or start with a new token and nothing else if there is none.
 * Exits if it is invalid or cannot be read.
 */
void	 state_load(struct state *s, const char *path);

/* Write it, if it has changed.  Logs failures. */
void	 state_save(struct state *s, const char *path);

/* The mark of this host's room, made if necessary, perhaps from an old one. */
struct watermark *state_mark(struct state *s, const char *host,
	    const char *identity);

/* A hash of data[0..len), different for each basis. */
uint64_t state_hash(uint64_t basis, const char *data, size_t len);

#endif
