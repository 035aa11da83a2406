/* SPDX-License-Identifier: ISC */

/*
 * The parent's calls on a segment into which a hijacked session has written
 * whatever it liked: each call returns, and soon.
 */

#include "ipc/common/bsd.h"
#include "tests/unit/bus.h"

#define SOON_S	60	/* even on a busy machine */

static struct bus bus;

/* A parent's handle to a room in which slot 0 was killed. */
static void
room(uint64_t ring_size)
{
	fresh_bus(&bus, 70, ring_size);
	roster_open(&bus, 0, "unit");
	(void)strlcpy(bus.slot[0].name, "mallory", sizeof(bus.slot[0].name));
	atomic_store(&bus.slot[0].state, SLOT_PRESENT);
}

/* Run work() in a parent of its own; its result, or minus its signal. */
static int
in_parent(int (*work)(void))
{
	pid_t pid;

	(void)fflush(stdout);
	must((pid = fork()) != -1);
	if (pid == 0) {
		(void)signal(SIGALRM, SIG_DFL);
		(void)alarm(SOON_S);
		room(BUS_RING_MIN);
		_exit(work());
	}
	return reap(pid);
}

/* A forged semaphore, for which somebody seems to wait. */
static int
spoiled_sem(void)
{
	size_t	i;
	int	*word = (int *)(void *)&bus.segment->lock_sem, kind;

	if (bus.lock_sem != &bus.segment->lock_sem)
		return 0;
	for (kind = 0; kind < 256; kind++) {
		for (i = 0; i < sizeof(bus.segment->lock_sem) / sizeof(int);
		    i++)
			word[i] = i < 2 ? 1 : kind;
		atomic_store(&bus.segment->waiting, 1);
		atomic_store(&bus.segment->posted, 0);
		atomic_store(&bus.slot[0].state, SLOT_PRESENT);
		(void)roster_recover(&bus, 0, 2, false);
		if (roster_announce_death(&bus, 0, "killed") != BUS_OK)
			return 1;
	}
	return 0;
}

static int
crowded_sem(void)
{
	if (bus.lock_sem != &bus.segment->lock_sem)
		return 0;
	memset(&bus.segment->lock_sem, 0x7f, sizeof(unsigned int));
	wake_recover(&bus);
	(void)wake_round(&bus);
	return 0;
}

/* Sound records everywhere, and a head far beyond them. */
static int
endless_ring(void)
{
	struct record	rec;
	uint64_t	word, i;

	memset(&rec, 0, sizeof(rec));
	rec.size = RECORD_MIN;
	memcpy(&word, (char *)&rec + offsetof(struct record, size) /
	    sizeof(word) * sizeof(word), sizeof(word));
	for (i = 0; i < bus.ring_size / sizeof(word); i++)
		atomic_store(&bus.ring[i], word);
	atomic_store(&bus.segment->head, UINT64_C(1) << 60);
	atomic_store(&bus.segment->low_water, UINT64_C(1) << 60);
	return roster_announce_death(&bus, 0, "killed") == BUS_OK ? 0 : 1;
}

static int
forged_name(void)
{
	(void)strlcpy(bus.slot[0].name, "x\n-- root joined",
	    sizeof(bus.slot[0].name));
	return roster_announce_death(&bus, 0, "killed") == BUS_GONE &&
	    ring_head(&bus) == 0 ? 0 : 1;
}

/* All words random, or all the same. */
static int
anything(void)
{
	uint32_t	*word = (uint32_t *)(void *)bus.segment, slot;
	size_t		 i;
	int		 round;

	for (round = 0; round < 50; round++) {
		for (i = 0; i < bus.size / sizeof(*word); i++)
			word[i] = round % 2 ? arc4random() :
			    (uint32_t)round << round % 32;
		atomic_store(&bus.segment->owner, 0);
		for (slot = 0; slot < bus.slots; slot++) {
			roster_open(&bus, slot, "unit");
			atomic_store(&bus.slot[slot].state, SLOT_PRESENT);
			(void)roster_recover(&bus, slot, 2, false);
			(void)roster_announce_death(&bus, slot, "killed");
			roster_close(&bus, slot);
		}
	}
	return 0;
}

static volatile sig_atomic_t signalled;

static void
on_signal(int sig)
{
	(void)sig;
	signalled++;
}

static bool
is_nobody(pid_t pid)
{
	(void)pid;
	return false;
}

/* All bits set, and in each slot a pid that is not a child's. */
static int
others_pids(void)
{
	uint32_t slot;

	(void)signal(SIGURG, on_signal);
	bus.is_ours = is_nobody;
	atomic_store(&bus.segment->high, bus.slots);
	for (slot = 0; slot < bus.slots; slot++) {
		atomic_store(&bus.slot[slot].pid, getpid());
		wake_mark(bus.sleepers, slot);
		wake_mark(bus.blocked, slot);
	}
	atomic_store(&bus.segment->waker, getpid());
	atomic_store(&bus.segment->waker_sleeps, 1);
	(void)roster_recover(&bus, 0, 2, false);
	(void)roster_announce_death(&bus, 0, "killed");
	wake_new_waker(&bus, getpid());
	wake_everyone(&bus);
	return signalled;
}

int
main(void)
{
	watchdog();
	is_num(in_parent(spoiled_sem), 0,
	    "the parent never uses the semaphore");
	is_num(in_parent(crowded_sem), 0,
	    "and it does not consume as many posts as the semaphore holds");
	is_num(in_parent(endless_ring), 0,
	    "the parent gives up a ring that is longer than it can be");
	is_num(in_parent(forged_name), 0,
	    "no record has a name that nobody can have");
	is_num(in_parent(others_pids), 0,
	    "the parent signals no process that is not its child");
	is_num(in_parent(anything), 0,
	    "the parent returns from each call, whatever is written");
	return done();
}
