/* SPDX-License-Identifier: ISC */

/*
 * A room to attack: a server of its own, three honest clients, and a script.
 *
 * The probe says a line, waits until it hears it, and says the next.  The
 * witness only listens.  Newcomers come one after the other, and go again.
 * What is measured is how long the probe and the newcomers wait, beyond
 * what they wait in a calm room at the same time: the machine's own stalls
 * are not the attackers' doing.
 */
#ifndef TESTS_CHAOS_ROOM_H
#define TESTS_CHAOS_ROOM_H

#include "tests/chaos/attack.h"
#include "tests/chaos/honest.h"
#include "tests/chaos/server.h"

#define ROOM_STALLS	256

/* What an attack did, in seconds. */
struct finding {
	double	longest;	/* wait */
	double	silence;	/* the longest with nobody to blame */
	double	total;		/* of all waits */
	double	stall;		/* the calm room's longest meanwhile */
	char	fault[256];	/* what is wrong apart from time; or "" */
};

enum room_state {
	ROOM_STARTING, ROOM_ENTERING, ROOM_IN_USE, ROOM_EMPTYING,
	ROOM_STOPPING, ROOM_OVER
};

struct wait {
	double	from, to;
};

struct room {
	enum room_state	 state;
	double		 until;		/* this state, at most */
	double		 again;		/* when to say that it ends */
	bool		 asked;		/* it was late, and must say why */
	struct server	 server;
	double		 seconds;	/* how long it is in use */
	double		 begun;
	const struct script *script;	/* NULL: it is calm */
	const struct room *calm;
	struct finding	 found;
	double		 innocent_since;	/* 0: somebody lags */
	double		 heard;		/* an event, the last time */
	struct wait	 wait[ROOM_STALLS];	/* the latest, if calm */
	size_t		 waits;
	struct honest	 probe, witness, newcomer;
	unsigned int	 newcomers;
	struct attack	 attack;
};

/*
 * Start a server, to be attacked for so many seconds by this script.  The
 * calm room has none, and stays in use until room_stop().
 */
void	 room_start(struct room *r, const struct script *script,
	    double seconds, const struct room *calm);

/* A round of the loop: what it waits for, and what it does after it. */
void	 room_watch(struct room *r, struct watch *w);
void	 room_move(struct room *r, const struct watch *w);

/* End the server; the room is over when it has ended. */
void	 room_stop(struct room *r);

/* Leave no process of it behind.  For the end of the program. */
void	 room_kill(struct room *r);

#endif
