/* SPDX-License-Identifier: ISC */

/*
 * Between standard input, the room and standard output.
 */
#ifndef CHATC_LOOP_H
#define CHATC_LOOP_H

#include "chatc/chatc.h"

/*
 * Do all that opt asks for; returns the status, and has written the reason to
 * standard error.  Ignores SIGPIPE and handles SIGCHLD from then on.
 */
enum status loop_run(const struct options *opt);

#endif
