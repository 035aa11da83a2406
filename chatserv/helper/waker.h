/* SPDX-License-Identifier: ISC */

/*
 * The process that wakes sleepers in bulk.
 */
#ifndef CHATSERV_WAKER_H
#define CHATSERV_WAKER_H

#include "ipc/bus/bus.h"

/*
 * Wake the sleepers that publishers ask it to wake, until the pipe parent_fd
 * ends.  For a child of the parent, with the signals blocked that may
 * interrupt it.
 */
void	 waker_run(struct bus *b, int parent_fd);

#endif
