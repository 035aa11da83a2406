/* SPDX-License-Identifier: ISC */

/*
 * A room under attack: a server of its own, three honest clients, and a
 * script.
 *
 * The probe says a line, waits for its echo, and says the next.  The witness
 * only listens.  Newcomers join one after the other, and leave.  The measure is
 * how long the probe and the newcomers wait, beyond what those of a calm room
 * wait at the same time: the machine's own stalls are not the attackers' doing.
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
	double	silence;	/* the longest with no client to blame */
	double	total;		/* of all waits */
	double	stall;		/* the calm room's longest meanwhile */
	char	fault[256];	/* any other failure; or "" */
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
	double		 until;		/* this state's limit */
	double		 again;		/* when to say that it ends */
	bool		 asked;		/* it was late, and must say why */
	struct server	 server;
	double		 seconds;	/* of the attack */
	double		 begun;
	const struct script *script;	/* NULL: the calm room */
	const struct room *calm;
	struct finding	 found;
	double		 innocent_since;	/* 0: a client lags */
	double		 heard;		/* the time of the last event */
	struct wait	 wait[ROOM_STALLS];	/* the latest, if calm */
	size_t		 waits;
	struct honest	 probe, witness, newcomer;
	unsigned int	 newcomers;
	struct attack	 attack;
};

/*
 * Start a server, to be attacked for so many seconds by this script.  The
 * calm room has none, and runs until room_stop().
 */
void	 room_start(struct room *r, const struct script *script,
	    double seconds, const struct room *calm);

/* A round of the loop: add the awaited events; act on those that happened. */
void	 room_watch(struct room *r, struct watch *w);
void	 room_move(struct room *r, const struct watch *w);

/* Stop the server; the room is over when it has exited. */
void	 room_stop(struct room *r);

/* Leave none of its processes behind.  For the end of the program. */
void	 room_kill(struct room *r);

#endif
