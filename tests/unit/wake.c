/* SPDX-License-Identifier: ISC */

/*
 * Sleeping and waking: no wake-up is lost, directly or by way of the waker.
 * No sleeper here checks by itself: one that nobody wakes sleeps for ever, and
 * the watchdog bites.
 */

#include <sched.h>

#include "ipc/bus/flow.h"
#include "ipc/bus/tuning.h"
#include "tests/unit/bus.h"

#define TURNS		5000
#define SLEEPERS	40	/* more than a publisher wakes itself */
#define RECORDS		500
#define WAITS		20

static struct bus bus;
static uint64_t space[4 * RECORD_MAX / sizeof(uint64_t)];

/* Read and sleep until so many records have been seen. */
static void
read_until(struct bus *b, struct reader *r, uint64_t seq)
{
	uint64_t missed;

	for (;;) {
		while (ring_read(b, r, (char *)space, sizeof(space),
		    &missed) > 0)
			flow_passed(b, r);
		if (r->seq > seq)
			return;
		if (wake_prepare(b, r))
			sleep_until_woken(-1);
		wake_cancel(b);
	}
}

/* Two in turn: each waits for the other's record and answers it. */
static int
take_turns(struct bus *b)
{
	struct reader	r = { 0, 1, UINT64_MAX };
	uint64_t	turn;

	flow_passed(b, &r);
	for (turn = 1; turn <= TURNS; turn++) {
		if (turn % 2 == b->me) {
			if (publish(b, "w", "your turn") != BUS_OK)
				return 1;
		}
		read_until(b, &r, turn);
	}
	return 0;
}

static void
test_turns(void)
{
	pid_t pid[2];

	fresh_bus(&bus, 8, BUS_RING_MIN);
	pid[0] = session(&bus, 0, take_turns);
	pid[1] = session(&bus, 1, take_turns);
	ok(reap(pid[0]) == 0 && reap(pid[1]) == 0,
	    "two that wake each other in turn do so 5,000 times");
}

static int
read_much(struct bus *b)
{
	struct reader r = { 0, 1, UINT64_MAX };

	flow_passed(b, &r);
	read_until(b, &r, RECORDS);
	return 0;
}

/* Its first round, which wakes everyone, is over. */
static pid_t
settled_waker(void)
{
	pid_t pid = start_waker(&bus);

	while (atomic_load(&bus.segment->wake_all) ||
	    !atomic_load(&bus.segment->waker_sleeps))
		(void)sched_yield();
	return pid;
}

static uint32_t
asleep(void)
{
	uint32_t slot, n = 0;

	for (slot = 0; slot < SLEEPERS; slot++)
		if (wake_is_marked(bus.sleepers, slot))
			n++;
	return n;
}

static void
test_crowd(void)
{
	pid_t	pid[SLEEPERS], waker;
	int	i, slot, wrong = 0;

	fresh_bus(&bus, SLEEPERS + 1, BUS_RING_MIN);
	roster_open(&bus, SLEEPERS, "unit");
	be(&bus, SLEEPERS);
	waker = settled_waker();
	for (slot = 0; slot < SLEEPERS; slot++)
		pid[slot] = session(&bus, (uint32_t)slot, read_much);
	while (asleep() < SLEEPERS)
		(void)sched_yield();
	for (i = 0; i < RECORDS; i++) {
		/* First all at once, then as fast as possible. */
		while (i % 50 == 0 && asleep() < SLEEPERS)
			(void)sched_yield();
		must(publish(&bus, "w", "news") == BUS_OK);
	}
	for (slot = 0; slot < SLEEPERS; slot++)
		wrong += reap(pid[slot]) != 0;
	is_num(wrong, 0, "forty sleepers are woken for each of 500 records, "
	    "most of them by the waker");
	must(kill(waker, SIGKILL) == 0);
	(void)reap(waker);
}

/* A publisher claimed the bits and died before it could signal. */
static void
test_recover(void)
{
	pid_t		pid[SLEEPERS], waker;
	uint32_t	slot;
	int		i, wrong = 0;

	fresh_bus(&bus, SLEEPERS + 1, BUS_RING_MIN);
	roster_open(&bus, SLEEPERS, "unit");
	be(&bus, SLEEPERS);
	waker = settled_waker();
	for (slot = 0; slot < SLEEPERS; slot++)
		pid[slot] = session(&bus, slot, read_much);
	while (asleep() < SLEEPERS)
		(void)sched_yield();
	for (slot = 0; slot < SLEEPERS; slot++)
		wake_clear(bus.sleepers, slot);
	for (i = 0; i < RECORDS; i++)
		must(publish(&bus, "w", "news") == BUS_OK);
	is_num(asleep(), 0, "wake-ups were lost with the dead one");
	wake_recover(&bus);
	for (slot = 0; slot < SLEEPERS; slot++)
		wrong += reap(pid[slot]) != 0;
	is_num(wrong, 0, "after recovery all are woken nevertheless");
	must(kill(waker, SIGKILL) == 0);
	(void)reap(waker);
}

static int
read_two(struct bus *b)
{
	struct reader r = { 0, 1, UINT64_MAX };

	flow_passed(b, &r);
	read_until(b, &r, 2);
	return 0;
}

/* The waker is stopped, and the parent does not know it. */
static void
test_late_waker(void)
{
	pid_t		pid[SLEEPERS], waker;
	uint32_t	slot;
	int		wrong = 0;

	fresh_bus(&bus, SLEEPERS + 1, BUS_RING_MIN);
	roster_open(&bus, SLEEPERS, "unit");
	be(&bus, SLEEPERS);
	waker = settled_waker();
	must(kill(waker, SIGSTOP) == 0 && waitpid(waker, NULL, WUNTRACED) ==
	    waker);
	for (slot = 0; slot < SLEEPERS; slot++)
		pid[slot] = session(&bus, slot, read_two);
	while (asleep() < SLEEPERS)
		(void)sched_yield();
	must(publish(&bus, "w", "one") == BUS_OK);
	ok(!atomic_load(&bus.segment->waker_late),
	    "publishers leave a doorbell that was just pressed to the waker");
	/* Instead of letting the time pass. */
	atomic_fetch_sub(&bus.segment->doorbell_since, 2 * WAKER_LATE_MS);
	must(publish(&bus, "w", "two") == BUS_OK);
	for (slot = 0; slot < SLEEPERS; slot++)
		wrong += reap(pid[slot]) != 0;
	is_num(wrong, 0,
	    "if the waker does not answer, a publisher wakes all forty itself");
	ok(atomic_load(&bus.segment->waker_late), "and so do the next ones");
	must(kill(waker, SIGCONT) == 0);
	while (atomic_load(&bus.segment->waker_late))
		(void)sched_yield();
	ok(true, "until the waker goes on");
	must(kill(waker, SIGKILL) == 0);
	(void)reap(waker);
}

/* Read everything whenever the writer in slot 0 waits for space. */
static int
read_when_asked(struct bus *b)
{
	struct reader	r = { 0, 1, UINT64_MAX };
	uint64_t	missed;

	must(lock_acquire(b));
	flow_follow(b, &r);
	lock_release(b);
	while (getppid() == b->parent) {
		if ((atomic_load(&b->blocked[0]) & 1) == 0) {
			(void)sched_yield();
			continue;
		}
		while (ring_read(b, &r, (char *)space, sizeof(space),
		    &missed) > 0)
			continue;
		flow_passed(b, &r);
	}
	return 0;
}

/*
 * A writer that waits scans again after a second by itself.  It waits so often
 * here that lost wake-ups would add up to a long time.
 */
static void
test_room_made(void)
{
	static char	text[2001];
	static uint64_t	buf[RECORD_MAX / sizeof(uint64_t)];
	struct batch	batch = { (char *)buf, sizeof(buf), 0 };
	struct event	ev = { 0, EVENT_MSG, "w", 1, text, 2000 };
	uint64_t	begun;
	pid_t		reader;
	int		waits = 0, wait_ms;

	memset(text, 'x', 2000);
	fresh_bus(&bus, 2, BUS_RING_MIN);
	roster_open(&bus, 0, "unit");
	be(&bus, 0);
	reader = session(&bus, 1, read_when_asked);
	while (atomic_load(&bus.slot[1].cursor) == BUS_NOT_READING)
		(void)sched_yield();
	begun = bus_now();
	while (waits < WAITS) {
		must(ring_compose(&batch, &ev, 0, RECORD_TO_ALL, 0));
		while (publish_batch(&bus, &batch, &wait_ms) == BUS_WAIT) {
			waits++;
			sleep_until_woken(wait_ms);
		}
	}
	ok(bus_now() - begun < WAITS * 200UL,
	    "a writer that waits for space is woken when there is some");
	ok(!atomic_load(&bus.slot[1].lagging), "by a reader that reads");
	must(kill(reader, SIGKILL) == 0);
	(void)reap(reader);
}

static void
test_prepare(void)
{
	struct reader r;

	fresh_bus(&bus, 70, BUS_RING_MIN);
	atomic_store(&bus.segment->wake_all, 0);
	atomic_store(&bus.segment->waker_busy, 1);
	wake_new_waker(&bus, 0);
	ok(atomic_load(&bus.segment->wake_all) &&
	    !atomic_load(&bus.segment->waker_busy),
	    "a new waker ends the round of the one before, and wakes all");
	roster_open(&bus, 69, "unit");
	be(&bus, 69);
	ring_seek_head(&bus, &r);
	ok(wake_prepare(&bus, &r), "a session that has read all may sleep");
	ok(atomic_load(&bus.sleepers[1]) == UINT64_C(1) << 5,
	    "and has set its own bit and no other");
	wake_cancel(&bus);
	ok(atomic_load(&bus.sleepers[1]) == 0, "and clears it when it wakes");
	(void)publish(&bus, "w", "news");
	ok(!wake_prepare(&bus, &r), "one that has not may not");
	ok(atomic_load(&bus.sleepers[1]) == 0, "and has set no bit");
}

int
main(void)
{
	watchdog();
	test_prepare();
	test_turns();
	test_crowd();
	test_recover();
	test_late_waker();
	test_room_made();
	return done();
}
