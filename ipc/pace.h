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
 * How publishers and readers keep pace: nobody who reads is overwritten,
 * and nobody is waited for for long.
 */
#ifndef IPC_PACE_H
#define IPC_PACE_H

#include <stddef.h>

#include "ipc/bus.h"
#include "ipc/ring.h"

/*
 * Whether len bytes may be appended now: 0 if they may; else the ms after
 * which to try again, unless this session is woken before.  Under the
 * lock.
 */
int	 pace_room(struct bus *b, size_t len);

/*
 * Begin to read at r, or begin again after lagging: publishers wait for
 * this session.  Under the lock, so that none has passed r meanwhile.
 */
void	 pace_follow(struct bus *b, const struct reader *r);

/*
 * Say how far this session has read, so that publishers wait for it no
 * longer than they must, and wake those for whom it made room.
 */
void	 pace_passed(struct bus *b, const struct reader *r);

#endif
