/* SPDX-License-Identifier: ISC */

/*
 * Measures how long honest clients wait in a room under attack.
 */
#ifndef TESTS_CHAOS_MEASURE_H
#define TESTS_CHAOS_MEASURE_H

#include "tests/chaos/room.h"

/* An honest client has waited since then, until now. */
void	 measure_wait(struct room *r, double from);

/*
 * The room says something, or the attack is over: was the room silent while
 * the probe waited, and no client to blame?
 */
void	 measure_silence(struct room *r);

/* In each round, check whether a client is to blame. */
void	 measure_blame(struct room *r);

/* The longest wait in a calm room that overlaps this time. */
double	 measure_stall(const struct room *calm, double from, double to);

#endif
