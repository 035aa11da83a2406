/* SPDX-License-Identifier: ISC */

/*
 * What goes to standard output: events in the form that the user chose.
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
	bool			 window;	/* an edit line is below, */
	bool			 erased;	/* but is erased now */
	bool			 colour;
	const char		*format;	/* of the time, or NULL */
	char			 buf[SHOW_SIZE];
};

void	 show_init(struct show *s, const struct options *opt);

/* What is wrong with a format for the time, or NULL. */
const char *show_format_error(const char *format);

/*
 * Whether there is space for any event; for the answer to a key; and whether
 * the terminal is so far behind that only lines of the room should go to it.
 */
bool	 show_has_space(const struct show *s);
bool	 show_has_notice_space(const struct show *s);
bool	 show_is_behind(const struct show *s);

/* Show ev, which was parsed from line[0..len); show_has_space() is true. */
void	 show_event(struct show *s, const struct event *ev, const char *line,
	    size_t len);

/* Erase the edit line; write bytes as they are. */
void	 show_erase(struct show *s);
void	 show_put(struct show *s, const char *bytes, size_t len);

/* Show a line of our own: on standard error, or above the edit line. */
void	 show_notice(struct show *s, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
void	 show_error(struct show *s, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

/*
 * Write what standard output has space for.  Returns 0, or -1 with errno; if
 * nobody reads any more, SIGPIPE ends the process.
 */
int	 show_flush(struct show *s);

/* Nobody reads any more: die of SIGPIPE, as filters do. */
_Noreturn void	 show_die_of_pipe(void);

#endif
