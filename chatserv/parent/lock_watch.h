/* SPDX-License-Identifier: ISC */

/*
 * Watching how long one process holds the lock.  Private to the parent.
 */
#ifndef CHATSERV_LOCK_WATCH_H
#define CHATSERV_LOCK_WATCH_H

#include "ipc/bus/bus.h"

/*
 * Check whether one hold of the lock has lasted too long, and if so kill its
 * owner.  asked says that a session has complained of a hold.  Returns when to
 * call it again (as bus_now()), or 0 if there is no need.
 */
uint64_t lock_watch(struct bus *b, bool asked);

#endif
