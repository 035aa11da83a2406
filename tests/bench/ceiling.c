/* SPDX-License-Identifier: ISC */

/*
 * The ceiling: one process that only writes the same bytes to all sockets, and
 * the load generator that otherwise reads from a server.
 *
 *	ceiling [-n listeners] [-b batches] [-l bytes] [-T seconds] [-c cpu]
 *
 * For each of the batches, separated by commas (1,4,16,64), it writes that many
 * lines of bytes bytes (94, as for a TSV client) to each listener in turn, and
 * prints the deliveries a second.  No chat server on this machine can be faster
 * with that many lines in each send.
 */

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ipc/common/bsd.h"
#include "tests/bench/load.h"

#define BATCH_MAX	1024
#define LINE_MAX_	1024

static struct load	 load;
static int		*end;		/* the server's, of each connection */
static uint64_t		 delivered;

static void
got(struct load *l, struct conn *c, const char *data, size_t len)
{
	(void)l;
	(void)c;
	delivered += load_count(data, len);
}

static void
enter(struct load *l, struct conn *c)
{
	(void)l;
	(void)c;
}

/* Make connections of which this program has both ends. */
static void
pair(int listeners)
{
	static const struct protocol	 none = { .enter = enter };
	struct sockaddr_in		 sin = { 0 };
	socklen_t			 len = sizeof(sin);
	int				 listener, i;

	sin.sin_family = AF_INET;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if ((listener = socket(AF_INET, SOCK_STREAM, 0)) == -1 ||
	    bind(listener, (struct sockaddr *)&sin, sizeof(sin)) == -1 ||
	    listen(listener, 128) == -1 ||
	    getsockname(listener, (struct sockaddr *)&sin, &len) == -1)
		err(1, "socket");
	load_open(&load, &none, ntohs(sin.sin_port), 0, 0, 0);
	load.listener = calloc((size_t)listeners, sizeof(*load.listener));
	end = calloc((size_t)listeners, sizeof(*end));
	if (load.listener == NULL || end == NULL)
		err(1, "calloc");
	for (i = 0; i < listeners; i++) {
		load_dial(&load, &load.listener[i], i);
		if ((end[i] = accept(listener, NULL, NULL)) == -1)
			err(1, "accept");
	}
	load.listeners = listeners;
	(void)close(listener);
}

/* What the child does until it is killed. */
static void
write_on(size_t batch, size_t line)
{
	static char	data[BATCH_MAX * LINE_MAX_];
	size_t		i;
	int		to;

	/* The reader's end then ends the writer too. */
	for (to = 0; to < load.listeners; to++)
		(void)close(load.listener[to].fd);
	memset(data, '.', batch * line);
	for (i = 1; i <= batch; i++)
		data[i * line - 1] = '\n';
	for (;;)
		for (to = 0; to < load.listeners; to++)
			if (write(end[to], data, batch * line) !=
			    (ssize_t)(batch * line))
				err(1, "write");
}

static void
measure(int batch, int line, double seconds)
{
	double	began, now, cpu;
	pid_t	pid;

	if ((pid = fork()) == -1)
		err(1, "fork");
	if (pid == 0) {
		load_unpin();
		write_on((size_t)batch, (size_t)line);
	}
	delivered = 0;
	cpu = load_cpu();
	began = now = load_now();
	while (now - began < seconds) {
		(void)load_wait(&load, 100, got);
		now = load_now();
	}
	cpu = load_cpu() - cpu;
	(void)printf("n\t%d\tbatch\t%d\trate\t%.0f\tgenerator\t%.2f\n",
	    load.listeners, batch, (double)delivered / (now - began),
	    cpu / (now - began));
	(void)fflush(stdout);
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	/* Let lines in flight arrive before the next batch. */
	while (load_wait(&load, 10, got) > 0)
		;
}

static void
usage(void)
{
	(void)fputs("usage: ceiling [-n listeners] [-b batches] [-l bytes] "
	    "[-T seconds]\n\t[-c cpu]\n", stderr);
	exit(2);
}

int
main(int argc, char *argv[])
{
	char	 usual[] = "1,4,16,64", *batches = usual, *batch;
	double	 seconds = 1;
	int	 listeners = 100, line = 93, c;
	int	 pin = (int)sysconf(_SC_NPROCESSORS_ONLN) - 1;

	while ((c = getopt(argc, argv, "b:c:l:n:T:")) != -1)
		switch (c) {
		case 'b': batches = optarg; break;
		case 'c': pin = load_number(optarg, 0, 1023); break;
		case 'l': line = load_number(optarg, 1, LINE_MAX_); break;
		case 'n': listeners = load_number(optarg, 1, 30000); break;
		case 'T': seconds = load_seconds(optarg); break;
		default: usage();
		}
	if (optind != argc)
		usage();
	load_prepare(pin);
	pair(listeners);
	while ((batch = strsep(&batches, ",")) != NULL)
		measure(load_number(batch, 1, BATCH_MAX), line, seconds);
	return 0;
}
