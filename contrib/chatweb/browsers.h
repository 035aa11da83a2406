/* SPDX-License-Identifier: ISC */

/*
 * All browsers.
 */
#ifndef CHATWEB_BROWSERS_H
#define CHATWEB_BROWSERS_H

#include "contrib/chatweb/gateway.h"

/*
 * Prepare for at most so many browsers at once, and per_address from one
 * address (0: no limit), served as options say, which remain the caller's.
 * Once, by the process that will serve; from here on SIGTERM and SIGINT wait
 * for browsers_serve().  Exits if there is no memory.
 */
void	 browsers_prepare(const struct gateway_options *options,
	    unsigned int browsers, unsigned int per_address);

/*
 * Serve the connections to these n listening sockets, a process each, until
 * SIGTERM or SIGINT; returns when all children have exited.
 */
void	 browsers_serve(const int *fd, int n);

#endif
