/* SPDX-License-Identifier: ISC */

/*
 * Measures how long talkers wait for their own echo, while others talk too.
 *
 *	talk host port N ms times
 *
 * N clients, t0, t1 and so on, send a numbered line every ms, in turn, as
 * often as `times` says, and read everything at once.  Prints the median, the
 * 99th percentile and the maximum of the times from a line to its echo, in us.
 */

#include <sys/socket.h>
#include <netinet/tcp.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "tests/chaos/clients.h"

#define TALKERS_MAX	100
#define TIMES_MAX	100000
#define CARRY		5000		/* the longest line, and more */
#define CHUNK		(64 << 10)

struct talker {
	int	fd;
	double	said;			/* when; 0: nothing is awaited */
	int	number;			/* of the line sent */
	int	welcome;
	char	echo[32];		/* as it will come back */
	size_t	carried;
	char	buf[CARRY + CHUNK];
};

static struct talker	 talker[TALKERS_MAX];
static struct pollfd	 pfd[TALKERS_MAX];
static int		 talkers;
static size_t		 times, taken;
static double		 took[TIMES_MAX];

static void
take_line(struct talker *t, const char *line, size_t len)
{
	if (t->said > 0 && len == strlen(t->echo) &&
	    memcmp(line, t->echo, len) == 0) {
		if (taken < TIMES_MAX)
			took[taken++] = now() - t->said;
		t->said = 0;
	} else if (len > 11 && memcmp(line, "-- welcome ", 11) == 0) {
		t->welcome = 1;
	} else if (len > 0 && line[0] == '!') {
		errx(1, "%.*s", (int)len, line);
	}
}

static void
take(struct talker *t)
{
	char	*line, *lf, *end;
	ssize_t	 n = read(t->fd, t->buf + t->carried, CHUNK);

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
		errx(1, "the server closed");
	end = t->buf + t->carried + n;
	for (line = t->buf; (lf = memchr(line, '\n', (size_t)(end - line))) !=
	    NULL; line = lf + 1)
		take_line(t, line, (size_t)(lf - line));
	t->carried = (size_t)(end - line);
	if (t->carried > CARRY)
		errx(1, "a line without end");
	memmove(t->buf, line, t->carried);
}

static void
take_all(double until)
{
	double	left = until - now();
	int	i;

	if (poll(pfd, (nfds_t)talkers, left > 0 ? (int)(left * 1000) + 1 : 0) <=
	    0)
		return;
	for (i = 0; i < talkers; i++)
		if (pfd[i].revents != 0)
			take(&talker[i]);
}

static void
say(struct talker *t, const char *line)
{
	size_t len = strlen(line);

	if (write(t->fd, line, len) != (ssize_t)len)
		err(1, "write");
}

/* Send its next line, unless it still awaits the last echo. */
static void
talk(struct talker *t)
{
	char line[32];

	if (t->said > 0)
		return;
	(void)snprintf(line, sizeof(line), "line %d\n", ++t->number);
	(void)snprintf(t->echo, sizeof(t->echo), "<t%d> line %d",
	    (int)(t - talker), t->number);
	t->said = now();
	say(t, line);
}

static void
come(const struct sockaddr_in *server)
{
	char	name[32];
	int	i, one = 1;

	for (i = 0; i < talkers; i++) {
		if ((talker[i].fd = socket(AF_INET, SOCK_STREAM, 0)) == -1 ||
		    setsockopt(talker[i].fd, IPPROTO_TCP, TCP_NODELAY, &one,
		    sizeof(one)) == -1 || connect(talker[i].fd,
		    (const struct sockaddr *)server, sizeof(*server)) == -1 ||
		    fcntl(talker[i].fd, F_SETFL, O_NONBLOCK) == -1)
			err(1, "connect");
		pfd[i].fd = talker[i].fd;
		pfd[i].events = POLLIN;
		(void)snprintf(name, sizeof(name), "t%d\n", i);
		say(&talker[i], name);
		while (!talker[i].welcome)
			take_all(now() + 1);
	}
}

int
main(int argc, char *argv[])
{
	struct sockaddr_in	server;
	double			next, pause;
	int			i;

	if (argc != 6)
		errx(2, "usage: talk address port N ms times");
	server = address(argv[1], argv[2]);
	talkers = (int)number(argv[3], TALKERS_MAX);
	pause = (double)number(argv[4], 60000) / 1000 / talkers;
	times = (size_t)number(argv[5], TIMES_MAX);
	come(&server);
	for (i = 0, next = now(); taken < times; i++) {
		talk(&talker[i % talkers]);
		for (next += pause; now() < next; )
			take_all(next);
		take_all(0);
	}
	sort(took, taken);
	(void)printf("median %.0f us, 99 of 100 %.0f us, longest %.0f us\n",
	    took[taken / 2] * 1e6, took[taken / 100 * 99] * 1e6,
	    took[taken - 1] * 1e6);
	return 0;
}
