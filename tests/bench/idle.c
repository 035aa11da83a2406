/* SPDX-License-Identifier: ISC */

/*
 * What a crowd costs, and how soon a message reaches all of it.
 *
 *	idle -P port -S pid [-p protocol] [-n listeners] [-t times] [-c cpu]
 *
 * It prints the KiB of memory that each listener takes after three seconds of
 * silence: in the server's processes (own), and including the kernel's memory,
 * with both ends of each connection (all); and in milliseconds, as the median
 * of several times (20), when the first, the median and the last listener had a
 * message to all, with the shortest and the longest time of the last.
 */

#include <stdio.h>
#include <string.h>

#include "ipc/common/bsd.h"
#include "tests/bench/load.h"

#define TIMES_MAX	1000
#define PATIENCE_MS	30000
#define ALONE		3	/* seconds */

static struct load	 load;
static double		*when;
static int		 had;
static uint64_t		 said;

static void
got(struct load *l, struct conn *c, const char *data, size_t len)
{
	uint64_t lines = (uint64_t)l->protocol->lines;
	uint64_t before = c->lines / lines;

	if (c->sender)
		return;
	c->lines += load_count(data, len);
	if (before < said && c->lines / lines >= said)
		when[had++] = load_now();
}

static void
tell(int times)
{
	static double	first[TIMES_MAX], middle[TIMES_MAX], last[TIMES_MAX];
	double		began;
	size_t		n = (size_t)times;
	int		i;

	for (i = 0; i < times; i++) {
		had = 0;
		said++;
		began = load_now();
		load_say(&load, &load.sender[0], 1);
		while (had < load.listeners)
			if (load_wait(&load, PATIENCE_MS, got) == 0)
				errx(1, "some listeners wait in vain");
		first[i] = (when[0] - began) * 1e3;
		middle[i] = (when[had / 2] - began) * 1e3;
		last[i] = (when[had - 1] - began) * 1e3;
	}
	(void)printf("\tfirst\t%.3f\tmiddle\t%.3f\tlast\t%.3f\t"
	    "quickest\t%.3f\tslowest\t%.3f\n", load_part(first, n, 0.5),
	    load_part(middle, n, 0.5), load_part(last, n, 0.5),
	    load_part(last, n, 0), load_part(last, n, 1));
}

static void
usage(void)
{
	(void)fputs("usage: idle -P port -S pid [-p protocol] [-n listeners] "
	    "[-t times]\n\t[-c cpu]\n", stderr);
	exit(2);
}

static void
measure(const struct protocol *protocol, int port, pid_t server,
    int listeners)
{
	static struct usage	u;
	double			kernel, own;

	if ((when = calloc((size_t)listeners, sizeof(*when))) == NULL)
		err(1, "calloc");
	usage_find(&u, server);
	own = usage_memory(&u);
	kernel = usage_kernel();
	load_open(&load, protocol, port, listeners, 1, TIMES_MAX);
	load_start(&load);
	/* Clients are idle after some time alone. */
	(void)sleep(ALONE);
	/* Reading /proc takes memory too. */
	kernel = usage_kernel() - kernel;
	usage_find(&u, server);
	own = usage_memory(&u) - own;
	(void)printf("n\t%d\town\t%.2f\tall\t%.2f", listeners,
	    own / listeners, (own + kernel) / listeners);
}

int
main(int argc, char *argv[])
{
	const struct protocol	*protocol = protocol_find("chat");
	int			 port = 0, listeners = 1000, times = 20, c;
	int			 pin = (int)sysconf(_SC_NPROCESSORS_ONLN) - 1;
	pid_t			 server = 0;

	while ((c = getopt(argc, argv, "c:n:P:p:S:t:")) != -1)
		switch (c) {
		case 'c': pin = load_number(optarg, 0, 1023); break;
		case 'n': listeners = load_number(optarg, 1, 30000); break;
		case 'P': port = load_number(optarg, 1, 65535); break;
		case 'p': protocol = protocol_find(optarg); break;
		case 'S': server = load_number(optarg, 1, INT32_MAX); break;
		case 't': times = load_number(optarg, 1, TIMES_MAX); break;
		default: usage();
		}
	if (optind != argc || port == 0 || server == 0)
		usage();
	load_prepare(pin);
	measure(protocol, port, server, listeners);
	tell(times);
	load_leave(&load);
	return 0;
}
