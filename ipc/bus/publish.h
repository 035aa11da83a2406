/* SPDX-License-Identifier: ISC */

/*
 * Publishing: the one way by which a session's records get onto the ring.
 */
#ifndef IPC_PUBLISH_H
#define IPC_PUBLISH_H

#include "ipc/bus/bus.h"
#include "ipc/bus/ring.h"

/*
 * Publish all of batch, in order, by one commit, and wake sleeping readers.
 * BUS_OK: it is done, and batch is empty.  BUS_WAIT: the ring is full of
 * records that some session has not read; try again when woken, or after
 * *wait_ms, which is set in no other case.  BUS_GONE: this slot or the room
 * is closed, or the parent is gone.  For a session.
 */
enum bus_result publish_batch(struct bus *b, struct batch *batch,
	    int *wait_ms);

#endif
