/* SPDX-License-Identifier: ISC */

/*
 * chatc(1), run to hear what the room says.
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
 * Start it: it says all that the room holds after last in the room with this
 * identity, or everything if last is 0, and then what is new.  Returns 0, or
 * -1 having logged why.
 */
int	listener_start(struct listener *t, const struct link *l, uint64_t last,
	    const char *identity);

/* End it, and wait for its end.  Returns its wait status. */
int	listener_stop(struct listener *t);

#endif
