/* SPDX-License-Identifier: ISC */

/*
 * Connection churn: clients connect, join, receive a message, and leave.
 *
 *	churn -P port [-p protocol] [-S pid] [-a at_once] [-T seconds]
 *	    [-c cpu]
 *
 * At any time at_once (8) clients are connecting; a client that stays sends a
 * message whenever one has joined, and a client that receives one closes its
 * connection.  Protocols and CPU are as for fanout.  It prints the clients
 * that it served in a second.
 */

#include <stdio.h>
#include <string.h>

#include "ipc/common/bsd.h"
#include "tests/bench/load.h"

#define VISITORS_MAX	1024
#define AGAIN_MS	2	/* send again: a client may not have joined */
#define QUIET		5.0
#define WINDOW		65536

static struct load	 load;
static struct conn	 visitor[VISITORS_MAX];
static int		 at_once = 8, number;
static uint64_t		 clients;
static bool		 someone_waits;		/* for a message */

static void
hear(struct load *l, struct conn *c, const char *line, size_t len)
{
	enum load_text	kind;
	uint64_t	which;
	int		sender;
	bool		was_in = c->entered;

	if (load_text(line, len, &kind, &sender, &which))
		c->heard = true;
	else
		load_hear_entering(l, c, line, len);
	if (c->entered && !was_in)
		someone_waits = true;
}

static void
serve(struct conn *c)
{
	load_dial(&load, c, number++);
	if (c->entered)
		someone_waits = true;
}

static void
got(struct load *l, struct conn *c, const char *data, size_t len)
{
	if (c->sender)
		return;
	load_lines(l, c, data, len, hear);
	if (c->heard && c->entered) {
		clients++;
		load_drop(c);
		serve(c);
	}
}

/* Returns the seconds that it took. */
static double
run(double seconds)
{
	double		began = load_now(), last = began, now;
	uint64_t	before;
	int		i;

	for (i = 0; i < at_once; i++)
		serve(&visitor[i]);
	do {
		if (someone_waits) {
			someone_waits = false;
			load_say(&load, &load.sender[0], 1);
		}
		before = clients;
		if (load_wait(&load, AGAIN_MS, got) == 0)
			someone_waits = true;
		now = load_now();
		if (clients != before)
			last = now;
		if (now - last > QUIET)
			errx(1, "the clients wait in vain");
	} while (now - began < seconds);
	return now - began;
}

static void
usage(void)
{
	(void)fputs("usage: churn -P port [-p protocol] [-S pid] "
	    "[-a at_once]\n\t[-T seconds] [-c cpu]\n", stderr);
	exit(2);
}

static void
measure(pid_t server, double seconds)
{
	static struct usage	u;
	double			server_cpu, cpu, took;

	if (server != 0)
		usage_find(&u, server);
	server_cpu = usage_cpu(&u);
	cpu = load_cpu();
	took = run(seconds);
	(void)printf("at_once\t%d\trate\t%.0f\tserver\t%.2f\t"
	    "generator\t%.2f\n", at_once, (double)clients / took,
	    (usage_cpu(&u) - server_cpu) / took, (load_cpu() - cpu) / took);
}

int
main(int argc, char *argv[])
{
	const struct protocol	*protocol = protocol_find("chat");
	double			 seconds = 3;
	int			 port = 0, c;
	int			 pin = (int)sysconf(_SC_NPROCESSORS_ONLN) - 1;
	pid_t			 server = 0;

	while ((c = getopt(argc, argv, "a:c:P:p:S:T:")) != -1)
		switch (c) {
		case 'a': at_once = load_number(optarg, 1, VISITORS_MAX);
			break;
		case 'c': pin = load_number(optarg, 0, 1023); break;
		case 'P': port = load_number(optarg, 1, 65535); break;
		case 'p': protocol = protocol_find(optarg); break;
		case 'S': server = load_number(optarg, 1, INT32_MAX); break;
		case 'T': seconds = load_seconds(optarg); break;
		default: usage();
		}
	if (optind != argc || port == 0)
		usage();
	load_prepare(pin);
	load_open(&load, protocol, port, 0, 1, WINDOW);
	measure(server, seconds);
	return 0;
}
