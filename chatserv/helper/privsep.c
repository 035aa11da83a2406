/* SPDX-License-Identifier: ISC */

/*
 * The privileged helper (privilege separation; OpenSSH calls it monitor).
 *
 * A server that was started as root gives up root and changes its root
 * directory before its first client (privilege.c).  Five jobs need more:
 * removing files and the segment at the end, connecting to the system's log
 * again, opening the file of the deny list, starting another logger, and
 * looking up a local client's login name.  One small process keeps root for
 * these jobs and can do nothing else:
 *
 *	1. On the control socket the parent sends a byte: reopen the log, open
 *	   the deny list, or clean up and exit.  The helper answers each of the
 *	   first two with the same byte, the second with the file as well.  If
 *	   the end of file comes first, the parent was killed: the helper just
 *	   exits, and the next start finds everything as a killed server leaves
 *	   it.
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
#include "chatserv/helper/logger.h"
#include "chatserv/helper/privsep.h"
#include "chatserv/parent/background.h"
#include "chatserv/parent/deny_file.h"
#include "chatserv/parent/notify.h"
#include "chatserv/parent/pid_file.h"
#include "ipc/common/bsd.h"

#define ANSWER_S	10	/* a login name's time-out */
#define END_MS		3000	/* to wait for the helper's end */
#define AGAIN_MS	10	/* between attempts without memory */
#define REQUESTS	2	/* pending at most: the last covers the rest */

/* Bytes on the control socket. */
#define CLEAN_UP	'c'
#define REOPEN_LOG	'l'
#define OPEN_DENY	'd'

static pid_t	helper;			/* 0: there is none */
static int	control = -1;		/* the parent's end */
static int	request = -1;		/* the children's end */
static int	pending_log;		/* requests to reopen the log */
static int	pending_deny;		/* and to open the deny list */
static int	deny_fd = -1;		/* the answer to the latter */

/* ---- messages with a descriptor ---- */

/* Space for one descriptor in a message, aligned as it must be. */
union passed {
	struct cmsghdr	header;
	char		space[CMSG_SPACE(sizeof(int))];
};

/* Send data[0..size), with the descriptor fd unless that is -1.  0 or -1. */
static int
send_passing(int to, void *data, size_t size, int fd, int flags)
{
	union passed	 passed;
	struct iovec	 iov = { data, size };
	struct msghdr	 msg;
	struct cmsghdr	*cm = &passed.header;

	memset(&passed, 0, sizeof(passed));
	memset(&msg, 0, sizeof(msg));
	msg.msg_iov = &iov;
	msg.msg_iovlen = 1;
	if (fd != -1) {
		msg.msg_control = &passed;
		msg.msg_controllen = sizeof(passed);
		cm->cmsg_level = SOL_SOCKET;
		cm->cmsg_type = SCM_RIGHTS;
		cm->cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(cm), &fd, sizeof(fd));
	}
	return sendmsg(to, &msg, flags) == -1 ? -1 : 0;
}

/* Receive up to size bytes without waiting; *fd is what came along, or -1. */
static ssize_t
receive_passed(int from, void *data, size_t size, int *fd)
{
	union passed	 passed;
	struct iovec	 iov = { data, size };
	struct msghdr	 msg;
	struct cmsghdr	*cm;
	ssize_t		 n;

	*fd = -1;
	memset(&msg, 0, sizeof(msg));
	msg.msg_iov = &iov;
	msg.msg_iovlen = 1;
	msg.msg_control = &passed;
	/* Not sizeof(passed), in which two might fit. */
	msg.msg_controllen = CMSG_LEN(sizeof(*fd));
	n = recvmsg(from, &msg, MSG_DONTWAIT);
	if (n != -1 && (cm = CMSG_FIRSTHDR(&msg)) != NULL &&
	    cm->cmsg_level == SOL_SOCKET && cm->cmsg_type == SCM_RIGHTS &&
	    cm->cmsg_len == CMSG_LEN(sizeof(*fd)))
		memcpy(fd, CMSG_DATA(cm), sizeof(*fd));
	return n;
}

/* ---- the helper ---- */

static void
answer(int fd, uid_t uid)
{
	const struct passwd *pw = getpwuid(uid);

	if (pw != NULL)
		(void)send(fd, pw->pw_name, strlen(pw->pw_name),
		    MSG_DONTWAIT);
}

static void
read_request(int request_fd)
{
	uid_t	uid;
	int	fd;
	ssize_t	n = receive_passed(request_fd, &uid, sizeof(uid), &fd);

	if (fd == -1)
		return;
	if (n == (ssize_t)sizeof(uid))
		answer(fd, uid);
	(void)close(fd);
}

/*
 * Answer requests to do this, with the file if it is the deny list's; returns
 * how many are left.
 */
static int
answer_requests(int control_fd, char done, int unanswered)
{
	int fd = -1, sent;

	while (unanswered > 0) {
		if (done == OPEN_DENY && (fd = deny_file_find()) == -1)
			log_warn("cannot read the deny list; the old one "
			    "stays");
		sent = send_passing(control_fd, &done, 1, fd,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
		if (fd != -1)
			(void)close(fd);
		if (sent == -1)
			break;
		unanswered--;
	}
	return unanswered;
}

static void __attribute__((noreturn))
serve(int control_fd, int request_fd, pid_t parent, void (*clean_up)(void))
{
	struct pollfd	pfd[3] = { { control_fd, POLLIN, 0 },
	    { request_fd, POLLIN, 0 }, { -1, POLLIN, 0 } };
	static const struct timespec again = { 0, AGAIN_MS * 1000000L };
	char		c = 0;
	int		reopened = 0, opened = 0;	/* unanswered */
	ssize_t		n;

	for (;;) {
		/* There is space, but memory may be short. */
		reopened = answer_requests(control_fd, REOPEN_LOG, reopened);
		opened = answer_requests(control_fd, OPEN_DENY, opened);
		pfd[2].fd = logger_life();
		if (ppoll(pfd, 3, reopened + opened > 0 ? &again : NULL,
		    NULL) <= 0)
			continue;	/* nothing new is in pfd */
		if (pfd[2].revents != 0)
			logger_recover();
		if (pfd[1].revents != 0)
			read_request(request_fd);
		if (pfd[0].revents == 0)
			continue;
		n = recv(control_fd, &c, 1, MSG_DONTWAIT);
		if (n == -1 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n == 1 && c == REOPEN_LOG) {
			log_reopen();
			reopened++;
			continue;
		}
		if (n == 1 && c == OPEN_DENY) {
			opened++;
			continue;
		}
		/*
		 * If the parent is gone, a successor may own everything by
		 * now.
		 */
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
	log_detach();
	log_child();
	(void)close(control);
	(void)close(request);
	setproctitle("helper of port %u", o->port);
}

/* ---- the parent ---- */

/* Set option, SO_RCVTIMEO or SO_SNDTIMEO, of fd to ANSWER_S. */
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

/* Take the helper's answers.  False if it has ended. */
static bool
take_answers(void)
{
	char	done;
	int	fd;
	ssize_t	n;

	while ((n = receive_passed(control, &done, 1, &fd)) == 1) {
		if (done == REOPEN_LOG)
			pending_log--;
		else
			pending_deny--;
		if (fd == -1)
			continue;
		if (deny_fd != -1)
			(void)close(deny_fd);
		deny_fd = fd;
	}
	return n == -1 && (errno == EAGAIN || errno == EWOULDBLOCK ||
	    errno == EINTR);
}

/* Send a byte without waiting: false if there is no helper, or it has ended. */
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

static bool
ask_helper(char what, int *pending)
{
	if (helper == 0 || !take_answers())
		return false;
	/* The helper has not begun with the second of two pending requests. */
	if (*pending >= REQUESTS)
		return true;
	if (!tell_helper(what))
		return false;
	++*pending;
	return true;
}

bool
privsep_reopen_log(void)
{
	return ask_helper(REOPEN_LOG, &pending_log);
}

bool
privsep_open_deny(void)
{
	return ask_helper(OPEN_DENY, &pending_deny);
}

int
privsep_answer_fd(void)
{
	return helper != 0 && pending_deny > 0 ? control : -1;
}

int
privsep_take_deny(void)
{
	int fd;

	if (helper != 0 && pending_deny > 0)
		(void)take_answers();
	fd = deny_fd;
	deny_fd = -1;
	return fd;
}

bool
privsep_end(void)
{
	struct pollfd	pfd = { control, POLLIN, 0 };
	uint64_t	now, end = bus_now() + END_MS;
	bool		told = tell_helper(CLEAN_UP);

	if (helper == 0)
		return false;
	/* The helper answers by exiting. */
	while (take_answers()) {
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
	if (deny_fd != -1)
		(void)close(deny_fd);
	control = deny_fd = -1;
}

void
privsep_close(void)
{
	if (request != -1)
		(void)close(request);
	request = -1;
}

/* Returns the length of the login name, or -1. */
static ssize_t
ask_login(uid_t uid, char *login, size_t size)
{
	ssize_t	n;
	int	fd[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == -1)
		return -1;
	n = set_time_out(fd[0], SO_RCVTIMEO) == -1 ? -1 :
	    send_passing(request, &uid, sizeof(uid), fd[1], 0);
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
	if ((n = ask_login(uid, login, size)) <= 0 || (size_t)n >= size)
		return false;
	login[n] = '\0';
	return true;
}
