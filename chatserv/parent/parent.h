/* SPDX-License-Identifier: ISC */

/*
 * The parent: accepts, forks, reaps, recovers.
 */
#ifndef CHATSERV_PARENT_H
#define CHATSERV_PARENT_H

#include "chatserv/parent/parent_options.h"

/*
 * Catch the signals that steer the parent; they take effect in
 * parent_run().  To be called before anything is made that would be left
 * behind.
 */
void	 parent_catch_signals(void);

/*
 * Run the room until SIGTERM or SIGINT, then end it in order: every
 * session says goodbye, and every child is reaped.  Children end within
 * this call and never return from it.
 */
void	 parent_run(const struct parent_options *options);

#endif
