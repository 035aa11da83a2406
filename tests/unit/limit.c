/* SPDX-License-Identifier: ISC */

/*
 * Who counts as one address, and that the count is kept.
 */

#include <netinet/in.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "chatserv/parent/limit.h"
#include "tests/unit/tap.h"

#define CLIENTS	100
#define MOST	2

static struct limit *
take4(const char *address)
{
	struct sockaddr_in sin = { 0 };

	sin.sin_family = AF_INET;
	(void)inet_pton(AF_INET, address, &sin.sin_addr);
	return limit_acquire((struct sockaddr *)&sin, 0, false);
}

static struct limit *
take6(const char *address)
{
	struct sockaddr_in6 sin6 = { 0 };

	sin6.sin6_family = AF_INET6;
	(void)inet_pton(AF_INET6, address, &sin6.sin6_addr);
	return limit_acquire((struct sockaddr *)&sin6, 0, false);
}

static struct limit *
take_local(uid_t uid)
{
	struct sockaddr sa = { 0 };

	sa.sa_family = AF_UNIX;
	return limit_acquire(&sa, uid, false);
}

static void
test_ipv4(void)
{
	struct limit *a = take4("192.0.2.1"), *b = take4("192.0.2.1");

	ok(a != NULL && b != NULL, "an address has as many as it may");
	ok(take4("192.0.2.1") == NULL, "and no more");
	ok(take4("192.0.2.2") != NULL, "the next address has its own");
	limit_release(a);
	a = take4("192.0.2.1");
	ok(a != NULL, "when one has left another may come");
	ok(take4("192.0.2.1") == NULL, "one");
}

static void
test_ipv6(void)
{
	ok(take6("2001:db8::1") != NULL &&
	    take6("2001:db8::ffff:ffff:ffff:ffff") != NULL,
	    "all addresses of a /64 of IPv6");
	ok(take6("2001:db8::2:3:4:5") == NULL, "count as one");
	ok(take6("2001:db8:0:1::1") != NULL, "the next /64 has its own");
	/* The first bytes of this one are those of 192.0.2.1. */
	ok(take6("c000:201::1") != NULL, "an IPv6 address is no IPv4 address");
}

static void
test_local(void)
{
	ok(take_local(1000) != NULL && take_local(1000) != NULL &&
	    take_local(1000) == NULL, "on a unix socket a user counts");
	ok(take_local(1001) != NULL, "and each for himself");
}

/* However they come and go, the books are never full, nor empty too soon. */
static void
test_many(void)
{
	struct limit	*all[CLIENTS];
	char		 address[32];
	int		 i, round, missing = 0, extra = 0;

	limit_init(CLIENTS, 1);
	for (round = 0; round < 50; round++) {
		for (i = 0; i < CLIENTS; i++) {
			(void)snprintf(address, sizeof(address), "10.0.%d.%d",
			    round, i);
			all[i] = take4(address);
			missing += all[i] == NULL;
			extra += take4(address) != NULL;
		}
		for (i = 0; i < CLIENTS && missing == 0; i++)
			limit_release(all[i]);
	}
	is_num(missing, 0, "as many addresses as clients have a place");
	for (i = 0; i < CLIENTS; i++) {
		(void)snprintf(address, sizeof(address), "10.1.0.%d", i);
		extra += take4(address) == NULL;
	}
	ok(take4("10.2.0.1") == NULL, "and one more has none");
	is_num(extra, 0, "and each is counted");
	limit_init(CLIENTS, 0);
	for (i = 0; i < CLIENTS; i++)
		missing += take4("192.0.2.1") == NULL;
	is_num(missing, 0, "without a limit one address may have all of them");
}

/* Who comes and goes all the time waits; who comes with hundreds does not. */
static void
test_hold(void)
{
	struct limit	*l, *here[3];
	uint64_t	 now = 1000000;
	int		 i, held = 0, longest = 0, ms;

	limit_init(CLIENTS, 0);
	for (i = 0; i < 500; i++) {
		l = take4("192.0.2.1");
		held += limit_hold(l, now) > 0;
		limit_release(l);
	}
	is_num(held, 0, "five hundred may come at once");
	for (i = 0; i < 1000; i++) {
		l = take4("192.0.2.1");
		ms = limit_hold(l, now);
		held += ms > 0;
		longest = ms > longest ? ms : longest;
		limit_release(l);
	}
	is_num(held, 1000, "the others wait, though nobody stays");
	is_num(longest, 10000, "ten seconds at most");
	l = take4("192.0.2.2");
	is_num(limit_hold(l, now), 0, "another address does not");
	limit_release(l);
	for (held = i = 0; i < 1000; i++, now += 20) {
		l = take4("192.0.2.3");
		held += limit_hold(l, now) > 0;
		limit_release(l);
	}
	is_num(held, 0, "nor one that comes fifty times a second for long");
	now += 20000;
	l = take4("192.0.2.1");
	is_num(limit_hold(l, now), 0, "after a while all is forgotten");
	here[0] = take_local(1000);
	here[1] = take4("127.0.0.1");
	here[2] = take6("::1");
	for (held = i = 0; i < 3000; i++)
		held += limit_hold(here[i % 3], now) > 0;
	is_num(held, 0, "who comes from this machine never waits");
}

int
main(void)
{
	limit_init(CLIENTS, MOST);
	test_ipv4();
	test_ipv6();
	test_local();
	test_many();
	test_hold();
	return done();
}
