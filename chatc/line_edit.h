/* SPDX-License-Identifier: ISC */

/*
 * A line that is being typed: keys in, what is to be seen out.
 */
#ifndef CHATC_LINE_EDIT_H
#define CHATC_LINE_EDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "ipc/common/line.h"

#define EDIT_PAST_SIZE	(32 * 1024)
#define EDIT_DRAW_SIZE	(LINE_TEXT_MAX + 64)
#define EDIT_PROMPT	"> "

enum edit {
	EDIT_MORE,		/* the bytes end within a key */
	EDIT_NOTHING,
	EDIT_CHANGED,		/* draw it again */
	EDIT_LINE,		/* text[0..len) is said; line_edit_clear() */
	EDIT_TAB,		/* a name is to be completed */
	EDIT_REFRESH,		/* clear the window and draw it again */
	EDIT_BELL,
	EDIT_END		/* end of input */
};

struct line_edit {
	char	 text[LINE_TEXT_MAX];
	size_t	 len;
	size_t	 at;		/* the cursor, in bytes */
	size_t	 first;		/* the first byte in the window */
	size_t	 cursor_cell;	/* as last drawn */
	bool	 pasting;
	char	 past[EDIT_PAST_SIZE];	/* lines said, each with a LF */
	size_t	 past_len;
	size_t	 past_at;	/* the one looked at; past_len: none */
	char	 draft[LINE_TEXT_MAX];	/* what was typed before that */
	size_t	 draft_len;
};

void	 line_edit_init(struct line_edit *ed);

/*
 * Take one key from keys[0..len); *used says how many bytes it had.  With
 * EDIT_MORE nothing was used.
 */
enum edit line_edit_key(struct line_edit *ed, const char *keys, size_t len,
	    size_t *used);

/* The line has been taken: remember it among those said, and begin anew. */
void	 line_edit_clear(struct line_edit *ed);

/* Replace text[from..at) by s[0..len); false if it does not fit. */
bool	 line_edit_replace(struct line_edit *ed, size_t from, const char *s,
	    size_t len);

/*
 * Write to dst, which has room for EDIT_DRAW_SIZE bytes, what draws the
 * line in a window of so many columns, from the left edge of an empty row.
 * Returns the bytes written.
 */
size_t	 line_edit_draw(struct line_edit *ed, size_t columns, char *dst);

#endif
