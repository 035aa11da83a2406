/* SPDX-License-Identifier: ISC */

/*
 * Latency: how soon a message arrives at a low rate.
 *
 *	gentle -P port [-p protocol] [-S pid] [-n listeners] [-r rate]
 *	    [-T seconds] [-c cpu]
 *
 * One sender sends rate (100) messages a second, evenly, whether or not the
 * earlier ones have arrived; protocols and CPU are as for fanout.  It prints
 * the time from sending to receipt over all messages and listeners, in
 * milliseconds: p50, p99 and the longest; and the CPU time as fanout does.  The
 * time includes the generator's own reading, as for every server.
 */

#include <stdio.h>
#include <string.h>

#include "ipc/common/bsd.h"
#include "tests/bench/load.h"

#define QUIET	5.0	/* seconds to wait for messages in flight */

static struct load	 load;
static double		*sent_at, *took;
static uint64_t		 messages, sent, delivered;

static void
got(struct load *l, struct conn *c, const char *data, size_t len)
{
	uint64_t	i, lines = (uint64_t)l->protocol->lines;
	double		now = load_now();

	if (c->sender)
		return;
	i = c->lines / lines;
	c->lines += load_count(data, len);
	for (; i < c->lines / lines && i < sent; i++)
		took[delivered++] = (now - sent_at[i]) * 1e3;
}

/* Returns the seconds from the first message to the last receipt. */
static double
run(double rate)
{
	double		began = load_now(), now = began, due, last = began;
	uint64_t	before, all = messages * (uint64_t)load.listeners;

	do {
		due = began + (double)sent / rate;
		if (sent < messages && now >= due) {
			sent_at[sent++] = now;
			load_say(&load, &load.sender[0], 1);
			due = began + (double)sent / rate;
		}
		before = delivered;
		(void)load_wait(&load, sent == messages ? 1000 : now >= due ?
		    0 : (int)((due - now) * 1e3) + 1, got);
		now = load_now();
		if (delivered != before)
			last = now;
	} while (delivered < all && now - last < QUIET);
	return last - began;
}

static void
usage(void)
{
	(void)fputs("usage: gentle -P port [-p protocol] [-S pid] "
	    "[-n listeners] [-r rate]\n\t[-T seconds] [-c cpu]\n", stderr);
	exit(2);
}

static void
report(double span, double server_cpu, double cpu)
{
	uint64_t	all = messages * (uint64_t)load.listeners;
	double		n = (double)delivered;

	(void)printf("n\t%d\tp50\t%.3f\tp99\t%.3f\tlongest\t%.3f\t"
	    "server_us\t%.3f\tserver\t%.3f\tgenerator\t%.3f\trate\t%.1f\t"
	    "lost\t%llu\n", load.listeners,
	    load_part(took, delivered, 0.5), load_part(took, delivered, 0.99),
	    load_part(took, delivered, 1), server_cpu * 1e6 / n,
	    server_cpu / span, cpu / span, (double)sent / span,
	    (unsigned long long)(all - delivered));
}

static void
measure(pid_t server, double rate)
{
	static struct usage	u;
	double			server_cpu, cpu, span;

	sent_at = calloc(messages, sizeof(*sent_at));
	took = calloc(messages * (uint64_t)load.listeners, sizeof(*took));
	if (sent_at == NULL || took == NULL)
		err(1, "calloc");
	load_start(&load);
	if (server != 0)
		usage_find(&u, server);
	server_cpu = usage_cpu(&u);
	cpu = load_cpu();
	span = run(rate);
	cpu = load_cpu() - cpu;
	report(span, usage_cpu(&u) - server_cpu, cpu);
}

int
main(int argc, char *argv[])
{
	const struct protocol	*protocol = protocol_find("chat");
	double			 seconds = 3;
	int			 port = 0, listeners = 100, rate = 100, c;
	int			 pin = (int)sysconf(_SC_NPROCESSORS_ONLN) - 1;
	pid_t			 server = 0;

	while ((c = getopt(argc, argv, "c:n:P:p:r:S:T:")) != -1)
		switch (c) {
		case 'c': pin = load_number(optarg, 0, 1023); break;
		case 'n': listeners = load_number(optarg, 1, 30000); break;
		case 'P': port = load_number(optarg, 1, 65535); break;
		case 'p': protocol = protocol_find(optarg); break;
		case 'r': rate = load_number(optarg, 1, 100000); break;
		case 'S': server = load_number(optarg, 1, INT32_MAX); break;
		case 'T': seconds = load_seconds(optarg); break;
		default: usage();
		}
	if (optind != argc || port == 0)
		usage();
	messages = (uint64_t)(seconds * rate) + 1;
	load_prepare(pin);
	load_open(&load, protocol, port, listeners, 1, messages);
	measure(server, rate);
	load_leave(&load);
	return delivered == messages * (uint64_t)listeners ? 0 : 1;
}
