/* SPDX-License-Identifier: ISC */

/*
 * Watching whether the segment still has its name.
 */
#ifndef CHATSERV_SEGMENT_WATCH_H
#define CHATSERV_SEGMENT_WATCH_H

#include "ipc/bus/bus.h"

/*
 * Log it if somebody has removed the name of b's segment.  Returns when to
 * call this again at the latest, in ms; 0: not again.  For the parent.
 */
uint64_t segment_watch(const struct bus *b);

#endif
