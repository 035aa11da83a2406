/* SPDX-License-Identifier: ISC */

/*
 * The roster: names are unique, a change and its record are one, and what a
 * dead session had begun is either done or undone.
 */

#include <sched.h>

#include "ipc/common/bsd.h"
#include "ipc/bus/history.h"
#include "tests/unit/bus.h"

#define CROWD	20

static struct bus bus;
static uint64_t space[4 * RECORD_MAX / sizeof(uint64_t)];
static const unsigned char token[BUS_TOKEN_SIZE] = "fifteen letters";
static const unsigned char other_token[BUS_TOKEN_SIZE] = "fifteen numbers";

/* One process may be several sessions in turn: now it is the one in slot. */
static void
as(uint32_t slot)
{
	be(&bus, slot);
}

static void
fresh(uint32_t slots)
{
	uint32_t slot;

	fresh_bus(&bus, slots, BUS_RING_MIN);
	for (slot = 0; slot < slots; slot++)
		roster_open(&bus, slot, "127.0.0.1");
}

static int wait_ms = -1;	/* set by calls that must wait */

static enum bus_result
join(uint32_t slot, const char *name, const unsigned char *proof)
{
	struct reader r, live;

	as(slot);
	return roster_join(&bus, name, proof, token, NULL, &r, &live,
	    &wait_ms);
}

static enum bus_result
rename_to(uint32_t slot, const char *name)
{
	as(slot);
	return roster_rename(&bus, name, &wait_ms);
}

static struct reader left_at;

static enum bus_result
leave(uint32_t slot, const char *reason)
{
	as(slot);
	return roster_leave(&bus, reason, &left_at, &wait_ms);
}

/* The texts of all records since the last call, without their IDs. */
static const char *
news(void)
{
	static char		 said[4096];
	static struct reader	 r;
	static struct segment	*segment;
	const struct record	*rec;
	uint64_t		 missed;
	size_t			 len, at, n = 0;

	if (segment != bus.segment)
		r = (struct reader){ 0, 1, UINT64_MAX };
	segment = bus.segment;
	while ((len = ring_read(&bus, &r, (char *)space, sizeof(space),
	    &missed)) > 0)
		for (at = 0; at < len; at += rec->size) {
			rec = (const struct record *)(const void *)
			    ((char *)space + at);
			memcpy(said + n, rec->text + EVENT_ID_DIGITS + 1,
			    rec->text_len - EVENT_ID_DIGITS - 1U);
			n += rec->text_len - EVENT_ID_DIGITS - 1U;
		}
	said[n] = '\0';
	return said;
}

static void
test_names(void)
{
	fresh(4);
	is_num(roster_count(&bus), 0, "at first nobody is here");
	ok(join(0, "alice", NULL) == BUS_OK, "a free name can be claimed");
	is_str(news(), "join\talice\t127.0.0.1\n", "and everyone receives it");
	ok(join(1, "alice", NULL) == BUS_TAKEN, "a taken one cannot be");
	ok(join(1, "ALiCE", NULL) == BUS_TAKEN, "whatever the case");
	ok(join(1, "alicf", NULL) == BUS_OK, "but another can");
	is_str(news(), "join\talicf\t127.0.0.1\n",
	    "nobody learns of refused names");
	ok(join(2, "\xC3\xA9", NULL) == BUS_OK &&
	    join(3, "\xC3\x89", NULL) == BUS_OK,
	    "only ASCII letters ignore case");
	is_num(roster_count(&bus), 4, "four are here then");
}

static void
test_rename(void)
{
	fresh(3);
	(void)join(0, "alice", NULL);
	(void)join(1, "bob", NULL);
	(void)news();
	ok(rename_to(0, "Bob") == BUS_TAKEN,
	    "nobody can take another's name");
	is_str(news(), "", "and nobody hears of it");
	ok(rename_to(0, "ally") == BUS_OK, "a free name can be taken");
	is_str(news(), "name\talice\tally\n", "and everyone receives it");
	ok(rename_to(0, "ALLY") == BUS_OK,
	    "one may change the case of one's name");
	ok(join(2, "alice", NULL) == BUS_OK, "the old name is free");
	is_num(roster_count(&bus), 3, "and nobody counts twice");
}

static void
test_leave(void)
{
	fresh(2);
	(void)join(0, "alice", NULL);
	(void)news();
	ok(leave(0, "quit: bye") == BUS_OK, "a client that is here can leave");
	is_str(news(), "leave\talice\tquit: bye\n", "and everyone is told why");
	is_num((long long)left_at.seq, 2, "whose number the session knows");
	is_num(roster_count(&bus), 0, "and is not here any more");
	ok(leave(0, "quit") == BUS_GONE, "nobody leaves twice");
	as(0);
	ok(publish(&bus, "alice", "more") == BUS_GONE,
	    "a client that has left publishes nothing");
	ok(join(1, "alice", NULL) == BUS_OK, "the name is free");
}

static void
test_list(void)
{
	struct roster_row	row[4];
	uint32_t		from = 0;

	fresh(4);
	(void)join(0, "alice", NULL);
	(void)join(2, "carol", NULL);
	(void)join(3, "dave", NULL);
	as(0);
	is_num(roster_list(&bus, &from, row, 2), 2, "a list can come in parts");
	is_str(row[0].name, "alice", "the first slot first");
	is_str(row[1].name, "carol", "and skips empty ones");
	is_str(row[0].origin, "127.0.0.1", "with their origin");
	is_num(roster_list(&bus, &from, row, 2), 1, "to its end");
	is_str(row[0].name, "dave", "and all of it");
	is_num(roster_list(&bus, &from, row, 2), 0, "and then it has ended");
	ok(roster_find(&bus, "CAROL", &row[0]) && row[0].slot == 2,
	    "a name is found whatever its case");
	ok(!roster_find(&bus, "bob", &row[0]), "and only where it is");
	ok(!roster_find(&bus, "caro", &row[0]), "nor by its beginning");
	ok(lock_try(&bus), "nobody holds the lock after it");
	lock_release(&bus);
}

static void
test_token(void)
{
	struct roster_row row;

	fresh(4);
	(void)join(0, "alice", NULL);
	(void)news();
	ok(join(1, "alice", other_token) == BUS_TAKEN,
	    "a wrong token takes over nothing");
	ok(join(1, "Alice", token) == BUS_TAKEN_OVER, "the right one does");
	is_str(news(), "", "and nobody hears of it");
	is_num(roster_count(&bus), 1, "there is one of that name");
	ok(roster_find(&bus, "alice", &row) && row.slot == 1,
	    "and it is the new one");
	as(0);
	ok(publish(&bus, "alice", "boo") == BUS_GONE,
	    "the old session publishes nothing any more");
	ok(leave(0, "quit") == BUS_GONE, "and does not leave either");
	is_str(news(), "", "so nobody is told");
	ok(leave(1, "quit") == BUS_OK, "when the new one leaves");
	is_str(news(), "leave\talice\tquit\n", "everyone receives it, once");
}

/*
 * A client that looked bob up before he left has a private message on its way
 * to his slot, which is carol's when the message is published.
 */
static void
test_successor(void)
{
	struct roster_row bob, carol;

	fresh(2);
	(void)join(1, "bob", NULL);
	must(roster_find(&bus, "bob", &bob));
	must(leave(1, "quit") == BUS_OK);
	(void)roster_recover(&bus, 1, getpid(), true);
	roster_close(&bus, 1);
	roster_open(&bus, 1, "127.0.0.1");
	(void)join(1, "carol", NULL);
	must(roster_find(&bus, "carol", &carol));
	ok(carol.slot == bob.slot && carol.generation != bob.generation,
	    "a message on its way to a slot is not for its next client");
	ok(carol.generation ==
	    atomic_load(&bus.slot[carol.slot].generation),
	    "but what is addressed now is");
}

static int
race_for_name(struct bus *b)
{
	struct reader r, live;

	return roster_join(b, b->me % 2 ? "Alice" : "alice", NULL, token, NULL,
	    &r, &live, &wait_ms) == BUS_OK ? 1 : 0;
}

static void
test_race(void)
{
	pid_t	pid[CROWD];
	int	round, i, winners, wrong = 0;

	for (round = 0; round < 20; round++) {
		fresh_bus(&bus, CROWD, BUS_RING_MIN);
		for (i = 0; i < CROWD; i++)
			pid[i] = session(&bus, (uint32_t)i, race_for_name);
		for (i = 0, winners = 0; i < CROWD; i++)
			winners += reap(pid[i]);
		if (winners != 1 || roster_count(&bus) != 1)
			wrong++;
	}
	is_num(wrong, 0, "of twenty that claim one name at once, one gets it");
}

static int
die(struct bus *b)
{
	(void)b;
	(void)kill(getpid(), SIGKILL);
	return 0;
}

static int
join_and_die(struct bus *b)
{
	(void)race_for_name(b);
	return die(b);
}

static void
test_announce_death(void)
{
	pid_t	pid;

	fresh_bus(&bus, 2, BUS_RING_MIN);
	pid = session(&bus, 0, join_and_die);
	(void)reap(pid);
	(void)news();
	ok(roster_recover(&bus, 0, pid, false),
	    "the leave of a dead session must be announced");
	must(lock_try(&bus));
	ok(roster_announce_death(&bus, 0, "killed") == BUS_WAIT,
	    "not while someone holds the lock: the parent never sleeps for it");
	lock_release(&bus);
	ok(roster_announce_death(&bus, 0, "killed") == BUS_OK, "then it is");
	is_str(news(), "leave\talice\tkilled\n", "with its reason");
	roster_close(&bus, 0);
	is_num(roster_count(&bus), 0, "it is not here any more");
	atomic_store(&bus.segment->wake_all, 0);
	(void)roster_recover(&bus, 0, pid, true);
	is_num(atomic_load(&bus.segment->wake_all), 0,
	    "an orderly end loses no wake-up");
	(void)roster_recover(&bus, 0, pid, false);
	ok(atomic_load(&bus.segment->wake_all),
	    "after an unclean death the waker wakes all");
	pid = session(&bus, 0, join_and_die);
	(void)reap(pid);
	is_str(news(), "join\talice\tunit\n",
	    "name and slot can be used again");
	pid = session(&bus, 1, die);
	(void)reap(pid);
	ok(!roster_recover(&bus, 1, pid, false),
	    "the death of a client without a name is not announced");
}

/*
 * A session that dies within a change: the test executes its steps one by one,
 * as a killed one would have, and then recovers.
 */
static uint64_t
begin_change(uint32_t slot, enum slot_change what, enum event_kind kind,
    const char *name, const char *text)
{
	static uint64_t	 buf[256];
	struct batch	 batch = { (char *)buf, sizeof(buf), 0 };
	struct event	 ev = { 0, kind, name, strlen(name), text,
	    strlen(text) };
	struct slot	*s = &bus.slot[slot];
	uint64_t	 end;

	as(slot);
	must(lock_try(&bus));
	must(ring_compose(&batch, &ev, slot, RECORD_TO_ALL, 0));
	end = ring_append(&bus, &batch);
	(void)strlcpy(s->change_name, what == CHANGE_RENAME ? text : name,
	    sizeof(s->change_name));
	s->change_other = BUS_NOBODY;
	s->change_end = end;
	atomic_store(&s->change, (uint32_t)what);
	return end;
}

static void
test_half_done(void)
{
	struct roster_row row;

	fresh(3);
	(void)begin_change(0, CHANGE_JOIN, EVENT_JOIN, "alice", "x");
	ok(!roster_recover(&bus, 0, getpid(), false),
	    "a session that dies before the commit of its join was never here");
	is_num(roster_count(&bus), 0, "and is not counted");
	is_str(news(), "", "and nobody hears of it");
	ok(lock_try(&bus), "the lock is free");
	lock_release(&bus);

	ring_commit(&bus, begin_change(0, CHANGE_JOIN, EVENT_JOIN, "alice",
	    "x"));
	ok(roster_recover(&bus, 0, getpid(), false),
	    "a session that dies after the commit of its join was here");
	is_str(news(), "join\talice\tx\n", "as everyone has read");
	ok(roster_announce_death(&bus, 0, "killed") == BUS_OK, "and so leaves");
	is_str(news(), "leave\talice\tkilled\n", "as everyone reads");

	(void)join(1, "bob", NULL);
	(void)begin_change(1, CHANGE_RENAME, EVENT_NAME, "bob", "rob");
	ok(roster_recover(&bus, 1, getpid(), false) &&
	    roster_find(&bus, "bob", &row),
	    "before the commit of a rename the old name remains");
	ring_commit(&bus, begin_change(1, CHANGE_RENAME, EVENT_NAME, "bob",
	    "rob"));
	ok(roster_recover(&bus, 1, getpid(), false) &&
	    roster_find(&bus, "rob", &row) &&
	    !roster_find(&bus, "bob", &row), "after it the new one does");
	(void)begin_change(1, CHANGE_LEAVE, EVENT_LEAVE, "rob", "quit");
	ok(roster_recover(&bus, 1, getpid(), false),
	    "before the commit of a leave it must be announced");
	ring_commit(&bus, begin_change(1, CHANGE_LEAVE, EVENT_LEAVE, "rob",
	    "quit"));
	ok(!roster_recover(&bus, 1, getpid(), false), "after it nothing must");
	is_num(roster_count(&bus), 0, "and nobody is here");
	is_str(news(), "join\tbob\t127.0.0.1\nname\tbob\trob\n"
	    "leave\trob\tquit\n", "and everyone has read each once");
}

/* The parent's recovery wakes the writers that waited for the dead session. */
static void
test_recover_lets_go(void)
{
	fresh(2);
	(void)join(0, "alice", NULL);
	ok(atomic_load(&bus.slot[0].cursor) != BUS_NOT_READING,
	    "writers wait for a session that has joined");
	(void)roster_recover(&bus, 0, getpid(), false);
	ok(atomic_load(&bus.slot[0].cursor) == BUS_NOT_READING,
	    "and not for one that has died");
	is_num(atomic_load(&bus.slot[0].pid), 0, "nor do they signal it");
}

/* One stream: nothing is missing between a join and what its session reads. */
static void
test_start(void)
{
	const struct record	*first = (const struct record *)(void *)space;
	struct reader		 start, r, live;
	uint64_t		 missed;

	fresh(2);
	(void)join(0, "alice", NULL);
	as(0);
	(void)publish(&bus, "alice", "one");
	(void)publish(&bus, "alice", "two");
	history_seek_last(&bus, &start, 1, 1U << EVENT_MSG);
	(void)publish(&bus, "alice", "three");
	as(1);
	ok(roster_join(&bus, "bob", NULL, token, &start, &r, &live,
	    &wait_ms) == BUS_OK, "one can join with history");
	is_num((long long)start.cursor, (long long)r.cursor,
	    "and reads on from where that begins");
	ok(ring_read(&bus, &r, (char *)space, sizeof(space), &missed) > 0 &&
	    memcmp(first->text + EVENT_ID_DIGITS, "\tmsg\talice\ttwo\n",
	    15) == 0, "with the messages there");
	is_num((long long)atomic_load(&bus.slot[1].cursor),
	    (long long)start.cursor, "and writers wait for it from there");
	ok(live.cursor > r.cursor - 200 && live.cursor < r.cursor,
	    "to its own join");
}

int
main(void)
{
	watchdog();
	test_names();
	test_rename();
	test_leave();
	test_list();
	test_token();
	test_successor();
	test_race();
	test_announce_death();
	test_half_done();
	test_recover_lets_go();
	test_start();
	is_num(wait_ms, -1, "no change that needs no wait sets a time for one");
	return done();
}
