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
 * Who says much makes room for others, and only then.
 */

#include <time.h>

#include "chatserv/turn.h"
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
	struct turn t = { 0, 0, 0, 0 };

	somebody_talks();
	is_num(turn_wait(&t, &bus), 0, "nobody waits at the start");
	somebody_talks();
	turn_taken(&t, &bus, MUCH);
	is_num(turn_wait(&t, &bus), 0,
	    "who says much while nobody else talks does not wait");
}

static void
test_others(void)
{
	struct turn	t = { 0, 0, 0, 0 };
	struct timespec	pause = { 0, 400000000 };
	int		ms;

	(void)turn_wait(&t, &bus);
	turn_taken(&t, &bus, 1000);
	somebody_talks();
	is_num(turn_wait(&t, &bus), 0,
	    "who says little does not wait while others talk");
	turn_taken(&t, &bus, MUCH);
	ms = turn_wait(&t, &bus);
	ok(ms > 60000, "who says much does");
	while (nanosleep(&pause, &pause) == -1)
		continue;
	is_num(turn_wait(&t, &bus), 0, "until the others have been silent");
	somebody_talks();
	ok(turn_wait(&t, &bus) <= ms - 400,
	    "and when they talk again, what has passed counts");
}

static void
test_soon_over(void)
{
	struct turn	t = { 0, 0, 0, 0 };
	struct timespec	pause;
	int		ms;

	(void)turn_wait(&t, &bus);
	turn_taken(&t, &bus, 500 << 10);
	somebody_talks();
	ms = turn_wait(&t, &bus);
	ok(ms < 100, "half a megabyte is not held against anyone for long");
	pause.tv_sec = 0;
	pause.tv_nsec = (ms + 1) * 1000000L;
	while (nanosleep(&pause, &pause) == -1)
		continue;
	somebody_talks();
	is_num(turn_wait(&t, &bus), 0, "who has waited may go on");
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
