/* SPDX-License-Identifier: ISC */

/*
 * The addresses of a host, looked up without waiting for them.
 */
#ifndef CHATC_RESOLVE_H
#define CHATC_RESOLVE_H

#include <sys/types.h>
#include <sys/socket.h>
#include <stdbool.h>
#include <stddef.h>

#define RESOLVE_MAX	16	/* addresses; there is no use for more */

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
	pid_t			 pid;	/* who looks it up, or -1 */
	int			 fd;	/* its answer, to poll for, or -1 */
	size_t			 got;	/* bytes of the answer */
	struct resolve_answer	 answer;
};

void	 resolve_init(struct resolve *r);

/*
 * Begin to look host and port up.  Returns whether the answer is there, as
 * it is for numbers; else resolve_read() is to be called when r->fd can be
 * read, until it says so.
 */
bool	 resolve_start(struct resolve *r, const char *host, const char *port);
bool	 resolve_read(struct resolve *r);

/* Why there are no addresses; NULL if there are. */
const char *resolve_error(const struct resolve *r);

/* Have done with it, also before the answer came. */
void	 resolve_stop(struct resolve *r);

#endif
