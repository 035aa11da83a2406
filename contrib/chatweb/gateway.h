/* SPDX-License-Identifier: ISC */

/*
 * The process of one browser: its request, and then its conversation.
 */
#ifndef CHATWEB_GATEWAY_H
#define CHATWEB_GATEWAY_H

#include "contrib/chatweb/options.h"

/*
 * Serve the browser at address whose connection is fd, until it or its room
 * has gone; parent_fd is a pipe that ends with the parent.  For a child, which
 * exits when this returns.
 */
void	 gateway_run(const struct gateway_options *options, int fd,
	    int parent_fd, const char *address);

#endif
