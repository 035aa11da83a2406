/* SPDX-License-Identifier: ISC */

/*
 * The addresses of a host, looked up in the background.
 *
 * getaddrinfo(3) may take half a minute, and the only portable way to have it
 * do so in the background is a process of its own, which writes the addresses
 * to a pipe and exits.  chatc kills it once it does not need them.  The
 * threads that some C libraries offer for this would bring memory and signals
 * of their own into a program that has neither.
 */

#include <sys/wait.h>
#include <netdb.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "chatc/resolve.h"
#include "ipc/common/bsd.h"

void
resolve_init(struct resolve *r)
{
	memset(r, 0, sizeof(*r));
	r->pid = -1;
	r->fd = -1;
}

/* Look it up now, with these flags. */
static void
look_up(struct resolve_answer *a, const char *host, const char *port,
    int flags)
{
	struct addrinfo		 hints, *list = NULL, *ai;
	struct resolve_address	*to;

	memset(a, 0, sizeof(*a));
	memset(&hints, 0, sizeof(hints));
	hints.ai_family = AF_UNSPEC;
	hints.ai_socktype = SOCK_STREAM;
	hints.ai_flags = flags;
	a->error = getaddrinfo(host, port, &hints, &list);
	a->system = errno;
	if (a->error != 0)
		return;
	for (ai = list; ai != NULL && a->count < RESOLVE_MAX;
	    ai = ai->ai_next) {
		if (ai->ai_addrlen > sizeof(to->addr))
			continue;
		to = &a->address[a->count++];
		to->family = ai->ai_family;
		to->type = ai->ai_socktype;
		to->protocol = ai->ai_protocol;
		to->len = ai->ai_addrlen;
		memcpy(&to->addr, ai->ai_addr, ai->ai_addrlen);
	}
	freeaddrinfo(list);
}

/* In the child: look up, write, and exit. */
static _Noreturn void
tell(int fd, const char *host, const char *port)
{
	static const int	sigs[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
	struct resolve_answer	a;
	const char		*p = (const char *)&a;
	size_t			i, left = sizeof(a);
	ssize_t			n;
	int			null = open("/dev/null", O_RDWR);

	/* Leave the terminal alone, and do not hold standard output open. */
	for (i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++)
		(void)signal(sigs[i], SIG_DFL);
	if (null == -1 || dup2(fd, STDERR_FILENO + 1) == -1)
		_exit(1);
	fd = STDERR_FILENO + 1;
	for (i = 0; i <= STDERR_FILENO; i++)
		(void)dup2(null, (int)i);
	closefrom(fd + 1);
	look_up(&a, host, port, 0);
	/* A minimal system has no /etc/hosts to find this in. */
	if (a.error != 0 && strcmp(host, "localhost") == 0)
		look_up(&a, NULL, port, 0);
	for (; left > 0; p += n, left -= (size_t)n)
		if ((n = write(fd, p, left)) <= 0)
			break;
	_exit(0);
}

static bool
broken(struct resolve *r, int error)
{
	resolve_stop(r);
	r->answer.error = EAI_SYSTEM;
	r->answer.system = error;
	return true;
}

bool
resolve_start(struct resolve *r, const char *host, const char *port)
{
	int pair[2], error;

	look_up(&r->answer, host, port, AI_NUMERICHOST);
	if (r->answer.error == 0)
		return true;
	r->got = 0;
	if (pipe(pair) == -1)
		return broken(r, errno);
	r->fd = pair[0];
	if (fcntl(pair[0], F_SETFD, FD_CLOEXEC) == -1 ||
	    fcntl(pair[0], F_SETFL, O_NONBLOCK) == -1 ||
	    (r->pid = fork()) == -1) {
		error = errno;
		(void)close(pair[1]);
		return broken(r, error);
	}
	if (r->pid == 0)
		tell(pair[1], host, port);
	(void)close(pair[1]);
	return false;
}

bool
resolve_read(struct resolve *r)
{
	ssize_t n;

	while (r->got < sizeof(r->answer)) {
		n = read(r->fd, (char *)&r->answer + r->got,
		    sizeof(r->answer) - r->got);
		if (n == -1 && (errno == EAGAIN || errno == EINTR))
			return false;
		if (n <= 0)
			return broken(r, n == 0 ? ECHILD : errno);
		r->got += (size_t)n;
	}
	resolve_stop(r);
	return true;
}

const char *
resolve_error(const struct resolve *r)
{
	if (r->answer.error == 0)
		return NULL;
	return r->answer.error == EAI_SYSTEM ? strerror(r->answer.system) :
	    gai_strerror(r->answer.error);
}

void
resolve_stop(struct resolve *r)
{
	if (r->fd != -1)
		(void)close(r->fd);
	r->fd = -1;
	if (r->pid == -1)
		return;
	(void)kill(r->pid, SIGKILL);
	while (waitpid(r->pid, NULL, 0) == -1 && errno == EINTR)
		continue;
	r->pid = -1;
}
