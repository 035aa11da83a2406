/*
 * Copyright (c) 2026 The chatserv authors
 *
 * Permission to use, copy, modify, and distribute this software for any
 * purpose with or without fee is hereby granted, provided that the above
 * copyright notice and this permission notice appear in all copies.
 *
 * THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES
 * WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF
 * MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR
 * ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES
 * WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN
 * ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF
 * OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.
 */

/*
 * From the greeting to the name.
 */
#ifndef CHATSERV_GREET_H
#define CHATSERV_GREET_H

#include "chatserv/session.h"

/* Greet the client and ask for its name. */
void	 greet_begin(struct session *s);

/*
 * Hear a line of a client without a name.  False: not now, come again
 * with it.
 */
bool	 greet_hear(struct session *s, const char *line, size_t len);

/*
 * Why this client may not be called name[0..len), in words that follow
 * "that name "; NULL if it may.
 */
const char *greet_name_error(const struct session *s, const char *name,
	    size_t len);

#endif
