/* SPDX-License-Identifier: ISC */

/*
 * What one room tells the others, as messages of the engine.
 *
 * A payload is lines of the room's TSV (chatproto(7)).  The first is
 *
 *	ID TAB room TAB TAB IDENTITY
 *
 * where ID is that of the latest event that the payload covers, so that its
 * writer knows where to continue, and IDENTITY that of the room, since only IDs
 * of one room can be compared.  Messages, actions and numbers of lost lines
 * follow.  The payload does not say whose they are: the engine vouches for the
 * subject.
 *
 * Nothing here allocates memory, and every byte of a payload may be hostile.
 */
#ifndef CHATLINK_PAYLOAD_H
#define CHATLINK_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/common/event.h"
#include "ipc/common/text.h"

#define PAYLOAD_MAX	60000	/* bytes; the engine's limit is 1 MB */
#define PAYLOAD_IDENTITY 16	/* hexadecimal digits */
#define PAYLOAD_HEAD	64	/* bytes of its first line, at most */

struct payload {
	const char	*at, *end;		/* the unread rest */
	uint64_t	 last;			/* the ID that it covers */
	char		 identity[PAYLOAD_IDENTITY + 1];
};

/* Whether text[0..len) is the identity of a room. */
bool	 payload_is_identity(const char *text, size_t len);

/* Make identity the one that text begins with. */
void	 payload_set_identity(char identity[PAYLOAD_IDENTITY + 1],
	    const char *text);

/*
 * Start reading data[0..len), which must stay valid.  Returns false if it is
 * no payload.
 */
bool	 payload_open(struct payload *p, const char *data, size_t len);

/*
 * The next line that is a message, an action or a loss; skips others.  ev
 * points into the payload.  Returns false at its end.
 */
bool	 payload_next(struct payload *p, struct event *ev);

/* Write the first line to dst, of PAYLOAD_HEAD bytes.  Returns its length. */
size_t	 payload_head(char *dst, uint64_t last, const char *identity);

/*
 * The number of lost lines that ev states; 0 if it states no credible one.
 */
uint64_t payload_lost(const struct event *ev);

/* Whether ev's name is that of a process of the link in its room. */
bool	 payload_is_of_link(const struct event *ev);

/*
 * Whether other rooms should get ev, which this room has shown: its speaker is
 * of this room, and no link.
 */
bool	 payload_is_ours(const struct event *ev);

/*
 * Write to dst, which has space for PAYLOAD_SPEAKER bytes, the name of ev's
 * speaker in other rooms: with this host.  Returns the length, or 0 if that is
 * no valid name.
 */
#define PAYLOAD_SPEAKER	(TEXT_SPEAKER_MAX + 1)
size_t	 payload_speaker(char *dst, const struct event *ev, const char *host);

/*
 * Write ev's text as a room sends it, in at most max bytes, to dst, which
 * has space for 4 * max bytes.  Text that came from a room does not change.
 */
size_t	 payload_text(char *dst, size_t max, const struct event *ev);

#endif
