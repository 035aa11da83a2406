/* SPDX-License-Identifier: ISC */

/*
 * A client that sends much leaves room for others, and only then.
 *
 * The clock is the test's own: it is linked in place of ipc/bus/clock.c.
 */

#include "chatserv/session/rate_limit.h"
#include "tests/unit/bus.h"

#define MUCH		((size_t)1 << 30)
#define LONGEST_MS	250	/* of any sleep, and of any memory */
#define RATE		8192	/* bytes a ms; 16384 more are free */
#define ROUNDS		20000

static struct bus	bus;
static uint64_t		now = 1000;

uint64_t
bus_now(void)
{
	return now;
}

/* Somebody publishes something. */
static void
somebody_talks(void)
{
	static uint64_t	buf[1024 / sizeof(uint64_t)];
	struct batch	batch = { (char *)buf, sizeof(buf), 0 };
	struct event	ev = { 0, EVENT_MSG, "a", 1, "hello", 5 };
	int		wait_ms;

	must(ring_compose(&batch, &ev, 0, RECORD_TO_ALL, 0));
	must(publish_batch(&bus, &batch, &wait_ms) == BUS_OK);
}

static void
test_alone(void)
{
	struct rate_limit t = { 0, 0, 0, 0 };

	somebody_talks();
	is_num(rate_limit_wait(&t, &bus), 0, "nobody waits at the start");
	rate_limit_charge(&t, &bus, MUCH);
	is_num(rate_limit_wait(&t, &bus), 0,
	    "who says much while nobody else talks does not wait");
	somebody_talks();
	is_num(rate_limit_wait(&t, &bus), 0,
	    "nor, for what it said before, when somebody says a word");
}

static void
test_others(void)
{
	struct rate_limit	t = { 0, 0, 0, 0 };
	int			ms;

	(void)rate_limit_wait(&t, &bus);
	somebody_talks();
	is_num(rate_limit_wait(&t, &bus), 0,
	    "who has said little does not wait while others talk");
	rate_limit_charge(&t, &bus, MUCH);
	ms = rate_limit_wait(&t, &bus);
	ok(ms > 200 && ms <= LONGEST_MS + 1,
	    "who has said much does, but not for long");
	now += (uint64_t)ms;
	is_num(rate_limit_wait(&t, &bus), 0,
	    "and not when the others have been silent so long");
	somebody_talks();
	is_num(rate_limit_wait(&t, &bus), 0,
	    "what was said up to then is forgotten");
}

static void
test_soon_over(void)
{
	struct rate_limit	t = { 0, 0, 0, 0 };
	int			ms;

	(void)rate_limit_wait(&t, &bus);
	somebody_talks();
	(void)rate_limit_wait(&t, &bus);
	rate_limit_charge(&t, &bus, 500 << 10);
	somebody_talks();
	ms = rate_limit_wait(&t, &bus);
	ok(ms > 50 && ms < 100, "half a megabyte is held against somebody, "
	    "but not for long");
	now += (uint64_t)ms;
	somebody_talks();
	is_num(rate_limit_wait(&t, &bus), 0, "who has waited may go on");
}

/*
 * Whatever the order of words, batches and pauses: who has been alone for
 * as long as others count does not wait, no sleep is longer than that, and
 * beside others nobody says more than the rate and two batches.
 */
static void
test_search(uint64_t seed)
{
	struct rate_limit	t = { 0, 0, 0, 0 };
	uint64_t		since = now, spoke = 0, said = 0, x = seed;
	uint64_t		silent = 0;
	unsigned int		i, late = 0, slept = 0, fast = 0, waits = 0;
	size_t			len;
	int			ms;
	char			name[128];

	for (i = 0; i < ROUNDS; i++) {
		x = x * UINT64_C(6364136223846793005) + 1442695040888963407U;
		now += (x >> 33) % 8 == 0 ? (x >> 40) % 400 : 0;
		if ((x >> 50) % 4 == 0 || silent > 0) {
			somebody_talks();
			spoke = now;
		}
		ms = rate_limit_wait(&t, &bus);
		silent += (uint64_t)ms;
		slept += silent > LONGEST_MS + 1 || (ms > 0 &&
		    now + (uint64_t)ms > spoke + LONGEST_MS + 1);
		waits += ms > 0;
		late += ms > 0 && now - spoke > LONGEST_MS;
		if (now - spoke > LONGEST_MS) {
			since = now;
			said = 0;
		}
		if (ms > 0) {
			now += (uint64_t)ms;
			continue;
		}
		silent = 0;
		len = (size_t)((x >> 20) % (64 << 10));
		if ((x >> 55) % 64 == 0)
			len = MUCH;
		rate_limit_charge(&t, &bus, len);
		/* Most of so much is forgotten. */
		said = len == MUCH ? 0 : said + len;
		fast += said > (now - since + 1) * RATE +
		    3 * (UINT64_C(64) << 10);
	}
	(void)snprintf(name, sizeof(name), "seed %llu: of %u waits none "
	    "without reason (%u), too long (%u) or too short (%u)",
	    (unsigned long long)seed, waits, late, slept, fast);
	ok(late + slept + fast == 0 && waits > ROUNDS / 100, name);
}

int
main(void)
{
	uint64_t seed;

	fresh_bus(&bus, 2, BUS_RING_MIN);
	roster_open(&bus, 0, "unit");
	be(&bus, 0);
	test_alone();
	test_others();
	test_soon_over();
	for (seed = 1; seed <= 10; seed++)
		test_search(seed);
	return done();
}
