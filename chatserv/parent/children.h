/* SPDX-License-Identifier: ISC */

/*
 * The parent's children: sessions and the waker.  Private to the parent.
 */
#ifndef CHATSERV_CHILDREN_H
#define CHATSERV_CHILDREN_H

#include <sys/socket.h>
#include <stdbool.h>
#include <stdint.h>

#include "chatserv/common/peer.h"
#include "chatserv/parent/parent_options.h"

/*
 * Allocate the table for o->clients.  Each child calls leave() first, which
 * closes whatever only the parent needs.  Exits if there is no memory.
 */
void	 children_init(const struct parent_options *o, void (*leave)(void));

/*
 * Fork a session for the client peer on fd; closes fd.  Returns NULL, or the
 * reason for a refusal, in words for the client; then fd is still the
 * caller's.  Sets peer->only_takeover.
 */
const char *children_start(int fd, struct peer *peer);

/* Fork the waker, if there is none.  Returns 0, or -1 with errno. */
int	 children_start_waker(void);
bool	 children_have_waker(void);
bool	 children_is_waker(pid_t pid);

/* The parent has reaped the waker. */
void	 children_waker_died(void);

/* Log a line of figures for each session. */
void	 children_log(void);

/* Send sig to all sessions, and SIGKILL to the waker too. */
void	 children_signal(int sig);

/*
 * Let the waker exit once no session lives.  Returns whether every child is
 * gone.
 */
bool	 children_gone(void);

#endif
