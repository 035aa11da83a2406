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
 * descriptor; exits with a message if it cannot be had.
 */
int	 local_listen(const char *where);

/* Remove its file, if there is one and it is still ours. */
void	 local_remove(void);

#endif
