/* SPDX-License-Identifier: ISC */

/*
 * Text in the columns of a terminal.
 *
 * A terminal wraps a full row, and the rest looks like a line of its own:
 * whoever knows the width of a window could forge another's line there.  So
 * this file ends rows before the terminal does, and indents each continuation
 * as no line is.
 */

#include <string.h>

#include "chatc/grapheme.h"
#include "chatc/wrap.h"

#define NARROW		40
#define LEAST		8

static size_t
put_octal(char *d, unsigned char byte)
{
	d[0] = '\\';
	d[1] = (char)('0' + (byte >> 6));
	d[2] = (char)('0' + (byte >> 3 & 7));
	d[3] = (char)('0' + (byte & 7));
	return 4;
}

/* End the row, and begin a continuation. */
static size_t
put_break(struct wrap *w, char *d)
{
	size_t indent = w->columns < NARROW ? 2 : 6;

	d[0] = '\n';
	memset(d + 1, ' ', indent);
	w->at = indent;
	return 1 + indent;
}

size_t
wrap_put(struct wrap *w, char *dst, const char *src, size_t len)
{
	size_t	n, cells, columns = w->columns > LEAST ? w->columns : LEAST;
	bool	octal;
	char	*d = dst;

	for (; len > 0; src += n, len -= n) {
		octal = w->ascii && (unsigned char)src[0] >= 0x80;
		n = cells = 1;
		if (src[0] == '\t')
			cells = 8 - w->at % 8;
		else if (octal)
			cells = 4;
		else if (!w->ascii)
			n = grapheme_next(src, len, &cells);
		if (w->columns != 0 && w->at + cells > columns) {
			d += put_break(w, d);
			if (src[0] == '\t')
				continue;
		}
		w->at += cells;
		if (octal) {
			d += put_octal(d, (unsigned char)src[0]);
		} else {
			memcpy(d, src, n);
			d += n;
		}
	}
	return (size_t)(d - dst);
}
