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
 * What those need that are many clients of a server in one process: where
 * it is, from the command line, and times to tell.
 */
#ifndef TESTS_CHAOS_CLIENTS_H
#define TESTS_CHAOS_CLIENTS_H

#include <netinet/in.h>
#include <arpa/inet.h>
#include <stdlib.h>
#include <time.h>

#include "ipc/bsd.h"

/* A number from 1 to most; otherwise this is the end. */
static inline long long
number(const char *arg, long long most)
{
	const char	*error;
	long long	 n = strtonum(arg, 1, most, &error);

	if (error != NULL)
		errx(2, "%s is %s", arg, error);
	return n;
}

/* So is this if it is not an IPv4 address and a port. */
static inline struct sockaddr_in
address(const char *host, const char *port)
{
	struct sockaddr_in a = { 0 };

	a.sin_family = AF_INET;
	a.sin_port = htons((in_port_t)number(port, 65535));
	if (inet_pton(AF_INET, host, &a.sin_addr) != 1)
		errx(2, "%s is not an IPv4 address", host);
	return a;
}

/* Seconds of a clock that only goes forward. */
static inline double
now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static inline int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static inline void
sort(double *x, size_t n)
{
	qsort(x, n, sizeof(*x), by_size);
}

#endif
