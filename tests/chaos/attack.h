/* SPDX-License-Identifier: ISC */

/*
 * The connections by which a script attacks a room.
 */
#ifndef TESTS_CHAOS_ATTACK_H
#define TESTS_CHAOS_ATTACK_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/chaos/script.h"
#include "tests/chaos/watch.h"

#define ATTACK_MAX	160	/* connections; more close the oldest */
#define ATTACK_QUEUE	16	/* actions whose bytes are not all sent */
#define ATTACK_ID	20

enum reading { READING_ALL, READING_NONE, READING_SOME };

/* Lines that are all the same: a text, then y repeated. */
struct lines {
	char		text[SCRIPT_TEXT + 64];
	size_t		text_len, len;		/* of a line, with its LF */
	uint64_t	size, sent;		/* bytes */
};

struct attacker {
	int		 fd;
	int		 at;		/* in a watch */
	int		 who;		/* in the script; -1: left alone */
	uint64_t	 order;		/* of opening, among all */
	in_port_t	 port;		/* its own, by which the log knows it */
	char		 name[36];	/* "": nothing is relayed to it */
	bool		 left;		/* but its client is still connected */
	bool		 eof;
	enum reading	 reading;
	int		 sip;		/* bytes ... */
	double		 sip_s;		/* ... every so many s */
	double		 sip_at;	/* the next time */
	size_t		 may_read;
	struct lines	 queue[ATTACK_QUEUE];
	size_t		 queued;
};

struct attack {
	const struct script	*script;
	in_port_t		 port;
	size_t			 next;		/* action */
	double			 due, begun;	/* it, and this round */
	uint64_t		 order;
	char			 id[ATTACK_ID];	/* of the latest event */
	struct attacker		 a[ATTACK_MAX];
};

/* Start a script, now, in the room at port. */
void	 attack_begin(struct attack *at, const struct script *script,
	    in_port_t port);

/* Do what is due. */
void	 attack_act(struct attack *at);

/* Add the awaited events; act on those that happened. */
void	 attack_watch(struct attack *at, struct watch *w);
void	 attack_move(struct attack *at, const struct watch *w);

/*
 * The log says that the client at this port now has this name, or has left
 * ("").
 */
void	 attack_named(struct attack *at, in_port_t port, const char *name);
void	 attack_left(struct attack *at, in_port_t port);

/*
 * Whether a client that does not read at once is in the room, or has left it
 * and has yet to receive what was said before.
 */
bool	 attack_someone_lags(const struct attack *at);

/* Close all. */
void	 attack_end(struct attack *at);

#endif
