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
 * What chatserv(8) was told to do.
 */
#ifndef CHATSERV_OPTIONS_H
#define CHATSERV_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OPTIONS_ROOM	"/chatserv.%u"	/* the room's page, by its port */

struct options {
	const char	*host;		/* "*": every address; "-": none */
	unsigned int	 port;		/* 0: a free one */
	const char	*local;		/* -u, or NULL */
	const char	*pid_file;	/* -p, or NULL */
	const char	*user;		/* -U, or NULL */
	uint64_t	 ring;		/* bytes, a power of two */
	uint32_t	 clients;	/* at most */
	uint32_t	 per_address;	/* at most; 0: as many as there are */
	int		 naming_ms;	/* to give a name */
	int		 ready_fd;	/* -n, or -1 */
	bool		 background;
	bool		 keep;		/* the room's history at the end */
	bool		 verbose;
};

/*
 * Read the command line.  All strings are its own.  Exits 2 with a message
 * if it makes no sense.
 */
void	options_parse(struct options *o, int argc, char *argv[]);

/*
 * Store path, which may be relative to where this process stands now, as
 * one that may not.  Exits with a message if it is too long for size.
 */
void	options_absolute(char *absolute, size_t size, const char *path);

#endif
