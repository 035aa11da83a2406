/* SPDX-License-Identifier: ISC */

/*
 * What was submitted and is not known to be in the room, oldest first.
 */
#ifndef CHATC_OUTBOX_H
#define CHATC_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "ipc/common/event.h"

enum said {
	SAID_TEXT,		/* a message, as the room will see it */
	SAID_ME,		/* !me and its text, which has an echo, too */
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
 * lines, of which each costs four bytes more.
 */
void	 outbox_init(struct outbox *box, char *buf, size_t size);

/* Whether a line of LINE_TEXT_MAX bytes can be added. */
bool	 outbox_has_space(struct outbox *box);

/* Add a line of at most LINE_TEXT_MAX bytes; outbox_has_space() is true. */
void	 outbox_add(struct outbox *box, enum said said, const char *line,
	    size_t len);

/*
 * The next line to send; false if all are sent.  Call outbox_sent() once it is
 * queued.
 */
bool	 outbox_next(const struct outbox *box, enum said *said,
	    const char **line, size_t *len);
void	 outbox_sent(struct outbox *box);

/*
 * ev came back under our own name: whether it is the echo of a line that was
 * sent.  If so, that line and all before it leave the box.
 */
bool	 outbox_echo(struct outbox *box, const struct event *ev);

/*
 * After outbox_rewind(): the lines in the box were sent to other rooms only,
 * so none can have an echo in this one before it is sent here.
 */
void	 outbox_begin(struct outbox *box);

/* Events were lost: echoes may be among them. */
void	 outbox_gap(struct outbox *box);

/*
 * outbox_mark() remembers what was sent so far; outbox_confirm() removes that,
 * because the answer to a later command has arrived.
 */
void	 outbox_mark(struct outbox *box);
void	 outbox_confirm(struct outbox *box);

/*
 * After a new connection, send again what was sent and not confirmed, except
 * commands.  Returns how many commands those were.
 */
size_t	 outbox_rewind(struct outbox *box);

/*
 * After a replay: how many lines may have been published although their echoes
 * never arrived, because events were lost.
 */
size_t	 outbox_doubtful(struct outbox *box);

/* The lines in the box, without the final !quit. */
size_t	 outbox_lines(const struct outbox *box);

#endif
