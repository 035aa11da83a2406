/* SPDX-License-Identifier: ISC */

/*
 * How many slots a scan must examine.
 *
 * The parent counts the slots that were ever used; this bounds every scan of
 * slots and bitmaps, so a small room costs little however many clients it may
 * hold.  Like everything read from the segment, the count is checked before it
 * is used, here and nowhere else.
 *
 * Runs in the parent, in sessions, in the waker and in viewers.
 */

#include "ipc/bus/bus.h"

uint32_t
bus_slots(const struct bus *b)
{
	uint32_t high = atomic_load(&b->segment->high);

	return high < b->slots ? high : b->slots;
}
