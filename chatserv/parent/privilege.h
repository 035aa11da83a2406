/* SPDX-License-Identifier: ISC */

/*
 * Giving up what is not needed.
 */
#ifndef CHATSERV_PRIVILEGE_H
#define CHATSERV_PRIVILEGE_H

#include <stdbool.h>

/*
 * Choose the user to run as, by name; NULL is nobody for root, and for
 * others who they are.  Exits if there is no such user, or if another than
 * root asks for another than itself.
 */
void	 privilege_choose(const char *user);

/* Whether root is still to be given up. */
bool	 privilege_is_root(void);

/*
 * Act as the chosen user for a while, as far as files go, and as root
 * again.  Between privilege_choose() and privilege_drop().
 */
void	 privilege_lend(void);
void	 privilege_regain(void);

/*
 * Give up root, if there is any to give up, for ever: see no file any more
 * and be the chosen user.  Exits if it cannot be had or could be undone.
 */
void	 privilege_drop(void);

/* The same, but what is seen is this directory and what lies below it. */
void	 privilege_drop_into(int directory);

/*
 * For a child that has all that it will ever need open: from here on it
 * can make no process, open no file, and leave no core.  client is its
 * client's descriptor, or -1 for the waker.
 */
void	 privilege_child(int client);

#endif
