/* SPDX-License-Identifier: ISC */

/*
 * A session as shipped, in a process of its own over a socketpair(2), whose
 * client is the test.
 */
#ifndef TESTS_UNIT_SERVED_H
#define TESTS_UNIT_SERVED_H

#include <sys/socket.h>
#include <fcntl.h>

#include "chatserv/session/session.h"
#include "tests/unit/bus.h"

#define NAMING_MS	60000

/* The session's end and the client's; the pipe that says the parent lives. */
static int pair[2], parent[2];

static inline int
live(struct bus *b)
{
	struct peer peer = { .name = "unit", .origin = "unit" };

	(void)close(pair[1]);
	(void)close(parent[1]);
	(void)fcntl(pair[0], F_SETFL, O_NONBLOCK);
	session_run(b, pair[0], parent[0], &peer, NAMING_MS);
	return 0;
}

#endif
