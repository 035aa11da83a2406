/* SPDX-License-Identifier: ISC */

/*
 * What a line of input submits: text, or a command.
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
	bool		 typed;		/* by a person, who may mistype */
	bool		 skipping;	/* the rest of a long line */
	bool		 over;		/* !quit was submitted */
	bool		 failed;	/* a line could not be submitted */
};

/*
 * Put line[0..len), at most LINE_TEXT_MAX bytes, into the outbox, which has
 * space; goes_on says that it is the beginning of a longer one.  Returns how
 * many bytes were consumed; the rest is a line of its own.
 */
size_t	 say_line(struct say *say, const char *line, size_t len, bool goes_on);

/* The same, but without commands. */
size_t	 say_text(struct say *say, const char *line, size_t len);

/*
 * Whether line[0..len), as a person types it, is most likely no text but a
 * command of another program; if so, *hint says what to do.
 */
bool	 say_doubts(struct say *say, const char *line, size_t len);

/* Submit !quit, once; false if the outbox has no space for it. */
bool	 say_quit(struct say *say);

#endif
