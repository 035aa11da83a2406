/* SPDX-License-Identifier: ISC */

/*
 * The set of a poll(2) call: filled before each call, read after it.
 */
#ifndef TESTS_CHAOS_WATCH_H
#define TESTS_CHAOS_WATCH_H

#include <poll.h>

#include "ipc/common/bsd.h"

#define WATCH_MAX	2048

struct watch {
	struct pollfd	pfd[WATCH_MAX];
	nfds_t		n;
};

/*
 * Wait for events of fd; with events 0, not even for its end.  Returns the
 * index for watch_got().
 */
static inline int
watch_add(struct watch *w, int fd, short events)
{
	if (w->n == WATCH_MAX)
		errx(1, "too many connections to watch");
	w->pfd[w->n].fd = events == 0 ? -1 : fd;
	w->pfd[w->n].events = events;
	w->pfd[w->n].revents = 0;
	return (int)w->n++;
}

static inline short
watch_got(const struct watch *w, int at)
{
	return at < 0 ? 0 : w->pfd[at].revents;
}

#endif
