/* SPDX-License-Identifier: ISC */

/*
 * Sleeping and being woken.
 *
 * A session waits in one ppoll(2), also for a signal that it blocks elsewhere,
 * so that an early signal stays pending and none is lost.
 *
 *	The sleeper:			The publisher:
 *	1. publishes its cursor		1. commits the record
 *	2. sets its bit			2. full fence
 *	3. full fence			3. loads the bits and cursors
 *	4. loads head again		4. claims a bit, signals its slot
 *	5. sleeps, if head is its cursor
 *
 * With a full fence on both sides at least one sees the other (acquire and
 * release are not enough: the stores could wait in both processors'
 * buffers while both load).  Only the process that has claimed a bit, by an
 * atomic operation, signals the slot.  It loads the slot's pid after that, or
 * it would signal an earlier session of the slot instead of the present one.
 *
 * Each signal costs its sender some microseconds.  So a publisher signals a
 * few sleepers and presses the doorbell of the waker (a notifier process).
 * The doorbell is the same mechanism again: a word that says that the waker
 * sleeps, and a signal.  If publishers press it again and again, the waker
 * pauses between rounds, as network cards moderate their interrupts.  If it
 * stays pressed, publishers wake everyone until the waker's next round.
 *
 * A process that is killed between its claim and its signal loses a wake-up.
 * After unclean deaths the parent sets `wake_all`: the waker then posts the
 * lock's semaphore and wakes everyone.  The order of check and sleep is after
 * PostgreSQL's latch.c; tests/model/wake.pml checks all this.
 * Runs in sessions, in the waker and in the parent.
 */

#include <string.h>

#include "ipc/bus/lock.h"
#include "ipc/bus/ring.h"
#include "ipc/bus/tuning.h"
#include "ipc/bus/wake.h"

#define WORD_BITS	64

static void
interrupt(int sig)
{
	(void)sig;		/* only makes ppoll() return EINTR */
}

void
wake_init(void)
{
	struct sigaction sa;
	sigset_t	 set;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = interrupt;
	sigemptyset(&sa.sa_mask);
	(void)sigaction(WAKE_SIGNAL, &sa, NULL);
	sigemptyset(&set);
	sigaddset(&set, WAKE_SIGNAL);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
}

static uint64_t
bit(uint32_t slot)
{
	return UINT64_C(1) << (slot % WORD_BITS);
}

void
wake_mark(_Atomic uint64_t *bitmap, uint32_t slot)
{
	(void)atomic_fetch_or(&bitmap[slot / WORD_BITS], bit(slot));
}

void
wake_clear(_Atomic uint64_t *bitmap, uint32_t slot)
{
	if (wake_is_marked(bitmap, slot))
		(void)atomic_fetch_and(&bitmap[slot / WORD_BITS], ~bit(slot));
}

bool
wake_is_marked(const _Atomic uint64_t *bitmap, uint32_t slot)
{
	return (atomic_load(&bitmap[slot / WORD_BITS]) & bit(slot)) != 0;
}

/* Claim slot's bit: true for exactly one of the processes that try. */
static bool
claim_bit(_Atomic uint64_t *bitmap, uint32_t slot)
{
	return (atomic_fetch_and(&bitmap[slot / WORD_BITS], ~bit(slot)) &
	    bit(slot)) != 0;
}

bool
wake_prepare(struct bus *b, const struct reader *r)
{
	wake_mark(b->sleepers, b->me);
	atomic_thread_fence(memory_order_seq_cst);
	if (ring_head(b) <= r->cursor)
		return true;
	wake_clear(b->sleepers, b->me);
	return false;
}

void
wake_cancel(struct bus *b)
{
	wake_clear(b->sleepers, b->me);
}

static void
signal_to(const struct bus *b, pid_t pid)
{
	/* 0 and less would be process groups. */
	if (pid > 1 && (b->is_ours == NULL || b->is_ours(pid)))
		(void)kill(pid, WAKE_SIGNAL);
}

/*
 * Claim the bits of up to `most` sleepers that have not read up to head, and
 * signal them; returns whether there are more.
 */
static bool
wake_some(struct bus *b, uint32_t most)
{
	uint64_t	head = ring_head(b), word;
	uint32_t	high = bus_slots(b), i, slot;

	for (i = 0; i * WORD_BITS < high; i++) {
		word = atomic_load(&b->sleepers[i]);
		for (slot = i * WORD_BITS; word != 0; word >>= 1, slot++) {
			if ((word & 1) == 0 || slot >= b->slots ||
			    atomic_load(&b->slot[slot].cursor) >= head)
				continue;
			if (most-- == 0)
				return true;
			if (claim_bit(b->sleepers, slot))
				signal_to(b, atomic_load(&b->slot[slot].pid));
		}
	}
	return false;
}

static void
press_doorbell(struct bus *b)
{
	if (atomic_exchange(&b->segment->waker_sleeps, 0) == 1)
		signal_to(b, atomic_load(&b->segment->waker));
}

/*
 * Press the doorbell once more; false if it has stayed pressed for so long
 * that the waker must be stopped.  It is pressed even then: the waker may have
 * gone on meanwhile, and only its next round ends that it counts as late.  A
 * publisher that is killed before it stores the time leaves an older time, and
 * the next publisher wakes everyone once.
 */
static bool
ask_waker(struct bus *b)
{
	struct segment	*p = b->segment;
	uint64_t	 now = bus_now(), since;
	bool		 late;

	/* Relaxed: no wake-up depends on the exact time. */
	if (atomic_fetch_add(&p->doorbell, 1) == 0)
		atomic_store_explicit(&p->doorbell_since, now,
		    memory_order_relaxed);
	since = atomic_load_explicit(&p->doorbell_since, memory_order_relaxed);
	late = now > since && now - since > WAKER_LATE_MS;
	if (late)
		atomic_store(&p->waker_late, 1);
	press_doorbell(b);
	return !late;
}

/* How many sleepers this publisher signals.  Relaxed: these are hints. */
static uint32_t
share(const struct segment *p)
{
	if (atomic_load_explicit(&p->waker_late, memory_order_relaxed))
		return UINT32_MAX;
	return atomic_load_explicit(&p->waker_busy, memory_order_relaxed) ?
	    WAKE_BUSY : WAKE_DIRECT;
}

void
wake_readers(struct bus *b)
{
	uint32_t most = share(b->segment);

	atomic_thread_fence(memory_order_seq_cst);
	if (wake_some(b, most) && !ask_waker(b))
		(void)wake_some(b, UINT32_MAX);
}

void
wake_writers(struct bus *b)
{
	uint32_t	high = bus_slots(b), i, slot;
	uint64_t	word;

	for (i = 0; i * WORD_BITS < high; i++) {
		word = atomic_load(&b->blocked[i]);
		for (slot = i * WORD_BITS; word != 0; word >>= 1, slot++)
			if ((word & 1) != 0 && slot < b->slots &&
			    claim_bit(b->blocked, slot))
				signal_to(b, atomic_load(&b->slot[slot].pid));
	}
}

void
wake_recover(struct bus *b)
{
	atomic_store(&b->segment->waker_busy, 0);
	atomic_store(&b->segment->wake_all, 1);
	/* Not by the doorbell: the dead process may have claimed that. */
	signal_to(b, atomic_load(&b->segment->waker));
}

void
wake_new_waker(struct bus *b, pid_t pid)
{
	atomic_store(&b->segment->waker, pid);
	/* The old waker may have died in the middle of a round. */
	wake_recover(b);
}

void
wake_everyone(struct bus *b)
{
	uint32_t high = bus_slots(b), slot;

	/*
	 * kill(2) orders nothing: whoever is woken must see what the dead
	 * process published before it reached its own fence.
	 */
	atomic_thread_fence(memory_order_seq_cst);
	for (slot = 0; slot < high; slot++)
		signal_to(b, atomic_load(&b->slot[slot].pid));
}

bool
wake_round(struct bus *b)
{
	uint32_t presses;

	atomic_store(&b->segment->waker_late, 0);
	if (atomic_exchange(&b->segment->wake_all, 0)) {
		lock_recover_sem(b);
		wake_everyone(b);
	}
	if ((presses = atomic_exchange(&b->segment->doorbell, 0)) > 0)
		(void)wake_some(b, UINT32_MAX);
	return presses >= DOORBELL_BUSY ||
	    atomic_load(&b->segment->doorbell) > 0;
}

bool
wake_waker_prepare(struct bus *b)
{
	atomic_store(&b->segment->waker_sleeps, 1);
	atomic_thread_fence(memory_order_seq_cst);
	if (!atomic_load(&b->segment->doorbell) &&
	    !atomic_load(&b->segment->wake_all) &&
	    !atomic_load(&b->segment->waker_late))
		return true;
	wake_waker_cancel(b);
	return false;
}

void
wake_waker_cancel(struct bus *b)
{
	atomic_store(&b->segment->waker_sleeps, 0);
}
