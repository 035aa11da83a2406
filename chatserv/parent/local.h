/* SPDX-License-Identifier: ISC */

/*
 * The unix socket on which clients connect.
 */
#ifndef CHATSERV_LOCAL_H
#define CHATSERV_LOCAL_H

/*
 * Listen on a unix socket.  where is its path, then ":group" and ":mode"
 * (octal) if they differ from the process's group and 666.  Replaces a socket
 * on which nobody listens any more.  Returns the descriptor; exits with a
 * message if it cannot be had, or if others could replace it (directory.c).
 */
int	 local_listen(const char *where);

/* The path of the socket; "" without local_listen(). */
const char *local_path(void);

/* Remove its file, if there is one and it is still ours. */
void	 local_remove(void);

/*
 * For a process that does not remove it: a child, or a parent that has a
 * helper.  It closes the file's directory.
 */
void	 local_leave(void);

#endif
