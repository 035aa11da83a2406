/* SPDX-License-Identifier: ISC */

/*
 * A PING behind lines for which the room has no space.
 *
 * The session is production's, in a process of its own over a socketpair.  The
 * clock is the test's, in shared memory: it stands still until the test moves
 * it.  A reader that never moves fills the room, and never spends its credit:
 * each reading of the clock fills its account.  So nothing happens by chance,
 * and the room is blocked until the test releases it.
 */

#include <sys/mman.h>

#include "ipc/bus/flow.h"
#include "tests/unit/served.h"

#define BEFORE		55	/* lines that leave space for a few */
#define LINES		40
#define LOOKS		5	/* readings of the clock: a round or two */
#define SOON_MS		300	/* by then the session has seen it */
#define SHORT_MS	1500	/* during which it waits */
#define STEP_MS		2500

static struct bus	bus;
static char		got[1 << 20];
static size_t		got_len;
static struct {
	_Atomic uint64_t now, looks;
	_Atomic int	 held;
} *world;

uint64_t
bus_now(void)
{
	atomic_fetch_add(&world->looks, 1);
	if (atomic_load(&world->held)) {
		atomic_store(&bus.slot[1].unproven, 0);
		atomic_store(&bus.slot[1].credit,
		    (uint64_t)FLOW_RATE * BUS_CREDIT_MS);
	}
	return atomic_load(&world->now);
}

static void
say(const char *line)
{
	must(write(pair[1], line, strlen(line)) == (ssize_t)strlen(line));
}

/* Read on, until the session has closed or wanted() is true. */
static void
hear(bool (*wanted)(void))
{
	struct pollfd	pfd = { pair[1], POLLIN, 0 };
	ssize_t		n = 1;

	while (n > 0 && !(wanted != NULL && wanted())) {
		if (poll(&pfd, 1, 10) == 0)
			continue;
		n = read(pair[1], got + got_len, sizeof(got) - 1 - got_len);
		if (n > 0)
			got_len += (size_t)n;
		got[got_len] = '\0';
	}
}

static unsigned int
count(const char *what)
{
	unsigned int	 n = 0;
	const char	*at = got;

	for (; (at = strstr(at, what)) != NULL; at++)
		n++;
	return n;
}

/* It has read all that was sent, and waits for space. */
static bool
is_stuck(void)
{
	char byte;

	return atomic_load(&bus.blocked[0]) != 0 &&
	    recv(pair[0], &byte, 1, MSG_PEEK | MSG_DONTWAIT) == -1;
}

static bool
has_looked(void)
{
	return atomic_load(&world->looks) > LOOKS;
}

static bool
is_answered(void)
{
	return count(" PONG ") > 0;
}

static bool
is_entered(void)
{
	return count(" 366 ") > 0;
}

/*
 * Advance the time in steps, until the PING is answered or too much has
 * passed.
 */
static void
let_time_pass(void)
{
	int i;

	for (i = 0; i < 20 && !is_answered(); i++) {
		atomic_fetch_add(&world->now, STEP_MS);
		atomic_store(&world->looks, 0);
		hear(has_looked);
	}
}

static void
fill_room(void)
{
	static char	text[1000];
	int		i;

	memset(text, 'b', sizeof(text) - 1);
	for (i = 0; i < BEFORE; i++)
		must(publish(&bus, "before", text) == BUS_OK);
}

static void
say_much(void)
{
	char	line[512];
	int	i;

	memset(line, 'x', sizeof(line));
	memcpy(line, "PRIVMSG #chat :", 15);
	(void)snprintf(line + 500, 12, "\r\n");
	for (i = 0; i < LINES; i++)
		say(line);
}

int
main(void)
{
	struct reader	r;
	uint64_t	head;
	pid_t		pid;

	watchdog();
	world = mmap(NULL, sizeof(*world), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(world != MAP_FAILED);
	atomic_store(&world->now, 1000000);
	fresh_bus(&bus, 2, BUS_RING_MIN);
	roster_open(&bus, 1, "unit");
	be(&bus, 1);
	ring_seek_head(&bus, &r);
	flow_follow(&bus, &r);
	atomic_store(&world->held, 1);
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	must(pipe(parent) == 0);
	pid = session(&bus, 0, live);
	say("NICK alice\r\nUSER a 0 * :A\r\n");
	hear(is_entered);
	fill_room();
	say_much();
	hear(is_stuck);
	say("PING :one\r\n");
	hear(is_stuck);
	head = ring_head(&bus);
	atomic_fetch_add(&world->now, SOON_MS);
	atomic_store(&world->looks, 0);
	hear(has_looked);
	atomic_fetch_add(&world->now, SHORT_MS);
	atomic_store(&world->looks, 0);
	hear(has_looked);
	ok(!is_answered(), "a PING waits for the lines before it");
	let_time_pass();
	ok(is_answered(), "but not for long, while these are not published");
	ok(ring_head(&bus) == head, "which they are not");
	atomic_store(&world->held, 0);
	r.cursor = BUS_NOT_READING;
	flow_passed(&bus, &r);
	say("PING :two\r\nQUIT\r\n");
	(void)close(pair[0]);
	hear(NULL);
	(void)close(pair[1]);
	is_num(reap(pid), 0, "then the room goes on");
	is_num(count(" PONG "), 2, "each PING was answered once");
	ok(strstr(got, "ERROR :Closing link (quit)") != NULL &&
	    atomic_load(&bus.slot[0].messages_in) == LINES,
	    "and nothing was lost");
	return done();
}
