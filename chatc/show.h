/* SPDX-License-Identifier: ISC */

/*
 * What goes to standard output: events in the form that was asked for.
 */
#ifndef CHATC_SHOW_H
#define CHATC_SHOW_H

#include <stdbool.h>
#include <stddef.h>

#include "chatc/chatc.h"
#include "chatc/wrap.h"
#include "ipc/common/event.h"
#include "ipc/common/line.h"

#define SHOW_SIZE	(256 * 1024)

struct show {
	const struct options	*opt;
	struct line_out		 out;
	struct wrap		 wrap;
	int			 fd;		/* what out is written to */
	bool			 blocks;	/* writing to it may block */
	bool			 terminal;	/* it is one */
	bool			 window;	/* an edit line lies below, */
	bool			 erased;	/* but is not to be seen now */
	bool			 colour;
	const char		*format;	/* of the time, or NULL */
	char			 buf[SHOW_SIZE];
};

void	 show_init(struct show *s, const struct options *opt);

/* What is wrong with a format for the time, or NULL. */
const char *show_format_error(const char *format);

/*
 * Whether any event can be shown without losing a byte of it; whether a key
 * can be answered; and whether the terminal is so far behind that it should
 * be spared what is no line of the room.
 */
bool	 show_has_room(const struct show *s);
bool	 show_has_space(const struct show *s);
bool	 show_is_behind(const struct show *s);

/* Show ev, or line[0..len), which it was made of; show_has_room() is true. */
void	 show_event(struct show *s, const struct event *ev, const char *line,
	    size_t len);

/* Take the edit line off the screen; put bytes on it as they are. */
void	 show_erase(struct show *s);
void	 show_put(struct show *s, const char *bytes, size_t len);

/* Say something of our own: on standard error, or above the edit line. */
void	 show_notice(struct show *s, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
void	 show_error(struct show *s, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

/*
 * Write what standard output takes.  0, or -1 with errno; if nobody reads
 * any more, this does not return but dies of SIGPIPE.
 */
int	 show_flush(struct show *s);

/* Nobody reads any more: end as any filter does. */
_Noreturn void	 show_die_of_pipe(void);

#endif
