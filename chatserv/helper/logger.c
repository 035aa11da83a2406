/* SPDX-License-Identifier: ISC */

/*
 * The process that writes the log's file.
 *
 * All processes of a server write to one log.  When the file is moved away and
 * created again, it has to change for all of them at once, but a session can
 * open nothing.  So they send their lines to this process by a socket that
 * they inherit, as they do to the system's log, and only the logger has the
 * file.  No process waits for it: if the disk is slow, the socket fills, and
 * each writer counts the lines that it loses.
 *
 * The logger keeps the user who started the server, because the file's
 * directory rarely admits others; it takes no length or name from a packet,
 * and writes each line as it is.  No signal ends it, since the last lines are
 * those of the end:  it exits when no process has the socket any more.
 *
 * If it is killed, the parent starts another, or the helper if there is one.
 * These keep the end of the socket that it reads, so what was logged meanwhile
 * waits there; and it takes a packet only when it has written it.
 *
 * Runs in the logger; what starts it, in the parent and the helper.
 */

#include <sys/socket.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
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
#define LIFE		(STDERR_FILENO + 1)	/* the pipe, in the logger */

static struct {
	char	name[NAME_MAX + 1];	/* of the file, in: */
	int	directory;
	int	file;		/* as it was at the start */
	int	socket;		/* the end that is read, -1: not ours to read */
	int	life;		/* a pipe that ends with the logger */
	pid_t	pid;
} logger = { "", -1, -1, -1, -1, 0 };

static int
open_file(int directory, const char *name)
{
	return openat(directory, name, O_WRONLY | O_APPEND | O_CREAT |
	    O_NOFOLLOW | O_NOCTTY | O_NONBLOCK, MODE);
}

/* Replace fd by the file that has the name now, if it can be opened. */
static void
open_anew(int directory, const char *name, int fd)
{
	int other = open_file(directory, name);

	if (other == -1)
		return;
	(void)dup2(other, fd);
	(void)close(other);
}

/* Write the time and line in one piece.  Returns whether that succeeded. */
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

static bool
put_lost(int fd, unsigned int lost)
{
	char text[64];

	(void)snprintf(text, sizeof(text), "chatserv: %u %s of the log lost "
	    "here\n", lost, lost == 1 ? "line" : "lines");
	return put(fd, text);
}

/* Take the packet that was looked at away, all of it. */
static void
take(int from)
{
	char c;

	while (recv(from, &c, 1, 0) == -1 && errno == EINTR)
		continue;
}

static void __attribute__((noreturn))
run(int from, int directory, const char *name, int fd)
{
	char		packet[LINE_MAX_SIZE], *line;
	unsigned int	lost = 0;
	ssize_t		n;

	for (;;) {
		/* Whoever comes after us finds what we have not written. */
		n = recv(from, packet, sizeof(packet) - 1, MSG_PEEK);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			_exit(0);
		packet[n] = '\0';
		if (packet[0] == '\n') {
			open_anew(directory, name, fd);
			take(from);
			continue;
		}
		line = strchr(packet, '>');
		if (lost > 0 && put_lost(fd, lost))
			lost = 0;
		if (!put(fd, line == NULL ? packet : line + 1))
			lost++;
		take(from);
	}
}

/* In the new process: keep what a logger needs, as descriptors 0 to 3. */
static void __attribute__((noreturn))
become_logger(int life)
{
	sigset_t	all;
	int		fd = open_file(logger.directory, logger.name);

	if (fd == -1)
		fd = logger.file;
	sigfillset(&all);
	(void)sigprocmask(SIG_BLOCK, &all, NULL);
	/* The file first: it can be none of the numbers after it. */
	if (dup2(fd, STDERR_FILENO) == -1 ||
	    dup2(logger.socket, STDIN_FILENO) == -1 ||
	    dup2(logger.directory, STDOUT_FILENO) == -1 ||
	    dup2(life, LIFE) == -1)
		_exit(1);
	closefrom(LIFE + 1);
	setproctitle("logger");
	run(STDIN_FILENO, STDOUT_FILENO, logger.name, STDERR_FILENO);
}

/* Returns 0, or -1 with errno. */
static int
fork_logger(void)
{
	int fd[2];

	if (pipe(fd) == -1)
		return -1;
	if ((logger.pid = fork()) == 0)
		become_logger(fd[1]);
	(void)close(fd[1]);
	if (logger.life != -1)
		(void)close(logger.life);
	logger.life = fd[0];
	if (logger.pid != -1)
		return 0;
	(void)close(logger.life);
	logger.life = -1;
	return -1;
}

int
logger_start(const char *path)
{
	const char	*name;
	int		 end[2];

	logger.directory = directory_open("cannot log to", path, &name);
	(void)strlcpy(logger.name, name, sizeof(logger.name));
	logger.file = open_file(logger.directory, logger.name);
	if (logger.file == -1)
		fatal("cannot log to %s", path);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, end) == -1)
		fatal("cannot start the logger");
	logger.socket = end[1];
	if (fork_logger() == -1)
		fatal("cannot start the logger");
	return end[0];
}

int
logger_life(void)
{
	return logger.life;
}

void
logger_recover(void)
{
	/* It may be another process's child, and it has ended in any case. */
	while (waitpid(logger.pid, NULL, 0) == -1 && errno == EINTR)
		continue;
	if (fork_logger() == -1)
		log_warn("the logger died, and cannot be started");
	else
		log_info("the logger died; recovered");
}

bool
logger_died(pid_t pid)
{
	if (logger.socket == -1 || pid != logger.pid)
		return false;
	logger_recover();
	return true;
}

void
logger_leave(void)
{
	int *const	fd[] = { &logger.directory, &logger.file,
	    &logger.socket, &logger.life };
	size_t		i;

	for (i = 0; i < sizeof(fd) / sizeof(fd[0]); i++) {
		if (*fd[i] != -1)
			(void)close(*fd[i]);
		*fd[i] = -1;
	}
}
