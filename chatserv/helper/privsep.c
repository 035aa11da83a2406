/* SPDX-License-Identifier: ISC */

/*
 * The privileged helper (privilege separation; OpenSSH calls it monitor).
 *
 * A server that was started as root gives up root and changes its root
 * directory before its first client (privilege.c).  Three jobs need more:
 * removing files and the segment at the end, connecting to the system's log
 * again, and looking up a local client's login name.  One small process keeps
 * root for these jobs and can do nothing else:
 *
 *	1. On the control socket the parent sends a byte: reopen the log, or
 *	   clean up and exit.  If the end of file comes first, the parent was
 *	   killed: the helper just exits, and the next start finds everything
 *	   as a killed server leaves it.
 *	2. On the request socket a child asks for a login name, before it
 *	   serves its client: it sends a uid and a socket for the answer.
 *
 * Only root can stop the helper, and then only root could continue or kill
 * it; so the parent merely logs that, and never waits for it: it sends a
 * request only if there is space, and few are pending at a time.
 *
 * The helper has no listening socket and has not mapped the segment, catches
 * no signal, trusts no length, and never blocks on a requester.  The system
 * may look names up over the network, so a child's request times out.
 *
 * Runs in the helper, in the parent and in sessions, in this order.
 */

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>

#include "chatserv/common/log.h"
#include "chatserv/helper/privsep.h"
#include "chatserv/parent/background.h"
#include "chatserv/parent/notify.h"
#include "chatserv/parent/pid_file.h"
#include "ipc/common/bsd.h"

#define ANSWER_S	10	/* a login name's time-out */
#define END_MS		3000	/* to wait for the helper's end */
#define AGAIN_MS	10	/* until what lacked memory is tried again */
#define REQUESTS	2	/* pending at most: the last covers others */

/* Bytes on the control socket. */
#define CLEAN_UP	'c'
#define REOPEN_LOG	'l'

static pid_t	helper;			/* 0: there is none */
static int	control = -1;		/* the parent's end */
static int	request = -1;		/* the children's end */
static int	pending;		/* requests to reopen the log */

/* ---- the helper ---- */

static void
answer(int fd, uid_t uid)
{
	const struct passwd *pw = getpwuid(uid);

	if (pw != NULL)
		(void)send(fd, pw->pw_name, strlen(pw->pw_name),
		    MSG_DONTWAIT);
}

/* Space for one descriptor in a message, aligned as it must be. */
union passed {
	struct cmsghdr	header;
	char		space[CMSG_SPACE(sizeof(int))];
};

static void
read_request(int request_fd)
{
	union passed	 passed;
	uid_t		 uid;
	struct iovec	 iov = { &uid, sizeof(uid) };
	struct msghdr	 msg;
	struct cmsghdr	*cm;
	ssize_t		 n;
	int		 fd;

	memset(&msg, 0, sizeof(msg));
	msg.msg_iov = &iov;
	msg.msg_iovlen = 1;
	msg.msg_control = &passed;
	/* Not sizeof(passed), in which two might fit. */
	msg.msg_controllen = CMSG_LEN(sizeof(fd));
	if ((n = recvmsg(request_fd, &msg, MSG_DONTWAIT)) == -1 ||
	    (cm = CMSG_FIRSTHDR(&msg)) == NULL ||
	    cm->cmsg_level != SOL_SOCKET || cm->cmsg_type != SCM_RIGHTS ||
	    cm->cmsg_len != CMSG_LEN(sizeof(fd)))
		return;
	memcpy(&fd, CMSG_DATA(cm), sizeof(fd));
	if (n == (ssize_t)sizeof(uid))
		answer(fd, uid);
	(void)close(fd);
}

/* Answer requests to reopen the log; returns how many are still unanswered. */
static int
answer_reopened(int control_fd, int unanswered)
{
	static const char done = REOPEN_LOG;

	while (unanswered > 0 && send(control_fd, &done, 1,
	    MSG_DONTWAIT | MSG_NOSIGNAL) == 1)
		unanswered--;
	return unanswered;
}

static void __attribute__((noreturn))
serve(int control_fd, int request_fd, pid_t parent, void (*clean_up)(void))
{
	struct pollfd	pfd[2] = { { control_fd, POLLIN, 0 },
	    { request_fd, POLLIN, 0 } };
	static const struct timespec again = { 0, AGAIN_MS * 1000000L };
	char		c = 0;
	int		unanswered = 0;
	ssize_t		n;

	for (;;) {
		/* There is space, but memory may be short. */
		unanswered = answer_reopened(control_fd, unanswered);
		if (ppoll(pfd, 2, unanswered > 0 ? &again : NULL, NULL) <= 0)
			continue;	/* nothing new is in pfd */
		if (pfd[1].revents != 0)
			read_request(request_fd);
		if (pfd[0].revents == 0)
			continue;
		n = recv(control_fd, &c, 1, MSG_DONTWAIT);
		if (n == -1 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n == 1 && c == REOPEN_LOG) {
			log_reopen();
			unanswered++;
			continue;
		}
		/* If the parent is gone, a successor may own all by now. */
		if (n == 1 && getppid() == parent)
			clean_up();
		_exit(0);
	}
}

/* In the new process: keep only what a helper needs, and block signals. */
static void
become_helper(const struct parent_options *o)
{
	sigset_t	all;
	int		i;

	sigfillset(&all);
	(void)sigprocmask(SIG_BLOCK, &all, NULL);
	for (i = 0; i < o->listeners; i++)
		(void)close(o->listener[i]);
	(void)munmap(o->bus->segment, o->bus->size);
	(void)close(o->bus->fd);
	notify_end();
	pid_file_unlock();
	background_leave();
	log_child();
	(void)close(control);
	(void)close(request);
	setproctitle("helper of port %u", o->port);
}

/* ---- the parent ---- */

/* Let option, SO_RCVTIMEO or SO_SNDTIMEO, of fd be ANSWER_S. */
static int
set_time_out(int fd, int option)
{
	static const struct timeval limit = { ANSWER_S, 0 };

	return setsockopt(fd, SOL_SOCKET, option, &limit, sizeof(limit));
}

void
privsep_start(const struct parent_options *o, void (*clean_up)(void))
{
	int	control_pair[2], request_pair[2];
	char	ready = 0;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, control_pair) == -1 ||
	    socketpair(AF_UNIX, SOCK_DGRAM, 0, request_pair) == -1 ||
	    set_time_out(request_pair[0], SO_SNDTIMEO) == -1)
		fatal("cannot make a socket to the helper");
	control = control_pair[0];
	request = request_pair[0];
	switch (helper = fork()) {
	case -1:
		helper = 0;
		fatal("cannot fork the helper");
	case 0:
		become_helper(o);
		if (write(control_pair[1], &ready, 1) != 1)
			_exit(1);
		serve(control_pair[1], request_pair[1], o->bus->parent,
		    clean_up);
	default:
		break;
	}
	(void)close(control_pair[1]);
	(void)close(request_pair[1]);
	if (read(control, &ready, 1) != 1)
		fatalx("the privileged helper died at its start");
}

bool
privsep_died(pid_t pid)
{
	if (helper == 0 || pid != helper)
		return false;
	helper = 0;
	return true;
}

bool
privsep_is_helper(pid_t pid)
{
	return helper != 0 && pid == helper;
}

/* Count the requests that the helper has done.  False if it has ended. */
static bool
count_done(void)
{
	char	done[REQUESTS];
	ssize_t	n;

	while ((n = recv(control, done, sizeof(done), MSG_DONTWAIT)) > 0)
		pending -= (int)n;
	return n == -1 && (errno == EAGAIN || errno == EWOULDBLOCK ||
	    errno == EINTR);
}

/* Send a byte now or never: false if there is no helper, or it has ended. */
static bool
tell_helper(char what)
{
	ssize_t n;

	if (helper == 0)
		return false;
	do
		n = send(control, &what, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (n == -1 && errno == EINTR);
	return n == 1;
}

bool
privsep_reopen_log(void)
{
	if (helper == 0 || !count_done())
		return false;
	/* The helper has not begun with the second of two pending requests. */
	if (pending >= REQUESTS)
		return true;
	if (!tell_helper(REOPEN_LOG))
		return false;
	pending++;
	return true;
}

bool
privsep_end(void)
{
	struct pollfd	pfd = { control, POLLIN, 0 };
	uint64_t	now, end = bus_now() + END_MS;
	bool		told = tell_helper(CLEAN_UP);

	if (helper == 0)
		return false;
	/* The helper answers by its end. */
	while (count_done()) {
		if ((now = bus_now()) >= end) {
			log_info("the privileged helper does not end: the "
			    "socket and the segment stay");
			return false;
		}
		(void)poll(&pfd, 1, told ? (int)(end - now) : AGAIN_MS);
		told = told || tell_helper(CLEAN_UP);
	}
	while (waitpid(helper, NULL, 0) == -1 && errno == EINTR)
		;
	return told;
}

/* ---- a child ---- */

void
privsep_leave(void)
{
	if (control != -1)
		(void)close(control);
	control = -1;
}

void
privsep_close(void)
{
	if (request != -1)
		(void)close(request);
	request = -1;
}

/* Send a request, with the socket for the answer. */
static int
ask(uid_t uid, int fd)
{
	union passed	 passed;
	struct iovec	 iov = { &uid, sizeof(uid) };
	struct msghdr	 msg;
	struct cmsghdr	*cm = &passed.header;

	memset(&passed, 0, sizeof(passed));
	memset(&msg, 0, sizeof(msg));
	msg.msg_iov = &iov;
	msg.msg_iovlen = 1;
	msg.msg_control = &passed;
	msg.msg_controllen = sizeof(passed);
	cm->cmsg_level = SOL_SOCKET;
	cm->cmsg_type = SCM_RIGHTS;
	cm->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(cm), &fd, sizeof(fd));
	return sendmsg(request, &msg, 0) == -1 ? -1 : 0;
}

/* Returns the length of the login name, or -1. */
static ssize_t
ask_helper(uid_t uid, char *login, size_t size)
{
	ssize_t	n;
	int	fd[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == -1)
		return -1;
	n = set_time_out(fd[0], SO_RCVTIMEO) == -1 ? -1 : ask(uid, fd[1]);
	(void)close(fd[1]);
	if (n == 0)
		n = read(fd[0], login, size);
	(void)close(fd[0]);
	return n;
}

bool
privsep_find_login(uid_t uid, char *login, size_t size)
{
	const struct passwd	*pw;
	ssize_t			 n;

	if (request == -1)
		return (pw = getpwuid(uid)) != NULL &&
		    strlcpy(login, pw->pw_name, size) < size;
	if ((n = ask_helper(uid, login, size)) <= 0 || (size_t)n >= size)
		return false;
	login[n] = '\0';
	return true;
}
