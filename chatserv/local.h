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
 * The unix socket that clients come in by.
 */
#ifndef CHATSERV_LOCAL_H
#define CHATSERV_LOCAL_H

/*
 * Listen on a unix socket.  where is its path, then, if they are to be
 * other than the process's group and 666, ":group" and ":mode" (octal).  A
 * socket that nobody listens on any more is replaced.  Returns the
 * descriptor; exits with a message if it cannot be had.
 */
int	 local_listen(const char *where);

/* Remove its file, if there is one and it is still ours. */
void	 local_remove(void);

#endif
