/* SPDX-License-Identifier: ISC */

/*
 * The user that a program runs as.
 */
#ifndef CHATSERV_USER_H
#define CHATSERV_USER_H

#include <sys/types.h>

struct passwd;

/*
 * The user of this name, until the next getpwnam(3).  Exits if there is none,
 * or if a user other than root asks for another than itself.  For the parent.
 */
const struct passwd *user_find(const char *name);

/*
 * Root becomes this user for ever, with the supplementary groups that the
 * process has.  Exits if that fails or could be undone.  For the parent, and
 * before there are threads.
 */
void	 user_become(uid_t uid, gid_t gid);

#endif
