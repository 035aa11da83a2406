/* SPDX-License-Identifier: ISC */

/*
 * Lines of this room that the engine has not yet stored.
 *
 * They are as the room sent them.  A line of kind "room" stands wherever the
 * next lines are of another room.
 */
#ifndef CHATLINK_QUEUE_H
#define CHATLINK_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "contrib/chatlink/payload.h"

#define QUEUE_SIZE	(4 << 20)

struct queue {
	char	*buf;				/* of QUEUE_SIZE bytes */
	size_t	 start, sent, end;		/* [start, sent) is a batch */
	char	 identity[PAYLOAD_IDENTITY + 1];	/* at start; or "" */
	char	 newest[PAYLOAD_IDENTITY + 1];		/* at end */
	uint64_t last;				/* ID of the newest event */
	uint64_t batch_last;			/* and of the batch's */
};

/* Set up an empty queue; exits without memory. */
void	 queue_init(struct queue *q);

/*
 * Add a line of the room, of at most LINK_LINE bytes without its end.  A line
 * that other rooms do not get only advances the place.  Returns false, and has
 * done nothing, if there is no space.
 */
bool	 queue_add(struct queue *q, const char *line, size_t len);

/*
 * Make a batch of waiting lines and write it as a payload of at most
 * PAYLOAD_MAX bytes to dst.  Returns its length; 0 if no line waits.  Makes the
 * same batch again until it is done or dropped.
 */
size_t	 queue_batch(struct queue *q, char *dst);

/* The batch is stored: forget it. */
void	 queue_done(struct queue *q);

/* Forget the lines that are, in that room, not after the event last. */
void	 queue_drop(struct queue *q, const char *identity, uint64_t last);

/* Forget everything, including the place. */
void	 queue_drop_all(struct queue *q);

/* Whether no line waits; how many bytes wait. */
bool	 queue_is_empty(const struct queue *q);
size_t	 queue_bytes(const struct queue *q);

#endif
