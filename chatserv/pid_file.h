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
 * The pidfile.  Without pid_file_open() the others do nothing.
 */
#ifndef CHATSERV_PID_FILE_H
#define CHATSERV_PID_FILE_H

/*
 * Make and lock it: where, or, if that is NULL, in the place for pidfiles,
 * named after the port.  Exits with a message if another process has it.
 */
void	pid_file_open(const char *where, unsigned int port);

/* Write this process's pid. */
void	pid_file_write(void);

/* Remove it: at the end, also by the keeper. */
void	pid_file_remove(void);

/* For a child, which must not hold the lock. */
void	pid_file_leave(void);

#endif
