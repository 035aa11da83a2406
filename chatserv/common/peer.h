/* SPDX-License-Identifier: ISC */

/*
 * Who is at the other end of a connection.
 */
#ifndef CHATSERV_PEER_H
#define CHATSERV_PEER_H

#include <sys/socket.h>
#include <sys/types.h>
#include <stdbool.h>

#include "chatserv/common/address.h"
#include "ipc/bus/bus.h"

#define PEER_NAME_SIZE	104

struct peer {
	char	name[PEER_NAME_SIZE];	/* "127.0.0.1 port 4242": for the log */
	char	origin[BUS_ORIGIN_MAX + 1];	/* for the room */
	struct address address;		/* of no family if local */
	bool	local;			/* on a unix socket: then also */
	uid_t	uid;			/* as the kernel says */
	char	login[TEXT_NAME_MAX + 1];
	bool	trusted;		/* may speak for others */
	uint32_t per_address;		/* clients of one address; 0: any */
	int	hold_ms;		/* to delay its join by */
	/* Why it may only take over its older session; NULL: it may join. */
	const char *only_takeover;
};

/*
 * Trust these users of this machine, "NAME,NAME": on the unix-domain socket
 * they may speak for others.  For the parent, at its start; exits with a
 * message if there is no such user.
 */
void	 peer_trust(const char *users);

/*
 * Fill in p for the connection fd from sa, except login.  Returns 0; -1 if the
 * kernel does not say who a local client is, or has no uid for it in this
 * namespace.  For the parent: asks only the kernel.
 */
int	 peer_init(struct peer *p, int fd, const struct sockaddr *sa,
	    socklen_t len);

/*
 * Find the login name of a local client; "uidN" if it has none that could be a
 * name.  For the child, before it gives up its privileges: this may read files
 * and take time.
 */
void	 peer_find_login(struct peer *p);

/*
 * Whether name is login or login/N, which tells several sessions of one user
 * apart.
 */
bool	 peer_owns(const struct peer *p, const char *name);

#endif
