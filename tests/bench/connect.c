/* SPDX-License-Identifier: ISC */

/*
 * For scripts that start servers.
 *
 *	connect			prints a free port of 127.0.0.1
 *	connect port pid	waits until a server accepts connections there;
 *				fails when that process has ended, or after 20
 *				seconds
 *	connect idle pid	waits until that process and its children are
 *				idle, at most 20 seconds
 */

#include <sys/socket.h>
#include <netinet/in.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ipc/common/bsd.h"
#include "tests/bench/load.h"

#define TRIES	2000
#define PAUSE	10000000	/* nanoseconds */
#define LOOK	20000000

static int
tcp(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd == -1)
		err(1, "socket");
	return fd;
}

static void
print_free(struct sockaddr_in *sin)
{
	socklen_t	len = sizeof(*sin);
	int		fd = tcp();

	if (bind(fd, (struct sockaddr *)sin, len) == -1 ||
	    getsockname(fd, (struct sockaddr *)sin, &len) == -1)
		err(1, "bind");
	(void)printf("%d\n", ntohs(sin->sin_port));
}

/* Idle processes run for less than a fiftieth of some time. */
static void
wait_idle(pid_t pid)
{
	struct timespec		look = { 0, LOOK };
	static struct usage	u;
	double			cpu = -1, before;
	int			i, quiet = 0;

	for (i = 0; i < TRIES / 2 && quiet < 3; i++) {
		before = cpu;
		usage_find(&u, pid);
		cpu = usage_cpu(&u);
		quiet = cpu - before < LOOK / 50e9 && cpu >= before ?
		    quiet + 1 : 0;
		(void)nanosleep(&look, NULL);
	}
}

int
main(int argc, char *argv[])
{
	struct sockaddr_in	sin = { 0 };
	struct timespec		pause = { 0, PAUSE };
	pid_t			pid;
	int			fd, i;

	sin.sin_family = AF_INET;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (argc == 1) {
		print_free(&sin);
		return 0;
	}
	if (argc != 3)
		errx(2, "usage: connect [port | idle pid]");
	pid = load_number(argv[2], 1, INT32_MAX);
	if (strcmp(argv[1], "idle") == 0) {
		wait_idle(pid);
		return 0;
	}
	sin.sin_port = htons((in_port_t)load_number(argv[1], 1, 65535));
	for (i = 0; i < TRIES; i++) {
		fd = tcp();
		if (connect(fd, (struct sockaddr *)&sin, sizeof(sin)) == 0)
			return 0;
		(void)close(fd);
		if (kill(pid, 0) == -1)
			err(1, "process %d", (int)pid);
		(void)nanosleep(&pause, NULL);
	}
	errx(1, "no server at port %s", argv[1]);
}
