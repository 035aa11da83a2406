/* SPDX-License-Identifier: ISC */

/*
 * A session's deadline, in a room that has no space for its client's lines.
 *
 * The session is production's, in a process of its own over a socketpair; the
 * clock is the test's, in shared memory, so that half a minute passes at once.
 * A reader that never moves fills the room: it has a cursor and no process.
 */

#include <sys/mman.h>
#include <time.h>

#include "ipc/bus/flow.h"
#include "tests/unit/served.h"

#define BEFORE		40	/* lines that leave space for some 20 */
#define LINES		25
#define LATER_MS	31000

static struct bus		 bus;
static _Atomic uint64_t		*later;
static char			 got[1 << 20];

uint64_t
bus_now(void)
{
	struct timespec ts;

	must(clock_gettime(CLOCK_MONOTONIC, &ts) == 0);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000 +
	    atomic_load(later);
}

/* A name and many lines; then the client's end. */
static void
say_it_all(void)
{
	char	line[1001];
	int	i;

	must(write(pair[1], "alice\n", 6) == 6);
	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\n';
	for (i = 0; i < LINES; i++)
		must(write(pair[1], line, sizeof(line)) == sizeof(line));
	must(shutdown(pair[1], SHUT_WR) == 0);
}

/* Read on, until the session has closed or wanted() is true. */
static size_t
hear(size_t len, bool (*wanted)(void))
{
	struct pollfd	pfd = { pair[1], POLLIN, 0 };
	ssize_t		n = 1;

	while (n > 0 && !(wanted != NULL && wanted())) {
		if (poll(&pfd, 1, 10) == 0)
			continue;
		n = read(pair[1], got + len, sizeof(got) - 1 - len);
		if (n > 0)
			len += (size_t)n;
	}
	got[len] = '\0';
	return len;
}

/* It waits for space, and its client has nothing more to say. */
static bool
is_stuck(void)
{
	char byte;

	return atomic_load(&bus.blocked[0]) != 0 &&
	    recv(pair[0], &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

static unsigned int
lines_heard(void)
{
	unsigned int	 n = 0;
	const char	*at = got;

	for (; (at = strstr(at, "<alice> x")) != NULL; at++)
		n++;
	return n;
}

int
main(void)
{
	struct reader	r;
	unsigned int	heard, told = 0;
	const char	*error;
	size_t		len;
	pid_t		pid;

	watchdog();
	later = mmap(NULL, sizeof(*later), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(later != MAP_FAILED);
	fresh_bus(&bus, 2, BUS_RING_MIN);
	roster_open(&bus, 1, "unit");
	be(&bus, 1);
	ring_seek_head(&bus, &r);
	flow_follow(&bus, &r);
	memset(got, 'b', 1000);
	for (heard = 0; heard < BEFORE; heard++)
		must(publish(&bus, "before", got) == BUS_OK);
	memset(got, 0, sizeof(got));
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	must(pipe(parent) == 0);
	pid = session(&bus, 0, live);
	say_it_all();
	len = hear(0, is_stuck);
	(void)close(pair[0]);
	atomic_store(later, LATER_MS);
	(void)hear(len, NULL);
	is_num(reap(pid), 0, "a session for which there is no space ends");
	heard = lines_heard();
	ok(heard < LINES, "it has not published all lines");
	error = strstr(got, "!! your last lines, ");
	if (error != NULL)
		(void)sscanf(error, "!! your last lines, %u of them", &told);
	is_num(told, LINES - heard,
	    "its client learns how many were not published");
	ok(strstr(got, "-- goodbye (timed out)\n") != NULL,
	    "and its goodbye does not promise that all were");
	return done();
}
