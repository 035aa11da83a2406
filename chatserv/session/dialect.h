/* SPDX-License-Identifier: ISC */

/*
 * A dialect: the protocol in which a session hears one client and answers it.
 * plain.c has that of people, tsv.c that of programs, irc/dispatch.c IRC's.
 */
#ifndef CHATSERV_DIALECT_H
#define CHATSERV_DIALECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/bus/roster.h"
#include "ipc/common/event.h"

struct session;

/*
 * A dialect is a folder or a file with these functions, which own both
 * directions: they parse the client's lines and do what these request
 * (action.h), and they write what the client receives to s->out, in which
 * their caller has checked that there is space.
 */
struct dialect {
	enum slot_dialect id;
	/* bytes of the longest line that it takes, without its end */
	size_t	  line_max;
	/*
	 * Remove what is not text from the bytes that arrived (s->in), up to
	 * the end of the next line.  NULL: everything is text.
	 */
	void	(*strip)(struct session *s);
	/*
	 * Handle a line of the client, or one that is longer than line_max.
	 * False: not now, call again with it.
	 */
	bool	(*line)(struct session *s, const char *line, size_t len);
	bool	(*too_long)(struct session *s);
	/*
	 * Continue an answer that was begun, before the next line; true if it
	 * is complete, false: not now.  NULL: all answers are short.
	 */
	bool	(*more)(struct session *s);
	/*
	 * A line has to wait, and more bytes of the client arrive behind it
	 * meanwhile:  s->in has all of them.  NULL: later lines wait unread,
	 * as well.
	 */
	void	(*held)(struct session *s);
	/* The most bytes that event() makes of rec; NULL: rec's own size. */
	size_t	(*event_most)(const struct session *s,
		    const struct record *rec);
	/* Send a record, whose text is given; NULL: the text as it is. */
	void	(*event)(struct session *s, const struct record *rec,
		    const char *text);
	/* Send an answer of one line: info, err, lost, bye. */
	void	(*answer)(struct session *s, const struct event *ev);
	/* Send the welcome; row[0..n) are the first of total clients here. */
	void	(*welcome)(struct session *s, const struct roster_row *row,
		    uint32_t n, uint32_t total);
	/*
	 * Send n more of the total rows of a list that session_list() began;
	 * first and last tell which part it is.
	 */
	void	(*who)(struct session *s, const struct roster_row *row,
		    uint32_t n, uint32_t total, bool first, bool last);
};

extern const struct dialect dialect_plain, dialect_tsv;

#endif
