/* SPDX-License-Identifier: ISC */

/*
 * Giving up privileges.
 */
#ifndef CHATSERV_PRIVILEGE_H
#define CHATSERV_PRIVILEGE_H

#include <stdbool.h>

/*
 * Choose the user to run as, by name; NULL means nobody for root, and the
 * present user for others.  Exits if there is no such user, or if a user other
 * than root asks for another than itself.
 */
void	 privilege_choose(const char *user);

/* Whether this process still has to give up root. */
bool	 privilege_is_root(void);

/*
 * Act on files as the chosen user for a while; act as root again.  Between
 * privilege_choose() and privilege_drop().
 */
void	 privilege_lend(void);
void	 privilege_regain(void);

/*
 * Give up root, if this process has it, for ever: lose sight of all files and
 * become the chosen user.  Exits if that fails or could be undone.
 */
void	 privilege_drop(void);

/* The same, but this directory becomes the root directory. */
void	 privilege_drop_into(int directory);

/*
 * For a child that has everything open that it will ever need: from here on it
 * can create no process, open no file, and dump no core.  client is its
 * client's descriptor, or -1 for the waker.
 */
void	 privilege_child(int client);

#endif
