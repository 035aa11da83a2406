/* SPDX-License-Identifier: ISC */

/*
 * The parent: accepts, forks, reaps, recovers.
 */
#ifndef CHATSERV_PARENT_H
#define CHATSERV_PARENT_H

#include "chatserv/parent/parent_options.h"

/*
 * Catch the signals that control the parent; they take effect in parent_run().
 * Call it before anything exists that a signal would leave behind.
 */
void	 parent_catch_signals(void);

/*
 * Run the room until SIGTERM or SIGINT, then end it in order: every session
 * says goodbye, and the parent reaps every child.  Children exit within this
 * call and never return from it.
 */
void	 parent_run(const struct parent_options *options);

#endif
