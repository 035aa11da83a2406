/* SPDX-License-Identifier: ISC */

/*
 * The line editor: consumes the bytes of a terminal, makes bytes to show.
 */
#ifndef CHATC_LINE_EDIT_H
#define CHATC_LINE_EDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "chatc/keys.h"
#include "chatc/past.h"
#include "ipc/common/line.h"

#define EDIT_DRAW_SIZE	(LINE_TEXT_MAX + 64)
#define EDIT_PROMPT	"> "

enum edit {
	EDIT_NOTHING,
	EDIT_CHANGED,		/* draw it again */
	EDIT_LINE,		/* submit text[0..len); line_edit_clear() */
	EDIT_TAB,		/* complete a name */
	EDIT_REFRESH,		/* clear the window and draw it again */
	EDIT_BELL,
	EDIT_END		/* end of input */
};

struct line_edit {
	struct keys	 keys;
	char		 text[LINE_TEXT_MAX];
	size_t		 len;
	size_t		 at;		/* the cursor, in bytes */
	size_t		 first;		/* the first byte in the window */
	size_t		 cursor_cell;	/* as last drawn */
	bool		 pasted;	/* it begins with pasted text */
	bool		 verbatim;	/* and is nothing else */
	bool		 ascii;		/* all else is drawn as ? */
	bool		 full;		/* keys.text did not fit */
	struct past	 past;
	char		 draft[LINE_TEXT_MAX];	/* the line before ^P */
	size_t		 draft_len;
	char		 killed[LINE_TEXT_MAX];	/* what ^Y inserts */
	size_t		 killed_len;
};

/* With ascii the terminal shows nothing but ASCII. */
void	 line_edit_init(struct line_edit *ed, bool ascii);

/* Consume one byte from the terminal. */
enum edit line_edit_take(struct line_edit *ed, char byte);

/* The line was submitted: add it to the earlier lines, and begin a new one. */
void	 line_edit_clear(struct line_edit *ed);

/* Replace text[from..at) by s[0..len); false if it does not fit. */
bool	 line_edit_replace(struct line_edit *ed, size_t from, const char *s,
	    size_t len);

/*
 * Write to dst, which has space for EDIT_DRAW_SIZE bytes, what draws the line
 * in a window of so many columns, from the left edge of an empty row.  Returns
 * the bytes written.
 */
size_t	 line_edit_draw(struct line_edit *ed, size_t columns, char *dst);

#endif
