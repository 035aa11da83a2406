/* SPDX-License-Identifier: ISC */

/*
 * The ways to a server: TCP, a unix socket, or a command that speaks for us.
 */
#ifndef CHATC_DIAL_H
#define CHATC_DIAL_H

#include <sys/types.h>
#include <netdb.h>
#include <stdbool.h>

#include "chatc/chatc.h"

struct dial {
	const struct options	*opt;
	struct addrinfo		*list;
	struct addrinfo		*next;	/* to try if this one fails */
	int			 fd;	/* never blocks; -1: there is none */
	pid_t			 pid;	/* the command's; -1: there is none */
	char			 why[256];
};

enum dialled {
	DIAL_FAILED,		/* why says it; there is nothing to close */
	DIAL_WAIT,		/* when fd is writable, dial_go_on() */
	DIAL_DONE
};

void	 dial_init(struct dial *d, const struct options *opt);

/* Begin.  Looking a host's name up may take its time; nothing else waits. */
enum dialled dial_start(struct dial *d);

/* Go on with an attempt of which poll(2) knows the outcome. */
enum dialled dial_go_on(struct dial *d);

/* Give up this attempt because it takes too long; try the next address. */
enum dialled dial_give_up(struct dial *d);

/* Close the connection; a command sees the end of its input. */
void	 dial_close(struct dial *d);

/*
 * Whether the command is gone, or there was none; what it died of is then
 * in why.  With force it is made to.
 */
bool	 dial_reaped(struct dial *d, bool force);

#endif
