/* SPDX-License-Identifier: ISC */

/*
 * How long honest clients wait in a room that is attacked.
 */
#ifndef TESTS_CHAOS_MEASURE_H
#define TESTS_CHAOS_MEASURE_H

#include "tests/chaos/room.h"

/* An honest client has waited since then, until now. */
void	 measure_wait(struct room *r, double from);

/*
 * The room says something, or the attack is over: was it silent, while the
 * probe waited, and nobody was to blame?
 */
void	 measure_silence(struct room *r);

/* See, in each round, whether somebody is to blame. */
void	 measure_blame(struct room *r);

/* The longest wait in a calm room that overlaps this time. */
double	 measure_stall(const struct room *calm, double from, double to);

#endif
