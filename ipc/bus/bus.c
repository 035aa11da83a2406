/* SPDX-License-Identifier: ISC */

/*
 * What everyone who uses the segment needs of it.
 *
 * How many slots have ever been used is the parent's to say, and bounds
 * every walk over slots and bits, so that a small room costs little however
 * many it may hold.  Like all that is read from the segment it is bounded
 * itself, here and nowhere else.
 */

#include "ipc/bus/bus.h"

uint32_t
bus_slots(const struct bus *b)
{
	uint32_t high = atomic_load(&b->segment->high);

	return high < b->slots ? high : b->slots;
}
