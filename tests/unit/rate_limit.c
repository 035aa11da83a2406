/* SPDX-License-Identifier: ISC */

/*
 * Who says much makes room for others, and only then.
 */

#include <time.h>

#include "chatserv/session/rate_limit.h"
#include "tests/unit/bus.h"

#define MUCH	((size_t)1 << 30)	/* takes minutes to forget */

static struct bus	bus;

/* Somebody publishes something. */
static void
somebody_talks(void)
{
	static uint64_t	buf[1024 / sizeof(uint64_t)];
	struct batch	batch = { (char *)buf, sizeof(buf), 0 };
	struct event	ev = { 0, EVENT_MSG, "a", 1, "hello", 5 };
	int		wait_ms;

	must(ring_compose(&batch, &ev, 0, RECORD_TO_ALL, 0));
	must(ring_publish(&bus, &batch, &wait_ms) == BUS_OK);
}

static void
test_alone(void)
{
	struct rate_limit t = { 0, 0, 0, 0 };

	somebody_talks();
	is_num(rate_limit_wait(&t, &bus), 0, "nobody waits at the start");
	somebody_talks();
	rate_limit_charge(&t, &bus, MUCH);
	is_num(rate_limit_wait(&t, &bus), 0,
	    "who says much while nobody else talks does not wait");
}

static void
test_others(void)
{
	struct rate_limit	t = { 0, 0, 0, 0 };
	struct timespec	pause = { 0, 400000000 };
	int		ms;

	(void)rate_limit_wait(&t, &bus);
	rate_limit_charge(&t, &bus, 1000);
	somebody_talks();
	is_num(rate_limit_wait(&t, &bus), 0,
	    "who says little does not wait while others talk");
	rate_limit_charge(&t, &bus, MUCH);
	ms = rate_limit_wait(&t, &bus);
	ok(ms > 60000, "who says much does");
	while (nanosleep(&pause, &pause) == -1)
		continue;
	is_num(rate_limit_wait(&t, &bus), 0,
	    "until the others have been silent");
	somebody_talks();
	ok(rate_limit_wait(&t, &bus) <= ms - 400,
	    "and when they talk again, what has passed counts");
}

static void
test_soon_over(void)
{
	struct rate_limit	t = { 0, 0, 0, 0 };
	struct timespec	pause;
	int		ms;

	(void)rate_limit_wait(&t, &bus);
	rate_limit_charge(&t, &bus, 500 << 10);
	somebody_talks();
	ms = rate_limit_wait(&t, &bus);
	ok(ms < 100, "half a megabyte is not held against anyone for long");
	pause.tv_sec = 0;
	pause.tv_nsec = (ms + 1) * 1000000L;
	while (nanosleep(&pause, &pause) == -1)
		continue;
	somebody_talks();
	is_num(rate_limit_wait(&t, &bus), 0, "who has waited may go on");
}

int
main(void)
{
	fresh_bus(&bus, 2, BUS_RING_MIN);
	roster_open(&bus, 0, "unit");
	be(&bus, 0);
	test_alone();
	test_others();
	test_soon_over();
	return done();
}
