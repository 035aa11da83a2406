/* SPDX-License-Identifier: ISC */

/*
 * The process that wakes sleepers in bulk.
 */
#ifndef CHATSERV_WAKER_H
#define CHATSERV_WAKER_H

#include "ipc/bus/bus.h"

/*
 * Wake whom publishers ask to wake, until the pipe parent_fd ends.  The
 * signals that may interrupt it are blocked; it is a child of the parent.
 */
void	 waker_run(struct bus *b, int parent_fd);

#endif
