/* SPDX-License-Identifier: ISC */

/*
 * The addresses of a host, looked up in the background.
 */
#ifndef CHATC_RESOLVE_H
#define CHATC_RESOLVE_H

#include <sys/types.h>
#include <sys/socket.h>
#include <stdbool.h>
#include <stddef.h>

#define RESOLVE_MAX	16	/* addresses; more would not be tried */

struct resolve_address {
	int			 family;
	int			 type;
	int			 protocol;
	socklen_t		 len;
	struct sockaddr_storage	 addr;
};

struct resolve_answer {
	int			 error;		/* of getaddrinfo(3), or 0 */
	int			 system;	/* errno of EAI_SYSTEM */
	size_t			 count;
	struct resolve_address	 address[RESOLVE_MAX];
};

struct resolve {
	pid_t			 pid;	/* the child, or -1 */
	int			 fd;	/* its answer, to poll for, or -1 */
	size_t			 got;	/* bytes of the answer */
	struct resolve_answer	 answer;
};

void	 resolve_init(struct resolve *r);

/*
 * Begin to look host and port up.  Returns whether the answer is there, as it
 * is for numbers; else call resolve_read() when r->fd is readable, until it
 * returns true.
 */
bool	 resolve_start(struct resolve *r, const char *host, const char *port);
bool	 resolve_read(struct resolve *r);

/* Why there are no addresses; NULL if there are. */
const char *resolve_error(const struct resolve *r);

/* Free r, even if there is no answer yet. */
void	 resolve_stop(struct resolve *r);

#endif
