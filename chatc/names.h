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
 * The names in the room, as far as they are needed to complete one.
 */
#ifndef CHATC_NAMES_H
#define CHATC_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "ipc/event.h"

#define NAMES_MAX	1000
#define NAMES_SIZE	40

struct names {
	char	name[NAMES_MAX][NAMES_SIZE];
	size_t	count;
};

/* Learn from ev who is here, who came, went, or has a new name. */
void	 names_learn(struct names *names, const struct event *ev);

/*
 * Complete the beginning start[0..len) of a name, ASCII letters in either
 * case.  Returns how many names begin so; writes to dst, which has room for
 * NAMES_SIZE bytes, what all of them begin with, and its length to *n.
 */
size_t	 names_complete(const struct names *names, const char *start,
	    size_t len, char *dst, size_t *n);

/* Write to dst the names that begin so, with a space between; cut to size. */
void	 names_list(const struct names *names, const char *start, size_t len,
	    char *dst, size_t size);

#endif
