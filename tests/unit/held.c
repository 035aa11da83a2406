/* SPDX-License-Identifier: ISC */

/*
 * A session from whose address too many have joined: it is told so, once, and
 * joins after the wait.  The parent decides how long; see tests/unit/limit.c.
 */

#include <sys/socket.h>
#include <string.h>

#include "chatserv/session/session.h"
#include "ipc/common/bsd.h"
#include "tests/unit/bus.h"

#define HOLD_MS		400
#define NAMING_MS	30000

static struct bus bus;

/* What the session sends up to this word. */
static const char *
hear_until(int fd, const char *word)
{
	static char	heard[4096];
	size_t		len = 0;
	ssize_t		n;

	do {
		n = read(fd, heard + len, sizeof(heard) - 1 - len);
		must(n > 0);
		len += (size_t)n;
		heard[len] = '\0';
	} while (strstr(heard, word) == NULL);
	return heard;
}

int
main(void)
{
	struct peer	 peer = { .name = "unit", .origin = "192.0.2.1",
	    .hold_ms = HOLD_MS };
	const char	*heard, *told;
	uint64_t	 begun;
	int		 fd[2], parent_fd[2];
	pid_t		 pid;

	watchdog();
	fresh_bus(&bus, 2, BUS_RING_MIN);
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == 0 &&
	    pipe(parent_fd) == 0);
	must(fcntl(fd[1], F_SETFL, O_NONBLOCK) == 0);
	roster_open(&bus, 0, peer.origin);
	begun = bus_now();
	must((pid = fork()) != -1);
	if (pid == 0) {
		(void)close(fd[0]);
		(void)close(parent_fd[1]);
		roster_enter(&bus, 0);
		session_run(&bus, fd[1], parent_fd[0], &peer, NAMING_MS);
		_exit(0);
	}
	(void)close(fd[1]);
	must(write(fd[0], "bob\nsaid\n!quit\n", 15) == 15);
	heard = hear_until(fd[0], "goodbye");
	ok(bus_now() - begun >= HOLD_MS, "it does not join before its time");
	told = strstr(heard, "-- too many have joined from your address");
	ok(told != NULL && told < strstr(heard, "-- welcome bob"),
	    "it is told that it waits");
	ok(told != NULL && strstr(told + 1, "-- many") == NULL, "once");
	ok(strstr(heard, "<bob> said") != NULL,
	    "and what it said meanwhile is published");
	(void)close(fd[0]);
	is_num(reap(pid), 0, "and it ends in order");
	return done();
}
