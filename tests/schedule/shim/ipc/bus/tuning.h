/* SPDX-License-Identifier: ISC */

/*
 * Stands before production's: the smallest numbers with which everything
 * still happens, so that it happens in few steps.
 */
#ifndef IPC_TUNING_H
#define IPC_TUNING_H

#define LOCK_SPINS	2
#define WAKE_DIRECT	1
#define WAKE_BUSY	1
#define DOORBELL_BUSY	2
#define WAKER_LATE_MS	UINT64_C(100)

#endif
