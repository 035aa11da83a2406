/* SPDX-License-Identifier: ISC */

/*
 * All browsers: a process for each connection.
 *
 * As with chatserv's sessions, the table is allocated at the start, children
 * detect the parent's end by a pipe that closes with it, and signals are
 * blocked except in the one ppoll(2), so a handler only sets a flag and none
 * is missed.
 *
 * Runs in the parent.
 */

#include <sys/wait.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

#include "chatserv/common/address.h"
#include "chatserv/common/log.h"
#include "chatserv/parent/limit.h"
#include "chatserv/parent/listen.h"
#include "chatserv/parent/notify.h"
#include "chatserv/parent/pid_file.h"
#include "contrib/chatweb/browsers.h"
#include "ipc/bus/bus.h"
#include "ipc/common/bsd.h"

#define ACCEPTS		64	/* connections in one round */
#define STOP_MS		5000	/* for the children to say goodbye */
#define PAUSE_MS	1000	/* without accepting */

struct child {
	pid_t		 pid;
	struct limit	*limit;		/* its address, counted */
};

static const struct gateway_options *gateway;
static const int		*listener;
static int			 listeners;
static int			 pipe_fd[2];	/* ends when the parent does */
static struct child		*child;		/* pid 0: a free entry */
static unsigned int		 count, most;	/* of children */
static sigset_t			 awake;
static volatile sig_atomic_t	 stop_flag, child_flag;

static void
on_signal(int sig)
{
	if (sig == SIGCHLD)
		child_flag = 1;
	else
		stop_flag = 1;
}

static void
catch_signals(void)
{
	static const int	caught[] = { SIGTERM, SIGINT, SIGCHLD };
	struct sigaction	sa;
	sigset_t		set;
	size_t			i;

	memset(&sa, 0, sizeof(sa));
	sigemptyset(&sa.sa_mask);
	sigemptyset(&set);
	sa.sa_handler = on_signal;
	for (i = 0; i < sizeof(caught) / sizeof(caught[0]); i++) {
		(void)sigaction(caught[i], &sa, NULL);
		sigaddset(&set, caught[i]);
	}
	(void)sigprocmask(SIG_BLOCK, &set, &awake);
	for (i = 0; i < sizeof(caught) / sizeof(caught[0]); i++)
		(void)sigdelset(&awake, caught[i]);
}

static void __attribute__((noreturn))
run_child(int fd, const char *address)
{
	int i;

	(void)signal(SIGCHLD, SIG_DFL);
	(void)signal(SIGTERM, SIG_DFL);
	(void)signal(SIGINT, SIG_IGN);
	(void)sigprocmask(SIG_SETMASK, &awake, NULL);
	(void)close(pipe_fd[1]);
	for (i = 0; i < listeners; i++)
		(void)close(listener[i]);
	notify_end();
	pid_file_unlock();
	pid_file_leave();
	log_child();
	setproctitle("%s", address);
	gateway_run(gateway, fd, pipe_fd[0], address);
	_exit(0);
}

/* Too many browsers, or no process: the browser shows this. */
static void
turn_away(int fd, const char *why)
{
	static const char	answer[] =
	    "HTTP/1.1 503 Service Unavailable\r\n"
	    "Content-Length: 0\r\nRetry-After: 10\r\nConnection: close\r\n\r\n";
	char			read[4096];

	(void)send(fd, answer, sizeof(answer) - 1, MSG_DONTWAIT);
	(void)recv(fd, read, sizeof(read), MSG_DONTWAIT);
	(void)close(fd);
	log_info("a browser was refused: %s", why);
}

static void
remember(pid_t pid, struct limit *limit)
{
	unsigned int i = 0;

	while (child[i].pid != 0)
		i++;
	child[i] = (struct child){ pid, limit };
	count++;
}

static void
forget(pid_t pid)
{
	unsigned int i;

	for (i = 0; i < most; i++)
		if (child[i].pid == pid) {
			limit_release(child[i].limit, false);
			child[i].pid = 0;
			count--;
		}
}

/* Fork a process for this connection, or refuse it. */
static void
begin(int fd, struct address from)
{
	char		 address[GATEWAY_ADDRESS_SIZE] = "unknown";
	const char	*why;		/* in words for clients of a room */
	struct limit	*limit;
	pid_t		 pid;

	if (from.family != AF_UNSPEC)
		address_print(&from, address, sizeof(address));
	if (count >= most) {
		turn_away(fd, "too many are here");
		return;
	}
	/*
	 * A proxy's browsers have other addresses, which it tells only later.
	 */
	limit = limit_acquire(&from, 0, gateway->proxy != NULL &&
	    strcmp(address, gateway->proxy) == 0, &why);
	if (limit == NULL) {
		turn_away(fd, "too many are here from its address");
		return;
	}
	if ((pid = fork()) == 0)
		run_child(fd, address);
	if (pid == -1) {
		limit_release(limit, false);
		turn_away(fd, "this machine has no process left");
		return;
	}
	remember(pid, limit);
	(void)close(fd);
}

/* Returns whether to accept another one at once. */
static bool
accept_browsers(int listening)
{
	struct sockaddr_storage	ss;
	socklen_t		len;
	int			fd, i;

	for (i = 0; i < ACCEPTS; i++) {
		len = sizeof(ss);
		fd = accept(listening, (struct sockaddr *)&ss, &len);
		if (fd == -1 && (errno == EMFILE || errno == ENFILE ||
		    errno == ENOBUFS || errno == ENOMEM)) {
			log_warn("cannot accept");
			return false;
		}
		if (fd == -1 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return true;
		/* Otherwise only that connection is gone. */
		if (fd != -1)
			begin(fd, address_of((struct sockaddr *)&ss));
	}
	return true;
}

static void
reap(void)
{
	pid_t	pid;
	int	status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		forget(pid);
		if (WIFSIGNALED(status))
			log_info("pid %d: died of signal %d", (int)pid,
			    WTERMSIG(status));
	}
}

/* Wait for browsers, for the ends of children, and for a signal to stop. */
static void
serve(void)
{
	struct pollfd	pfd[LISTEN_MAX];
	struct timespec	ts = { PAUSE_MS / 1000, 0 };
	bool		accepts = true;
	int		i, n;

	while (!stop_flag) {
		for (i = 0; i < listeners; i++)
			pfd[i] = (struct pollfd){ listener[i], POLLIN, 0 };
		n = ppoll(pfd, accepts ? (nfds_t)listeners : 0,
		    accepts ? NULL : &ts, &awake);
		if (child_flag) {
			child_flag = 0;
			reap();
		}
		for (i = 0; n > 0 && i < listeners; i++)
			if (pfd[i].revents != 0)
				accepts = accept_browsers(listener[i]);
		if (n == 0)
			accepts = true;
	}
}

/* The pipe's end tells the children; kill those that do not exit. */
static void
stop(void)
{
	uint64_t	until = bus_now() + STOP_MS, now;
	struct timespec	ts;
	unsigned int	i;

	log_info("stopping");
	notify_stopping();
	(void)close(pipe_fd[1]);
	while (reap(), count > 0 && (now = bus_now()) < until) {
		ts.tv_sec = (time_t)((until - now) / 1000);
		ts.tv_nsec = (long)((until - now) % 1000) * 1000000;
		(void)ppoll(NULL, 0, &ts, &awake);
	}
	for (i = 0; i < most; i++)
		if (child[i].pid != 0)
			(void)kill(child[i].pid, SIGKILL);
	log_info("stopped");
}

void
browsers_prepare(const struct gateway_options *options, unsigned int browsers,
    unsigned int per_address)
{
	gateway = options;
	most = browsers;
	catch_signals();
	if (pipe(pipe_fd) == -1)
		fatal("pipe");
	if ((child = calloc(most, sizeof(*child))) == NULL)
		fatal("no memory for %u browsers", most);
	limit_init(most, 0, per_address);
}

void
browsers_serve(const int *fd, int n)
{
	listener = fd;
	listeners = n;
	serve();
	stop();
}
