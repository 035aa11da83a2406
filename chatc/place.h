/* SPDX-License-Identifier: ISC */

/*
 * Places: how far we have seen which room.
 */
#ifndef CHATC_PLACE_H
#define CHATC_PLACE_H

#include "chatc/link.h"

/* Whether s[0..len) has the form of a room's identity. */
bool	 place_is_room(const char *s, size_t len);

/* Request what followed id in room, which may be "". */
void	 place_ask_since(struct link *l, uint64_t id, const char *room);

/*
 * Request to resume, in whichever room this is.  The server uses the last
 * place that it knows, so the latest is sent last.  Returns whether there is
 * any.
 */
bool	 place_ask(struct link *l);

/* The connection leads to l->room: move our place there to the front. */
void	 place_enter(struct link *l);

/* The server knows no rooms: from now on send IDs alone. */
void	 place_forget_rooms(struct link *l);

#endif
