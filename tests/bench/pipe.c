/* SPDX-License-Identifier: ISC */

/*
 * A file, piped through one client to others.
 *
 *	pipe -l lines -b bytes [-S pid] [-n receivers] sender receiver
 *
 * Sender and receiver are commands.  The program starts the receivers, then the
 * sender; a receiver is done when it ends or has written bytes bytes, which
 * Linux reports for any process, so that its output can be /dev/null.  It
 * prints the lines a second, until the last receiver is done and the sender has
 * ended, and the CPU time of the server (-S) and of all clients for each line
 * and receiver.
 */

#include <sys/wait.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ipc/common/bsd.h"
#include "tests/bench/load.h"

#define RECEIVERS_MAX	1000
#define PATIENCE	120.0
#define LOOK		2000000		/* nanoseconds between looks */
#define SETTLE		1		/* seconds, for receivers to join */

static pid_t	receiver[RECEIVERS_MAX];
static bool	through[RECEIVERS_MAX];

static pid_t
start(const char *command)
{
	char	line[1024];
	pid_t	pid;

	(void)snprintf(line, sizeof(line), "exec %s", command);
	if ((pid = fork()) == -1)
		err(1, "fork");
	if (pid == 0) {
		(void)execl("/bin/sh", "sh", "-c", line, (char *)NULL);
		err(127, "sh");
	}
	return pid;
}

/* Whether this child has ended; it must have succeeded. */
static bool
ended(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, WNOHANG) != pid)
		return false;
	if (status != 0)
		errx(1, "a client ended with status %#x", (unsigned)status);
	return true;
}

static bool
wrote(pid_t pid, unsigned long long bytes)
{
	char			 path[32], line[64];
	unsigned long long	 n = 0;
	FILE			*f;

	(void)snprintf(path, sizeof(path), "/proc/%d/io", (int)pid);
	if ((f = fopen(path, "r")) == NULL)
		return false;
	while (fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, "wchar: ", 7) == 0)
			n = strtoull(line + 7, NULL, 10);
	(void)fclose(f);
	return n >= bytes;
}

/* Returns the seconds that it took. */
static double
run(const char *sender, int n, unsigned long long bytes)
{
	struct timespec	look = { 0, LOOK };
	double		began = load_now();
	pid_t		pid = start(sender);
	int		i, left = n + 1;
	bool		sent = false;

	while (left > 0) {
		(void)nanosleep(&look, NULL);
		if (!sent && ended(pid)) {
			sent = true;
			left--;
		}
		for (i = 0; i < n; i++) {
			if (through[i])
				continue;
			/* A process that has ended needs no signal. */
			if (ended(receiver[i]))
				receiver[i] = 0;
			else if (!wrote(receiver[i], bytes))
				continue;
			through[i] = true;
			left--;
		}
		if (load_now() - began > PATIENCE)
			errx(1, "%d clients wait in vain", left);
	}
	return load_now() - began;
}

static void
stop(void)
{
	int i;

	for (i = 0; i < RECEIVERS_MAX; i++)
		if (receiver[i] != 0) {
			(void)kill(receiver[i], SIGTERM);
			(void)waitpid(receiver[i], NULL, 0);
		}
}

static void
usage(void)
{
	(void)fputs("usage: pipe -l lines -b bytes [-S pid] [-n receivers] "
	    "sender receiver\n", stderr);
	exit(2);
}

int
main(int argc, char *argv[])
{
	static struct usage	u, own;
	double			server_cpu, took, deliveries;
	int			lines = 0, bytes = 0, receivers = 1, c, i;
	pid_t			server = 0;

	while ((c = getopt(argc, argv, "b:l:n:S:")) != -1)
		switch (c) {
		case 'b': bytes = load_number(optarg, 1, INT32_MAX); break;
		case 'l': lines = load_number(optarg, 1, INT32_MAX); break;
		case 'n': receivers = load_number(optarg, 1, RECEIVERS_MAX);
			break;
		case 'S': server = load_number(optarg, 1, INT32_MAX); break;
		default: usage();
		}
	if (optind + 2 != argc || lines == 0 || bytes == 0)
		usage();
	(void)atexit(stop);
	for (i = 0; i < receivers; i++)
		receiver[i] = start(argv[optind + 1]);
	(void)sleep(SETTLE);
	if (server != 0)
		usage_find(&u, server);
	server_cpu = usage_cpu(&u);
	took = run(argv[optind], receivers, (unsigned long long)bytes);
	server_cpu = usage_cpu(&u) - server_cpu;
	stop();
	memset(receiver, 0, sizeof(receiver));
	usage_find(&own, getpid());
	deliveries = (double)lines * receivers;
	(void)printf("n\t%d\trate\t%.0f\tserver_us\t%.4f\tclients_us\t%.4f\n",
	    receivers, lines / took, server_cpu * 1e6 / deliveries,
	    usage_cpu(&own) * 1e6 / deliveries);
	return 0;
}
