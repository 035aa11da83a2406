/* SPDX-License-Identifier: ISC */

/*
 * A well-behaved client: it speaks TSV, says what it is told to, reads
 * everything at once, and counts what it receives.
 */
#ifndef TESTS_CHAOS_HONEST_H
#define TESTS_CHAOS_HONEST_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "ipc/common/line.h"
#include "tests/chaos/watch.h"

#define HONEST_LINE	20000		/* the longest from a server */
#define HONEST_OUT	256

/* A line from the server, split into its fields. */
struct heard {
	const char	*id, *kind, *name, *text;
};

struct honest {
	int		 fd;		/* -1: none */
	int		 at;		/* in a watch */
	char		 name[16];
	bool		 here;		/* it has received its own join */
	double		 since;		/* awaiting a reply; 0: none */
	double		 next;		/* when it will act */
	unsigned int	 number;	/* of its latest line */
	bool		 counts;
	uint64_t	 events, lost;	/* since it was told to count */
	uint64_t	 sum;		/* of the lines of these events */
	size_t		 out_len;
	char		 out[HONEST_OUT];
	struct line_in	 in;
	char		 buf[HONEST_LINE + 65536];
};

/* Called for each line that h receives. */
typedef void	 honest_hears(void *arg, struct honest *h,
		    const struct heard *line);

/* Set h up, not connected. */
void	 honest_init(struct honest *h);

/* Connect, and ask for this name. */
void	 honest_come(struct honest *h, const char *name, in_port_t port);

/* Send a line; h awaits a reply from now on. */
void	 honest_say(struct honest *h, const char *line);

/* How long it has awaited a reply. */
double	 honest_waits(const struct honest *h);

/* Restart the count from 0, or stop it. */
void	 honest_count(struct honest *h, bool counts);

void	 honest_watch(struct honest *h, struct watch *w);
void	 honest_move(struct honest *h, const struct watch *w,
	    honest_hears *hears, void *arg);
void	 honest_go(struct honest *h);

#endif
