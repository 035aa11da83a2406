/* SPDX-License-Identifier: ISC */

/*
 * Starts a chatserv for a test.
 *
 * The server has a process group of its own, and its log is a pipe that all of
 * its processes hold open: when that ends, all of them have exited.
 */

#include <sys/mman.h>
#include <sys/wait.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipc/common/bsd.h"
#include "tests/chaos/server.h"

#define ARGUMENTS	16
#define OPTIONS		256

static void
become_server(const char *options, int log_fd)
{
	const char	*program = getenv("CHATSERV");
	char		 copy[OPTIONS], *rest = copy, *argv[ARGUMENTS];
	int		 argc = 0, null;

	if (program == NULL)
		program = "chatserv/chatserv";
	(void)strlcpy(copy, options, sizeof(copy));
	argv[argc++] = strdup(program);
	while (rest != NULL && *rest != '\0' && argc < ARGUMENTS - 3)
		argv[argc++] = strsep(&rest, " ");
	argv[argc++] = strdup("127.0.0.1");
	argv[argc++] = strdup("0");
	argv[argc] = NULL;
	(void)setpgid(0, 0);
	if ((null = open("/dev/null", O_RDONLY)) == -1 ||
	    dup2(null, STDIN_FILENO) == -1 ||
	    dup2(log_fd, STDOUT_FILENO) == -1 ||
	    dup2(log_fd, STDERR_FILENO) == -1)
		_exit(126);
	closefrom(STDERR_FILENO + 1);
	(void)execv(program, argv);
	_exit(127);
}

void
server_start(struct server *s, const char *options)
{
	int fd[2];

	memset(s, 0, sizeof(*s));
	if (pipe(fd) == -1 || fcntl(fd[0], F_SETFL, O_NONBLOCK) == -1 ||
	    (s->pid = fork()) == -1)
		err(1, "cannot start a server");
	if (s->pid == 0)
		become_server(options, fd[1]);
	(void)close(fd[1]);
	s->log_fd = fd[0];
	line_in_init(&s->log, s->buf, sizeof(s->buf), SERVER_LOG_LINE, false);
}

void
server_watch(struct server *s, struct watch *w)
{
	s->log_at = s->log.eof ? -1 : watch_add(w, s->log_fd, POLLIN);
}

static void
hear(struct server *s, const char *line, size_t len, server_logs *logs,
    void *arg)
{
	char		 text[SERVER_LOG_LINE + 1];
	const char	*what;
	int		 port;

	memcpy(text, line, len);
	text[len] = '\0';
	what = text + (strncmp(text, "chatserv: ", 10) == 0 ? 10 : 0);
	if (s->port == 0 &&
	    sscanf(what, "listening on %*s port %d", &port) == 1)
		s->port = (in_port_t)port;
	logs(arg, what);
}

void
server_move(struct server *s, const struct watch *w, server_logs *logs,
    void *arg)
{
	char	*line;
	size_t	 len;

	if (watch_got(w, s->log_at) == 0)
		return;
	(void)line_in_fill(&s->log, s->log_fd);
	while (line_in_peek(&s->log, &line, &len) == LINE_OK) {
		line_in_consume(&s->log);
		hear(s, line, len, logs, arg);
	}
}

/* Remove its shared memory object; true if there was one. */
static bool
forget(struct server *s)
{
	char name[32];

	(void)close(s->log_fd);
	s->pid = 0;
	(void)snprintf(name, sizeof(name), "/chatserv.%d", s->port);
	return shm_unlink(name) == 0;
}

bool
server_ended(struct server *s, const char **why)
{
	int status;

	if (!s->log.eof || waitpid(s->pid, &status, WNOHANG) != s->pid)
		return false;
	*why = forget(s) ? "its shared object stays behind" : NULL;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		*why = "the server did not exit with 0";
	return true;
}

void
server_kill(struct server *s)
{
	if (s->pid <= 0)
		return;
	(void)kill(-s->pid, SIGKILL);
	(void)waitpid(s->pid, NULL, 0);
	(void)forget(s);
}
