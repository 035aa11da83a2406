/* SPDX-License-Identifier: ISC */

/*
 * The other ends of sessions' connections.
 *
 * A client is no process: its bytes are there from the start or appear when a
 * scenario says so, and what it receives is kept for the judge.
 */
#ifndef SCHEDULE_CLIENT_H
#define SCHEDULE_CLIENT_H

#include <sys/types.h>
#include <stdbool.h>
#include <stddef.h>

#define CONNECTIONS	8
#define CLIENT_BYTES	8192

struct connection {
	const char	*says;		/* all that it sends */
	size_t		 said;		/* bytes that the session has read */
	size_t		 saying;	/* bytes that it may read now */
	bool		 hangs_up;	/* after that, end of file */
	bool		 stays;		/* until the session closes */
	size_t		 space;		/* bytes that it can receive */
	size_t		 got;
	bool		 closed;	/* by the session */
	char		 bytes[CLIENT_BYTES];
};

extern struct connection connection[CONNECTIONS];

/*
 * Reset c: it sends `says` up to a \f, and the rest on client_go_on(), one
 * part between two \f at a time; it sends what follows a \v only once it has
 * received something since.  It accepts everything that it is sent.
 */
void	 client_begin(struct connection *c, const char *says);

void	 client_go_on(struct connection *c);

/* Save all connections; restore them. */
void	 client_keep(void);
void	 client_restore(void);

short	 client_poll(const struct connection *c, short events);
ssize_t	 client_read(struct connection *c, char *buf, size_t size);
ssize_t	 client_write(struct connection *c, const char *buf, size_t size);

/* The session has shut its output down; it has closed the connection. */
void	 client_ended(struct connection *c);
void	 client_closed(struct connection *c);

#endif
