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
 * Hear a line of a client without a name.  False: not now, come again
 * with it.
 */
bool	 greet_line(struct session *s, const char *line, size_t len);

/*
 * Why this client may not be called name[0..len), in words that follow
 * "that name "; NULL if it may.
 */
const char *greet_name_error(const struct session *s, const char *name,
	    size_t len);

#endif
