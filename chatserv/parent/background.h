/* SPDX-License-Identifier: ISC */

/*
 * Leaving the foreground.  Without background_begin() background_leave() does
 * nothing, and background_ready() only gives standard error up for the log.
 */
#ifndef CHATSERV_BACKGROUND_H
#define CHATSERV_BACKGROUND_H

/*
 * Return in another process, which continues the start; the calling process
 * waits for it, and then exits: 0 at background_ready(), or with the other's
 * status if that exits before.  The caller then begins to log to somewhere
 * else than standard error, by log_system() or log_file().
 */
void	background_begin(void);

/* Clients can connect: tell the process that waits, and leave the terminal. */
void	background_ready(void);

/* Leave the terminal only: for a child that is forked before that. */
void	background_leave(void);

#endif
