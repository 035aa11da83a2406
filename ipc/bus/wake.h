/* SPDX-License-Identifier: ISC */

/*
 * Sleeping until there is news, and being woken.  See wake.c for why no
 * wake-up is lost.
 */
#ifndef IPC_WAKE_H
#define IPC_WAKE_H

#include "ipc/bus/bus.h"

/* Wakes a sleeper; ignored by default, so it harms no stranger. */
#define WAKE_SIGNAL	SIGURG

/*
 * A child's preparation, once: the signal interrupts and is blocked but
 * for the time in ppoll(2).
 */
void	 wake_init(void);

/* Set or clear slot's bit in one of the bus's bitmaps. */
void	 wake_mark(_Atomic uint64_t *bitmap, uint32_t slot);
void	 wake_clear(_Atomic uint64_t *bitmap, uint32_t slot);

/*
 * A session that has read all wants to sleep: true if it may, and whoever
 * publishes from now on wakes it; false if there is news already.  After
 * the sleep it calls wake_cancel().
 */
bool	 wake_prepare(struct bus *b, const struct reader *r);
void	 wake_cancel(struct bus *b);

/* The publisher, after its commit: wake who has not seen it. */
void	 wake_readers(struct bus *b);

/* Whoever made room, or freed a slot: wake the publishers that wait. */
void	 wake_writers(struct bus *b);

/*
 * The parent, after an unclean death that may have taken wake-ups along:
 * have the waker post the lock's semaphore and wake everyone, whatever
 * their bits say.
 */
void	 wake_recover(struct bus *b);

/* The parent, when it has forked the process pid to be the waker. */
void	 wake_new_waker(struct bus *b, pid_t pid);

/*
 * Signal everyone, whatever their bits say.  The waker's way, and the
 * parent's while it cannot fork a waker.
 */
void	 wake_everyone(struct bus *b);

/*
 * The waker: do what was asked for.  True if it was asked so often, also
 * meanwhile, that the next round shall come after a pause.  Otherwise
 * wake_waker_prepare() is true if it may sleep until the doorbell rings.  After
 * either sleep, wake_waker_cancel().
 */
bool	 wake_round(struct bus *b);
bool	 wake_waker_prepare(struct bus *b);
void	 wake_waker_cancel(struct bus *b);

#endif
