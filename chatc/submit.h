/* SPDX-License-Identifier: ISC */

/*
 * What a line of input says: text, or a command.
 */
#ifndef CHATC_SAY_H
#define CHATC_SAY_H

#include <stdbool.h>
#include <stddef.h>

#include "chatc/outbox.h"
#include "chatc/show.h"

struct say {
	struct outbox	*box;
	struct show	*show;
	bool		 commands;	/* ! begins one */
	bool		 typed;		/* by a person, who may err */
	bool		 skipping;	/* the rest of one that is too long */
	bool		 over;		/* !quit was said */
	bool		 failed;	/* something could not be said */
};

/*
 * Put line[0..len), at most LINE_TEXT_MAX bytes, into the outbox, which has
 * room; goes_on says that it is the beginning of a longer one.  Returns how
 * many bytes were taken; the rest is a line of its own.
 */
size_t	 say_line(struct say *say, const char *line, size_t len, bool goes_on);

/* The same, but nothing in the line has a meaning. */
size_t	 say_text(struct say *say, const char *line, size_t len);

/*
 * Whether line[0..len), as a person types it, is most likely no text but a
 * command as other programs have them; if so, says what to do.
 */
bool	 say_doubts(struct say *say, const char *line, size_t len);

/* The end: !quit, once; false if the outbox had no room for it. */
bool	 say_quit(struct say *say);

#endif
