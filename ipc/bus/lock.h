/* SPDX-License-Identifier: ISC */

/*
 * The lock among writers: a word that names its owner, and a semaphore on
 * which waiters sleep.  See lock.c for why it is built so.
 */
#ifndef IPC_LOCK_H
#define IPC_LOCK_H

#include "ipc/bus/bus.h"

/*
 * Acquire the lock; sleep while another process holds it.  Returns false,
 * without the lock, if the parent is gone.  Children only; call lock_init()
 * once before.
 */
bool	 lock_acquire(struct bus *b);

/* Acquire the lock if it is free; never sleep.  For the parent. */
bool	 lock_try(struct bus *b);

/* Release the lock.  For its owner only. */
void	 lock_release(struct bus *b);

/*
 * Create the semaphore.  For the parent, before its first fork.  Returns 0,
 * or -1 with errno.  The semaphore lies in the segment, or has lost its name,
 * and ends with the processes.
 */
int	 lock_create(struct bus *b);

/* Catch the signal that limits a sleep in lock_acquire().  For a child. */
void	 lock_init(void);

/* Whether process pid holds the lock. */
bool	 lock_held_by(const struct bus *b, pid_t pid);

/*
 * A number for the present hold that no other hold has, 0 if the lock is
 * free; *pid is its owner.
 */
uint64_t lock_hold(const struct bus *b, pid_t *pid);

/*
 * Free the lock if the child pid died while it held it.  For the parent,
 * after it has reaped pid and before its next fork.
 */
void	 lock_recover(struct bus *b, pid_t pid);

/*
 * Make up for a post of the semaphore that a dead process may have owed or
 * consumed.  For the waker, after any unclean death.
 */
void	 lock_recover_sem(struct bus *b);

#endif
