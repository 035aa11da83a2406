/* SPDX-License-Identifier: ISC */

/*
 * The process that writes the log's file.
 *
 * All processes of a server write to one log, and a file that is moved away
 * and made anew has to change for all of them at once, while a session can
 * open nothing.  So they send their lines to this process by a socket that
 * they have from their birth, as they do to the system's log, and this one
 * alone has the file.  Nobody waits for it: where the disk is slow, the socket
 * fills, and its writers count what they lose.
 *
 * It keeps the user whom the server was started as, for the file's directory
 * seldom lets others in; it takes no length or name from a packet, and writes
 * what comes as it is.  No signal ends it, because the last lines are those of
 * the end: it ends when nobody has the socket any more.
 *
 * Runs in the logger.
 */

#include <sys/socket.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "chatserv/common/log.h"
#include "chatserv/helper/logger.h"
#include "chatserv/parent/directory.h"
#include "ipc/common/bsd.h"

#define LINE_MAX_SIZE	1024
#define MODE		0640

static int
open_file(int directory, const char *name)
{
	return openat(directory, name, O_WRONLY | O_APPEND | O_CREAT |
	    O_NOFOLLOW | O_NOCTTY | O_NONBLOCK, MODE);
}

/* Another file of that name takes the place of fd, if it can be had. */
static void
open_anew(int directory, const char *name, int fd)
{
	int other = open_file(directory, name);

	if (other == -1)
		return;
	(void)dup2(other, fd);
	(void)close(other);
}

/* Write the time and line as one piece.  Returns whether that was possible. */
static bool
put(int fd, const char *line)
{
	char		text[LINE_MAX_SIZE + 64];
	struct tm	tm;
	time_t		now = time(NULL);
	size_t		n = 0;

	if (localtime_r(&now, &tm) != NULL)
		n = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S%z ", &tm);
	text[n] = '\0';
	n = strlcat(text, line, sizeof(text));
	return write(fd, text, n) == (ssize_t)n;
}

static void __attribute__((noreturn))
run(int from, int directory, const char *name, int fd)
{
	char		packet[LINE_MAX_SIZE], text[64], *line;
	unsigned int	lost = 0;
	ssize_t		n;

	for (;;) {
		n = recv(from, packet, sizeof(packet) - 1, 0);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			_exit(0);
		packet[n] = '\0';
		if (packet[0] == '\n') {
			open_anew(directory, name, fd);
			continue;
		}
		line = strchr(packet, '>');
		(void)snprintf(text, sizeof(text), "chatserv: %u %s of the "
		    "log lost here\n", lost, lost == 1 ? "line" : "lines");
		if (lost > 0 && put(fd, text))
			lost = 0;
		if (!put(fd, line == NULL ? packet : line + 1))
			lost++;
	}
}

int
logger_start(const char *path)
{
	const char	*name;
	int		 end[2], directory, fd;
	sigset_t	 all;
	pid_t		 pid;

	directory = directory_open("cannot log to", path, &name);
	if ((fd = open_file(directory, name)) == -1)
		fatal("cannot log to %s", path);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, end) == -1 ||
	    (pid = fork()) == -1)
		fatal("cannot start the logger");
	if (pid == 0) {
		sigfillset(&all);
		(void)sigprocmask(SIG_BLOCK, &all, NULL);
		(void)close(end[0]);
		/* The file first: it can be none of the numbers after it. */
		if ((fd = dup2(fd, STDERR_FILENO)) == -1 ||
		    (end[1] = dup2(end[1], STDIN_FILENO)) == -1 ||
		    (directory = dup2(directory, STDOUT_FILENO)) == -1)
			_exit(1);
		closefrom(STDERR_FILENO + 1);
		setproctitle("logger");
		run(end[1], directory, name, fd);
	}
	(void)close(end[1]);
	(void)close(directory);
	(void)close(fd);
	return end[0];
}
