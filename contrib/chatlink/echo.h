/* SPDX-License-Identifier: ISC */

/*
 * Lines that were said in the room and await their echo.
 *
 * The room answers each line in order: it echoes it, or refuses it.  So the
 * process in knows the outcome of every line, and moves its marks only then.
 */
#ifndef CHATLINK_ECHO_H
#define CHATLINK_ECHO_H

#include <stdbool.h>
#include <stdint.h>

#include "contrib/chatlink/state.h"

#define ECHO_MAX	4096

struct echo {
	uint64_t	 hash;		/* of the echo */
	struct watermark	*mark;		/* to move then, or NULL */
	uint64_t	 id;		/* ... to here */
	uint64_t	 seq, check;	/* if not 0: a message ends here */
	bool		 shown;		/* echoed to an earlier process */
};

struct echoes {
	uint64_t	 basis;		/* of the hashes */
	struct state	*state;		/* to update */
	unsigned int	 first, count;
	struct echo	 echo[ECHO_MAX];
};

void	 echoes_init(struct echoes *e, struct state *s);

/* Whether n more can wait. */
bool	 echoes_have_space(const struct echoes *e, unsigned int n);

/* The hash of an event, as the room shows it to all. */
uint64_t echoes_hash(const struct echoes *e, enum event_kind kind,
	    const char *name, size_t name_len, const char *text, size_t len);

/* A line with this hash was said or shown; its echo moves mark to id. */
void	 echoes_add(struct echoes *e, uint64_t hash, bool shown,
	    struct watermark *mark, uint64_t id);

/*
 * All lines of the stream's message with this number were said: with the last
 * echo, the message is done.
 */
void	 echoes_end_message(struct echoes *e, uint64_t seq, uint64_t check);

/* The room has shown an event.  Returns whether it is the next echo. */
bool	 echoes_shown(struct echoes *e, uint64_t hash);

/* The room has refused the next one. */
void	 echoes_refused(struct echoes *e);

#endif
