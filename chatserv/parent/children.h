/* SPDX-License-Identifier: ISC */

/*
 * The parent's children: sessions and the waker.  All of this is the
 * parent's alone.
 */
#ifndef CHATSERV_CHILDREN_H
#define CHATSERV_CHILDREN_H

#include <sys/socket.h>
#include <stdbool.h>
#include <stdint.h>

#include "chatserv/parent/parent.h"
#include "chatserv/common/peer.h"

/* Make the books for o->clients.  Exits if there is no memory. */
void	 children_init(const struct parent_options *o);

/*
 * Fork a session for the client peer on fd, which comes from sa; fd is
 * closed.  Returns NULL; or why not, in words for the client, and fd is
 * the caller's still.
 */
const char *children_start(int fd, const struct peer *peer,
	    const struct sockaddr *sa);

/* Fork the waker, if there is none.  Returns 0, or -1 with errno. */
int	 children_start_waker(void);
bool	 children_have_waker(void);

/*
 * Reap all who have died, and recover what they left.  To be called after
 * SIGCHLD and before the next children_start().
 */
void	 children_reap(void);

/*
 * Tell the room of those who could not tell it themselves.  False if some
 * are left because the bus was not to be had: call again soon.
 */
bool	 children_announce_deaths(void);

/*
 * Look whether one hold of the lock lasts too long, and kill its owner
 * then.  asked: a session complains of one.  Returns when to look again
 * (as bus_now()), 0 if not.
 */
uint64_t children_watch_lock(bool asked);

/* Log a line of figures for each. */
void	 children_log(void);

/* How many sessions live. */
uint32_t children_count(void);

/* Send sig to all sessions, and SIGKILL to the waker too. */
void	 children_signal(int sig);

/*
 * Let the waker go once no session lives.  Returns whether every child is
 * gone.
 */
bool	 children_gone(void);

#endif
