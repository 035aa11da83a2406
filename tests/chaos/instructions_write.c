/* SPDX-License-Identifier: ISC */

/*
 * Kills a process that publishes, or changes the roster, after any of its
 * instructions: the change is complete or absent, the next one succeeds, and
 * everything that was ever published is read back whole and in order.
 */

#if defined(__linux__) && defined(__x86_64__)

#include "tests/chaos/instructions.h"

#define SLOTS	16
#define OWN	0		/* the test's own slot */
#define VICTIM	1
#define WAITER	2
#define NEXT	3
#define READER	4
#define OLDER	5
#define RECORDS	5		/* in the larger batch */
#define SLEEP_KILLS 100
#define DENSE	20

static uint64_t		 space[BATCH_MAX / sizeof(uint64_t)];
static struct batch	 batch;
static unsigned long	 batch_size;
static uint64_t		 head_before;
static const unsigned char token[BUS_TOKEN_SIZE] = "0123456789abcde";

static int
publish_next(struct bus *b)
{
	say(b, "next", 1);
	return 0;
}

static int
publish_waiter(struct bus *b)
{
	say(b, "waiter", 1);
	return 0;
}

/* A segment whose ring is full and has wrapped; the test is a session too. */
static void
full_segment(void)
{
	unsigned long	n;
	uint32_t	slot;

	new_segment(SLOTS);
	for (slot = 0; slot < SLOTS; slot++)
		roster_open(&bus, slot, "chaos");
	be(&bus, OWN);
	for (n = 0; ring_head(&bus) < bus.ring_size * 5 / 4; n++)
		say(&bus, "before", n);
	save_segment();
	head_before = ring_head(&bus);
}

/* Note what the victim was doing when it was killed. */
static void
note_state(struct sweep *s, pid_t pid)
{
	s->held += lock_held_by(&bus, pid);
	s->committed += ring_head(&bus) != head_before;
}

/* The next process publishes, and all is read back. */
static void
look_after(struct sweep *s, bool waiter)
{
	struct tally	t;
	pid_t		next;

	next = hire(NEXT, publish_next);
	if (!ends_well(next)) {
		s->why = "the next publisher waits for ever";
		dismiss_all();
		return;
	}
	if (!read_back(&t))
		s->why = t.wrong;
	else if (t.victims != 0 && t.victims != batch_size)
		s->why = "a batch is published in part";
	else if (t.nexts != 1 || t.waiters != waiter)
		s->why = "a living publisher's record is not there once";
}

/* ---- a publisher alone ---- */

static void
compose_batch(struct bus *b)
{
	unsigned long n;

	batch = (struct batch){ (char *)space, sizeof(space), 0 };
	for (n = 0; n < batch_size; n++)
		must(compose(&batch, b->me, "victim", n));
}

static int
publish_composed(struct bus *b)
{
	int wait_ms;

	return publish_batch(b, &batch, &wait_ms) != BUS_OK;
}

static void
point_alone(struct sweep *s, unsigned long n)
{
	pid_t	pid;

	restore_segment();
	pid = trace(VICTIM, compose_batch, publish_composed);
	steps(pid, n);
	note_state(s, pid);
	kill_traced(pid);
	(void)recover(VICTIM, pid);
	look_after(s, false);
}

static void
test_alone(void)
{
	struct sweep s;

	full_segment();
	batch_size = 1;
	survives_densely(DENSE, &s, point_alone,
	    "a publisher of one record may be killed at any instruction");
	needs(ROSTER_AND_LOCK, &s, point_alone,
	    "that needs the dead process's lock to be released");
	batch_size = RECORDS;
	survives(&s, point_alone,
	    "a publisher of five records publishes all or none");
	new_segment(SLOTS);
	roster_open(&bus, VICTIM, "chaos");
	roster_open(&bus, NEXT, "chaos");
	save_segment();
	head_before = 0;
	survives(&s, point_alone,
	    "so does the first publisher in an empty room");
}

/* ---- a ring full of records that a reader has not read ---- */

static uint64_t	credit;			/* the reader's, in bytes */

static void
point_no_room(struct sweep *s, unsigned long n)
{
	struct slot	*reader = &bus.slot[READER];
	pid_t		 pid;

	restore_segment();
	atomic_store(&reader->counted, atomic_load(&reader->cursor));
	atomic_store(&reader->credit, credit);
	pid = trace(VICTIM, compose_batch, publish_composed);
	steps(pid, n);
	note_state(s, pid);
	kill_traced(pid);
	(void)recover(VICTIM, pid);
	/* Now the reader leaves too, or the next writer would have to wait. */
	atomic_store(&reader->cursor, BUS_NOT_READING);
	look_after(s, false);
}

static void
test_no_room(void)
{
	struct reader	r = { 0, 1, UINT64_MAX };
	struct sweep	s;
	unsigned long	n;

	new_segment(SLOTS);
	for (n = 0; n < SLOTS; n++)
		roster_open(&bus, (uint32_t)n, "chaos");
	be(&bus, READER);
	flow_follow(&bus, &r);
	be(&bus, OWN);
	for (n = 0; ring_head(&bus) < bus.ring_size - 300; n++)
		say(&bus, "before", n);
	save_segment();
	head_before = ring_head(&bus);
	batch_size = RECORDS;
	credit = (uint64_t)FLOW_RATE * BUS_CREDIT_MS;
	survives(&s, point_no_room,
	    "a writer that finds no space may be killed at any instruction");
	credit = 0;
	survives(&s, point_no_room,
	    "and so may a writer that gives up on a reader");
}

/* ---- two processes that want the lock ---- */

static bool
waiter_sleeps(void)
{
	return atomic_load(&bus.segment->waiting) > 0 && all_sleep();
}

static void
look_after_two(struct sweep *s, pid_t waiter)
{
	if (ends_well(waiter)) {
		look_after(s, true);
		return;
	}
	s->why = "the publisher asleep on the lock is never woken";
	dismiss_all();
}

/* The holder is killed while another process sleeps: from its hold on. */
static void
point_holder(struct sweep *s, unsigned long n)
{
	pid_t	pid, waiter;

	restore_segment();
	pid = trace(VICTIM, compose_batch, publish_composed);
	steps_to_lock(pid);
	waiter = hire(WAITER, publish_waiter);
	must(comes_true(waiter_sleeps));
	aim(pid, trail.from, n);
	(void)go(pid, false, false);
	note_state(s, pid);
	kill_traced(pid);
	(void)recover(VICTIM, pid);
	look_after_two(s, waiter);
}

/*
 * Make up to n steps of a process that must wait for the lock, which is
 * released when it sleeps, or after n steps if it does not sleep before;
 * *waiter falls asleep meanwhile.
 */
static void
steps_of_sleeper(pid_t pid, unsigned long n, pid_t *waiter)
{
	bool awake;

	aim(pid, 0, n);
	awake = go(pid, true, false);
	*waiter = hire(WAITER, publish_waiter);
	must(comes_true(waiter_sleeps));
	lock_release(&bus);
	/* The other process may be faster and acquire it first. */
	while (!awake)
		awake = go(pid, true, true);
}

static void
point_sleeper(struct sweep *s, unsigned long n)
{
	pid_t	pid, waiter;

	restore_segment();
	must(lock_try(&bus));
	pid = trace(VICTIM, compose_batch, publish_composed);
	steps_of_sleeper(pid, n, &waiter);
	note_state(s, pid);
	kill_traced(pid);
	(void)recover(VICTIM, pid);
	look_after_two(s, waiter);
}

/* Killed asleep, just after the post that is meant for it. */
static void
test_asleep(void)
{
	struct sweep	s = { 0 };
	pid_t		pid, waiter;

	for (; s.points < SLEEP_KILLS; s.points++) {
		restore_segment();
		must(lock_try(&bus));
		pid = trace(VICTIM, compose_batch, publish_composed);
		resume(pid, PTRACE_CONT);
		must(!stops(pid, true));
		waiter = hire(WAITER, publish_waiter);
		must(comes_true(waiter_sleeps));
		lock_release(&bus);
		kill_traced(pid);
		(void)recover(VICTIM, pid);
		s.why = NULL;
		look_after_two(&s, waiter);
		s.failures += s.why != NULL;
	}
	is_num((long long)s.failures, 0,
	    "and so it does if that one is killed asleep");
	all_points += s.points;
	all_failures += s.failures;
}

static void
test_two(void)
{
	struct sweep s;

	full_segment();
	batch_size = 1;
	survives(&s, point_holder,
	    "the lock's holder may be killed while another sleeps on it");
	needs(ROSTER_AND_LOCK, &s, point_holder,
	    "that needs the dead process's lock to be released");
	needs(ROUND, &s, point_holder, "and a round of the waker");
	survives(&s, point_sleeper,
	    "a process asleep on the lock may be killed, and another gets it");
	needs(ROUND, &s, point_sleeper, "that needs a round of the waker");
	needs(WAKING, &s, point_sleeper, "for which the parent has to ask");
	test_asleep();
}

/* ---- the roster ---- */

static int
join_as(struct bus *b, const char *name, const unsigned char *proof)
{
	struct reader	r, live;
	int		wait_ms;

	return (int)roster_join(b, name, proof, token, NULL, &r, &live,
	    &wait_ms);
}

/* Another process claims both names in question, in turn. */
static int
take_names(struct bus *b)
{
	int wait_ms;

	return join_as(b, "alpha", NULL) != BUS_OK ||
	    roster_rename(b, "beta", &wait_ms) != BUS_OK;
}

static int
join(struct bus *b)
{
	return join_as(b, "alpha", NULL) != BUS_OK;
}

static int
take_over(struct bus *b)
{
	return join_as(b, "alpha", token) != BUS_TAKEN_OVER;
}

static int
rename_it(struct bus *b)
{
	int wait_ms;

	return roster_rename(b, "beta", &wait_ms) != BUS_OK;
}

static int
leave(struct bus *b)
{
	struct reader	end;
	int		wait_ms;

	return roster_leave(b, "quit", &end, &wait_ms) != BUS_OK;
}

static int	(*change)(struct bus *);
static bool	 present_before;	/* the victim had a name */

/* Whether the slot and the records agree. */
static const char *
half_done(const struct tally *t, bool untold)
{
	const struct slot	*s = &bus.slot[VICTIM];
	unsigned long		 before = present_before || change == take_over;

	if (atomic_load(&s->change) != CHANGE_NONE)
		return "a change is still announced";
	if (untold != (atomic_load(&bus.hash[VICTIM]) != 0))
		return "a dead process's name and state disagree";
	if (roster_count(&bus) != t->joins - t->leaves)
		return "presence differs from joins and leaves";
	if (change != take_over && untold != (t->joins > t->leaves))
		return "its leave is both announced and pending";
	if (strcmp(s->name, "beta") == 0 ? t->names != 1 : t->names != 0)
		return "its name differs from the announced one";
	return t->joins < before ? "a join is gone" : NULL;
}

/* Announce the dead as the parent does; everyone reads of each once. */
static void
announce_all(struct sweep *s)
{
	struct tally	t;
	uint32_t	slot;

	for (slot = VICTIM; slot < SLOTS; slot++)
		if (atomic_load(&bus.slot[slot].state) == SLOT_PRESENT &&
		    roster_announce_death(&bus, slot, "killed") != BUS_OK)
			s->why = "a leave cannot be announced";
	if (!read_back(&t))
		s->why = t.wrong;
	else if (t.leaves != t.joins)
		s->why = "a leave is not announced exactly once";
	else if (roster_count(&bus) != 0)
		s->why = "a name is still taken";
}

static void
point_change(struct sweep *s, unsigned long n)
{
	struct tally	t;
	pid_t		pid;
	bool		untold;

	restore_segment();
	pid = trace(VICTIM, NULL, change);
	steps(pid, n);
	note_state(s, pid);
	kill_traced(pid);
	untold = recover(VICTIM, pid);
	if (!read_back(&t))
		s->why = t.wrong;
	else
		s->why = half_done(&t, untold);
	if (s->why == NULL)
		announce_all(s);
	pid = hire(NEXT, take_names);
	if (!ends_well(pid)) {
		s->why = "another process cannot have its name";
		dismiss_all();
	}
}

/* An empty room, except that the given slot, if any, is alpha. */
static void
room_with(uint32_t slot, int (*what)(struct bus *))
{
	uint32_t i;

	new_segment(SLOTS);
	for (i = 0; i < SLOTS; i++)
		roster_open(&bus, i, "chaos");
	if (slot != BUS_NOBODY) {
		be(&bus, slot);
		must(join(&bus) == 0);
	}
	bus.me = BUS_NOBODY;
	save_segment();
	head_before = ring_head(&bus);
	present_before = slot == VICTIM;
	change = what;
}

static void
test_roster(void)
{
	struct sweep s;

	room_with(BUS_NOBODY, join);
	survives(&s, point_change, "a joiner is here or not, never half");
	needs(ROSTER, &s, point_change,
	    "that needs the dead process's change to be redone or dropped");
	room_with(VICTIM, rename_it);
	survives(&s, point_change, "a rename is complete or absent");
	needs(ROSTER, &s, point_change, "that needs the same");
	room_with(VICTIM, leave);
	survives(&s, point_change, "another announces an unannounced leave");
	needs(ROSTER, &s, point_change, "that needs the same");
	room_with(OLDER, take_over);
	survives(&s, point_change,
	    "after a takeover the name belongs to the new self or the old");
	needs(ROSTER, &s, point_change, "that needs the same");
}

int
main(int argc, char *argv[])
{
	begin_sweeps(argc, argv);
	test_alone();
	test_no_room();
	test_two();
	test_roster();
	return end_sweeps();
}

#else

#include <stdio.h>

int
main(void)
{
	(void)printf("1..0 # SKIP this needs Linux's ptrace(2) on x86-64\n");
	return 0;
}

#endif
