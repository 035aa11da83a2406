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
 * The log.
 *
 * Parent and children write to the same descriptor, each line by a single
 * write(2), so that lines stay whole.  A log that cannot be written (a full
 * disk, a closed terminal) loses lines and nothing else: the room goes on.
 * Message texts are never logged.
 *
 * The names are those of OpenBSD's daemons.
 */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "chatserv/log.h"
#include "ipc/bsd.h"

#define LINE_SIZE	512

static int verbose;

void
log_init(int is_verbose)
{
	verbose = is_verbose;
}

static void __attribute__((format(printf, 2, 0)))
put(int error, const char *fmt, va_list ap)
{
	char	line[LINE_SIZE];
	int	saved = errno;

	(void)strlcpy(line, "chatserv: ", sizeof(line));
	(void)vsnprintf(line + strlen(line), sizeof(line) - strlen(line), fmt,
	    ap);
	if (error != 0) {
		(void)strlcat(line, ": ", sizeof(line));
		(void)strlcat(line, strerror(error), sizeof(line));
	}
	if (strlcat(line, "\n", sizeof(line)) >= sizeof(line))
		line[sizeof(line) - 2] = '\n';
	if (write(STDERR_FILENO, line, strlen(line)) == -1)
		errno = saved;	/* there is nobody to tell */
	errno = saved;
}

void
log_info(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(0, fmt, ap);
	va_end(ap);
}

void
log_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(errno, fmt, ap);
	va_end(ap);
}

void
log_debug(const char *fmt, ...)
{
	va_list ap;

	if (!verbose)
		return;
	va_start(ap, fmt);
	put(0, fmt, ap);
	va_end(ap);
}

void
fatal(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(errno, fmt, ap);
	va_end(ap);
	exit(1);
}

void
fatalx(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(0, fmt, ap);
	va_end(ap);
	exit(1);
}
