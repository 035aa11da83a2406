/* SPDX-License-Identifier: ISC */

/*
 * Places: how far we have seen which room.
 *
 * IDs grow within a room, and mean nothing in another one: a server that
 * begins a new room, or another server to which the connection now leads, may
 * give lower ones.  So each ID is kept with the identity of its room, for
 * several rooms, and a server is asked to resume from the ID of its own room.
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "chatc/place.h"

bool
place_is_room(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (memchr("0123456789abcdef", s[i], 16) == NULL)
			return false;
	return len == LINK_ROOM_SIZE - 1;
}

void
place_ask_since(struct link *l, uint64_t id, const char *room)
{
	char text[64];

	(void)snprintf(text, sizeof(text), "%" PRIu64 "%s%s", id,
	    room[0] != '\0' ? " " : "", room);
	link_send(l, "!since ", text, strlen(text));
}

bool
place_ask(struct link *l)
{
	const struct place	*p;
	bool			 asked = false;

	for (p = l->place + LINK_PLACES; p-- > l->place; )
		if (p->last != 0) {
			place_ask_since(l, p->last, p->room);
			asked = true;
		}
	return asked;
}

void
place_enter(struct link *l)
{
	struct place	found = { "", 0 };
	size_t		i;

	memcpy(found.room, l->room, sizeof(found.room));
	for (i = 0; i < LINK_PLACES - 1; i++)
		if (strcmp(l->place[i].room, l->room) == 0)
			break;
	if (strcmp(l->place[i].room, l->room) == 0)
		found = l->place[i];
	if (i > 0 && l->place[0].last != 0)
		show_notice(l->show, found.last != 0 ?
		    "back in an earlier room" :
		    "another room: from the beginning");
	/* From outside, no event of others shows that we have been here. */
	if (found.last == 0 && !l->outside)
		outbox_begin(&l->box);
	memmove(l->place + 1, l->place, i * sizeof(l->place[0]));
	l->place[0] = found;
}

void
place_forget_rooms(struct link *l)
{
	size_t i;

	for (i = 0; i < LINK_PLACES; i++)
		l->place[i].room[0] = '\0';
}
