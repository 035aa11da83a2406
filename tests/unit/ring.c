/* SPDX-License-Identifier: ISC */

/*
 * The ring: what is published is read, once, whole and in order, and what is
 * not read is counted.
 */

#include <sched.h>
#include <stddef.h>
#include <time.h>

#include "ipc/bus/history.h"
#include "ipc/bus/flow.h"
#include "tests/unit/bus.h"

#define SMALL	BUS_RING_MIN

static struct bus bus;
static uint64_t space[4 * RECORD_MAX / sizeof(uint64_t)];

static void
fresh(uint64_t ring_size)
{
	fresh_bus(&bus, 8, ring_size);
	roster_open(&bus, 0, "unit");
	be(&bus, 0);
}

static const struct record *
record_at(size_t at)
{
	return (const struct record *)(const void *)((char *)space + at);
}

/* Read once; count the records, and check that their numbers are in order. */
static int
read_some(struct reader *r, uint64_t *missed)
{
	uint64_t	seq = r->seq;
	size_t		len, at;
	int		n = 0;

	len = ring_read(&bus, r, (char *)space, sizeof(space), missed);
	seq += *missed;
	for (at = 0; at < len; at += record_at(at)->size, n++)
		if (record_at(at)->seq != seq++)
			return -1;
	return n;
}

static void
test_one(void)
{
	struct reader	 r;
	uint64_t	 missed;
	const char	*text;

	fresh(SMALL);
	ring_seek_head(&bus, &r);
	is_num(read_some(&r, &missed), 0, "an empty ring has nothing to read");
	ok(publish(&bus, "alice", "hello") == BUS_OK, "a record is published");
	is_num(read_some(&r, &missed), 1, "and read");
	is_num((long long)missed, 0, "and nothing was missed");
	is_num((long long)record_at(0)->seq, 1, "the first record is number 1");
	text = record_at(0)->text;
	ok(record_at(0)->text_len == 33 && memcmp(text + EVENT_ID_DIGITS,
	    "\tmsg\talice\thello\n", 17) == 0, "its text is the TSV line");
	is_num((long long)strtoull(text, NULL, 10),
	    (long long)record_at(0)->id, "with the ID that its head has");
	is_num(read_some(&r, &missed), 0, "it is read once");
}

static void
test_batch(void)
{
	static uint64_t	buf[1024];
	struct batch	batch = { (char *)buf, sizeof(buf), 0 };
	struct event	ev = { 0, EVENT_MSG, "a", 1, "text", 4 };
	struct reader	r;
	uint64_t	missed;
	int		composed = 0, wait_ms = -1;

	fresh(SMALL);
	ring_seek_head(&bus, &r);
	while (ring_compose(&batch, &ev, 0, RECORD_TO_ALL, 0))
		composed++;
	ok(composed > 50, "many records fit into a batch, no more than fit");
	ok(batch.used <= batch.size, "which stays within its memory");
	ok(publish_batch(&bus, &batch, &wait_ms) == BUS_OK && batch.used == 0,
	    "it is published at once and empty then");
	is_num(wait_ms, -1, "and sets no time to wait");
	is_num(read_some(&r, &missed), composed,
	    "all of it is read at once, in order");
}

static void
test_small_buffer(void)
{
	struct reader	r;
	uint64_t	missed;
	size_t		len;
	int		n = 0, i;

	fresh(SMALL);
	ring_seek_head(&bus, &r);
	for (i = 0; i < 20; i++)
		(void)publish(&bus, "alice", "some text of forty bytes or so");
	while ((len = ring_read(&bus, &r, (char *)space, 256, &missed)) > 0) {
		if (len > 256 || len % record_at(0)->size != 0)
			break;
		n += (int)(len / record_at(0)->size);
	}
	is_num(n, 20, "a small buffer gets whole records, all in the end");
}

static unsigned int
random_number(void)
{
	static uint32_t state = 7;

	state = state * 1664525 + 1013904223;
	return state >> 8;
}

/* The conservation law: received and missed are all that was published. */
static void
test_lapped(void)
{
	static char	text[4096];
	struct reader	r;
	uint64_t	missed, all_missed = 0;
	int		i, n, received = 0, wrong = 0;

	fresh(SMALL);
	ring_seek_head(&bus, &r);
	for (i = 0; i < 20000; i++) {
		n = (int)(random_number() % sizeof(text));
		memset(text, 'a' + i % 26, (size_t)n);
		text[n] = '\0';
		if (publish(&bus, "alice", text) != BUS_OK)
			wrong++;
		if (random_number() % 40 != 0 && i != 19999)
			continue;
		while ((n = read_some(&r, &missed)) != 0) {
			all_missed += missed;
			received += n;
			if (n < 0)
				wrong++;
		}
	}
	is_num(wrong, 0, "a reader that is lapped sees numbers go up, "
	    "and every gap is as large as reported");
	ok(all_missed > 0 && received > 0, "it misses some and receives some");
	is_num(received + (long long)all_missed, 20000,
	    "received and missed are all there was");
}

/* Walk over one record, which is overwritten meanwhile. */
static bool
walk_in_vain(struct reader *r)
{
	struct record	rec;
	struct walk	w;
	uint64_t	end;

	ring_walk(&bus, r, &w);
	must(ring_peek(&bus, &w, &rec));
	(void)ring_step(&w, &rec);
	end = w.at + SMALL;
	while (ring_head(&bus) < end)
		must(publish(&bus, "alice", "some text") == BUS_OK);
	return !ring_walked(&bus, r, &w);
}

/* Where a lapped reader begins again, it is not lapped again at once. */
static void
test_skip(void)
{
	struct reader	r = { 0, 1, UINT64_MAX };
	uint64_t	missed, before;
	unsigned int	failed;
	int		wrong = 0;

	fresh(SMALL);
	while (ring_oldest(&bus) == 0)
		must(publish(&bus, "alice", "some text") == BUS_OK);
	for (failed = 1; failed <= RING_FAILURES; failed++) {
		wrong += !walk_in_vain(&r);
		wrong += !ring_skip(&bus, &r, failed);
		before = ring_oldest(&bus) + (failed - 1) * (SMALL / 5);
		wrong += failed > 1 && r.cursor < before;
		wrong += r.cursor >= ring_head(&bus);
	}
	is_num(wrong, 0, "a reader that is lapped in each walk begins ever "
	    "further behind the oldest record");
	before = r.seq;
	is_num(read_some(&r, &missed), 1, "at last with the last one");
	ok(before + missed + 1 == r.seq && missed > 0 &&
	    r.cursor == ring_head(&bus), "and knows how many it missed");
	ok(!ring_skip(&bus, &r, failed), "and then gives up");
}

/* A reader with a cursor delays the writer, for a second at most. */
static void
test_credit(void)
{
	static char	text[1001];
	static uint64_t	buf[4096 / sizeof(uint64_t)];
	struct batch	batch = { (char *)buf, sizeof(buf), 0 };
	struct event	ev = { 0, EVENT_MSG, "a", 1, text, 1000 };
	struct reader	r;
	uint64_t	missed, begun;
	int		i, wait_ms = 0, n = 0;

	fresh(SMALL);
	memset(text, 'x', 1000);
	ring_seek_head(&bus, &r);
	flow_follow(&bus, &r);
	(void)ring_compose(&batch, &ev, 0, RECORD_TO_ALL, 0);
	for (i = 0; i < 1000 && wait_ms == 0; i++) {
		if (publish_batch(&bus, &batch, &wait_ms) == BUS_OK)
			(void)ring_compose(&batch, &ev, 0, RECORD_TO_ALL, 0);
	}
	ok(i > 40 && i < 70, "a ring of 64 KiB takes some sixty records"
	    " of 1 KiB that nobody has read");
	ok(wait_ms > 0 && wait_ms <= BUS_CREDIT_MS,
	    "then the writer is asked to wait, a second at most");
	while ((i = read_some(&r, &missed)) > 0)
		n += i;
	ok(n > 40 && missed == 0, "the reader has missed nothing");
	flow_passed(&bus, &r);
	ok(publish_batch(&bus, &batch, &wait_ms) == BUS_OK,
	    "when it has read there is space at once");
	for (i = 0; i < 50; i++)
		(void)publish(&bus, "a", text);
	begun = bus_now();
	for (i = 0; i < 50; i++)
		(void)publish(&bus, "a", text);
	ok(bus_now() - begun >= BUS_CREDIT_MS - 50,
	    "a writer waits for a reader that does not move");
	ok(atomic_load(&bus.slot[0].lagging), "and is lagging after a second");
	begun = bus_now();
	for (i = 0; i < 200; i++)
		(void)publish(&bus, "a", text);
	ok(bus_now() - begun < BUS_CREDIT_MS,
	    "from then on no writer waits for it");
	(void)read_some(&r, &missed);
	ok(missed > 100, "it learns what it missed");
	while (read_some(&r, &missed) > 0)
		continue;
	flow_passed(&bus, &r);
	ok(!atomic_load(&bus.slot[0].lagging),
	    "and writers wait for it again when it has caught up");
}

/* What was overwritten between the first load and the last is dropped. */
static void
test_walk(void)
{
	static char	 text[1001], copy[1200];
	struct record	 rec;
	struct reader	 r;
	struct walk	 w;
	int		 i;

	fresh(SMALL);
	memset(text, 'x', sizeof(text) - 1);
	ring_seek_head(&bus, &r);
	(void)publish(&bus, "a", "short");
	ring_walk(&bus, &r, &w);
	ok(ring_peek(&bus, &w, &rec), "a walk begins with what is new");
	ring_text(&bus, &w, &rec, copy);
	is_bytes(copy + 17, rec.text_len - 17U, "msg\ta\tshort\n",
	    "its text can be copied");
	is_num((long long)ring_step(&w, &rec), 0, "and nothing is missing");
	ok(!ring_peek(&bus, &w, &rec), "it ends where the ring does");
	for (i = 0; i < 100; i++)
		(void)publish(&bus, "a", text);
	ok(!ring_walked(&bus, &r, &w),
	    "it is not sound if a writer has passed it meanwhile");
	ring_walk(&bus, &r, &w);
	ok(ring_peek(&bus, &w, &rec) && ring_step(&w, &rec) > 30,
	    "the next walk begins later, and tells how many are missing");
	while (ring_peek(&bus, &w, &rec))
		(void)ring_step(&w, &rec);
	ok(ring_walked(&bus, &r, &w) && r.cursor == ring_head(&bus),
	    "and is sound");
}

/*
 * A writer that could not scan for long, since the machine was busy, does not
 * charge a reader for that which could not run either.
 */
static void
test_credit_late(void)
{
	static char	text[1001];
	static uint64_t	buf[4096 / sizeof(uint64_t)];
	struct batch	batch = { (char *)buf, sizeof(buf), 0 };
	struct event	ev = { 0, EVENT_MSG, "a", 1, text, 1000 };
	struct timespec	late = { 1, 300000000 };
	struct reader	r;
	int		wait_ms = 0;

	fresh(SMALL);
	memset(text, 'x', 1000);
	ring_seek_head(&bus, &r);
	flow_follow(&bus, &r);
	do
		if (batch.used == 0)
			(void)ring_compose(&batch, &ev, 0, RECORD_TO_ALL, 0);
	while (publish_batch(&bus, &batch, &wait_ms) == BUS_OK);
	ok(wait_ms < BUS_CREDIT_MS / 2,
	    "a writer scans several times before it gives up");
	while (nanosleep(&late, &late) == -1)
		continue;
	ok(publish_batch(&bus, &batch, &wait_ms) == BUS_WAIT &&
	    !atomic_load(&bus.slot[0].lagging),
	    "and no single scan decides, however late");
}

/*
 * Four readers stop at four places: they delay the room once, not four times.
 */
static void
test_credit_once(void)
{
	static char	text[1001];
	static uint64_t	buf[4096 / sizeof(uint64_t)];
	struct batch	batch = { (char *)buf, sizeof(buf), 0 };
	struct event	ev = { 0, EVENT_MSG, "a", 1, text, 1000 };
	struct reader	r;
	uint32_t	slot;
	int		i, wait_ms, late = 0, lagging = 0;

	fresh(SMALL);
	memset(text, 'x', 1000);
	for (slot = 0; slot < 4; slot++) {
		roster_open(&bus, slot, "unit");
		be(&bus, slot);
		ring_seek_head(&bus, &r);
		flow_follow(&bus, &r);
		for (i = 0; i < 10; i++)
			(void)publish(&bus, "a", text);
	}
	roster_open(&bus, slot, "unit");
	be(&bus, slot);
	for (i = 0; i < 100; i++) {
		(void)ring_compose(&batch, &ev, slot, RECORD_TO_ALL, 0);
		while (publish_batch(&bus, &batch, &wait_ms) == BUS_WAIT) {
			if (atomic_load(&bus.slot[0].lagging))
				late++;
			sleep_until_woken(wait_ms);
		}
	}
	for (slot = 0; slot < 4; slot++)
		lagging += atomic_load(&bus.slot[slot].lagging) != 0;
	is_num(lagging, 4, "of four readers that stopped all are lagging");
	is_num(late, 0,
	    "and when the first one was, no writer waited any more");
}

/* A writer killed before its commit: the next one reuses its space. */
static void
test_uncommitted(void)
{
	static char	text[8001];
	static uint64_t	buf[40000 / sizeof(uint64_t)];
	struct batch	batch = { (char *)buf, sizeof(buf), 0 };
	struct event	ev = { 0, EVENT_MSG, "ghost", 5, text, 8000 };
	struct reader	r;
	uint64_t	missed, before;
	int		i;

	fresh(SMALL);
	memset(text, 'x', 8000);
	ring_seek_head(&bus, &r);
	for (i = 0; i < 100; i++)
		(void)publish(&bus, "alice", "a line");
	while (ring_compose(&batch, &ev, 0, RECORD_TO_ALL, 0))
		continue;
	before = ring_head(&bus);
	(void)ring_append(&bus, &batch);
	is_num((long long)ring_head(&bus), (long long)before,
	    "what is not committed was never published");
	(void)publish(&bus, "alice", "the last");
	is_num(read_some(&r, &missed), 101, "the next one reuses its space");
	is_num((long long)missed, 0, "and its number");

	/* The same with a full ring, so that it has overwritten records. */
	for (i = 0; i < 2000; i++)
		(void)publish(&bus, "alice", "a line to fill the ring with");
	while (read_some(&r, &missed) > 0)
		continue;
	history_seek_last(&bus, &r, 1, 1U << EVENT_MSG);
	before = r.seq;
	history_seek_last(&bus, &r, UINT64_MAX, 1U << EVENT_MSG);
	(void)ring_append(&bus, &batch);
	i = read_some(&r, &missed);
	ok(i > 0 && missed > 0,
	    "a reader learns what the dead writer has overwritten");
	is_num((long long)r.seq - 1, (long long)before,
	    "and reads the rest, to the last");
	(void)publish(&bus, "alice", "after");
	is_num(read_some(&r, &missed), 1, "numbers go on without a gap");
}

/* Let the last record be from the future, as when the clock was set back. */
static void
test_clock_steps_back(void)
{
	struct reader	r;
	uint64_t	future = UINT64_C(9000000000000000), missed, at;

	fresh(SMALL);
	ring_seek_head(&bus, &r);
	at = ring_head(&bus);
	(void)publish(&bus, "alice", "from the future");
	atomic_store(&bus.ring[(at + offsetof(struct record, id)) /
	    sizeof(uint64_t)], future);
	(void)publish(&bus, "alice", "from now");
	(void)publish(&bus, "alice", "and now");
	is_num(read_some(&r, &missed), 3, "three records are read");
	is_num((long long)record_at(record_at(0)->size)->id,
	    (long long)future + 1,
	    "an ID increases though the clock went back");
	history_seek_id(&bus, &r, future + 1);
	is_num(read_some(&r, &missed), 1,
	    "and a reader can seek to what followed it");
}

static void
test_seek_last(void)
{
	struct reader	r;
	uint64_t	missed;
	int		i;

	fresh(SMALL);
	for (i = 0; i < 10; i++)
		(void)publish(&bus, "alice", "a line");
	history_seek_last(&bus, &r, 3, 1U << EVENT_MSG);
	is_num(read_some(&r, &missed), 3,
	    "a reader can seek to the last 3 records");
	is_num((long long)record_at(0)->seq, 8, "they are the last ones");
	history_seek_last(&bus, &r, 100, 1U << EVENT_MSG);
	is_num(read_some(&r, &missed), 10, "of 100 it finds the 10 that exist");
	history_seek_last(&bus, &r, 3, 1U << EVENT_ME);
	is_num(read_some(&r, &missed), 0, "of another kind it finds none");
	history_seek_last(&bus, &r, 0, 1U << EVENT_MSG);
	is_num(read_some(&r, &missed), 0, "the last 0 are none");
}

static void
test_seek_id(void)
{
	static char	text[301];
	uint64_t	id[100], missed;
	struct reader	r;
	int		i, wrong = 0;

	fresh(SMALL);
	ring_seek_head(&bus, &r);
	for (i = 0; i < 100; i++) {
		(void)publish(&bus, "alice", "a line");
		(void)read_some(&r, &missed);
		id[i] = record_at(0)->id;
	}
	for (i = 0; i < 100; i++) {
		history_seek_id(&bus, &r, id[i]);
		if (read_some(&r, &missed) != 99 - i || missed != 0)
			wrong++;
		history_seek_id(&bus, &r, id[i] - 1);
		if (read_some(&r, &missed) < 100 - i || missed != 0)
			wrong++;
	}
	is_num(wrong, 0, "a search for what followed any ID is exact");
	history_seek_id(&bus, &r, 0);
	is_num(read_some(&r, &missed), 100, "after 0 that is everything");
	history_seek_id(&bus, &r, UINT64_MAX);
	is_num(read_some(&r, &missed), 0, "after the last one it is nothing");
	memset(text, 'x', sizeof(text) - 1);
	for (i = 0; i < 500; i++)
		(void)publish(&bus, "alice", text);
	history_seek_id(&bus, &r, id[9]);
	i = read_some(&r, &missed);
	ok(missed > 0, "when it is overwritten, the loss is reported");
	is_num(i + (long long)missed, 590,
	    "and lost and read are everything after it");
}

/*
 * Nothing in the segment is trusted: garbage does no harm, and costs little
 * time.
 */
static void
test_garbage(void)
{
	struct reader	r, start;
	uint64_t	missed, words;
	int		i, j, k;

	fresh(SMALL);
	words = bus.ring_size / sizeof(uint64_t);
	for (i = 0; i < 1000; i++)
		(void)publish(&bus, "alice", "a line");
	history_seek_last(&bus, &start, UINT64_MAX, 1U << EVENT_MSG);
	for (i = 0; i < 3000; i++) {
		for (j = 0; j < 20; j++)
			atomic_store(&bus.ring[random_number() % words],
			    (uint64_t)random_number() <<
			    (random_number() % 40));
		r = start;
		for (k = 0; k < 5000; k++)
			if (ring_read(&bus, &r, (char *)space, sizeof(space),
			    &missed) == 0)
				break;
		history_seek_last(&bus, &r, 10, 1U << EVENT_MSG);
		history_seek_id(&bus, &r, random_number());
		(void)ring_read(&bus, &r, (char *)space, sizeof(space),
		    &missed);
		if (i % 16 == 0)
			(void)publish(&bus, "alice", "a line");
	}
	ok(true, "a ring of garbage is read without harm");
}

#define WRITERS	4
#define READERS	3
#define EACH	4000

/* Text number n of a writer, which looks like no other. */
static void
compose(char *d, uint32_t writer, int n)
{
	size_t len = (size_t)(n * 7919 % 500);
	int k = snprintf(d, 32, "w%u n%d ", writer, n);

	memset(d + k, 'a' + n % 26, len);
	d[k + (int)len] = '\0';
}

static int
write_much(struct bus *b)
{
	char	text[600];
	int	n;

	for (n = 0; n < EACH; n++) {
		compose(text, b->me, n);
		if (publish(b, "w", text) != BUS_OK)
			return 1;
	}
	return 0;
}

/* Whether rec is whole; next[] is the next text of each writer. */
static bool
sound_text(const struct record *rec, int next[], bool gaps)
{
	char		want[700], line[900], *text;
	unsigned int	writer;
	int		n;

	if (rec->text_len < 25 || rec->text_len > sizeof(line))
		return false;
	memcpy(line, rec->text, rec->text_len);
	line[rec->text_len - 1] = '\0';
	text = line + EVENT_ID_DIGITS + 7;	/* tab msg tab w tab */
	if (sscanf(text, "w%u n%d ", &writer, &n) != 2 || writer >= 8 ||
	    n < next[writer] || (!gaps && n > next[writer]))
		return false;
	next[writer] = n + 1;
	compose(want, writer, n);
	return strcmp(text, want) == 0;
}

/* Parse what was read; returns how many records, or exits at a fault. */
static int
take_apart(size_t len, int next[], bool gaps)
{
	size_t	at;
	int	n = 0;

	for (at = 0; at < len; at += record_at(at)->size, n++)
		if (!sound_text(record_at(at), next, gaps)) {
			tap_bytes("faulty: ", record_at(at)->text,
			    record_at(at)->text_len);
			exit(2);
		}
	return n;
}

/*
 * A session: it reads and sleeps, writers wait for it, and it misses nothing.
 */
static int
read_all(struct bus *b)
{
	struct reader	r = { 0, 1, UINT64_MAX };
	uint64_t	missed, all_missed = 0;
	int		next[8] = { 0 }, n = 0;
	size_t		len;

	flow_follow(b, &r);
	while (n < WRITERS * EACH) {
		while ((len = ring_read(b, &r, (char *)space, sizeof(space),
		    &missed)) > 0) {
			n += take_apart(len, next, false);
			all_missed += missed;
			flow_passed(b, &r);
		}
		if (n < WRITERS * EACH && wake_prepare(b, &r))
			sleep_until_woken(-1);
		wake_cancel(b);
	}
	return all_missed != 0;
}

/* A viewer: no writer waits for it, so it is lapped, again and again. */
static int
view_all(struct bus *b)
{
	struct reader	r = { 0, 1, UINT64_MAX };
	uint64_t	missed, all = 0;
	int		next[8] = { 0 };
	size_t		len;

	while (all < (uint64_t)WRITERS * EACH) {
		len = ring_read(b, &r, (char *)space, sizeof(space), &missed);
		all += missed + (uint64_t)take_apart(len, next, true);
		if (len == 0)
			(void)sched_yield();
	}
	return all != (uint64_t)WRITERS * EACH;
}

static void
test_many(void)
{
	pid_t	pid[8];
	int	i, wrong = 0;

	fresh_bus(&bus, 8, SMALL);
	/* Readers first, and in their slots, so that writers wait for them. */
	for (i = 0; i < READERS; i++) {
		pid[i] = session(&bus, (uint32_t)i, read_all);
		while (atomic_load(&bus.slot[i].cursor) == BUS_NOT_READING)
			(void)sched_yield();
	}
	pid[i] = session(&bus, (uint32_t)i, view_all);
	for (i++; i < 4 + WRITERS; i++)
		pid[i] = session(&bus, (uint32_t)i, write_much);
	for (i = 4; i < 4 + WRITERS; i++)
		wrong += reap(pid[i]) != 0;
	is_num(wrong, 0, "four processes publish 4,000 records each");
	for (i = 0, wrong = 0; i < READERS; i++)
		wrong += reap(pid[i]) != 0;
	is_num(wrong, 0, "three that sleep in between have all of them, whole, "
	    "each writer's in order");
	is_num(reap(pid[READERS]), 0, "one that nobody waits for has some, "
	    "whole, and knows how many it missed");
}

int
main(void)
{
	watchdog();
	test_one();
	test_batch();
	test_small_buffer();
	test_lapped();
	test_skip();
	test_walk();
	test_credit();
	test_credit_late();
	test_credit_once();
	test_uncommitted();
	test_clock_steps_back();
	test_seek_last();
	test_seek_id();
	test_garbage();
	test_many();
	return done();
}
