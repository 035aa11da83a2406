/* SPDX-License-Identifier: ISC */

/*
 * Helpers of programs that are many clients in one process: arguments and
 * times.
 */
#ifndef TESTS_CHAOS_CLIENTS_H
#define TESTS_CHAOS_CLIENTS_H

#include <netinet/in.h>
#include <arpa/inet.h>
#include <stdlib.h>
#include <time.h>

#include "ipc/common/bsd.h"

/* A number from 1 to most; exits if arg is none. */
static inline long long
number(const char *arg, long long most)
{
	const char	*error;
	long long	 n = strtonum(arg, 1, most, &error);

	if (error != NULL)
		errx(2, "%s is %s", arg, error);
	return n;
}

/* An IPv4 address and port; exits if they are none. */
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

/* Seconds of a monotonic clock. */
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
