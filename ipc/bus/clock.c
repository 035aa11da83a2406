/* SPDX-License-Identifier: ISC */

/*
 * The clock.
 *
 * All time-outs of the server use the monotonic clock, which nobody can set.
 * It has a file of its own so that a test can link another clock instead, on
 * which years pass in a moment.
 *
 * Runs in all processes.
 */

#include <time.h>

#include "ipc/bus/bus.h"

uint64_t
bus_now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}
