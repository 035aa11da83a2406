/* SPDX-License-Identifier: ISC */

/*
 * The lock among writers: a word that names its owner, and a semaphore
 * where those who must wait sleep.  See lock.c for why it is built so.
 */
#ifndef IPC_LOCK_H
#define IPC_LOCK_H

#include "ipc/bus/bus.h"

/*
 * Take the lock; sleeps while another process has it.  Returns false, and
 * the lock is not taken, if the parent is gone.  For a child, once in its
 * life after lock_init().
 */
bool	 lock_acquire(struct bus *b);

/* Take the lock if it is free.  Never sleeps: the parent's way. */
bool	 lock_try(struct bus *b);

/* Give it back.  For its owner alone. */
void	 lock_release(struct bus *b);

/*
 * The parent, before its first fork: make the semaphore.  Returns 0, or -1
 * with errno.  It lies in the segment, or has no name any more, and ends with
 * the processes.
 */
int	 lock_create(struct bus *b);

/* A child's preparation for lock_acquire(): the signal that limits a sleep. */
void	 lock_init(void);

/* Whether process pid holds the lock. */
bool	 lock_held_by(const struct bus *b, pid_t pid);

/*
 * The hold that lasts at present: a number that no other hold has, 0 if
 * the lock is free; *pid is its owner.
 */
uint64_t lock_hold(const struct bus *b, pid_t *pid);

/*
 * The parent, after it has reaped the child pid and before its next fork:
 * free the lock if pid died in it.
 */
void	 lock_recover(struct bus *b, pid_t pid);

/*
 * The waker, after any unclean death: make up for a post of the semaphore
 * that the dead one may have owed or taken with it.
 */
void	 lock_recover_sem(struct bus *b);

#endif
