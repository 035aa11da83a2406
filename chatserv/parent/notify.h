/* SPDX-License-Identifier: ISC */

/*
 * Telling a supervisor that clients can connect.
 */
#ifndef CHATSERV_NOTIFY_H
#define CHATSERV_NOTIFY_H

/*
 * notify_ready() will write a newline to the descriptor fd (-1: none) and
 * a message to the socket that the environment names, which this call removes
 * from it.  Call it before anything is opened that could be mistaken for fd,
 * and while this process can still reach the socket.  Exits if fd is not open
 * for writing; without the socket it goes on.
 */
void	notify_init(int fd);

/* The room is open.  Call it once; closes fd. */
void	notify_ready(void);

/* The room is closing. */
void	notify_stopping(void);

/* For a child, which has nothing to report. */
void	notify_end(void);

#endif
