/* SPDX-License-Identifier: ISC */

/*
 * The few system calls of a session.
 */
#ifndef CHATSERV_SECCOMP_H
#define CHATSERV_SECCOMP_H

/*
 * From here on this process can make only the system calls of a session or of
 * the waker; any other kills it.  Does nothing if the system has no filters.
 * Returns 0, or -1 with errno.  For a child that has everything open that it
 * will ever need: it can read from client (-1: from nothing), and write to
 * client and standard error.
 */
int	 seccomp_seal(int client);

#endif
