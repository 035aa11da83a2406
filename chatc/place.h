/* SPDX-License-Identifier: ISC */

/*
 * Places: how far we have seen which room.
 */
#ifndef CHATC_PLACE_H
#define CHATC_PLACE_H

#include "chatc/link.h"

/* Whether s[0..len) has the form of a room's identity. */
bool	 place_is_room(const char *s, size_t len);

/* Ask for what came after id in room, which may be "". */
void	 place_ask_since(struct link *l, uint64_t id, const char *room);

/*
 * Ask to go on where we were, in whichever room this is.  The server takes
 * the last place that it knows, so the latest comes last.  Returns whether
 * we have been anywhere.
 */
bool	 place_ask(struct link *l);

/* The connection leads to l->room: our place there becomes the first. */
void	 place_enter(struct link *l);

/* The server knows places by their IDs alone: from now on ask by those. */
void	 place_forget_rooms(struct link *l);

#endif
