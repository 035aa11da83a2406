/* SPDX-License-Identifier: ISC */

/*
 * What the bytes of a terminal mean.
 *
 * A state machine consumes them one by one, so it does not matter how they
 * arrive.  It knows the forms of all that terminals send (ECMA-48, and what
 * xterm, rxvt, the Linux console and others add), and of these the few keys
 * that mean something here; it skips the rest, including answers to questions
 * that an earlier program asked, and never takes it for text.
 *
 * A control character within a sequence ends it and counts as typed, so that
 * no sequence swallows keys for long: Enter is always Enter.  In a paste the
 * ends of lines are the only keys.
 */

#include <string.h>

#include "chatc/keys.h"
#include "ipc/common/text.h"

#define CTRL(c)	((c) & 0x1F)
#define BEL	0x07
#define ESC	0x1B
#define DEL	0x7F

enum {
	GROUND,			/* plain bytes */
	CHARACTER,		/* within one of several bytes */
	ESCAPE,			/* after ESC */
	CHARSET,		/* ESC and an intermediate byte */
	SEQUENCE,		/* after ESC [ */
	SINGLE,			/* after ESC O */
	STRING,			/* after ESC ] and the like, up to its end */
	STRING_ESCAPE		/* ESC in it: the end, if \ follows */
};

static enum key
control(unsigned char c)
{
	static const struct {
		unsigned char	c;
		enum key	key;
	} table[] = {
		{ '\r', KEY_ENTER }, { '\n', KEY_ENTER }, { '\t', KEY_TAB },
		{ '\b', KEY_BACKSPACE }, { DEL, KEY_BACKSPACE },
		{ CTRL('A'), KEY_HOME }, { CTRL('B'), KEY_LEFT },
		{ CTRL('D'), KEY_EOF }, { CTRL('E'), KEY_END },
		{ CTRL('F'), KEY_RIGHT }, { CTRL('K'), KEY_KILL_REST },
		{ CTRL('L'), KEY_REFRESH }, { CTRL('N'), KEY_DOWN },
		{ CTRL('P'), KEY_UP }, { CTRL('U'), KEY_KILL_ALL },
		{ CTRL('W'), KEY_KILL_WORD }, { CTRL('Y'), KEY_YANK }
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].c == c)
			return table[i].key;
	return KEY_NONE;
}

/* Alt and a letter. */
static enum key
meta(unsigned char c)
{
	switch (c) {
	case 'b':
	case 'B':
		return KEY_WORD_LEFT;
	case 'f':
	case 'F':
		return KEY_WORD_RIGHT;
	case 'd':
	case 'D':
		return KEY_KILL_WORD_RIGHT;
	default:
		return KEY_NONE;
	}
}

/* A cursor key with Alt or Control held, as xterm's "1;5" says it. */
static bool
by_word(const struct keys *k)
{
	return k->nparams == 3 && k->params[1] == ';' &&
	    strchr("345678", k->params[2]) != NULL;
}

static enum key
cursor(const struct keys *k, unsigned char final)
{
	switch (final) {
	case 'A':
		return KEY_UP;
	case 'B':
		return KEY_DOWN;
	case 'C':
		return by_word(k) ? KEY_WORD_RIGHT : KEY_RIGHT;
	case 'D':
		return by_word(k) ? KEY_WORD_LEFT : KEY_LEFT;
	case 'H':
		return KEY_HOME;
	case 'F':
		return KEY_END;
	default:
		return KEY_NONE;
	}
}

/* Keys that are numbers; and the marks around a paste. */
static enum key
numbered(struct keys *k)
{
	size_t	len;
	int	i, n = 0;

	len = strcspn(k->params, ";");
	for (i = 0; i < (int)len && n < 1000; i++)
		n = 10 * n + (k->params[i] - '0');
	switch (n) {
	case 1:
	case 7:
		return KEY_HOME;
	case 4:
	case 8:
		return KEY_END;
	case 3:
		return KEY_DELETE;
	case 200:
	case 201:
		k->pasting = n == 200;
		return KEY_NONE;
	default:
		return KEY_NONE;
	}
}

/* The end of ESC [ or ESC O with its parameters. */
static enum key
sequence(struct keys *k, unsigned char final)
{
	bool single = k->state == SINGLE;

	k->state = GROUND;
	k->params[k->nparams] = '\0';
	if (!single && k->nparams == 0 && (final == 'M' || final == '['))
		k->skip = final == 'M' ? 3 : 1;	/* a mouse; F1 to F5 */
	if (k->nparams > 0 && strspn(k->params, "0123456789;") < k->nparams)
		return KEY_NONE;
	if (final == '~')
		return numbered(k);
	if (single && final == 'M')
		return KEY_ENTER;
	if (single && (final == 'c' || final == 'd'))
		return final == 'c' ? KEY_WORD_RIGHT : KEY_WORD_LEFT;
	return cursor(k, final);
}

/* What follows ESC, or what a C1 control character stands for. */
static enum key
after_escape(struct keys *k, unsigned char c)
{
	k->nparams = 0;
	k->state = GROUND;
	if (c == '[' || c == 'O')
		k->state = c == '[' ? SEQUENCE : SINGLE;
	else if (strchr("]PX^_", c) != NULL)
		k->state = STRING;
	else if (c >= ' ' && c < '0')
		k->state = CHARSET;
	else if (c == '\b' || c == DEL)
		return KEY_KILL_WORD_LEFT;
	else
		return meta(c);
	return KEY_NONE;
}

static enum key
in_sequence(struct keys *k, unsigned char c)
{
	if (c >= '@')
		return sequence(k, c);
	/* One that is too long means nothing here. */
	if (k->nparams < sizeof(k->params) - 1)
		k->params[k->nparams++] = (char)c;
	else
		k->params[0] = '?';
	return KEY_NONE;
}

/* Another byte of a character; if that is complete, text is it. */
static enum key
character(struct keys *k, unsigned char c)
{
	uint32_t cp;

	k->text[k->text_len++] = (char)c;
	if (k->text_len < k->text_need)
		return KEY_NONE;
	k->state = GROUND;
	if (text_decode(k->text, k->text_len, &cp) == 0)
		return KEY_BAD;
	if (cp >= 0x80 && cp < 0xA0)
		return after_escape(k, (unsigned char)(cp - 0x40));
	return KEY_TEXT;
}

static enum key
plain(struct keys *k, unsigned char c)
{
	k->state = GROUND;
	if (c == ESC) {
		k->state = ESCAPE;
		return KEY_NONE;
	}
	if (c < ' ' || c == DEL)
		return control(c);
	if (c >= 0x80 && (c < 0xC2 || c > 0xF4))
		return KEY_BAD;
	k->text_len = 0;
	k->text_need = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
	k->state = CHARACTER;
	return character(k, c);
}

/* What the byte completes, even a key that a paste may not hold. */
static enum key
take(struct keys *k, unsigned char c)
{
	bool is_control = c < ' ' || c == DEL;

	if (k->skip > 0 && !is_control) {
		k->skip--;
		return KEY_NONE;
	}
	k->skip = 0;
	switch (k->state) {
	case CHARACTER:
		if ((c & 0xC0) == 0x80)
			return character(k, c);
		break;
	case ESCAPE:
		if (c == '\b' || c == DEL || (!is_control && c < 0x80))
			return after_escape(k, c);
		break;
	case CHARSET:
		if (is_control || c >= 0x80)
			break;
		k->state = c < '0' ? CHARSET : GROUND;
		return KEY_NONE;
	case SEQUENCE:
	case SINGLE:
		if (!is_control && c < 0x80)
			return in_sequence(k, c);
		break;
	case STRING:
		if (c == ESC || c == BEL)
			k->state = c == ESC ? STRING_ESCAPE : GROUND;
		else if (is_control)
			break;
		return KEY_NONE;
	case STRING_ESCAPE:
		if (c == '\\') {
			k->state = GROUND;
			return KEY_NONE;
		}
		k->state = ESCAPE;
		return take(k, c);
	default:
		break;
	}
	return plain(k, c);
}

enum key
keys_take(struct keys *k, char byte)
{
	bool		pasted = k->pasting;
	enum key	key = take(k, (unsigned char)byte);

	if (!pasted || key == KEY_TEXT || key == KEY_ENTER || key == KEY_BAD)
		return key;
	if (key != KEY_TAB)
		return KEY_NONE;
	k->text[0] = '\t';
	k->text_len = 1;
	return KEY_TEXT;
}
