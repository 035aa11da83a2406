/* SPDX-License-Identifier: ISC */

/*
 * Watching whether the segment still has its name.
 *
 * Those who tidy up /dev/shm, such as systemd(1) when a user logs out, may
 * remove a segment in use.  The room goes on, for all its processes have the
 * segment mapped; but nobody finds it by its name: chatstat(1) shows nothing,
 * the next server copies no history, and another server can have the number.
 * So the administrator is told while there is time.
 *
 * Runs in the parent.
 */

#include "chatserv/common/log.h"
#include "chatserv/parent/segment_watch.h"
#include "ipc/common/bsd.h"

#define LOOK_MS		60000

uint64_t
segment_watch(const struct bus *b)
{
	if (bsd_has_name(b->fd))
		return bus_now() + LOOK_MS;
	log_info("somebody has removed the segment: the history ends with "
	    "this server");
	return 0;
}
