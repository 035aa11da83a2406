/* SPDX-License-Identifier: ISC */

/*
 * How the line that is being typed looks: one row of bytes.
 *
 * The row never wraps: of a line longer than the window it shows the part
 * around the cursor, so that it can be erased in the same way whatever was
 * typed.  Terminals disagree about the width of some characters; so the bytes
 * have the terminal save the cursor's position, and never name it.
 */

#include <string.h>

#include "chatc/grapheme.h"
#include "chatc/line_edit.h"

/*
 * Move the window along the line, so that it contains the cursor and something
 * to its left, and wastes no space that could show more.
 */
static void
scroll(struct line_edit *ed, size_t room)
{
	const char	*text = ed->text;
	size_t		 prev, least, cells;

	if (ed->first > ed->at)
		ed->first = ed->at;
	least = ed->first == ed->at ? room / 2 : 0;
	while (ed->first > 0) {
		prev = grapheme_before(text, ed->len, ed->first);
		if (grapheme_cells(text + ed->first, ed->at - ed->first) >=
		    least && grapheme_cells(text + prev, ed->len - prev) >=
		    room)
			break;
		ed->first = prev;
	}
	while (ed->first < ed->at && grapheme_cells(text + ed->first,
	    ed->at - ed->first) >= room)
		ed->first += grapheme_next(text + ed->first,
		    ed->len - ed->first, &cells);
}

/* One character as the terminal shows it; returns the bytes. */
static size_t
draw(const struct line_edit *ed, char *dst, const char *s, size_t n)
{
	size_t i;

	memcpy(dst, s, n);
	if (s[0] == '\t')
		dst[0] = ' ';
	for (i = 0; ed->ascii && i < n; i++)
		if ((unsigned char)s[i] >= 0x80) {
			dst[0] = '?';
			return 1;
		}
	return n;
}

size_t
line_edit_draw(struct line_edit *ed, size_t columns, char *dst)
{
	static const char	save[] = "\0337", go_back[] = "\0338";
	size_t			n, w, at, sum = 0;
	size_t			prompt = strlen(EDIT_PROMPT);
	size_t			room = columns > prompt + 3 ?
				    columns - prompt - 1 : 2;
	char			*d = dst;

	scroll(ed, room);
	memcpy(d, EDIT_PROMPT, prompt);
	d += prompt;
	for (at = ed->first; at < ed->len; at += n) {
		if (at == ed->at) {
			/* The terminal knows best how wide that was. */
			memcpy(d, save, 2);
			d += 2;
			ed->cursor_cell = prompt + sum;
		}
		n = grapheme_next(ed->text + at, ed->len - at, &w);
		if ((sum += w) > room)
			break;
		d += draw(ed, d, ed->text + at, n);
	}
	if (ed->at < ed->len) {
		memcpy(d, go_back, 2);
		return (size_t)(d - dst) + 2;
	}
	ed->cursor_cell = prompt + sum;
	return (size_t)(d - dst);
}
