/* SPDX-License-Identifier: ISC */

/*
 * The unix socket that clients come in by.
 */
#ifndef CHATSERV_LOCAL_H
#define CHATSERV_LOCAL_H

/*
 * Listen on a unix socket.  where is its path, then, if they are to be
 * other than the process's group and 666, ":group" and ":mode" (octal).  A
 * socket that nobody listens on any more is replaced.  Returns the
 * descriptor; exits with a message if it cannot be had, or if others could
 * replace it (directory.c).
 */
int	 local_listen(const char *where);

/* The path that was listened on; "" without local_listen(). */
const char *local_path(void);

/* Remove its file, if there is one and it is still ours. */
void	 local_remove(void);

/*
 * For a process that is not to remove it: a child, or a parent that has a
 * helper.  It closes the file's directory.
 */
void	 local_leave(void);

#endif
