/* SPDX-License-Identifier: ISC */

/*
 * What the bytes of a terminal mean: keys, text, and what to skip.
 */
#ifndef CHATC_KEYS_H
#define CHATC_KEYS_H

#include <stdbool.h>
#include <stddef.h>

enum key {
	KEY_NONE,		/* more bytes are needed, or it means nothing */
	KEY_BAD,		/* bytes that are no character */
	KEY_TEXT,		/* keys->text[0..text_len), one code point */
	KEY_ENTER, KEY_TAB, KEY_LEFT, KEY_RIGHT, KEY_WORD_LEFT,
	KEY_WORD_RIGHT, KEY_UP, KEY_DOWN, KEY_HOME, KEY_END, KEY_DELETE,
	KEY_BACKSPACE, KEY_KILL_ALL, KEY_KILL_REST, KEY_KILL_WORD,
	KEY_KILL_WORD_LEFT, KEY_KILL_WORD_RIGHT, KEY_YANK, KEY_REFRESH,
	KEY_EOF
};

struct keys {
	int	 state;		/* of the machine in keys.c; 0 at first */
	int	 skip;		/* bytes that belong to the last sequence */
	bool	 pasting;	/* between the marks of a paste */
	char	 params[16];
	size_t	 nparams;
	char	 text[4];
	size_t	 text_len;
	size_t	 text_need;
};

/* Consume one byte; returns what it completes.  Start with a zeroed struct. */
enum key keys_take(struct keys *k, char byte);

#endif
