/* SPDX-License-Identifier: ISC */

/*
 * What one room tells the others: messages of the engine.
 *
 * A payload is lines of the room's TSV (chatproto(7)).  The first is
 *
 *	ID TAB room TAB TAB IDENTITY
 *
 * where ID is that of the latest event that the payload covers, so that its
 * writer knows where to go on, and IDENTITY the room's, in which alone IDs
 * can be compared.  Then come messages, actions and numbers of lost lines.
 * Whose they are is not in it: the engine vouches for the subject.
 *
 * Nothing here allocates, and everything in a payload is taken for hostile.
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
	const char	*at, *end;		/* what is not yet read */
	uint64_t	 last;			/* the ID that it covers */
	char		 identity[PAYLOAD_IDENTITY + 1];
};

/* Whether text[0..len) is the identity of a room. */
bool	 payload_is_identity(const char *text, size_t len);

/* Make identity the one that text begins with. */
void	 payload_set_identity(char identity[PAYLOAD_IDENTITY + 1],
	    const char *text);

/*
 * Begin to read data[0..len), which has to stay.  Returns false if that is no
 * payload.
 */
bool	 payload_open(struct payload *p, const char *data, size_t len);

/*
 * The next line that is a message, an action or a loss; others are passed
 * over.  ev points into the payload.  Returns false at its end.
 */
bool	 payload_next(struct payload *p, struct event *ev);

/* Write the first line to dst, of PAYLOAD_HEAD bytes.  Returns its length. */
size_t	 payload_head(char *dst, uint64_t last, const char *identity);

/*
 * The number of lines lost that ev says; 0 if it says none that can be
 * believed.
 */
uint64_t payload_lost(const struct event *ev);

/* Whether ev's name is that of a process of the link in its room. */
bool	 payload_is_of_link(const struct event *ev);

/*
 * Whether other rooms are to have ev, which this room has shown: who says it
 * is of this room, and no link.
 */
bool	 payload_is_ours(const struct event *ev);

/*
 * Write to dst, which has space for PAYLOAD_SPEAKER bytes, how ev's speaker
 * is called elsewhere: with this host.  Returns the length, or 0 if nobody
 * can be called that.
 */
#define PAYLOAD_SPEAKER	(TEXT_SPEAKER_MAX + 1)
size_t	 payload_speaker(char *dst, const struct event *ev, const char *host);

/*
 * Write ev's text as a room sends it, in at most max bytes, to dst, which
 * has space for 4 * max bytes.  It is as it was if it came from a room.
 */
size_t	 payload_text(char *dst, size_t max, const struct event *ev);

#endif
