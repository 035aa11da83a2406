/* SPDX-License-Identifier: ISC */

/*
 * Numbers that were found by measuring, and on which nothing but speed
 * depends.  They stand alone here so that tests/schedule can have smaller
 * ones: what a publisher does for the seventh sleeper shows with the second.
 */
#ifndef IPC_TUNING_H
#define IPC_TUNING_H

/* Tries to acquire the lock before sleeping: a hold takes < 1 us. */
#define LOCK_SPINS	64

/* Sleepers that a publisher wakes itself, and while the waker is busy. */
#define WAKE_DIRECT	6
#define WAKE_BUSY	2

/* How long the doorbell may stay pressed before publishers wake everyone. */
#define WAKER_LATE_MS	UINT64_C(100)

/* Rings before a round that make the waker busy; during it, 1. */
#define DOORBELL_BUSY	3

#endif
