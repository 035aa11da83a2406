/* SPDX-License-Identifier: ISC */

/*
 * The clock.
 *
 * All that the server does after a time goes by this one, which nobody can
 * set.  It is a file of its own so that a test can link another in its
 * place, and have years pass in a moment.
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
