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
 * The parent: accepts, forks, reaps, mends.
 */
#ifndef CHATSERV_PARENT_H
#define CHATSERV_PARENT_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc/bus.h"

struct parent_options {
	struct bus	*bus;
	const int	*listener;	/* non-blocking, listening */
	int		 listeners;
	unsigned int	 port;
	uint32_t	 clients;	/* at most; the bus has as many slots */
	uint32_t	 per_address;	/* at most; 0: as many as there are */
	int		 naming_ms;	/* to give a name */
};

/*
 * Catch the signals that steer the parent; they take effect in
 * parent_run().  To be called before anything is made that would be left
 * behind.
 */
void	 parent_catch_signals(void);

/*
 * Run the room until SIGTERM or SIGINT, then end it in order: every
 * session says goodbye, and every child is reaped.  Children end within
 * this call and never return from it.
 */
void	 parent_run(const struct parent_options *options);

#endif
