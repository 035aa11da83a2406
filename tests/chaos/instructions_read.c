/* SPDX-License-Identifier: ISC */

/*
 * Kills sleepers, wakers and readers at any instruction: all others are woken
 * and read everything.  A reader that is lapped while it reads gets whole
 * records, and the number of those it missed.
 */

#if defined(__linux__) && defined(__x86_64__)

#include "chatserv/helper/waker.h"
#include "ipc/bus/history.h"
#include "ipc/common/bsd.h"
#include "tests/chaos/instructions.h"

#define SLEEPERS	12	/* more than a publisher wakes itself */
#define OWN		12	/* the test's own slot */
#define VICTIM		13
#define READER		14
#define WAITER		15
#define NEXT		16
#define SLOTS		17
#define SAME		7	/* every text is this one, of one length */
#define DRIPS		40000	/* instructions of a reader, each lapped */
#define DRIP_EVERY	8
#define RESTLESS	20000	/* instructions: more than it takes */
#define DRIPS_READ	8	/* records, at least, meanwhile */

static uint64_t		 space[BATCH_MAX / sizeof(uint64_t)];
static struct batch	 batch;
static uint64_t		 head_before;
static int		 waker_pipe[2];

static void
compose_batch(struct bus *b)
{
	batch = (struct batch){ (char *)space, sizeof(space), 0 };
	must(compose(&batch, b->me, "victim", SAME));
}

static int
publish_composed(struct bus *b)
{
	int wait_ms;

	return publish_batch(b, &batch, &wait_ms) != BUS_OK;
}

/* A segment whose ring is full, so that every publisher does the same. */
static void
full_segment(void)
{
	uint32_t slot;

	new_segment(SLOTS);
	for (slot = 0; slot < SLOTS; slot++)
		roster_open(&bus, slot, "chaos");
	be(&bus, OWN);
	while (ring_head(&bus) < bus.ring_size * 5 / 4)
		say(&bus, "before", SAME);
	save_segment();
}

/* ---- sleepers ---- */

/* Records must follow each other, and none be missed. */
static void
check(uint64_t *seq, uint64_t missed, const char *buf, size_t len)
{
	const struct record	*rec;
	struct event		 ev;
	size_t			 at;

	for (at = 0; at < len; at += rec->size) {
		rec = (const struct record *)(const void *)(buf + at);
		if (missed > 0 || rec->seq != ++*seq || !whole(rec, &ev))
			atomic_fetch_add(&told->wrong, 1);
	}
}

static int
read_and_sleep(struct bus *b)
{
	struct reader	r;
	uint64_t	seq, missed;
	size_t		len;

	ring_seek_head(b, &r);
	seq = r.seq - 1;
	flow_passed(b, &r);
	while (!atomic_load(&told->stop)) {
		while ((len = ring_read(b, &r, (char *)space, sizeof(space),
		    &missed)) > 0) {
			check(&seq, missed, (const char *)space, len);
			flow_passed(b, &r);
		}
		if (wake_prepare(b, &r))
			sleep_until_woken(-1);
		wake_cancel(b);
	}
	return 0;
}

static int
wake_for_ever(struct bus *b)
{
	waker_run(b, waker_pipe[0]);
	return 0;
}

static pid_t
hire_waker(void)
{
	pid_t pid = hire(BUS_NOBODY, wake_for_ever);

	if (left_out == WAKING)
		atomic_store(&bus.segment->waker, pid);
	else
		wake_new_waker(&bus, pid);
	return pid;
}

static bool
marked(uint32_t slot)
{
	return atomic_load(&bus.sleepers[slot / 64]) >> slot % 64 & 1;
}

static bool
all_have_read(void)
{
	uint64_t	head = ring_head(&bus);
	uint32_t	slot;

	for (slot = 0; slot < SLEEPERS; slot++)
		if (atomic_load(&bus.slot[slot].cursor) != head ||
		    !marked(slot))
			return false;
	return true;
}

static bool
settled(void)
{
	return all_have_read() && atomic_load(&bus.segment->waker_sleeps) &&
	    !atomic_load(&bus.segment->doorbell) &&
	    !atomic_load(&bus.segment->wake_all);
}

static void
hire_sleepers(void)
{
	uint32_t slot;

	full_segment();
	atomic_store(&told->wrong, 0);
	for (slot = 0; slot < SLEEPERS; slot++)
		(void)hire(slot, read_and_sleep);
}

/* Everybody has what was published, and gets what is published next. */
static void
look_after(struct sweep *s)
{
	if (!comes_true(settled)) {
		s->why = "a sleeper is never woken";
		return;
	}
	say(&bus, "others", SAME);
	if (!comes_true(settled))
		s->why = "a sleeper is not woken a second time";
	else if (atomic_exchange(&told->wrong, 0) != 0)
		s->why = "a sleeper has read something wrong";
}

static void
point_sleepers(struct sweep *s, unsigned long n)
{
	pid_t pid;

	must(comes_true(settled));
	head_before = ring_head(&bus);
	roster_open(&bus, VICTIM, "chaos");
	pid = trace(VICTIM, compose_batch, publish_composed);
	steps(pid, n);
	s->held += lock_held_by(&bus, pid);
	s->committed += ring_head(&bus) != head_before;
	kill_traced(pid);
	(void)recover(VICTIM, pid);
	look_after(s);
}

static void
test_sleepers(void)
{
	struct sweep s;

	hire_sleepers();
	(void)hire_waker();
	survives(&s, point_sleepers,
	    "whoever wakes twelve sleepers may be killed at any instruction");
	needs(WAKING, &s, point_sleepers,
	    "that needs everyone to be woken after a death");
}

/* ---- the waker ---- */

static bool	 bits_are_lost;		/* the round must wake everyone */

static int
one_round(struct bus *b)
{
	wake_round(b);
	(void)wake_waker_prepare(b);
	wake_waker_cancel(b);
	return 0;
}

/* The reason of a round: a publisher pressed the doorbell, or one died. */
static void
make_work(void)
{
	uint32_t slot;

	if (bits_are_lost) {
		for (slot = 0; slot < SLEEPERS; slot++)
			wake_clear(bus.sleepers, slot);
		atomic_store(&bus.segment->wake_all, 1);
	}
	say(&bus, "others", SAME);
}

static void
point_waker(struct sweep *s, unsigned long n)
{
	pid_t pid, waker;

	must(comes_true(all_have_read));
	atomic_store(&bus.segment->waker_sleeps, 1);
	pid = trace(BUS_NOBODY, NULL, one_round);
	atomic_store(&bus.segment->waker, pid);
	make_work();
	steps(pid, n);
	kill_traced(pid);
	waker = hire_waker();
	look_after(s);
	dismiss(waker);
}

static void
test_waker(void)
{
	struct sweep s;

	hire_sleepers();
	bits_are_lost = false;
	survives(&s, point_waker, "the waker may be killed at any instruction "
	    "of a round for those who are left");
	bits_are_lost = true;
	survives(&s, point_waker, "and of a round for everyone");
	needs(WAKING, &s, point_waker,
	    "that needs its successor to wake everyone");
}

/* ---- a reader that others wait for ---- */

static int
publish_when_woken(struct bus *b)
{
	int wait_ms;

	batch = (struct batch){ (char *)space, sizeof(space), 0 };
	must(compose(&batch, b->me, "waiter", SAME));
	while (publish_batch(b, &batch, &wait_ms) == BUS_WAIT)
		sleep_until_woken(-1);
	return batch.used != 0;
}

static int
publish_next(struct bus *b)
{
	say(b, "others", SAME);
	return 0;
}

static bool
waiter_sleeps(void)
{
	return atomic_load(&bus.blocked[WAITER / 64]) >> WAITER % 64 & 1 &&
	    all_sleep();
}

/* Read up to where the next step wakes the writer that waits for space. */
static void
read_nearly_enough(struct bus *b)
{
	struct reader	*r = &told->reader;
	uint64_t	 missed, enough = atomic_load(&b->segment->space_at);

	*r = (struct reader){ 0, 1, UINT64_MAX };
	while (r->cursor + TOLD_SIZE < enough) {
		(void)ring_read(b, r, (char *)told->buf, TOLD_SIZE, &missed);
		flow_passed(b, r);
	}
}

static int
read_twice(struct bus *b)
{
	uint64_t	missed;
	int		i;

	for (i = 0; i < 2; i++) {
		(void)ring_read(b, &told->reader, (char *)told->buf,
		    TOLD_SIZE, &missed);
		flow_passed(b, &told->reader);
	}
	return 0;
}

static void
look_after_writers(struct sweep *s, pid_t waiter)
{
	struct tally t;

	if (waiter != 0 && !ends_well(waiter))
		s->why = "the writer that waits for space is never woken";
	else if (!ends_well(hire(NEXT, publish_next)))
		s->why = "the next publisher waits for ever";
	else if (!read_back(&t))
		s->why = t.wrong;
	else if (t.waiters != (waiter != 0))
		s->why = "the writer that waited did not publish exactly once";
	dismiss_all();
}

static void
point_reader(struct sweep *s, unsigned long n)
{
	pid_t pid, waiter;

	restore_segment();
	waiter = hire(WAITER, publish_when_woken);
	must(comes_true(waiter_sleeps));
	pid = trace(READER, read_nearly_enough, read_twice);
	steps(pid, n);
	s->committed += !waiter_sleeps();
	kill_traced(pid);
	(void)recover(READER, pid);
	look_after_writers(s, waiter);
}

static void
catch_up(struct bus *b)
{
	ring_seek_head(b, &told->reader);
}

static int
rejoin(struct bus *b)
{
	flow_passed(b, &told->reader);
	return 0;
}

static void
point_rejoin(struct sweep *s, unsigned long n)
{
	pid_t pid;

	restore_segment();
	atomic_store(&bus.slot[READER].lagging, 1);
	pid = trace(READER, catch_up, rejoin);
	steps(pid, n);
	s->held += lock_held_by(&bus, pid);
	s->committed += !atomic_load(&bus.slot[READER].lagging);
	kill_traced(pid);
	(void)recover(READER, pid);
	look_after_writers(s, 0);
}

static void
test_reader(void)
{
	struct reader	r = { 0, 1, UINT64_MAX };
	struct sweep	s;
	uint32_t	slot;

	new_segment(SLOTS);
	for (slot = 0; slot < SLOTS; slot++)
		roster_open(&bus, slot, "chaos");
	be(&bus, READER);
	flow_follow(&bus, &r);
	be(&bus, OWN);
	compose_batch(&bus);
	while (flow_space(&bus, batch.used) == 0)
		say(&bus, "before", SAME);
	/* It has all of its second again at every point. */
	atomic_store(&bus.slot[READER].credit,
	    (uint64_t)FLOW_RATE * BUS_CREDIT_MS);
	atomic_store(&bus.segment->held, 0);
	save_segment();
	survives(&s, point_reader,
	    "a reader that publishers wait for may be killed at any "
	    "instruction");
	needs(WAKING, &s, point_reader,
	    "that needs everyone to be woken after a death");
	full_segment();
	survives(&s, point_rejoin,
	    "and so may one that has lagged and catches up");
	needs(ROSTER_AND_LOCK, &s, point_rejoin,
	    "that needs the dead process's lock to be released");
}

/* ---- a reader that is lapped ---- */

static uint64_t	lap;		/* bytes that are published meanwhile */

static void
read_the_oldest(struct bus *b)
{
	struct tally	*t = &told->tally;
	uint64_t	 missed;

	memset(t, 0, sizeof(*t));
	told->reader = (struct reader){ 0, 1, UINT64_MAX };
	told->len = ring_read(b, &told->reader, (char *)told->buf, TOLD_SIZE,
	    &missed);
	t->missed = missed;
	count_records(t, told->buf, told->len);
}

static int
read_once(struct bus *b)
{
	uint64_t missed;

	told->len = ring_read(b, &told->reader, (char *)told->buf, TOLD_SIZE,
	    &missed);
	told->tally.missed += missed;
	return 0;
}

/* Check what the traced process has read, and all the rest. */
static const char *
read_the_rest(void)
{
	struct tally	*t = &told->tally;
	uint64_t	 missed;

	do {
		count_records(t, told->buf, told->len);
		told->len = ring_read(&bus, &told->reader, (char *)told->buf,
		    TOLD_SIZE, &missed);
		t->missed += missed;
	} while (told->len > 0);
	if (t->wrong == NULL && told->reader.cursor != ring_head(&bus))
		return "the reader does not reach the end";
	if (t->wrong == NULL && t->received + t->missed != t->last_seq)
		return "received and missed do not add up to published";
	return t->wrong;
}

/* Run it to the end of its work, past any breakpoint. */
static void
finish(pid_t pid)
{
	while (!atomic_load(&told->over)) {
		resume(pid, PTRACE_CONT);
		(void)stops(pid, false);
	}
	kill_traced(pid);
}

static void
point_lapped(struct sweep *s, unsigned long n)
{
	uint64_t end, missed;
	pid_t	 pid;

	restore_segment();
	pid = trace(READER, read_the_oldest, read_once);
	steps(pid, n);
	missed = told->tally.missed;
	end = ring_head(&bus) + lap;
	while (ring_head(&bus) < end)
		say(&bus, "others", SAME);
	finish(pid);
	s->committed += told->tally.missed > missed;
	s->why = read_the_rest();
}

static int
read_until_told(struct bus *b)
{
	uint64_t missed;

	do {
		told->len = ring_read(b, &told->reader, (char *)told->buf,
		    TOLD_SIZE, &missed);
		told->tally.missed += missed;
		count_records(&told->tally, told->buf, told->len);
	} while (!atomic_load(&told->stop));
	told->len = 0;
	return 0;
}

/* One step of the reader, one record; repeatedly. */
static void
test_drip(void)
{
	const char	*why;
	unsigned long	 n;
	uint64_t	 received;
	pid_t		 pid;

	restore_segment();
	atomic_store(&told->stop, 0);
	pid = trace(READER, read_the_oldest, read_until_told);
	for (n = 0; n < DRIPS; n++) {
		resume(pid, PTRACE_SINGLESTEP);
		(void)stops(pid, false);
		if (n % DRIP_EVERY == 0)
			say(&bus, "others", SAME);
	}
	received = told->tally.received;
	atomic_store(&told->stop, 1);
	finish(pid);
	why = read_the_rest();
	if (!ok(why == NULL && told->tally.missed > 0,
	    "so it is for one that is lapped all the time"))
		(void)printf("# %s\n", why == NULL ? "nothing missed" : why);
	(void)ok(received > DRIPS_READ, "and it does not walk in vain");
	(void)printf("#   %lu instructions while %lu records were published: "
	    "%llu received (%llu of them meanwhile), %llu missed\n", n,
	    n / DRIP_EVERY, (unsigned long long)told->tally.received,
	    (unsigned long long)received,
	    (unsigned long long)told->tally.missed);
}

/* ---- a ring that advances while a new parent copies it ---- */

static struct bus copy;

static int
copy_history(struct bus *b)
{
	(void)history_copy(&copy, b);
	return 0;
}

/*
 * A hijacked session that outlives its parent: it leaves records wherever one
 * looks in its ring, and advances the ring during the copy.
 */
static void
test_restless(void)
{
	unsigned long	n;
	uint64_t	i, head = 0;
	pid_t		pid;

	full_segment();
	fresh_bus(&copy, SLOTS, BUS_RING_MIN);
	for (i = 0; i < bus.ring_size / sizeof(uint64_t); i++)
		atomic_store(&bus.ring[i], RECORD_MIN);
	pid = trace(READER, NULL, copy_history);
	for (n = 0; n < RESTLESS && !atomic_load(&told->over); n++) {
		if (n % DRIP_EVERY == 0) {
			atomic_store(&bus.segment->oldest, head);
			head += RECORD_MIN;
			atomic_store(&bus.segment->head, head);
		}
		resume(pid, PTRACE_SINGLESTEP);
		(void)stops(pid, false);
	}
	(void)ok(atomic_load(&told->over),
	    "a ring that never rests is copied to an end");
	(void)printf("#   after %lu instructions\n", n);
	kill_traced(pid);
}

static void
test_lapped(void)
{
	struct sweep s;

	full_segment();
	lap = sizeof(told->buf);
	survives(&s, point_lapped, "a reader that is overtaken at any "
	    "instruction has whole records and knows what it missed");
	lap = 2 * sizeof(told->buf);
	survives(&s, point_lapped, "so it is when all that it copies is "
	    "overwritten");
	lap = BUS_RING_MIN / 2 * 3;
	survives(&s, point_lapped, "and when it is lapped by one ring and "
	    "a half");
	test_drip();
}

int
main(int argc, char *argv[], char *envp[])
{
	setproctitle_init(argc, argv, envp);
	begin_sweeps(argc, argv);
	must(pipe(waker_pipe) == 0);
	test_sleepers();
	dismiss_all();
	test_waker();
	dismiss_all();
	test_reader();
	test_lapped();
	test_restless();
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
