/* SPDX-License-Identifier: ISC */

/*
 * The waker (a notifier): the process that wakes sleepers in bulk.
 *
 * A publisher in a large room wakes a few sleepers and presses the doorbell;
 * the waker wakes the rest, so that the publisher can continue.  It has no
 * slot, publishes and reads nothing, and waits as all processes do: for its
 * parent's end, for the signal that wakes it, or, when it is busy, for the next
 * round.  That comes sooner if nothing more is published, since a client may
 * then wait for an answer.  If the waker dies, the parent forks another, which
 * first wakes everyone.
 *
 * Runs in the waker.
 */

#include <errno.h>
#include <poll.h>

#include "chatserv/helper/waker.h"
#include "ipc/common/bsd.h"
#include "ipc/bus/ring.h"
#include "ipc/bus/wake.h"

/* While busy, between rounds, as long as each interval brings more. */
#define SLICE_NS	100000
#define PAUSE_SLICES	10

void
waker_run(struct bus *b, int parent_fd)
{
	const struct timespec	slice = { 0, SLICE_NS };
	struct pollfd		pfd = { parent_fd, POLLIN, 0 };
	sigset_t		awake;
	uint64_t		seen = 0;
	int			slices = 0;

	wake_init();
	(void)sigprocmask(SIG_BLOCK, NULL, &awake);
	sigdelset(&awake, WAKE_SIGNAL);
	do {
		if (slices > 0 && ring_head(b) != seen)
			slices--;
		else
			slices = wake_round(b) ? PAUSE_SLICES : 0;
		seen = ring_head(b);
		atomic_store(&b->segment->waker_busy, slices > 0);
		if (slices == 0 && !wake_waker_prepare(b))
			continue;
		if (ppoll(&pfd, 1, slices > 0 ? &slice : NULL, &awake) == -1)
			pfd.revents = 0;
		wake_waker_cancel(b);
	} while (pfd.revents == 0);
}
