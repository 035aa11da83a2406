/* SPDX-License-Identifier: ISC */

/*
 * From the greeting to the name.
 */
#ifndef CHATSERV_GREET_H
#define CHATSERV_GREET_H

#include "chatserv/session/session.h"

/* Greet the client and ask for its name. */
void	 greet_begin(struct session *s);

/*
 * Handle a line of a client without a name.  False: not now, call again with
 * it.
 */
bool	 greet_line(struct session *s, const char *line, size_t len);

/* The same for a line that is too long, or for bytes that are no line yet. */
void	 greet_long_line(struct session *s);
void	 greet_beginning(struct session *s, const char *bytes, size_t len);

#endif
