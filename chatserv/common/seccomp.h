/* SPDX-License-Identifier: ISC */

/*
 * The few system calls of a session.
 */
#ifndef CHATSERV_SECCOMP_H
#define CHATSERV_SECCOMP_H

/*
 * From here on this process can make no system call but those of a session
 * or of the waker; another one kills it.  Where the system cannot arrange
 * that, nothing happens.  Returns 0, or -1 with errno.  For a child that
 * has all that it will ever need open: it can read from client (-1: from
 * nothing), and write to client and standard error.
 */
int	 seccomp_seal(int client);

#endif
