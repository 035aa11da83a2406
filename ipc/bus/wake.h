/* SPDX-License-Identifier: ISC */

/*
 * Sleeping until there is news, and being woken.  See wake.c for why no
 * wake-up is lost.
 */
#ifndef IPC_WAKE_H
#define IPC_WAKE_H

#include "ipc/bus/bus.h"

/* Wakes a sleeper; ignored by default, so it harms no other program. */
#define WAKE_SIGNAL	SIGURG

/*
 * Catch WAKE_SIGNAL, and block it except in ppoll(2).  For a child, once.
 */
void	 wake_init(void);

/* Set, clear or look at slot's bit in one of the bus's bitmaps. */
void	 wake_mark(_Atomic uint64_t *bitmap, uint32_t slot);
void	 wake_clear(_Atomic uint64_t *bitmap, uint32_t slot);
bool	 wake_is_marked(const _Atomic uint64_t *bitmap, uint32_t slot);

/*
 * Prepare to sleep.  Returns true if the session, which has read up to r, may
 * sleep: each later publisher will wake it; false if there is news already.
 * Call wake_cancel() after the sleep.
 */
bool	 wake_prepare(struct bus *b, const struct reader *r);
void	 wake_cancel(struct bus *b);

/* Wake the readers that have not read up to head.  After a commit. */
void	 wake_readers(struct bus *b);

/* Wake the writers that wait for space.  After a reader made some. */
void	 wake_writers(struct bus *b);

/*
 * Have the waker post the lock's semaphore and wake everyone, whatever the
 * bits say.  For the parent, after an unclean death that may have lost
 * wake-ups.
 */
void	 wake_recover(struct bus *b);

/* The process pid is the waker.  For the parent, which has forked it. */
void	 wake_new_waker(struct bus *b, pid_t pid);

/*
 * Signal every session, whatever the bits say.  For the waker, and for the
 * parent while it cannot fork one.
 */
void	 wake_everyone(struct bus *b);

/*
 * For the waker.  wake_round() wakes the sleepers for which the doorbell was
 * pressed; true if publishers press it so often, even meanwhile, that the next
 * round should follow a pause.  Otherwise wake_waker_prepare() is true if the
 * waker may sleep until the doorbell is pressed.  Call wake_waker_cancel()
 * after either sleep.
 */
bool	 wake_round(struct bus *b);
bool	 wake_waker_prepare(struct bus *b);
void	 wake_waker_cancel(struct bus *b);

#endif
