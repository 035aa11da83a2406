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
 * Letting clients in, or telling them why not.  The parent's alone.
 */
#ifndef CHATSERV_ADMIT_H
#define CHATSERV_ADMIT_H

#include <stdbool.h>

#include "chatserv/parent.h"

/* Prepare for accepting.  Exits if that fails. */
void	 admit_init(const struct parent_options *o);

/*
 * Accept who waits at listener, some at a time.  False if nobody can be
 * accepted at present: the listeners are better left alone for a second.
 */
bool	 admit_clients(int listener);

/* Close the listeners and all: for a child, and when the parent stops. */
void	 admit_end(void);

#endif
