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
 * The past: where to begin to read, and its copy on a new page.
 */
#ifndef IPC_HISTORY_H
#define IPC_HISTORY_H

#include "ipc/bus.h"
#include "ipc/ring.h"

/*
 * Set r to the last n records of a kind in the set kinds (a bit each, 1U <<
 * kind); to what follows id.  Where those are gone, the first ring_read()
 * reports how many; if even the index does not know id any more, at least
 * how many.  Any process may ask.
 */
void	 history_seek_last(const struct bus *b, struct reader *r, uint64_t n,
	    unsigned int kinds);
void	 history_seek_id(const struct bus *b, struct reader *r, uint64_t id);

/*
 * For a new parent: publish again in b, with their numbers and IDs, the
 * records of old that still fit.  old is marked closed.  Returns the head
 * of old up to which they were copied.
 */
uint64_t history_copy(struct bus *b, const struct bus *old);

#endif
