/* SPDX-License-Identifier: ISC */

/*
 * What was said and is not yet known to be in the room, oldest first.
 */
#ifndef CHATC_OUTBOX_H
#define CHATC_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "ipc/common/event.h"

enum said {
	SAID_TEXT,		/* a message, as the room shall see it */
	SAID_ME,		/* !me and its text: has an echo too */
	SAID_COMMAND,		/* another command; never sent twice */
	SAID_QUIT		/* the last one */
};

struct outbox {
	char	*buf;
	size_t	 size;
	size_t	 start;		/* the oldest entry */
	size_t	 sent;		/* the first not sent on this connection */
	size_t	 tried;		/* the first never sent */
	size_t	 mark;		/* see outbox_mark() */
	size_t	 end;
	bool	 gap;		/* an echo may have been lost */
};

/*
 * Set up box over buf, which the caller owns.  It holds size / 2 bytes of
 * lines; a line costs four bytes more than it has.
 */
void	 outbox_init(struct outbox *box, char *buf, size_t size);

/* Whether a line of LINE_TEXT_MAX bytes can be added. */
bool	 outbox_has_room(struct outbox *box);

/* Add a line of at most LINE_TEXT_MAX bytes; outbox_has_room() is true. */
void	 outbox_add(struct outbox *box, enum said said, const char *line,
	    size_t len);

/*
 * The next line to send: false if all are sent.  outbox_sent() says that it
 * is on its way.
 */
bool	 outbox_next(const struct outbox *box, enum said *said,
	    const char **line, size_t *len);
void	 outbox_sent(struct outbox *box);

/*
 * ev came back under our own name: whether it is the echo of a line that
 * was sent.  If so, that line and all before it are out of the box.
 */
bool	 outbox_echo(struct outbox *box, const struct event *ev);

/*
 * After outbox_rewind(): what is in the box was not sent to this room yet,
 * only to others, so that no echo of it can come before it is.
 */
void	 outbox_begin(struct outbox *box);

/* Events were lost: echoes may be among them. */
void	 outbox_gap(struct outbox *box);

/*
 * outbox_mark() remembers what has been sent by now; outbox_confirm() takes
 * that out, for an answer came to what was sent after it.
 */
void	 outbox_mark(struct outbox *box);
void	 outbox_confirm(struct outbox *box);

/*
 * A new connection: what was sent and not confirmed will be sent again, but
 * for commands.  Returns how many of those there were.
 */
size_t	 outbox_rewind(struct outbox *box);

/*
 * Once all that the server still has was seen: how many lines may have been
 * said although no echo was seen, because events were lost.
 */
size_t	 outbox_doubtful(struct outbox *box);

/* The lines in the box, the final !quit not counted. */
size_t	 outbox_lines(const struct outbox *box);

#endif
