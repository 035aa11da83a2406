/* SPDX-License-Identifier: ISC */

/*
 * The line that is being typed.
 *
 * Keeps the text, the cursor, and earlier lines; keys.c says what the bytes of
 * the terminal mean, grapheme.c what one character is, and line_draw.c how the
 * line looks.
 *
 * Text holds printable characters and pasted tabs only.  A joiner may be
 * typed, because what it joins is typed after it; a joiner that joins nothing
 * is removed when the line is submitted.
 */

#include <assert.h>
#include <string.h>

#include "chatc/grapheme.h"
#include "chatc/line_edit.h"
#include "ipc/common/text.h"

#define NON_JOINER	0x200C
#define JOINER		0x200D
#define JOINER_LEN	((size_t)3)

void
line_edit_init(struct line_edit *ed, bool ascii)
{
	memset(ed, 0, sizeof(*ed));
	ed->ascii = ascii;
}

/* Where the character before the cursor begins, and where the next one does. */
static size_t
before(const struct line_edit *ed)
{
	return grapheme_before(ed->text, ed->len, ed->at);
}

static size_t
after(const struct line_edit *ed, size_t at)
{
	size_t cells;

	return at + grapheme_next(ed->text + at, ed->len - at, &cells);
}

/* Whether a letter, a digit or anything beyond ASCII is at this offset. */
static bool
in_word(const struct line_edit *ed, size_t at)
{
	unsigned char c = (unsigned char)ed->text[at];

	return c >= 0x80 || (c >= '0' && c <= '9') ||
	    ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static size_t
word_left(const struct line_edit *ed)
{
	size_t at = ed->at;

	while (at > 0 && !in_word(ed, at - 1))
		at--;
	while (at > 0 && in_word(ed, at - 1))
		at--;
	return at;
}

static size_t
word_right(const struct line_edit *ed)
{
	size_t at = ed->at;

	while (at < ed->len && !in_word(ed, at))
		at++;
	while (at < ed->len && in_word(ed, at))
		at++;
	return at;
}

/* The beginning of what ^W deletes: a word and the blanks after it. */
static size_t
blank_left(const struct line_edit *ed)
{
	size_t at = ed->at;

	while (at > 0 && ed->text[at - 1] == ' ')
		at--;
	while (at > 0 && ed->text[at - 1] != ' ')
		at--;
	return at;
}

/* Delete text[from..to). */
static void
cut(struct line_edit *ed, size_t from, size_t to)
{
	memmove(ed->text + from, ed->text + to, ed->len - to);
	ed->len -= to - from;
	ed->at = from;
}

bool
line_edit_replace(struct line_edit *ed, size_t from, const char *s, size_t len)
{
	assert(from <= ed->at);
	if (ed->len - (ed->at - from) + len > sizeof(ed->text))
		return false;
	cut(ed, from, ed->at);
	memmove(ed->text + ed->at + len, ed->text + ed->at,
	    ed->len - ed->at);
	memcpy(ed->text + ed->at, s, len);
	if (ed->at == 0)
		ed->pasted = ed->keys.pasting;
	ed->len += len;
	ed->at += len;
	return true;
}

static void
set_text(struct line_edit *ed, const char *s, size_t len)
{
	memcpy(ed->text, s, len);
	ed->len = ed->at = len;
	ed->first = 0;
	ed->pasted = false;
}

static enum edit
go_up(struct line_edit *ed)
{
	const char	*line;
	size_t		 len;

	if (ed->past.at == ed->past.len) {
		memcpy(ed->draft, ed->text, ed->len);
		ed->draft_len = ed->len;
	}
	if (!past_up(&ed->past, &line, &len))
		return EDIT_BELL;
	set_text(ed, line, len);
	return EDIT_CHANGED;
}

static enum edit
go_down(struct line_edit *ed)
{
	const char	*line;
	size_t		 len;

	if (!past_down(&ed->past, &line, &len))
		return EDIT_BELL;
	if (line == NULL)
		set_text(ed, ed->draft, ed->draft_len);
	else
		set_text(ed, line, len);
	return EDIT_CHANGED;
}

static bool
is_joiner(const char *s, size_t len)
{
	uint32_t cp;

	return text_decode(s, len, &cp) == JOINER_LEN &&
	    (cp == JOINER || cp == NON_JOINER);
}

/* Whether the room would leave s[0..len) unchanged. */
static bool
is_visible(const char *s, size_t len)
{
	char visible[64];

	return len <= sizeof(visible) / 4 &&
	    text_visible(visible, s, len) == len;
}

static enum edit
insert(struct line_edit *ed)
{
	const char	*s = ed->keys.text;
	size_t		 len = ed->keys.text_len;

	if (!is_visible(s, len) && (!is_joiner(s, len) || ed->at == 0))
		return EDIT_BELL;
	if (line_edit_replace(ed, ed->at, s, len))
		return EDIT_CHANGED;
	if (!ed->keys.pasting || !ed->pasted)
		return EDIT_BELL;
	/* A pasted line that is too long becomes several. */
	ed->full = ed->verbatim = true;
	return EDIT_LINE;
}

/* Delete joiners that join nothing, since the room would show them as \ooo. */
static void
drop_joiners(struct line_edit *ed)
{
	size_t		at, next, n, prev = 0, end;
	uint32_t	cp;

	for (at = 0; at < ed->len; at = next) {
		n = text_decode(ed->text + at, ed->len - at, &cp);
		next = at + (n > 0 ? n : 1);
		end = next + text_decode(ed->text + next, ed->len - next, &cp);
		if (is_joiner(ed->text + at, ed->len - at) &&
		    !is_visible(ed->text + prev, end - prev)) {
			cut(ed, at, next);
			next = at;
		} else {
			prev = at;
		}
	}
}

static enum edit
say(struct line_edit *ed)
{
	drop_joiners(ed);
	ed->verbatim = ed->keys.pasting && ed->pasted;
	return EDIT_LINE;
}

void
line_edit_clear(struct line_edit *ed)
{
	if (ed->len > 0)
		past_add(&ed->past, ed->text, ed->len);
	ed->past.at = ed->past.len;
	ed->len = ed->at = ed->first = 0;
	ed->pasted = ed->verbatim = false;
	if (ed->full) {
		ed->full = false;
		(void)insert(ed);
	}
}

static enum edit
move_to(struct line_edit *ed, size_t at)
{
	if (at == ed->at)
		return EDIT_NOTHING;
	ed->at = at;
	return EDIT_CHANGED;
}

static enum edit
cut_out(struct line_edit *ed, size_t from, size_t to)
{
	if (from == to)
		return EDIT_BELL;
	cut(ed, from, to);
	return EDIT_CHANGED;
}

/* Delete more than a character, for ^Y to bring back. */
static enum edit
kill_text(struct line_edit *ed, size_t from, size_t to)
{
	if (from < to) {
		memcpy(ed->killed, ed->text + from, to - from);
		ed->killed_len = to - from;
	}
	return cut_out(ed, from, to);
}

static enum edit
yank(struct line_edit *ed)
{
	return ed->killed_len > 0 && line_edit_replace(ed, ed->at,
	    ed->killed, ed->killed_len) ? EDIT_CHANGED : EDIT_BELL;
}

static enum edit
edit_key(struct line_edit *ed, enum key key)
{
	switch (key) {
	case KEY_LEFT:
		return move_to(ed, before(ed));
	case KEY_RIGHT:
		return move_to(ed, after(ed, ed->at));
	case KEY_WORD_LEFT:
		return move_to(ed, word_left(ed));
	case KEY_WORD_RIGHT:
		return move_to(ed, word_right(ed));
	case KEY_HOME:
		return move_to(ed, 0);
	case KEY_END:
		return move_to(ed, ed->len);
	case KEY_UP:
		return go_up(ed);
	case KEY_DOWN:
		return go_down(ed);
	case KEY_BACKSPACE:
		return cut_out(ed, before(ed), ed->at);
	case KEY_DELETE:
		return cut_out(ed, ed->at, after(ed, ed->at));
	case KEY_KILL_ALL:
		return kill_text(ed, 0, ed->at);
	case KEY_KILL_REST:
		return kill_text(ed, ed->at, ed->len);
	case KEY_KILL_WORD:
		return kill_text(ed, blank_left(ed), ed->at);
	case KEY_KILL_WORD_LEFT:
		return kill_text(ed, word_left(ed), ed->at);
	case KEY_KILL_WORD_RIGHT:
		return kill_text(ed, ed->at, word_right(ed));
	case KEY_YANK:
		return yank(ed);
	default:
		return EDIT_NOTHING;
	}
}

enum edit
line_edit_take(struct line_edit *ed, char byte)
{
	enum key key = keys_take(&ed->keys, byte);

	switch (key) {
	case KEY_TEXT:
		return insert(ed);
	case KEY_BAD:
		return EDIT_BELL;
	case KEY_TAB:
		return EDIT_TAB;
	case KEY_ENTER:
		return say(ed);
	case KEY_REFRESH:
		return EDIT_REFRESH;
	case KEY_EOF:
		if (ed->len == 0)
			return EDIT_END;
		return edit_key(ed, KEY_DELETE);
	default:
		return edit_key(ed, key);
	}
}
