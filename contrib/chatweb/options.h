/* SPDX-License-Identifier: ISC */

/*
 * The parent's command line, for the process of each browser.
 */
#ifndef CHATWEB_OPTIONS_H
#define CHATWEB_OPTIONS_H

#include <sys/socket.h>
#include <stdbool.h>
#include <stddef.h>

#define GATEWAY_ADDRESS_SIZE	46	/* of an IPv6 address, with its NUL */

#define GATEWAY_ROOMS	2	/* addresses of a host: one of each family */

struct gateway_room {
	struct sockaddr_storage	 address;
	socklen_t		 len;
};

/* The parent fills this in before its first fork. */
struct gateway_options {
	/* where the room is: there, or else there */
	struct gateway_room	 room[GATEWAY_ROOMS];
	int			 rooms;
	bool			 says_address;	/* by !from: a unix socket */
	/* whom to believe */
	const char *const	*names;		/* of this host, as well */
	size_t			 n_names;
	const char		*proxy;		/* its address, or NULL */
	/* the answer to GET /, head and body */
	const char		*page;
	size_t			 page_len, page_head_len;
};

#endif
