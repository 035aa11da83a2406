/* SPDX-License-Identifier: ISC */

/*
 * The lock: one owner at a time, nobody sleeps for ever, and a dead owner
 * holds nothing.  The test is the parent, and the waker is the server's.
 *
 * A sleeper checks every second, which would hide a lost wake-up.  So the
 * waiters here have no such timer: one that nobody wakes sleeps for ever, and
 * the watchdog bites.
 */

#include <sys/mman.h>
#include <sched.h>

#include "ipc/common/bsd.h"
#include "tests/unit/bus.h"

#define WORKERS	6
#define ROUNDS	20000
#define KILLS	200
#define HANDOVERS 20

static struct bus bus;

/* What the lock guards: not atomic on purpose. */
static volatile struct guarded {
	uint64_t a, b;
	uint64_t broken;
} *guarded;

static _Atomic uint64_t *progress;

static void *
shared(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	must(p != MAP_FAILED);
	return p;
}

static void
test_alone(void)
{
	uint64_t	first, second;
	pid_t		pid;

	fresh_bus(&bus, 8, BUS_RING_MIN);
	is_num((long long)lock_hold(&bus, &pid), 0, "a new lock is free");
	ok(lock_acquire(&bus), "it can be acquired");
	ok(lock_held_by(&bus, getpid()), "and is held by its owner");
	ok(!lock_try(&bus), "it cannot be acquired twice");
	first = lock_hold(&bus, &pid);
	ok(first != 0 && pid == getpid(), "a hold has a number and an owner");
	is_num((long long)lock_hold(&bus, &pid), (long long)first,
	    "which remain while it lasts");
	lock_release(&bus);
	ok(lock_try(&bus), "when it is free it can be acquired again");
	second = lock_hold(&bus, &pid);
	ok(second != 0 && second != first, "and no two holds are the same");
	lock_recover(&bus, getpid() + 1);
	ok(lock_held_by(&bus, getpid()), "another's death frees nothing");
	lock_recover(&bus, getpid());
	is_num((long long)lock_hold(&bus, &pid), 0,
	    "the death of its owner frees it");
}

/* Under the lock the two counters are equal. */
static void
count_one(void)
{
	if (guarded->a != guarded->b)
		guarded->broken++;
	guarded->a++;
	guarded->b++;
}

static int
count_much(struct bus *b)
{
	int i;

	for (i = 0; i < ROUNDS; i++) {
		if (!lock_acquire(b))
			return 1;
		count_one();
		lock_release(b);
	}
	return 0;
}

static void
test_together(void)
{
	pid_t	pid[WORKERS];
	int	i, wrong = 0;

	fresh_bus(&bus, 8, BUS_RING_MIN);
	for (i = 0; i < WORKERS; i++)
		pid[i] = session(&bus, (uint32_t)i, count_much);
	for (i = 0; i < WORKERS; i++)
		wrong += reap(pid[i]) != 0;
	is_num(wrong, 0, "six processes acquire it 20,000 times each");
	is_num((long long)guarded->a, (long long)WORKERS * ROUNDS,
	    "no count under it is lost");
	is_num((long long)guarded->broken, 0, "no two held it at once");
	is_num((long long)atomic_load(&bus.segment->waiting), 0,
	    "nobody counts as waiting then");
}

static int
hold_for_ever(struct bus *b)
{
	if (!lock_acquire(b))
		return 1;
	while (pause() == -1)
		continue;
	return 0;
}

static int
take_once(struct bus *b)
{
	(void)signal(SIGALRM, SIG_IGN);
	if (!lock_acquire(b))
		return 1;
	lock_release(b);
	return 0;
}

static void
dismiss(pid_t pid)
{
	must(kill(pid, SIGKILL) == 0);
	(void)reap(pid);
}

/* Whether a process that was told to stop has stopped. */
static bool
is_stopped(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, WUNTRACED) == -1)
		must(errno == EINTR);
	return WIFSTOPPED(status);
}

static void
wait_until_waiting(uint32_t n)
{
	while (atomic_load(&bus.segment->waiting) < n)
		(void)sched_yield();
}

static void
test_handed_on(void)
{
	pid_t	waiter;
	int	i, wrong = 0;

	fresh_bus(&bus, 8, BUS_RING_MIN);
	be(&bus, 7);	/* a parent does not post */
	for (i = 0; i < HANDOVERS; i++) {
		must(lock_try(&bus));
		waiter = session(&bus, 0, take_once);
		wait_until_waiting(1);
		lock_release(&bus);
		wrong += reap(waiter) != 0;
	}
	is_num(wrong, 0,
	    "a sleeper on the semaphore is woken when the lock is free");
}

static void
test_dead_owner(void)
{
	pid_t	owner, waiter[2], waker;
	int	i, wrong = 0, taken = 0;

	fresh_bus(&bus, 8, BUS_RING_MIN);
	waker = start_waker(&bus);
	for (i = 0; i < HANDOVERS; i++) {
		owner = session(&bus, 0, hold_for_ever);
		while (!lock_held_by(&bus, owner))
			(void)sched_yield();
		taken += lock_try(&bus);
		waiter[0] = session(&bus, 1, take_once);
		waiter[1] = session(&bus, 2, take_once);
		wait_until_waiting(2);
		must(kill(owner, SIGKILL) == 0);
		must(reap(owner) == -SIGKILL);
		taken += !lock_held_by(&bus, owner);
		(void)roster_recover(&bus, 0, owner, false);
		wrong += reap(waiter[0]) != 0;
		wrong += reap(waiter[1]) != 0;
	}
	dismiss(waker);
	is_num(taken, 0,
	    "a lock that a dead process holds cannot be acquired");
	is_num(wrong, 0, "after recovery all waiters are woken in turn");
}

/*
 * The process for which the post was made dies after it has consumed it: it
 * has left sem_wait(3) and has not cleared `posted` yet.  The test consumes
 * the post instead, which leaves the segment in the same state.
 */
static void
test_dead_waiter(void)
{
	pid_t	waiter[2], waker;

	fresh_bus(&bus, 8, BUS_RING_MIN);
	be(&bus, 7);
	waker = start_waker(&bus);
	must(lock_try(&bus));
	waiter[0] = session(&bus, 0, take_once);
	waiter[1] = session(&bus, 1, take_once);
	wait_until_waiting(2);
	must(kill(waiter[0], SIGSTOP) == 0);
	must(kill(waiter[1], SIGSTOP) == 0);
	must(is_stopped(waiter[0]) && is_stopped(waiter[1]));
	lock_release(&bus);
	must(sem_trywait(bus.lock_sem) == 0);
	must(kill(waiter[0], SIGKILL) == 0);
	must(reap(waiter[0]) == -SIGKILL);
	(void)roster_recover(&bus, 0, waiter[0], false);
	must(kill(waiter[1], SIGCONT) == 0);
	is_num(reap(waiter[1]), 0,
	    "a waiter killed with a post consumed loses no post");
	must(lock_try(&bus));
	waiter[0] = session(&bus, 0, take_once);
	wait_until_waiting(2);	/* the dead one counts for ever */
	lock_release(&bus);
	is_num(reap(waiter[0]), 0, "and the next one gets a post again");
	dismiss(waker);
}

/*
 * The parent acquires the lock to announce a leave, but there is none to
 * announce: processes that began to wait meanwhile are woken nevertheless.  It
 * holds the lock so shortly that the test only pretends that somebody waits.
 */
static void
test_nothing_to_announce(void)
{
	fresh_bus(&bus, 8, BUS_RING_MIN);
	roster_open(&bus, 0, "unit");
	atomic_store(&bus.segment->waiting, 1);
	must(roster_announce_death(&bus, 0, "killed") == BUS_GONE);
	(void)wake_round(&bus);
	is_num(sem_trywait(bus.lock_sem), 0,
	    "the parent that held the lock for nothing orders a post");
	atomic_store(&bus.segment->posted, 0);
	(void)strlcpy(bus.slot[0].name, "not a name", sizeof("not a name"));
	atomic_store(&bus.slot[0].state, SLOT_PRESENT);
	must(roster_announce_death(&bus, 0, "killed") == BUS_GONE);
	(void)wake_round(&bus);
	is_num(sem_trywait(bus.lock_sem), 0,
	    "even if the dead session has no name");
}

static int
count_for_ever(struct bus *b)
{
	(void)signal(SIGALRM, SIG_IGN);
	while (lock_acquire(b)) {
		count_one();
		atomic_fetch_add(progress, 1);
		lock_release(b);
	}
	return 1;
}

/* Killed anywhere, even between the counters: then the test repairs them. */
static void
recover(uint32_t slot, pid_t dead)
{
	if (lock_held_by(&bus, dead))
		guarded->b = guarded->a;
	(void)roster_recover(&bus, slot, dead, false);
}

static void
test_kills(void)
{
	pid_t		pid[WORKERS], waker;
	uint64_t	before;
	int		i, k;

	fresh_bus(&bus, 8, BUS_RING_MIN);
	waker = start_waker(&bus);
	for (i = 0; i < WORKERS; i++)
		pid[i] = session(&bus, (uint32_t)i, count_for_ever);
	for (k = 0; k < KILLS; k++) {
		/*
		 * Some must go on, or this never ends and the watchdog bites.
		 */
		before = atomic_load(progress);
		while (atomic_load(progress) < before + 20)
			(void)sched_yield();
		i = k % WORKERS;
		dismiss(pid[i]);
		recover((uint32_t)i, pid[i]);
		pid[i] = session(&bus, (uint32_t)i, count_for_ever);
	}
	ok(true, "after each of 200 kills the others go on");
	for (i = 0; i < WORKERS; i++) {
		dismiss(pid[i]);
		recover((uint32_t)i, pid[i]);
	}
	dismiss(waker);
	is_num((long long)guarded->broken, 0,
	    "and no two ever held it at once");
	ok(lock_try(&bus), "when all are dead it is free");
}

int
main(void)
{
	watchdog();
	guarded = shared(sizeof(*guarded));
	progress = shared(sizeof(*progress));
	test_alone();
	test_together();
	test_handed_on();
	test_dead_owner();
	test_dead_waiter();
	test_nothing_to_announce();
	test_kills();
	return done();
}
