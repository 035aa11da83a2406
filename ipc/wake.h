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
 * Sleeping until there is news, and being woken.  See wake.c for why no
 * wake-up is lost.
 */
#ifndef IPC_WAKE_H
#define IPC_WAKE_H

#include "ipc/bus.h"
#include "ipc/ring.h"

/* Wakes a sleeper; ignored by default, so it harms no stranger. */
#define WAKE_SIGNAL	SIGURG

/*
 * A child's preparation, once: the signal interrupts and is blocked but
 * for the time in ppoll(2).
 */
void	 wake_init(void);

/* Set or clear slot's bit in one of the bus's bitmaps. */
void	 wake_mark(_Atomic uint64_t *bitmap, uint32_t slot);
void	 wake_clear(_Atomic uint64_t *bitmap, uint32_t slot);

/*
 * A session that has read all wants to sleep: true if it may, and whoever
 * publishes from now on wakes it; false if there is news already.  After
 * the sleep it calls wake_up().
 */
bool	 wake_doze(struct bus *b, const struct reader *r);
void	 wake_up(struct bus *b);

/* The publisher, after its commit: wake who has not seen it. */
void	 wake_readers(struct bus *b);

/* Whoever made room, or freed a slot: wake the publishers that wait. */
void	 wake_writers(struct bus *b);

/*
 * The parent, after an unclean death that may have taken wake-ups along:
 * have the waker wake everyone, whatever their bits say.
 */
void	 wake_mend(struct bus *b);

/*
 * The waker: do what was asked for.  True if it was asked so often, also
 * meanwhile, that the next round shall come after a pause.  Otherwise
 * wake_waker_doze() is true if it may sleep until the bell rings.  After
 * either sleep, wake_waker_up().
 */
bool	 wake_round(struct bus *b);
bool	 wake_waker_doze(struct bus *b);
void	 wake_waker_up(struct bus *b);

#endif
