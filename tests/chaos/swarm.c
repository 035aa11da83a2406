/* SPDX-License-Identifier: ISC */

/*
 * Many ill-behaved connections, from one process.
 *
 *	swarm host port connect N	N at once, each until its first line
 *	swarm host port reset N		N, one after the other, each reset
 *	swarm host port drip N ms	N, each of which sends a byte every ms
 *	swarm host port endless N	one that sends a line of N bytes
 *
 * Each mode prints a line of figures when it is done, and stays until end of
 * file on standard input.  A connection that the server answers with an error
 * (!!) counts as refused, one that ends without a line as lost.
 *
 * The dripped bytes are a name, d0, d1 and so on, and then one message.
 */

#include <sys/socket.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "tests/chaos/clients.h"

#define SWARM_MAX	16000
#define PATIENCE_MS	60000
#define SCRIPT_MAX	32
#define CHUNK		((size_t)64 << 10)

struct client {
	bool	answered;
	size_t	sent;			/* of its script */
	char	script[SCRIPT_MAX];
};

static struct client		 client[SWARM_MAX];
static struct pollfd		 pfd[SWARM_MAX + 1];	/* the last: stdin */
static int			 clients, greeted, refused, lost;
static struct sockaddr_in	 server;

/* Start a connection, which may complete later. */
static int
dial(bool wait)
{
	int fd;

	if ((fd = socket(AF_INET, SOCK_STREAM, 0)) == -1 ||
	    (!wait && fcntl(fd, F_SETFL, O_NONBLOCK) == -1))
		err(1, "socket");
	if (connect(fd, (struct sockaddr *)&server, sizeof(server)) == -1 &&
	    errno != EINPROGRESS)
		err(1, "connect");
	return fd;
}

static void
dial_all(int n)
{
	for (clients = 0; clients < n; clients++) {
		pfd[clients].fd = dial(false);
		pfd[clients].events = POLLIN;
	}
}

/* Its first line says whether it was accepted; the rest is ignored. */
static void
take(int i)
{
	static char	buf[CHUNK];
	ssize_t		n = read(pfd[i].fd, buf, sizeof(buf));

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0 && !client[i].answered) {
		client[i].answered = true;
		if (buf[0] == '!')
			refused++;
		else
			greeted++;
	} else if (n <= 0) {
		if (!client[i].answered)
			lost++;
		client[i].answered = true;
		(void)close(pfd[i].fd);
		pfd[i].fd = -1;
	}
}

/* Read from all for ms at most; false when standard input has ended. */
static bool
take_all(int ms)
{
	int i;

	pfd[clients].fd = STDIN_FILENO;
	pfd[clients].events = POLLIN;
	if (poll(pfd, (nfds_t)clients + 1, ms) <= 0)
		return true;
	for (i = 0; i < clients; i++)
		if (pfd[i].fd != -1 && pfd[i].revents != 0)
			take(i);
	return pfd[clients].revents == 0;
}

static void
await_answers(void)
{
	double begin = now();

	while (greeted + refused + lost < clients) {
		(void)take_all(100);
		if (now() - begin > PATIENCE_MS / 1000.0)
			errx(1, "%d have no answer", clients - greeted -
			    refused - lost);
	}
}

static void
stay(void)
{
	while (take_all(-1))
		continue;
}

static void
swarm_connect(int n)
{
	double begin = now();

	dial_all(n);
	await_answers();
	(void)printf("%d greeted, %d refused, %d lost in %.2f s\n", greeted,
	    refused, lost, now() - begin);
	stay();
}

static void
swarm_reset(int n)
{
	struct linger	hard = { 1, 0 };
	double		begin = now();
	int		fd, i;

	for (i = 0; i < n; i++) {
		fd = dial(true);
		(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard,
		    sizeof(hard));
		(void)close(fd);
	}
	(void)printf("%d reset in %.2f s\n", n, now() - begin);
	stay();
}

/* Send the next byte of each; false when all are done. */
static bool
drop(void)
{
	bool	left = false;
	int	i;

	for (i = 0; i < clients; i++) {
		if (pfd[i].fd == -1 ||
		    client[i].script[client[i].sent] == '\0')
			continue;
		if (write(pfd[i].fd, &client[i].script[client[i].sent], 1) == 1)
			client[i].sent++;
		left = true;
	}
	return left;
}

static void
swarm_drip(int n, int ms)
{
	double	begin, next;
	int	i;

	for (i = 0; i < n; i++)
		(void)snprintf(client[i].script, SCRIPT_MAX, "d%d\nslowly\n",
		    i);
	dial_all(n);
	await_answers();
	begin = next = now();
	while (drop())
		for (next += ms / 1000.0; now() < next; )
			(void)take_all((int)((next - now()) * 1000) + 1);
	(void)printf("%d greeted, %d refused, %d lost, dripped for %.0f s\n",
	    greeted, refused, lost, now() - begin);
	stay();
}

static void
write_all(int fd, const char *s, size_t len)
{
	ssize_t n;

	for (; len > 0; s += n, len -= (size_t)n)
		if ((n = write(fd, s, len)) == -1)
			err(1, "write");
}

/* Read lines until one ends in `last'; returns how many are errors. */
static int
read_until(int fd, const char *last)
{
	char	line[512];
	size_t	len = 0;
	int	errors = 0;

	while (read(fd, line + len, 1) == 1) {
		if (line[len] != '\n') {
			len = len < sizeof(line) - 2 ? len + 1 : len;
			continue;
		}
		line[len] = '\0';
		errors += line[0] == '!';
		if (len >= strlen(last) &&
		    strcmp(line + len - strlen(last), last) == 0)
			return errors;
		len = 0;
	}
	errx(1, "the connection ended");
}

static void
swarm_endless(long long left)
{
	static char	chunk[CHUNK];
	double		begin = now();
	long long	n = left;
	int		errors, fd = dial(true);

	memset(chunk, 'x', sizeof(chunk));
	write_all(fd, "endless\n", 8);
	for (; left > 0; left -= (long long)CHUNK)
		write_all(fd, chunk, left < (long long)CHUNK ? (size_t)left :
		    CHUNK);
	write_all(fd, "\nand after\n", 11);
	errors = read_until(fd, "<endless> and after");
	(void)printf("%d errors for a line of %lld bytes, in %.2f s\n",
	    errors, n, now() - begin);
	stay();
}

int
main(int argc, char *argv[])
{
	const char *what = argc > 4 ? argv[3] : "";

	if (argc < 5 || argc > 6)
		errx(2, "usage: swarm address port what number [ms]");
	server = address(argv[1], argv[2]);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	if (strcmp(what, "reset") == 0)
		swarm_reset((int)number(argv[4], INT32_MAX));
	else if (strcmp(what, "endless") == 0)
		swarm_endless(number(argv[4], INT64_MAX));
	else if (strcmp(what, "connect") == 0)
		swarm_connect((int)number(argv[4], SWARM_MAX));
	else if (strcmp(what, "drip") == 0 && argc == 6)
		swarm_drip((int)number(argv[4], SWARM_MAX),
		    (int)number(argv[5], 60000));
	else
		errx(2, "no such mode: %s", what);
	return 0;
}
