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
 * How many clients from one address.  The parent's alone.
 */
#ifndef CHATSERV_LIMIT_H
#define CHATSERV_LIMIT_H

#include <sys/socket.h>
#include <sys/types.h>
#include <stdint.h>

struct limit;			/* an address that is counted */

/*
 * Make the books for so many clients in all, and at most per_address from
 * one address (0: as many as there are).  Exits if there is no memory.
 */
void	 limit_init(uint32_t clients, uint32_t per_address);

/*
 * Count a client from sa, or on a unix socket one of user uid; NULL if
 * there are too many.  Each success is undone by one limit_give().
 */
struct limit *limit_take(const struct sockaddr *sa, uid_t uid);
void	 limit_give(struct limit *l);

#endif
