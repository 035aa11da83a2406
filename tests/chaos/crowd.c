/* SPDX-License-Identifier: ISC */

/*
 * A crowd of clients in one process, to measure what a large room costs.
 *
 *	crowd host port
 *
 * Reads commands from standard input, one per line, and answers each with one
 * line:
 *
 *	connect N	connect until there are N clients, each greeted
 *	name		name those that have no name, until each is welcomed;
 *			then send one message and wait until all have it
 *	tell N		send N messages from the first client, each when
 *			all have the one before
 *
 * It exits at end of file.  On the loopback interface the clients use eight
 * addresses, because one has too few ports.
 */

#include <sys/resource.h>
#include <sys/socket.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "tests/chaos/clients.h"

#define CROWD_MAX	32000
#define ADDRESSES	8
#define AT_ONCE		256	/* connections being established */
#define CARRY		512	/* longest line to expect */
#define GREETING	2	/* lines */
#define PATIENCE_MS	60000

struct client {
	int		 fd;
	uint32_t	 lines;		/* seen in all */
	uint32_t	 messages;	/* among them */
	bool		 welcome;
	size_t		 carried;
	char		 carry[CARRY];
};

static struct client		 client[CROWD_MAX];
static int			 clients, named;
static bool			 coming_in;	/* and announced to all */
static uint32_t			 messages;	/* sent so far */
static struct sockaddr_in	 server;

static void
dial(struct client *c, int number)
{
	struct sockaddr_in from = { 0 };

	from.sin_family = AF_INET;
	from.sin_addr.s_addr =
	    htonl(INADDR_LOOPBACK + (uint32_t)(number % ADDRESSES));
	if ((c->fd = socket(AF_INET, SOCK_STREAM, 0)) == -1)
		err(1, "client %d: socket", number);
	if ((ntohl(server.sin_addr.s_addr) >> 24) == 127 &&
	    bind(c->fd, (struct sockaddr *)&from, sizeof(from)) == -1)
		err(1, "client %d: bind", number);
	if (fcntl(c->fd, F_SETFL, O_NONBLOCK) == -1)
		err(1, "client %d: fcntl", number);
	if (connect(c->fd, (struct sockaddr *)&server, sizeof(server)) == -1 &&
	    errno != EINPROGRESS)
		err(1, "client %d: connect", number);
}

/* Count a line from the server. */
static void
take_line(struct client *c, const char *line)
{
	const char *kind = strchr(line, '\t');

	c->lines++;
	if (line[0] == '!' || strncmp(line, "-\terr\t", 6) == 0)
		errx(1, "client %d: %s", (int)(c - client), line);
	if (kind != NULL && strncmp(kind, "\tmsg\t", 5) == 0)
		c->messages++;
	else if (strncmp(line, "-\thello\t", 8) == 0)
		c->welcome = true;
}

static void
take(struct client *c)
{
	static char	 buf[CARRY + (64 << 10) + 1];
	char		*line, *end, *lf;
	ssize_t		 n;

	memcpy(buf, c->carry, c->carried);
	n = read(c->fd, buf + c->carried, sizeof(buf) - 1 - CARRY);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
		errx(1, "client %d: the server closed", (int)(c - client));
	end = buf + c->carried + n;
	*end = '\0';
	for (line = buf; (lf = strchr(line, '\n')) != NULL; line = lf + 1) {
		*lf = '\0';
		take_line(c, line);
	}
	c->carried = (size_t)(end - line);
	if (c->carried > CARRY)
		errx(1, "client %d: a line without end", (int)(c - client));
	memcpy(c->carry, line, c->carried);
}

static bool
greeted(const struct client *c)
{
	return c->lines >= GREETING;
}

static bool
welcomed(const struct client *c)
{
	return c->welcome;
}

static bool
up_to_date(const struct client *c)
{
	return c->messages >= messages;
}

/*
 * Read until at most `left` of client[from..to) lack what done() asks for.
 * when[] gets the times at which the others got it, in order.  Clients with a
 * name are told of each join, so this reads from them as well.
 */
static void
wait_for(int from, int to, bool (*done)(const struct client *), int left,
    double *when)
{
	static struct pollfd	 pfd[CROWD_MAX];
	static int		 who[CROWD_MAX];
	int			 i, keep, n = 0, had = 0, lack = 0;
	bool			 had_it;

	for (i = 0; i < to; i++) {
		if (i >= from && !done(&client[i]))
			lack++;
		else if (!coming_in)
			continue;
		pfd[n].fd = client[i].fd;
		pfd[n].events = POLLIN;
		who[n++] = i;
	}
	while (lack > left) {
		if (poll(pfd, (nfds_t)n, PATIENCE_MS) <= 0)
			errx(1, "%d clients wait in vain, one is %d", lack,
			    who[0]);
		for (i = keep = 0; i < n; i++) {
			had_it = who[i] < from || done(&client[who[i]]);
			if (pfd[i].revents != 0)
				take(&client[who[i]]);
			if (!had_it && done(&client[who[i]])) {
				lack--;
				if (when != NULL)
					when[had++] = now();
				if (!coming_in)
					continue;
			}
			pfd[keep] = pfd[i];
			who[keep++] = who[i];
		}
		n = keep;
	}
}

static void
say(struct client *c, const char *line)
{
	size_t len = strlen(line);

	if (write(c->fd, line, len) != (ssize_t)len)
		err(1, "client %d: write", (int)(c - client));
}

static void
tell_all(double *when)
{
	messages++;
	say(&client[0], "is everyone here?\n");
	wait_for(0, named, up_to_date, 0, when);
}

/* ---- commands ---- */

static void
order_connect(int wanted)
{
	double	begin = now();
	int	first = clients;

	while (clients < wanted) {
		dial(&client[clients], clients);
		clients++;
		/* The listening socket's queue is finite. */
		wait_for(first, clients, greeted, AT_ONCE, NULL);
	}
	wait_for(first, clients, greeted, 0, NULL);
	(void)printf("connected %d in %.3f s, %.0f a second\n",
	    clients - first, now() - begin,
	    (clients - first) / (now() - begin));
}

static void
order_name(void)
{
	char	line[64];
	double	begin = now(), welcome;
	int	first = named, i;

	coming_in = true;
	for (i = first; i < clients; i++) {
		(void)snprintf(line, sizeof(line), "!tsv\nc%d\n", i);
		say(&client[i], line);
		client[i].messages = messages;
		if (i % AT_ONCE == 0)
			wait_for(first, i + 1, welcomed, AT_ONCE, NULL);
	}
	named = clients;
	wait_for(first, named, welcomed, 0, NULL);
	welcome = now() - begin;
	tell_all(NULL);
	coming_in = false;
	(void)printf("named %d in %.3f s, all knew after %.3f s\n",
	    named - first, welcome, now() - begin);
}

static double
median(double *x, int n)
{
	sort(x, (size_t)n);
	return x[n / 2];
}

static void
order_tell(int times)
{
	static double	when[CROWD_MAX], first[1000], middle[1000], last[1000];
	double		begin;
	int		i;

	if (times > 1000 || times < 1 || named < 1)
		errx(2, "tell: 1 to 1000, to some");
	for (i = 0; i < times; i++) {
		begin = now();
		tell_all(when);
		first[i] = (when[0] - begin) * 1e3;
		middle[i] = (when[named / 2] - begin) * 1e3;
		last[i] = (when[named - 1] - begin) * 1e3;
	}
	(void)printf("told %d, %d times: first %.2f, median %.2f, "
	    "last %.2f ms\n", named, times, median(first, times),
	    median(middle, times), median(last, times));
}

static void
order(char *line)
{
	char	*arg = strchr(line, ' ');
	int	 n = 0;

	if (arg != NULL) {
		*arg++ = '\0';
		n = (int)number(arg, CROWD_MAX);
	}
	if (strcmp(line, "connect") == 0)
		order_connect(n);
	else if (strcmp(line, "name") == 0)
		order_name();
	else if (strcmp(line, "tell") == 0)
		order_tell(n);
	else
		errx(2, "no such command: %s", line);
	(void)fflush(stdout);
}

int
main(int argc, char *argv[])
{
	struct rlimit	files;
	char		line[64];

	if (argc != 3)
		errx(2, "usage: crowd host port");
	server = address(argv[1], argv[2]);
	if (getrlimit(RLIMIT_NOFILE, &files) == -1)
		err(1, "getrlimit");
	files.rlim_cur = files.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &files);
	while (fgets(line, sizeof(line), stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		order(line);
	}
	return 0;
}
