/* SPDX-License-Identifier: ISC */

/*
 * Which clients count as one address, and that the count is kept.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chatserv/parent/limit.h"
#include "tests/unit/tap.h"

#define CLIENTS	100
#define MOST	2

static const char *why;

static struct limit *
take(const char *address)
{
	struct address a;

	if (!address_parse(&a, address))
		exit(1);
	return limit_acquire(&a, 0, false, &why);
}

static struct limit *
take_local(uid_t uid)
{
	const struct address none = { .family = AF_UNSPEC };

	return limit_acquire(&none, uid, false, &why);
}

static void
test_ipv4(void)
{
	struct limit *a = take("192.0.2.1"), *b = take("192.0.2.1");

	ok(a != NULL && b != NULL, "an address may have its limit");
	ok(take("192.0.2.1") == NULL, "and no more");
	ok(take("192.0.2.2") != NULL, "the next address has its own");
	limit_release(a, false);
	a = take("192.0.2.1");
	ok(a != NULL, "when one has left another may connect");
	ok(take("192.0.2.1") == NULL, "one");
}

static void
test_ipv6(void)
{
	ok(take("2001:db8::1") != NULL &&
	    take("2001:db8::ffff:ffff:ffff:ffff") != NULL,
	    "all addresses of a /64 of IPv6");
	ok(take("2001:db8::2:3:4:5") == NULL, "count as one");
	ok(take("2001:db8:0:1::1") != NULL, "the next /64 has its own");
	/* The first bytes of this one are those of 192.0.2.1. */
	ok(take("c000:201::1") != NULL, "an IPv6 address is no IPv4 address");
}

static void
test_local(void)
{
	ok(take_local(1000) != NULL && take_local(1000) != NULL &&
	    take_local(1000) == NULL, "on a unix socket a user counts");
	ok(take_local(1001) != NULL, "and each user apart");
}

/*
 * However they connect and leave, the table is never full, nor empty too
 * early.
 */
static void
test_many(void)
{
	struct limit	*all[CLIENTS];
	char		 address[32];
	int		 i, round, missing = 0, extra = 0;

	limit_init(CLIENTS, 0, 1);
	for (round = 0; round < 50; round++) {
		for (i = 0; i < CLIENTS; i++) {
			(void)snprintf(address, sizeof(address), "10.0.%d.%d",
			    round, i);
			all[i] = take(address);
			missing += all[i] == NULL;
			extra += take(address) != NULL;
		}
		for (i = 0; i < CLIENTS && missing == 0; i++)
			limit_release(all[i], false);
	}
	is_num(missing, 0, "as many addresses as clients fit into the table");
	for (i = 0; i < CLIENTS; i++) {
		(void)snprintf(address, sizeof(address), "10.1.0.%d", i);
		extra += take(address) == NULL;
	}
	ok(take("10.2.0.1") == NULL, "and one more does not");
	is_num(extra, 0, "and each is counted");
	limit_init(CLIENTS, 0, 0);
	for (i = 0; i < CLIENTS; i++)
		missing += take("192.0.2.1") == NULL;
	is_num(missing, 0, "without a limit one address may have all of them");
}

/*
 * An address that connects and leaves all the time waits; one that connects
 * with hundreds does not.
 */
static void
test_hold(void)
{
	struct limit	*l, *here[3];
	uint64_t	 now = 1000000;
	int		 i, held = 0, longest = 0, ms;

	limit_init(CLIENTS, 0, 0);
	for (i = 0; i < 500; i++) {
		l = take("192.0.2.1");
		held += limit_hold(l, now) > 0;
		limit_release(l, false);
	}
	is_num(held, 0, "five hundred may join at once");
	for (i = 0; i < 1000; i++) {
		l = take("192.0.2.1");
		ms = limit_hold(l, now);
		held += ms > 0;
		longest = ms > longest ? ms : longest;
		limit_release(l, false);
	}
	is_num(held, 1000, "the others wait, though nobody remains");
	is_num(longest, 10000, "ten seconds at most");
	l = take("192.0.2.2");
	is_num(limit_hold(l, now), 0, "another address does not");
	limit_release(l, false);
	for (held = i = 0; i < 1000; i++, now += 20) {
		l = take("192.0.2.3");
		held += limit_hold(l, now) > 0;
		limit_release(l, false);
	}
	is_num(held, 0,
	    "nor does one that connects fifty times a second for long");
	now += 20000;
	l = take("192.0.2.1");
	is_num(limit_hold(l, now), 0, "after a while the account is empty");
	here[0] = take_local(1000);
	here[1] = take("127.0.0.1");
	here[2] = take("::1");
	for (held = i = 0; i < 3000; i++)
		held += limit_hold(here[i % 3], now) > 0;
	is_num(held, 0, "clients from this machine never wait");
}

/*
 * Clients of a few addresses connect, leave and take over at random.  At any
 * moment neither an address nor the room exceeds its limit, except for spare
 * places; and nobody is refused while there is a place.
 */
static void
test_spare(void)
{
	static const char	full[] = "the room is full";
	enum { ROOM = 6, SPARE = 3, EACH = 2, ADDRESSES = 5, TURNS = 20000 };
	struct { struct limit *l; int at; bool spare; } in[3 * ROOM] =
	    { { 0 } };
	int			n = 0, spare = 0, wrong = 0, i, at, turn;
	int			has[ADDRESSES] = { 0 };
	int			spares[ADDRESSES] = { 0 };
	bool			over, none;
	char			address[16];
	struct limit		*l;

	limit_init(ROOM, SPARE, EACH);
	srandom(1);
	for (turn = 0; turn < TURNS; turn++) {
		at = (int)(random() % ADDRESSES);
		i = n == 0 ? 0 : (int)(random() % n);
		if (n > 0 && in[i].spare && random() % 4 == 0 &&
		    n - spare < ROOM + SPARE) {
			limit_settle(in[i].l);
			in[i].spare = false;
			spares[in[i].at]--;
			spare--;
		} else if (n > 0 && random() % 2 == 0) {
			limit_release(in[i].l, in[i].spare);
			has[in[i].at]--;
			spares[in[i].at] -= in[i].spare;
			spare -= in[i].spare;
			in[i] = in[--n];
		} else {
			(void)snprintf(address, sizeof(address), "10.0.0.%d",
			    at);
			l = take(address);
			over = n - spare >= ROOM ||
			    has[at] - spares[at] >= EACH;
			none = over && (spare == SPARE || spares[at] == 2);
			wrong += (l == NULL) != none || (why != NULL) != over ||
			    (over && (strncmp(why, full, strlen(full)) == 0) !=
			    (n - spare >= ROOM));
			if (l == NULL)
				continue;
			in[n].l = l;
			in[n].at = at;
			in[n++].spare = why != NULL;
			has[at]++;
			spares[at] += why != NULL;
			spare += why != NULL;
		}
		wrong += limit_clients() != (uint32_t)(n - spare);
	}
	is_num(wrong, 0, "spare places are counted apart, 20000 times");
	while (n-- > 0)
		limit_release(in[n].l, in[n].spare);
	is_num(limit_clients(), 0, "and in the end nobody is left");
}

int
main(void)
{
	limit_init(CLIENTS, 0, MOST);
	test_ipv4();
	test_ipv6();
	test_local();
	test_many();
	test_hold();
	test_spare();
	return done();
}
