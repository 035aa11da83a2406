/* SPDX-License-Identifier: ISC */

/*
 * Which other rooms are there, and who is in them.
 *
 * That is said aside, to those who happen to hear, and no stream keeps it.
 */
#ifndef CHATLINK_PRESENCE_H
#define CHATLINK_PRESENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/common/text.h"

#define PRESENCE_HOSTS	128
#define PRESENCE_NAMES	400	/* bytes of names, that fit into a line */
#define PRESENCE_LINE	512

struct presence_host {
	char		host[TEXT_HOST_MAX + 1];
	bool		here;
	unsigned int	count, told;	/* people now, and as the room knows */
	uint64_t	heard, said;	/* when it was heard; when told; ms */
	char		names[PRESENCE_NAMES];
};

struct presence {
	int			hosts;
	struct presence_host	host[PRESENCE_HOSTS];
};

/*
 * A host says data[0..len), of which nothing is believed.  Returns whether
 * the room is to be told line, of PRESENCE_LINE bytes.
 */
bool	presence_hear(struct presence *p, const char *host, const char *data,
	    size_t len, uint64_t now, char *line);

/* The same for a host that has been silent for too long, if there is one. */
bool	presence_miss(struct presence *p, uint64_t now, char *line);

/* The n-th host that is here, for who asks.  Returns false after the last. */
bool	presence_answer(const struct presence *p, int n, char *line);

/* How many hosts are here. */
int	presence_count(const struct presence *p);

/*
 * What a host says: the people who are here, counted one by one, of whom the
 * first are named.
 */
struct presence_own {
	unsigned int	count;
	size_t		len;
	char		names[PRESENCE_NAMES];
};

void	presence_begin(struct presence_own *o);
void	presence_add(struct presence_own *o, const char *name, size_t len);

/* Write it to data, of PRESENCE_LINE bytes.  Returns the length. */
size_t	presence_write(const struct presence_own *o, char *data);

#endif
