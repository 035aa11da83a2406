/* SPDX-License-Identifier: ISC */

/*
 * A line that is being typed.
 *
 * Keeps the text, the cursor, and what was said before; knows keys and the
 * width of characters, but neither terminal nor room: bytes come in, bytes
 * that draw one row go out.  The row never wraps: of a line longer than the
 * window the part around the cursor is shown, so erasing it is always the
 * same, whatever was typed.
 *
 * A character here is what a person takes for one: with the combining marks
 * that follow it.  Text holds printable characters and pasted tabs only.
 */

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "chatc/line_edit.h"
#include "ipc/common/text.h"

#define CTRL(c)	((c) & 0x1F)
#define DEL	0x7F
#define JOINER	0x200D		/* the room lets it be between emoji */

enum key {
	KEY_NONE, KEY_TEXT, KEY_ENTER, KEY_TAB, KEY_LEFT, KEY_RIGHT, KEY_UP,
	KEY_DOWN, KEY_HOME, KEY_END, KEY_DELETE, KEY_BACKSPACE, KEY_KILL_ALL,
	KEY_KILL_REST, KEY_KILL_WORD, KEY_REFRESH, KEY_EOF, KEY_PASTE_ON,
	KEY_PASTE_OFF
};

void
line_edit_init(struct line_edit *ed)
{
	memset(ed, 0, sizeof(*ed));
}

/* The cells that the character at s takes; *n is its length in bytes. */
static size_t
width(const char *s, size_t len, size_t *n)
{
	uint32_t	cp;
	int		w;

	if ((*n = text_decode(s, len, &cp)) == 0)
		*n = 1;
	if (*n == 1)
		return 1;
	w = wcwidth((wchar_t)cp);
	return w < 0 ? 1 : (size_t)w;
}

static size_t
cells(const struct line_edit *ed, size_t from, size_t to)
{
	size_t n, sum = 0;

	for (; from < to; from += n)
		sum += width(ed->text + from, ed->len - from, &n);
	return sum;
}

/* Where the character after the one at offset at begins. */
static size_t
after(const struct line_edit *ed, size_t at)
{
	size_t n;

	if (at >= ed->len)
		return ed->len;
	(void)width(ed->text + at, ed->len - at, &n);
	for (at += n; at < ed->len; at += n)
		if (width(ed->text + at, ed->len - at, &n) > 0)
			break;
	return at;
}

/* Where the character that ends at offset at begins. */
static size_t
before(const struct line_edit *ed, size_t at)
{
	size_t here = 0, next;

	while ((next = after(ed, here)) < at)
		here = next;
	return here;
}

static size_t
word_before(const struct line_edit *ed)
{
	size_t at = ed->at;

	while (at > 0 && ed->text[at - 1] == ' ')
		at--;
	while (at > 0 && ed->text[at - 1] != ' ')
		at--;
	return at;
}

/* Take text[from..to) out. */
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
	ed->len += len;
	ed->at += len;
	return true;
}

/* The line of the past that begins at offset at, without its LF. */
static size_t
past_line_len(const struct line_edit *ed, size_t at)
{
	const char *lf;

	lf = memchr(ed->past + at, '\n', ed->past_len - at);
	assert(lf != NULL);
	return (size_t)(lf - (ed->past + at));
}

static void
set_text(struct line_edit *ed, const char *s, size_t len)
{
	memcpy(ed->text, s, len);
	ed->len = ed->at = len;
	ed->first = 0;
}

static enum edit
go_up(struct line_edit *ed)
{
	size_t at;

	if (ed->past_at == 0)
		return EDIT_BELL;
	if (ed->past_at == ed->past_len) {
		memcpy(ed->draft, ed->text, ed->len);
		ed->draft_len = ed->len;
	}
	for (at = ed->past_at - 1; at > 0 && ed->past[at - 1] != '\n'; )
		at--;
	ed->past_at = at;
	set_text(ed, ed->past + at, past_line_len(ed, at));
	return EDIT_CHANGED;
}

static enum edit
go_down(struct line_edit *ed)
{
	if (ed->past_at == ed->past_len)
		return EDIT_BELL;
	ed->past_at += past_line_len(ed, ed->past_at) + 1;
	if (ed->past_at == ed->past_len)
		set_text(ed, ed->draft, ed->draft_len);
	else
		set_text(ed, ed->past + ed->past_at,
		    past_line_len(ed, ed->past_at));
	return EDIT_CHANGED;
}

void
line_edit_clear(struct line_edit *ed)
{
	size_t drop;

	if (ed->len > 0) {
		while (ed->past_len + ed->len + 1 > sizeof(ed->past)) {
			drop = past_line_len(ed, 0) + 1;
			memmove(ed->past, ed->past + drop,
			    ed->past_len - drop);
			ed->past_len -= drop;
		}
		memcpy(ed->past + ed->past_len, ed->text, ed->len);
		ed->past_len += ed->len;
		ed->past[ed->past_len++] = '\n';
	}
	ed->past_at = ed->past_len;
	ed->len = ed->at = ed->first = 0;
}

/* The key of the sequence ESC [ or ESC O with these parameters and end. */
static enum key
sequence(const char *params, size_t len, char final)
{
	static const char	 finals[] = "ABCDHF";
	static const enum key	 keys[] = { KEY_UP, KEY_DOWN, KEY_RIGHT,
				    KEY_LEFT, KEY_HOME, KEY_END };
	static const struct {
		const char	*params;
		enum key	 key;
	} tilde[] = {
		{ "1", KEY_HOME }, { "7", KEY_HOME }, { "4", KEY_END },
		{ "8", KEY_END }, { "3", KEY_DELETE },
		{ "200", KEY_PASTE_ON }, { "201", KEY_PASTE_OFF }
	};
	const char	*p;
	size_t		 i;

	if ((p = strchr(finals, final)) != NULL && final != '\0')
		return keys[p - finals];
	if (final != '~')
		return KEY_NONE;
	for (i = 0; i < sizeof(tilde) / sizeof(tilde[0]); i++)
		if (strlen(tilde[i].params) == len &&
		    memcmp(tilde[i].params, params, len) == 0)
			return tilde[i].key;
	return KEY_NONE;
}

/* An escape sequence; used is 0 while it is not whole. */
static enum key
escape(const char *s, size_t len, size_t *used)
{
	size_t i;

	*used = 0;
	if (len < 2)
		return KEY_NONE;
	*used = 1;
	if (s[1] != '[' && s[1] != 'O')
		return KEY_NONE;
	for (i = 2; i < len && i < 32; i++)
		if (s[i] >= 0x40 && s[i] <= 0x7E) {
			*used = i + 1;
			return sequence(s + 2, i - 2, s[i]);
		}
	*used = i == 32 ? i : 0;
	return KEY_NONE;
}

static enum key
control(char c)
{
	switch (c) {
	case '\r':
	case '\n':
		return KEY_ENTER;
	case '\t':
		return KEY_TAB;
	case '\b':
	case DEL:
		return KEY_BACKSPACE;
	case CTRL('A'):
		return KEY_HOME;
	case CTRL('D'):
		return KEY_EOF;
	case CTRL('E'):
		return KEY_END;
	case CTRL('K'):
		return KEY_KILL_REST;
	case CTRL('L'):
		return KEY_REFRESH;
	case CTRL('U'):
		return KEY_KILL_ALL;
	case CTRL('W'):
		return KEY_KILL_WORD;
	default:
		return KEY_NONE;
	}
}

/* Whether s[0..len) may be the beginning of a character. */
static bool
unfinished(const char *s, size_t len)
{
	unsigned char lead = (unsigned char)s[0];

	return lead >= 0xC2 && lead <= 0xF4 &&
	    len < (lead < 0xE0 ? 2U : lead < 0xF0 ? 3U : 4U);
}

/* The next key of s[0..len); *used is 0 if it is not whole. */
static enum key
next_key(const char *s, size_t len, size_t *used)
{
	uint32_t cp;

	if (s[0] == '\033')
		return escape(s, len, used);
	*used = 1;
	if ((unsigned char)s[0] < ' ' || s[0] == DEL)
		return control(s[0]);
	if ((*used = text_decode(s, len, &cp)) > 0)
		return KEY_TEXT;
	*used = unfinished(s, len) ? 0 : 1;
	return KEY_NONE;
}

static enum edit
insert(struct line_edit *ed, const char *s, size_t len, size_t *used)
{
	char visible[16];

	/* What would be shown as \ooo in the room is not typed at all. */
	if (s[0] != '\t' && text_visible(visible, s, len) != len)
		return EDIT_NOTHING;
	if (line_edit_replace(ed, ed->at, s, len))
		return EDIT_CHANGED;
	if (!ed->pasting || ed->text[0] == '!')
		return EDIT_BELL;
	/* A pasted line that is too long is said in several. */
	*used = 0;
	return EDIT_LINE;
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

static enum edit
edit_key(struct line_edit *ed, enum key key)
{
	switch (key) {
	case KEY_LEFT:
		return move_to(ed, before(ed, ed->at));
	case KEY_RIGHT:
		return move_to(ed, after(ed, ed->at));
	case KEY_HOME:
		return move_to(ed, 0);
	case KEY_END:
		return move_to(ed, ed->len);
	case KEY_UP:
		return go_up(ed);
	case KEY_DOWN:
		return go_down(ed);
	case KEY_BACKSPACE:
		return cut_out(ed, before(ed, ed->at), ed->at);
	case KEY_DELETE:
		return cut_out(ed, ed->at, after(ed, ed->at));
	case KEY_KILL_ALL:
		return cut_out(ed, 0, ed->at);
	case KEY_KILL_REST:
		return cut_out(ed, ed->at, ed->len);
	case KEY_KILL_WORD:
		return cut_out(ed, word_before(ed), ed->at);
	default:
		return EDIT_NOTHING;
	}
}

enum edit
line_edit_key(struct line_edit *ed, const char *keys, size_t len, size_t *used)
{
	enum key key;

	*used = 0;
	if (len == 0)
		return EDIT_MORE;
	key = next_key(keys, len, used);
	if (*used == 0)
		return EDIT_MORE;
	switch (key) {
	case KEY_TEXT:
		return insert(ed, keys, *used, used);
	case KEY_TAB:
		return ed->pasting ? insert(ed, "\t", 1, used) : EDIT_TAB;
	case KEY_ENTER:
		return EDIT_LINE;
	case KEY_REFRESH:
		return EDIT_REFRESH;
	case KEY_EOF:
		if (ed->len == 0)
			return EDIT_END;
		return edit_key(ed, KEY_DELETE);
	case KEY_PASTE_ON:
	case KEY_PASTE_OFF:
		ed->pasting = key == KEY_PASTE_ON;
		return EDIT_NOTHING;
	default:
		return edit_key(ed, key);
	}
}

/* Where the code point before offset at begins. */
static size_t
step_back(const struct line_edit *ed, size_t at)
{
	for (at--; at > 0; at--)
		if ((ed->text[at] & 0xC0) != 0x80)
			break;
	return at;
}

/*
 * Move the window along the line: the cursor is in it, with something to
 * its left, and no room is left over that could show more.
 */
static void
scroll(struct line_edit *ed, size_t room)
{
	size_t least;

	if (ed->first > ed->at)
		ed->first = ed->at;
	least = ed->first == ed->at ? room / 2 : 0;
	while (ed->first > 0 && (cells(ed, ed->first, ed->at) < least ||
	    cells(ed, step_back(ed, ed->first), ed->len) < room))
		ed->first = step_back(ed, ed->first);
	while (ed->first < ed->at && cells(ed, ed->first, ed->at) >= room)
		ed->first = after(ed, ed->first);
}

size_t
line_edit_draw(struct line_edit *ed, size_t columns, char *dst)
{
	size_t	 n, w, at, sum = 0, prompt = strlen(EDIT_PROMPT);
	size_t	 room = columns > prompt + 3 ? columns - prompt - 1 : 2;
	char	*d = dst;

	scroll(ed, room);
	memcpy(d, EDIT_PROMPT, prompt);
	d += prompt;
	for (at = ed->first; at < ed->len; at += n) {
		w = width(ed->text + at, ed->len - at, &n);
		if ((sum += w) > room)
			break;
		memcpy(d, ed->text + at, n);
		if (*d == '\t')
			*d = ' ';
		d += n;
	}
	ed->cursor_cell = prompt + cells(ed, ed->first, ed->at);
	return (size_t)(d - dst) + (size_t)snprintf(d, 32, "\r\033[%zuC",
	    ed->cursor_cell);
}
