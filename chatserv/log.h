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
 * The log: one line an event, to standard error.
 */
#ifndef CHATSERV_LOG_H
#define CHATSERV_LOG_H

/* Begin to log; verbose says whether log_debug() is heard. */
void	log_init(int verbose);

/*
 * Write "chatserv: MESSAGE\n" by one write(2); log_warn() adds what errno
 * means.  What came from outside has been made visible by the caller.  Any
 * process may log, no signal handler; errno is kept.
 */
void	log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void	log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void	log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* log_warn(), then exit 1.  For the start alone. */
void	fatal(const char *fmt, ...)
	    __attribute__((noreturn, format(printf, 1, 2)));
/* log_info(), then exit 1. */
void	fatalx(const char *fmt, ...)
	    __attribute__((noreturn, format(printf, 1, 2)));

#endif
