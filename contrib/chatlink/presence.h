/* SPDX-License-Identifier: ISC */

/*
 * Which other hosts are here, and who is in their rooms.
 *
 * Hosts announce that outside the stream, which does not keep it, to those that
 * are listening.
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
	unsigned int	count, told;	/* people now, and as announced */
	uint64_t	heard, said;	/* by us; by the room; in ms */
	char		names[PRESENCE_NAMES];
};

struct presence {
	int			hosts;
	struct presence_host	host[PRESENCE_HOSTS];
};

/*
 * A host announces data[0..len), which may be hostile.  Returns whether to tell
 * the room the line that it wrote to line, of PRESENCE_LINE bytes.
 */
bool	presence_hear(struct presence *p, const char *host, const char *data,
	    size_t len, uint64_t now, char *line);

/* The same for a host that has been silent for too long, if there is one. */
bool	presence_miss(struct presence *p, uint64_t now, char *line);

/* Write a line on the n-th host here.  Returns false after the last. */
bool	presence_answer(const struct presence *p, int n, char *line);

/* How many hosts are here. */
int	presence_count(const struct presence *p);

/*
 * A host's announcement: the people here, counted one by one; it names the
 * first of them.
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
