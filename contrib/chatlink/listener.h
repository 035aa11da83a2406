/* SPDX-License-Identifier: ISC */

/*
 * Runs chatc(1) to listen to the room.
 */
#ifndef CHATLINK_LISTENER_H
#define CHATLINK_LISTENER_H

#include <sys/types.h>
#include <stdint.h>

#include "contrib/chatlink/link.h"
#include "ipc/common/line.h"

#define LISTENER_BUF	(64 << 10)

struct listener {
	pid_t		pid;		/* 0: there is none */
	int		fd;		/* its standard output */
	int		leash;		/* its standard input */
	struct line_in	in;
	char		buf[LISTENER_BUF];
};

/*
 * Start chatc: it prints all that the room has after ID last, in the room with
 * this identity, or everything if last is 0, and then new lines.  Returns 0,
 * or -1 having logged why.
 */
int	listener_start(struct listener *t, const struct link *l, uint64_t last,
	    const char *identity);

/* Stop it, and wait for its exit.  Returns its wait status. */
int	listener_stop(struct listener *t);

#endif
