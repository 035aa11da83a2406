/* SPDX-License-Identifier: ISC */

/*
 * The process of one browser: its request, and then its conversation.
 */
#ifndef CHATWEB_GATEWAY_H
#define CHATWEB_GATEWAY_H

#include <sys/socket.h>
#include <stdbool.h>
#include <stddef.h>

#define GATEWAY_ADDRESS_SIZE	46	/* of an IPv6 address, with its NUL */

/* What the parent was told to do, and has prepared before it forks. */
struct gateway_options {
	/* where the room is */
	struct sockaddr_storage	 room;
	socklen_t		 room_len;
	bool			 says_address;	/* by !from: a unix socket */
	/* whom to believe */
	const char *const	*names;		/* of this host, besides */
	size_t			 n_names;
	const char		*proxy;		/* its address, or NULL */
	/* the answer to GET /, head and body */
	const char		*page;
	size_t			 page_len, page_head_len;
};

/*
 * Serve the browser at address whose connection is fd, until it has gone or
 * its room has; parent_fd is a pipe that ends with the parent.  For a child,
 * which exits when this returns.
 */
void	 gateway_run(const struct gateway_options *options, int fd,
	    int parent_fd, const char *address);

#endif
