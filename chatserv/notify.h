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
 * Telling a supervisor that clients can come.
 */
#ifndef CHATSERV_NOTIFY_H
#define CHATSERV_NOTIFY_H

/*
 * To be told are the descriptor fd (-1: none) by a newline, and the socket
 * that the environment names, which is forgotten then.  Before anything is
 * opened that could be taken for fd, and before this process can no longer
 * reach the socket.  Exits if fd is not open for writing; without the
 * socket it goes on.
 */
void	notify_init(int fd);

/* The room is open.  To be said once; fd is closed. */
void	notify_ready(void);

/* The room is closing. */
void	notify_stopping(void);

/* For a child, which has nothing to tell. */
void	notify_end(void);

#endif
