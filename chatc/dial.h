/* SPDX-License-Identifier: ISC */

/*
 * The ways to a server: TCP, a unix socket, or a command that speaks for us.
 */
#ifndef CHATC_DIAL_H
#define CHATC_DIAL_H

#include <sys/types.h>
#include <stdbool.h>

#include "chatc/chatc.h"
#include "chatc/resolve.h"

struct dial {
	const struct options	*opt;
	struct resolve		 resolve;
	size_t			 next;	/* address to try if this one fails */
	bool			 looking;	/* for the addresses */
	int			 fd;	/* never blocks; -1: there is none */
	pid_t			 pid;	/* the command's; -1: there is none */
	char			 why[256];
};

enum dialled {
	DIAL_FAILED,		/* see why; nothing is left to close */
	DIAL_WAIT,		/* dial_go_on() when dial_fd() is ready */
	DIAL_DONE
};

void	 dial_init(struct dial *d, const struct options *opt);

/* Begin.  Only a unix socket may make the caller wait, and not for long. */
enum dialled dial_start(struct dial *d);

/*
 * What to poll: for reading while it looks addresses up, for writing while it
 * connects; after that, the connection.
 */
int	 dial_fd(const struct dial *d);

/* Whether there is another address, for dial_give_up() to try. */
bool	 dial_has_next(const struct dial *d);

/* Continue an attempt after poll(2) has reported its outcome. */
enum dialled dial_go_on(struct dial *d);

/* Give up an attempt that takes too long; try the next address. */
enum dialled dial_give_up(struct dial *d);

/* Close the connection; a command sees the end of its input. */
void	 dial_close(struct dial *d);

/*
 * Whether the command has ended, or there was none; why then says how it
 * ended.  With force, kill it.
 */
bool	 dial_reaped(struct dial *d, bool force);

#endif
