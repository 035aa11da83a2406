/* SPDX-License-Identifier: ISC */

/*
 * The ways to a server.
 *
 * All three end in one descriptor that chatc reads and writes and that never
 * blocks: a TCP socket, a unix socket, or one end of a pair whose other end is
 * the standard input and output of a command.  So other programs provide
 * encryption, jump hosts and the like.
 *
 * A background process looks a host up, and TCP connections are made in the
 * background, address by address; the caller polls for them in the one place
 * where chatc waits.  The command runs in our process group, so that it can
 * ask for a password on the terminal and receives the terminal's signals;
 * dial_reaped() alone reaps it.
 */

#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "chatc/dial.h"
#include "ipc/common/bsd.h"

void
dial_init(struct dial *d, const struct options *opt)
{
	memset(d, 0, sizeof(*d));
	d->opt = opt;
	d->fd = -1;
	d->pid = -1;
	resolve_init(&d->resolve);
}

/* Store in why what went wrong with the thing dialled. */
static enum dialled
failed(struct dial *d, const char *reason)
{
	const struct options *o = d->opt;

	if (o->command != NULL)
		(void)snprintf(d->why, sizeof(d->why), "%s: %s", o->command,
		    reason);
	else if (o->path != NULL)
		(void)snprintf(d->why, sizeof(d->why), "%s: %s", o->path,
		    reason);
	else
		(void)snprintf(d->why, sizeof(d->why), "%s port %s: %s",
		    o->host, o->port, reason);
	dial_close(d);
	return DIAL_FAILED;
}

/* Make fd non-blocking, and closed in commands. */
static int
keep(int fd)
{
	int flags;

	if ((flags = fcntl(fd, F_GETFL)) == -1 ||
	    fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1)
		return -1;
	return fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/*
 * Send short lines at once; and a client that only listens must notice within
 * minutes, not hours, that its peer is gone without a word.
 */
static void
tune(int fd)
{
	int on = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	(void)bsd_probe(fd);
}

/* Try addresses until one answers or has to be waited for. */
static enum dialled
try_next(struct dial *d, int error)
{
	const struct resolve_address *to;

	while (dial_has_next(d)) {
		to = &d->resolve.answer.address[d->next++];
		if (d->fd != -1)
			(void)close(d->fd);
		d->fd = socket(to->family, to->type, to->protocol);
		if (d->fd == -1 || keep(d->fd) == -1) {
			error = errno;
			continue;
		}
		tune(d->fd);
		if (connect(d->fd, (const struct sockaddr *)&to->addr,
		    to->len) == 0)
			return DIAL_DONE;
		if (errno == EINPROGRESS || errno == EINTR)
			return DIAL_WAIT;
		error = errno;
	}
	return failed(d, strerror(error));
}

/* The addresses have arrived, or there are none. */
static enum dialled
looked_up(struct dial *d)
{
	const char	*error = resolve_error(&d->resolve);
	char		 reason[160];

	d->looking = false;
	if (error == NULL)
		return try_next(d, EADDRNOTAVAIL);
	/* A word that is no host may have been meant as a message. */
	(void)snprintf(reason, sizeof(reason), "%s%s", error,
	    strpbrk(d->opt->host, ".:") == NULL ?
	    " (to say something use -M)" : "");
	return failed(d, reason);
}

static enum dialled
dial_tcp(struct dial *d)
{
	d->next = 0;
	d->looking = true;
	if (resolve_start(&d->resolve, d->opt->host, d->opt->port))
		return looked_up(d);
	return DIAL_WAIT;
}

/*
 * A unix socket connects at once or, while the server is busy, after a wait; a
 * non-blocking one would fail instead.
 */
static enum dialled
dial_unix(struct dial *d)
{
	struct sockaddr_un	sun;
	struct timeval		patience;

	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	if (strlcpy(sun.sun_path, d->opt->path, sizeof(sun.sun_path)) >=
	    sizeof(sun.sun_path))
		return failed(d, strerror(ENAMETOOLONG));
	/* The server gets no longer than any other wait. */
	patience.tv_sec = (time_t)(d->opt->patience / 1000);
	if (d->opt->wait > 0 && d->opt->wait < patience.tv_sec)
		patience.tv_sec = (time_t)d->opt->wait;
	patience.tv_usec = 0;
	d->fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (d->fd == -1 || setsockopt(d->fd, SOL_SOCKET, SO_SNDTIMEO,
	    &patience, sizeof(patience)) == -1)
		return failed(d, strerror(errno));
	if (connect(d->fd, (struct sockaddr *)&sun, sizeof(sun)) == -1)
		return failed(d, strerror(errno == EAGAIN ? ETIMEDOUT :
		    errno));
	return keep(d->fd) == -1 ? failed(d, strerror(errno)) :
	    DIAL_DONE;
}

/* In the child: become the command, as if a shell had started it. */
static void
run_command(const char *command, int fd)
{
	sigset_t none;

	if (dup2(fd, STDIN_FILENO) == -1 || dup2(fd, STDOUT_FILENO) == -1)
		err(127, "dup2");
	if (fd > STDOUT_FILENO)
		(void)close(fd);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	err(127, "/bin/sh");
}

static enum dialled
dial_command(struct dial *d)
{
	int pair[2], error;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1)
		return failed(d, strerror(errno));
	d->fd = pair[0];
	if (keep(d->fd) == -1 || (d->pid = fork()) == -1) {
		error = errno;
		(void)close(pair[1]);
		return failed(d, strerror(error));
	}
	if (d->pid == 0)
		run_command(d->opt->command, pair[1]);
	(void)close(pair[1]);
	return DIAL_DONE;
}

enum dialled
dial_start(struct dial *d)
{
	d->why[0] = '\0';
	if (d->opt->command != NULL)
		return dial_command(d);
	if (d->opt->path != NULL)
		return dial_unix(d);
	return dial_tcp(d);
}

int
dial_fd(const struct dial *d)
{
	return d->looking ? d->resolve.fd : d->fd;
}

bool
dial_has_next(const struct dial *d)
{
	return !d->looking && d->next < d->resolve.answer.count;
}

enum dialled
dial_go_on(struct dial *d)
{
	socklen_t	len;
	int		error;

	if (d->looking)
		return resolve_read(&d->resolve) ? looked_up(d) : DIAL_WAIT;
	len = sizeof(error);
	if (getsockopt(d->fd, SOL_SOCKET, SO_ERROR, &error, &len) == -1)
		error = errno;
	return error == 0 ? DIAL_DONE : try_next(d, error);
}

enum dialled
dial_give_up(struct dial *d)
{
	if (d->looking)
		return failed(d, "the name is not found in time");
	return try_next(d, ETIMEDOUT);
}

void
dial_close(struct dial *d)
{
	if (d->fd != -1)
		(void)close(d->fd);
	d->fd = -1;
	resolve_stop(&d->resolve);
	d->looking = false;
	d->resolve.answer.count = 0;
}

/* Store in why how the command ended, if that is not obvious. */
static void
ended(struct dial *d, int status)
{
	char reason[64];

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return;
	if (WIFSIGNALED(status))
		(void)snprintf(reason, sizeof(reason), "killed by signal %d",
		    WTERMSIG(status));
	else
		(void)snprintf(reason, sizeof(reason), "exited with status %d",
		    WEXITSTATUS(status));
	(void)failed(d, reason);
}

bool
dial_reaped(struct dial *d, bool force)
{
	pid_t	pid;
	int	status;

	if (d->pid == -1)
		return true;
	if (force)
		(void)kill(d->pid, SIGKILL);
	do {
		pid = waitpid(d->pid, &status, force ? 0 : WNOHANG);
	} while (pid == -1 && errno == EINTR);
	if (pid == 0)
		return false;
	d->pid = -1;
	if (pid != -1 && !force)
		ended(d, status);
	return true;
}
