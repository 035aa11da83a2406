/* SPDX-License-Identifier: ISC */

/*
 * Telling a supervisor that clients can come.
 */
#ifndef CHATSERV_NOTIFY_H
#define CHATSERV_NOTIFY_H

/*
 * To be told are the descriptor fd (-1: none) by a newline, and the socket
 * that the environment names, which is forgotten then.  Before anything is
 * opened that could be taken for fd, and before this process can no longer
 * reach the socket.  Exits if fd is not open for writing; without the
 * socket it goes on.
 */
void	notify_init(int fd);

/* The room is open.  To be said once; fd is closed. */
void	notify_ready(void);

/* The room is closing. */
void	notify_stopping(void);

/* For a child, which has nothing to tell. */
void	notify_end(void);

#endif
