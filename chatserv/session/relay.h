/* SPDX-License-Identifier: ISC */

/*
 * From the bus to the client.
 */
#ifndef CHATSERV_RELAY_H
#define CHATSERV_RELAY_H

#include "chatserv/session/session.h"

/* Whether the session reads the bus for its client: it has a cursor. */
bool	 relay_wanted(const struct session *s);

/* Whether there is space for whatever may arrive. */
bool	 relay_has_space(const struct session *s);

/*
 * Copy what is new on the bus to the output buffer.  True if there was
 * something, and space for it.
 */
bool	 relay_news(struct session *s);

#endif
