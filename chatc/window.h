/* SPDX-License-Identifier: ISC */

/*
 * The terminal as a window on the room: lines above, the edit line below.
 */
#ifndef CHATC_WINDOW_H
#define CHATC_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "chatc/line_edit.h"
#include "chatc/names.h"
#include "chatc/submit.h"
#include "chatc/show.h"

struct window {
	struct show		*show;
	struct say		*say;
	struct line_edit	 edit;
	struct names		 names;
	size_t			 columns;
	size_t			 keys_len;
	bool			 over;	/* end of input */
	char			 keys[4096];
};

void	 window_init(struct window *w, struct show *show, struct say *say);

/* Open and close it; closed, the terminal is as it was. */
void	 window_open(struct window *w);
void	 window_close(struct window *w);

/* Whether window_read() may be called; it returns what read(2) does. */
bool	 window_has_space(const struct window *w);
ssize_t	 window_read(struct window *w);

/* Handle the keys, as long as the outbox has space for a line. */
void	 window_work(struct window *w);

/* Draw what was erased, unless more is about to be shown. */
void	 window_draw(struct window *w);

#endif
