/* SPDX-License-Identifier: ISC */

/*
 * The other ends of sessions' connections.
 *
 * A client is no process: what it sends is there from the start or appears
 * when a scenario says so, and what it gets is kept, to be judged.
 */
#ifndef SCHEDULE_CLIENT_H
#define SCHEDULE_CLIENT_H

#include <sys/types.h>
#include <stdbool.h>
#include <stddef.h>

#define CONNECTIONS	8
#define CLIENT_BYTES	8192

struct connection {
	const char	*says;		/* all of it */
	size_t		 said;		/* bytes that the session has read */
	size_t		 saying;	/* bytes that it may read now */
	bool		 hangs_up;	/* after that, end of file */
	bool		 stays;		/* it closes only when closed */
	size_t		 space;		/* bytes that it may be sent */
	size_t		 got;
	bool		 closed;	/* by the session */
	char		 bytes[CLIENT_BYTES];
};

extern struct connection connection[CONNECTIONS];

/*
 * Anew: it says `says` up to a \f, and the rest when client_go_on() is
 * called, each part between two \f at a time; but what follows a \v only
 * when it has been sent something since.  It takes all that it is sent.
 */
void	 client_begin(struct connection *c, const char *says);

void	 client_go_on(struct connection *c);

/* Keep all as they are; put them back so. */
void	 client_keep(void);
void	 client_restore(void);

short	 client_poll(const struct connection *c, short events);
ssize_t	 client_read(struct connection *c, char *buf, size_t size);
ssize_t	 client_write(struct connection *c, const char *buf, size_t size);

/* The session has ended its output; it has closed the connection. */
void	 client_ended(struct connection *c);
void	 client_closed(struct connection *c);

#endif
