/* SPDX-License-Identifier: ISC */

/*
 * Accepting clients, or refusing them.
 *
 * A refused client gets the reason in one line: the room is full, its address
 * has too many clients or is on the deny list, the system is out of processes
 * or descriptors.  The parent sends that line without blocking, so that no
 * client can hold it up.
 *
 * Runs in the parent.
 */

#include <sys/socket.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "chatserv/parent/admit.h"
#include "chatserv/parent/children.h"
#include "chatserv/common/deny.h"
#include "chatserv/common/log.h"
#include "chatserv/common/peer.h"
#include "ipc/common/bsd.h"
#include "ipc/common/event.h"

#define ACCEPTS		64	/* clients in one round */

static const struct parent_options *opt;
static int	spare_fd;	/* to accept and refuse with */

void
admit_init(const struct parent_options *o)
{
	opt = o;
	if ((spare_fd = dup(STDIN_FILENO)) == -1)
		fatal("dup");
}

void
admit_end(void)
{
	int i;

	(void)close(spare_fd);
	for (i = 0; i < opt->listeners; i++)
		(void)close(opt->listener[i]);
}

/* Send one line to a client and close its connection, without blocking. */
static void
refuse(int fd, const char *peer, const char *why)
{
	char line[128], heard[4096];

	(void)snprintf(line, sizeof(line), "!! %s\n", why);
	(void)send(fd, line, strlen(line), MSG_DONTWAIT);
	/* Unread input would turn the close into a reset. */
	(void)recv(fd, heard, sizeof(heard), MSG_DONTWAIT);
	(void)close(fd);
	log_info("%s: refused: %s", peer, why);
}

static void
admit(int fd, const struct sockaddr *sa, socklen_t len)
{
	struct peer	 peer;
	const char	*why;

	if (peer_init(&peer, fd, sa, len) == -1)
		refuse(fd, "local", "the system does not say who you are");
	else if (deny_has(&peer.address, ""))
		refuse(fd, peer.name, EVENT_DENIED);
	else if ((why = children_start(fd, &peer)) != NULL)
		refuse(fd, peer.name, why);
}

/*
 * No descriptor is left to accept a client with: it would stay in the queue,
 * the listener would stay readable, and the parent would spin.  The spare
 * descriptor lets it accept and refuse the client.
 */
static bool
refuse_one(int listener)
{
	int fd;

	(void)close(spare_fd);
	if ((fd = accept(listener, NULL, NULL)) != -1)
		refuse(fd, "a client",
		    "the server has no spare descriptor: try again later");
	spare_fd = dup(STDIN_FILENO);
	return fd != -1;
}

bool
admit_clients(int listener)
{
	struct sockaddr_storage	ss;
	socklen_t		len;
	int			fd, i;

	for (i = 0; i < ACCEPTS; i++) {
		len = sizeof(ss);
		fd = accept(listener, (struct sockaddr *)&ss, &len);
		if (fd != -1) {
			len = address_unmap(&ss, len);
			admit(fd, (struct sockaddr *)&ss, len);
			continue;
		}
		switch (errno) {
		case EMFILE:
		case ENFILE:
			log_warn("cannot accept");
			return refuse_one(listener);
		case ENOBUFS:
		case ENOMEM:
			log_warn("cannot accept");
			return false;
		case EAGAIN:
#if EWOULDBLOCK != EAGAIN
		case EWOULDBLOCK:
#endif
			return true;
		default:
			/* That client is gone; the next may be waiting. */
			break;
		}
	}
	return true;
}
