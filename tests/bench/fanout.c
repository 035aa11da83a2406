/* SPDX-License-Identifier: ISC */

/*
 * Fan-out: how many messages a second a server delivers without a loss.
 *
 *	fanout -P port [-p protocol] [-S pid] [-n listeners] [-s senders]
 *	    [-w window] [-m modes] [-T seconds] [-c cpu]
 *
 * To measure chatserv alone, with its log in ./log:
 *
 *	chatserv -m 20000 127.0.0.1 0 2>log &
 *	p=$(sed -n "s/.* port //p;q" log)
 *	tests/bench/fanout -P $p -S $! -n 100 -m fixed -w 64 -T 3
 *
 * Protocols are chat (the default), raw (ncat --broker, ncat --chat), named
 * (raw after a line with a name), redis, nats and irc; -S is the server's
 * process, whose CPU time is counted with its children's.  Each sender has at
 * most window messages in flight; by mode, a message is in flight
 *
 *	all	until the slowest listener has it
 *	fixed	until the first listener has it
 *	late	until the listener that connected last has it; for one sender
 *	echo	until its sender has the echo, if the protocol has one;
 *		otherwise as with fixed
 *
 * Several modes, separated by commas, run one after the other with the same
 * connections; a mode may have its own window, as in all:1024.
 *
 * The generator is one thread on one CPU, the last unless -c names another.  It
 * checks that each line of the first listener is whole, and each sender's next.
 * If all messages have the same size, it only counts the other listeners'
 * bytes, because to copy and check their lines costs more than many a server
 * uses; each listener must receive as many bytes as the first.
 *
 * It prints a line of names and values, separated by tabs, for each mode: rate,
 * deliveries a second, from the first message sent until the last delivered;
 * server_us, the server's CPU time for each delivery; server and generator, the
 * share of one CPU that they used, and others, that of everything else on the
 * machine; lost, torn and odd should be 0.  It fails if any of these is not,
 * and runs no further mode after a loss.
 */

#include <stdio.h>
#include <string.h>

#include "ipc/common/bsd.h"
#include "tests/bench/load.h"

#define SENDERS_MAX	999
#define WINDOW_MAX	65536
#define PARTS_MAX	16
#define QUIET		2.0	/* seconds without data: the rest is lost */
#define BURST		16	/* sent at once, to measure their size */
#define PATIENCE	30.0	/* seconds for the first messages */

enum mode { MODE_ALL, MODE_FIXED, MODE_LATE, MODE_ECHO };

static const char *const mode_names[] = { "all", "fixed", "late", "echo" };

static struct load	 load;
static enum mode	 mode = MODE_ALL;
static uint64_t		 window;
static double		 seconds = 3;

static uint64_t		 sent, delivered, torn;
static uint64_t		 credit[SENDERS_MAX];	/* may be sent at once */
static uint64_t		 next[SENDERS_MAX];	/* expected of each */

/*
 * With MODE_ALL: the senders of the messages that the first listener has and
 * the slowest has not, and how many listeners have how many messages.  Both are
 * rings as long as all windows together.
 */
static uint16_t		*whose;
static int		*have;
static uint64_t		 span, floor_, got_by_first;

static uint64_t		 weight;	/* bytes of a message at a listener */
static double		 began, last;	/* of the load; of a delivery */

static void
everyone_has(uint64_t number)
{
	credit[whose[number % span]]++;
}

static void
advance(uint64_t from, uint64_t to)
{
	if (from == to)
		return;
	have[from % span]--;
	have[to % span]++;
	while (have[floor_ % span] == 0 && floor_ < sent)
		everyone_has(floor_++);
}

/* Check a line of the first listener. */
static void
check(struct load *l, struct conn *c, const char *line, size_t len)
{
	enum load_text	kind;
	uint64_t	number;
	int		sender;

	(void)c;
	if (!load_text(line, len, &kind, &sender, &number) ||
	    kind != LOAD_SAID || sender >= l->senders) {
		if (l->protocol->lines > 1)
			return;
		torn++;
		sender = (int)(got_by_first % (uint64_t)l->senders);
	} else {
		if (number != next[sender])
			torn++;
		next[sender] = number + 1;
	}
	if (mode == MODE_ALL)
		whose[got_by_first % span] = (uint16_t)sender;
	else if (mode == MODE_FIXED ||
	    (mode == MODE_ECHO && !l->protocol->echo))
		credit[sender]++;
	got_by_first++;
}

static void
hear_echo(struct load *l, struct conn *c, const char *line, size_t len)
{
	enum load_text	kind;
	uint64_t	number;
	int		sender;

	(void)l;
	if (load_text(line, len, &kind, &sender, &number) &&
	    sender == c->number)
		credit[sender]++;
}

static void
got(struct load *l, struct conn *c, const char *data, size_t len)
{
	uint64_t before, after, lines = (uint64_t)l->protocol->lines;

	if (c->sender) {
		if (mode == MODE_ECHO && l->protocol->echo)
			load_lines(l, c, data, len, hear_echo);
		return;
	}
	if (c->number == 0)
		load_lines(l, c, data, len, check);
	before = c->lines / lines;
	c->bytes += len;
	if (weight == 0)
		c->lines += load_count(data, len);
	else
		c->lines = c->bytes / weight * lines;
	after = c->lines / lines;
	delivered += after - before;
	if (mode == MODE_ALL)
		advance(before, after);
	else if (mode == MODE_LATE && c->number == l->listeners - 1)
		credit[0] += after - before;
}

static bool
nothing_lost(void)
{
	return delivered == sent * (uint64_t)load.listeners;
}

/* Send what the windows allow, until the time is up. */
static void
say(void)
{
	int i;

	for (i = 0; i < load.senders; i++) {
		if (credit[i] == 0)
			continue;
		sent += credit[i];
		load_say(&load, &load.sender[i], credit[i]);
		credit[i] = 0;
	}
}

/* Restart, with a full window for each sender. */
static void
reset(void)
{
	int i;

	span = window * (uint64_t)load.senders + 1;
	memset(have, 0, span * sizeof(*have));
	have[0] = load.listeners;
	floor_ = got_by_first = sent = delivered = torn = 0;
	for (i = 0; i < load.senders; i++)
		credit[i] = window;
	for (i = 0; i < load.listeners; i++)
		load.listener[i].lines = load.listener[i].bytes = 0;
}

/* The size, at a listener, of n messages that a sender sends at once. */
static uint64_t
bytes_heard(int sender, uint64_t n)
{
	double		limit = load_now() + PATIENCE;
	uint64_t	before = load.listener[0].bytes;

	load_say(&load, &load.sender[sender], n);
	sent += n;
	while (!nothing_lost() && load_now() < limit)
		(void)load_wait(&load, 100, got);
	return load.listener[0].bytes - before;
}

/*
 * If all messages have one size, whichever the sender and however many at once,
 * find it, so that the listeners that need not be checked line by line cost the
 * generator little.
 */
static void
weigh(void)
{
	uint64_t	one;
	bool		alike;
	int		i;

	mode = MODE_FIXED;
	window = 1;
	reset();
	one = bytes_heard(0, 1);
	alike = bytes_heard(0, BURST) == one * BURST;
	for (i = 1; i < load.senders; i++)
		if (bytes_heard(i, 1) != one)
			alike = false;
	weight = alike ? one : 0;
}

static void
run(void)
{
	double		now, end;
	uint64_t	before;
	int		i;

	reset();
	for (i = 1; i < load.listeners; i++)
		load.listener[i].weighed = weight != 0;
	for (i = 0; i < load.senders; i++)
		load.sender[i].weighed = mode != MODE_ECHO;
	began = last = now = load_now();
	end = began + seconds;
	do {
		if (now < end)
			say();
		before = delivered;
		(void)load_wait(&load, 100, got);
		now = load_now();
		if (delivered != before)
			last = now;
	} while ((now < end || delivered < sent * (uint64_t)load.listeners) &&
	    now - last < QUIET);
}

/* Count the listeners that did not get as many bytes as the first. */
static int
odd(void)
{
	int i, n = 0;

	for (i = 1; i < load.listeners; i++)
		n += load.listener[i].bytes != load.listener[0].bytes;
	return n;
}

static bool
report(double server_cpu, double cpu, double everyone)
{
	double	 took = last - began;
	int64_t	 lost = (int64_t)(sent * (uint64_t)load.listeners - delivered);
	int	 o = odd();

	(void)printf("n\t%d\ts\t%d\tmode\t%s\tw\t%d\trate\t%.0f\t"
	    "server_us\t%.4f\tserver\t%.2f\tgenerator\t%.2f\tothers\t%.2f\t"
	    "sent\t%llu\tlost\t%lld\ttorn\t%llu\todd\t%d\n",
	    load.listeners, load.senders, mode_names[mode], (int)window,
	    (double)delivered / took, server_cpu * 1e6 / (double)delivered,
	    server_cpu / took, cpu / took,
	    (everyone - server_cpu - cpu) / took, (unsigned long long)sent,
	    (long long)lost, (unsigned long long)torn, o);
	(void)fflush(stdout);
	return lost == 0 && torn == 0 && o == 0;
}

/* ---- the command line ---- */

struct part {
	enum mode	 mode;
	uint64_t	 window;
};

static struct part	 part[PARTS_MAX];
static int		 parts;

static enum mode
mode_find(const char *name)
{
	enum mode m;

	for (m = MODE_ALL; m <= MODE_ECHO; m++)
		if (strcmp(name, mode_names[m]) == 0)
			return m;
	errx(2, "no such mode: %s", name);
}

/* Parse the modes to run; window is for modes that name none. */
static uint64_t
find_parts(char *list, uint64_t usual, int senders)
{
	uint64_t	 most = 0;
	char		*name, *own;

	while ((name = strsep(&list, ",")) != NULL) {
		if (parts == PARTS_MAX)
			errx(2, "more than %d modes", PARTS_MAX);
		if ((own = strchr(name, ':')) != NULL)
			*own++ = '\0';
		part[parts].mode = mode_find(name);
		if (part[parts].mode == MODE_LATE && senders > 1)
			errx(2, "late is for one sender");
		part[parts].window = own == NULL ? usual :
		    (uint64_t)load_number(own, 1, WINDOW_MAX);
		if (part[parts].window > most)
			most = part[parts].window;
		parts++;
	}
	return most;
}

static void
usage(void)
{
	(void)fputs("usage: fanout -P port [-p protocol] [-S pid] "
	    "[-n listeners] [-s senders]\n"
	    "\t[-w window] [-m modes] [-T seconds] [-c cpu]\n", stderr);
	exit(2);
}

static void
prepare(const struct protocol *protocol, int port, int listeners,
    int senders, uint64_t most)
{
	most *= (uint64_t)senders;
	whose = calloc(most + 1, sizeof(*whose));
	have = calloc(most + 1, sizeof(*have));
	if (whose == NULL || have == NULL)
		err(1, "calloc");
	load_open(&load, protocol, port, listeners, senders,
	    most / (uint64_t)senders + BURST);
	load_start(&load);
}

/* Run all modes; false after an error. */
static bool
run_parts(pid_t server)
{
	static struct usage	u;
	double			server_cpu, cpu, everyone;
	bool			good = true;
	int			i;

	if (server != 0)
		usage_find(&u, server);
	weigh();
	for (i = 0; i < parts && nothing_lost(); i++) {
		mode = part[i].mode;
		window = part[i].window;
		server_cpu = usage_cpu(&u);
		cpu = load_cpu();
		everyone = usage_everyone();
		run();
		everyone = usage_everyone() - everyone;
		cpu = load_cpu() - cpu;
		good = report(usage_cpu(&u) - server_cpu, cpu, everyone) &&
		    good;
	}
	return good;
}

int
main(int argc, char *argv[])
{
	const struct protocol	*protocol = protocol_find("chat");
	char			 usual[] = "all", *modes = usual;
	uint64_t		 own = 64;
	int			 port = 0, listeners = 100, senders = 1, c;
	int			 pin = (int)sysconf(_SC_NPROCESSORS_ONLN) - 1;
	pid_t			 server = 0;
	bool			 good;

	while ((c = getopt(argc, argv, "c:m:n:P:p:S:s:T:w:")) != -1)
		switch (c) {
		case 'c': pin = load_number(optarg, 0, 1023); break;
		case 'm': modes = optarg; break;
		case 'n': listeners = load_number(optarg, 1, 30000); break;
		case 'P': port = load_number(optarg, 1, 65535); break;
		case 'p': protocol = protocol_find(optarg); break;
		case 'S': server = load_number(optarg, 1, INT32_MAX); break;
		case 's': senders = load_number(optarg, 1, SENDERS_MAX); break;
		case 'T': seconds = load_seconds(optarg); break;
		case 'w': own = (uint64_t)load_number(optarg, 1, WINDOW_MAX);
			break;
		default: usage();
		}
	if (optind != argc || port == 0)
		usage();
	load_prepare(pin);
	prepare(protocol, port, listeners, senders,
	    find_parts(modes, own, senders));
	good = run_parts(server);
	load_leave(&load);
	return good ? 0 : 1;
}
