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
 * Taking turns at saying.
 */
#ifndef CHATSERV_TURN_H
#define CHATSERV_TURN_H

#include <stddef.h>

#include "ipc/bus.h"

/* A session's account; all 0 at its start. */
struct turn {
	uint64_t	debt;		/* bytes lately published */
	uint64_t	seen;		/* when it was reckoned, in ms */
	uint64_t	others;		/* when others talked; 0: never */
	uint64_t	head;		/* where this session left it */
};

/*
 * The ms to wait before this session publishes what it has; 0: none.  To be
 * asked again then.
 */
int	 turn_wait(struct turn *t, const struct bus *b);

/* It has published len bytes. */
void	 turn_taken(struct turn *t, const struct bus *b, size_t len);

#endif
