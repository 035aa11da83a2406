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
 * Leaving the foreground.  Without background_begin() the others do
 * nothing.
 */
#ifndef CHATSERV_BACKGROUND_H
#define CHATSERV_BACKGROUND_H

/*
 * Return in another process, which goes on with the start; the one that
 * called waits for it, and then exits: 0 at background_ready(), or with the
 * other's status if it ends before.  From here on the log goes to the
 * system's log as well.
 */
void	background_begin(void);

/* Clients can come: let whoever waits know, and leave the terminal. */
void	background_ready(void);

/* Leave the terminal only: for a child that is forked before that. */
void	background_leave(void);

#endif
