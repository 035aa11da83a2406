/* SPDX-License-Identifier: ISC */

/*
 * All browsers.
 */
#ifndef CHATWEB_BROWSERS_H
#define CHATWEB_BROWSERS_H

#include "contrib/chatweb/gateway.h"

/*
 * Make ready for at most so many browsers at once, and per_address from one
 * address (0: as many as there are), to be served as options say, which stay
 * the caller's.  Once, by the process that will serve; from
 * here on SIGTERM and SIGINT wait for browsers_serve().  Exits if there is
 * no memory.
 */
void	 browsers_prepare(const struct gateway_options *options,
	    unsigned int browsers, unsigned int per_address);

/*
 * Serve what connects to these n listening sockets, a process each, until
 * SIGTERM or SIGINT; returns when all have gone.
 */
void	 browsers_serve(const int *fd, int n);

#endif
