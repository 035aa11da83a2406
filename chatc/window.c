/* SPDX-License-Identifier: ISC */

/*
 * The terminal as a window on the room.
 *
 * What happens in the room scrolls by, as in any terminal, and the line that
 * is being typed stays whole in the last row: whatever shows something erases
 * that row first (see show.c), and this file draws it again before the loop
 * waits.  So the two never mix, however many lines arrive.
 *
 * A submitted line is not shown here: it appears when the room has it.
 */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "chatc/outbox.h"
#include "chatc/term.h"
#include "chatc/window.h"

void
window_init(struct window *w, struct show *show, struct say *say)
{
	memset(w, 0, sizeof(*w));
	w->show = show;
	w->say = say;
	line_edit_init(&w->edit, !term_shows_utf8());
}

void
window_open(struct window *w)
{
	w->columns = term_columns();
	if (term_start() == -1) {
		show_error(w->show, "the terminal cannot be made raw");
		w->over = true;
		return;
	}
	w->show->window = w->show->erased = true;
}

void
window_close(struct window *w)
{
	show_erase(w->show);
	w->show->window = false;
	term_stop();
}

bool
window_has_space(const struct window *w)
{
	return w->keys_len < sizeof(w->keys) && !w->over;
}

ssize_t
window_read(struct window *w)
{
	ssize_t n;

	n = read(STDIN_FILENO, w->keys + w->keys_len,
	    sizeof(w->keys) - w->keys_len);
	if (n > 0)
		w->keys_len += (size_t)n;
	else if (n == 0)
		w->over = true;
	return n;
}

static void
bell(struct window *w)
{
	show_put(w->show, "\a", 1);
}

static void
complete(struct window *w)
{
	struct line_edit	*ed = &w->edit;
	char			 name[NAMES_SIZE + 2], list[512];
	size_t			 from, n, found;

	for (from = ed->at; from > 0 && ed->text[from - 1] != ' '; )
		from--;
	found = names_complete(&w->names, ed->text + from, ed->at - from,
	    name, &n);
	if (found == 1) {
		if (from == 0)
			name[n++] = ':';
		name[n++] = ' ';
	} else if (found > 1 && n == ed->at - from) {
		names_list(&w->names, ed->text + from, n, list, sizeof(list));
		show_notice(w->show, "%s", list);
		return;
	}
	if (found == 0 || !line_edit_replace(ed, from, name, n))
		bell(w);
}

/*
 * Submit the line; if a person most likely mistyped it, show a hint and keep
 * it to be corrected.  What was pasted is text.
 */
static void
say(struct window *w)
{
	const char	*line = w->edit.text;
	size_t		 n, len = w->edit.len;

	if (!w->edit.verbatim) {
		if (say_doubts(w->say, line, len))
			return;
		(void)say_line(w->say, line, len, false);
	} else if ((n = say_text(w->say, line, len)) < len) {
		(void)say_text(w->say, line + n, len - n);
	}
	line_edit_clear(&w->edit);
}

static void
act(struct window *w, enum edit what)
{
	switch (what) {
	case EDIT_LINE:
		say(w);
		break;
	case EDIT_TAB:
		complete(w);
		break;
	case EDIT_REFRESH:
		show_put(w->show, "\033[H\033[2J", 7);
		break;
	case EDIT_BELL:
		bell(w);
		return;
	case EDIT_END:
		w->over = true;
		break;
	default:
		break;
	}
	show_erase(w->show);
}

/* The size has changed, or another program drew: begin a new row. */
static void
handle_news(struct window *w)
{
	struct term_news	news = term_news();
	char			up[32];
	size_t			rows;
	int			n;

	if (news.resumed) {
		w->show->erased = false;
		show_erase(w->show);
	}
	if (!news.resized)
		return;
	w->columns = term_columns();
	if (w->show->erased)
		return;
	/* A row that has become too long wraps. */
	rows = w->edit.cursor_cell / w->columns;
	if (rows > 0) {
		n = snprintf(up, sizeof(up), "\033[%zuA", rows);
		show_put(w->show, up, (size_t)n);
	}
	show_put(w->show, "\r\033[J", 4);
	w->show->erased = true;
}

void
window_work(struct window *w)
{
	enum edit	what;
	size_t		at = 0;

	handle_news(w);
	while (at < w->keys_len && !w->over && !w->say->over &&
	    outbox_has_space(w->say->box) && show_has_notice_space(w->show)) {
		what = line_edit_take(&w->edit, w->keys[at++]);
		if (what != EDIT_NOTHING)
			act(w, what);
	}
	memmove(w->keys, w->keys + at, w->keys_len - at);
	w->keys_len -= at;
}

void
window_draw(struct window *w)
{
	char	row[EDIT_DRAW_SIZE];
	size_t	len;

	/* Do not slow a slow terminal down by rows that soon change. */
	if (!w->show->window || !w->show->erased || show_is_behind(w->show))
		return;
	len = line_edit_draw(&w->edit, w->columns, row);
	show_put(w->show, row, len);
	w->show->erased = false;
}
