/* SPDX-License-Identifier: ISC */

/*
 * Constants that were found by measurement, on which only speed depends.  They
 * have a file of their own so that tests/schedule can use smaller ones: there
 * the second sleeper shows what a publisher does for the seventh.
 */
#ifndef IPC_TUNING_H
#define IPC_TUNING_H

/* Attempts to acquire the lock before sleeping: a hold takes < 1 us. */
#define LOCK_SPINS	64

/* Sleepers that a publisher signals itself, and while the waker is busy. */
#define WAKE_DIRECT	6
#define WAKE_BUSY	2

/* How long the doorbell may stay pressed before publishers wake everyone. */
#define WAKER_LATE_MS	UINT64_C(100)

/* Presses of the doorbell before a round that make the waker busy. */
#define DOORBELL_BUSY	3

#endif
