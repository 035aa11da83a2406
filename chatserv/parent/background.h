/* SPDX-License-Identifier: ISC */

/*
 * Leaving the foreground.  Without background_begin() the others do
 * nothing.
 */
#ifndef CHATSERV_BACKGROUND_H
#define CHATSERV_BACKGROUND_H

/*
 * Return in another process, which goes on with the start; the one that
 * called waits for it, and then exits: 0 at background_ready(), or with the
 * other's status if it ends before.  From here on the log goes to the
 * system's log as well.
 */
void	background_begin(void);

/* Clients can come: let whoever waits know, and leave the terminal. */
void	background_ready(void);

/* Leave the terminal only: for a child that is forked before that. */
void	background_leave(void);

#endif
