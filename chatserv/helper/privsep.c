/* SPDX-License-Identifier: ISC */

/*
 * What is left of root.
 *
 * A server that was started as root gives it up and locks itself in before
 * its first client (privilege.c).  Three things need more than it has then:
 * removing at the end what has a name, finding the system's log again, and
 * looking up a local client's login name.  One small process keeps root for
 * these and can do nothing else:
 *
 *	1. On `life` it hears from the parent: a byte that asks for the log,
 *	   or the one at which it cleans up and goes.  If the end of file
 *	   comes first, the parent was killed; then it just goes, and the
 *	   next start finds everything as a server that was killed leaves it.
 *	2. On `asked` a child asks, before it hears its client, with a uid
 *	   and a socket to answer into.
 *
 * Nobody but root can stop it, and only root could continue or end it
 * then; so the parent merely says so, and never waits for it: a request is
 * sent if there is room for it, and few are on their way.
 *
 * It has no listening socket and not the segment, takes no signal, trusts no
 * length, and never waits for whom it answers.  Names may come over the
 * network, so a child waits for its answer only so long.
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

#define ANSWER_S	10	/* to wait for a name */
#define END_MS		3000	/* to wait for the helper's end */
#define REQUESTS	2	/* on their way: the last one covers others */

/* What the parent says. */
#define CLEAN_UP	'c'
#define REOPEN_LOG	'l'

static pid_t	helper;			/* 0: there is none */
static int	life = -1;		/* the parent's end */
static int	asking = -1;		/* the children's end */
static int	requests;		/* on their way to the helper */

/* ---- the helper ---- */

static void
answer(int fd, uid_t uid)
{
	const struct passwd *pw = getpwuid(uid);

	if (pw != NULL)
		(void)send(fd, pw->pw_name, strlen(pw->pw_name),
		    MSG_DONTWAIT);
}

/* Room for one descriptor on its way, aligned as it must be. */
union passed {
	struct cmsghdr	header;
	char		space[CMSG_SPACE(sizeof(int))];
};

static void
read_request(int asked)
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
	/* Not sizeof(passed), in which two might find room. */
	msg.msg_controllen = CMSG_LEN(sizeof(fd));
	if ((n = recvmsg(asked, &msg, MSG_DONTWAIT)) == -1 ||
	    (cm = CMSG_FIRSTHDR(&msg)) == NULL ||
	    cm->cmsg_level != SOL_SOCKET || cm->cmsg_type != SCM_RIGHTS ||
	    cm->cmsg_len != CMSG_LEN(sizeof(fd)))
		return;
	memcpy(&fd, CMSG_DATA(cm), sizeof(fd));
	if (n == (ssize_t)sizeof(uid))
		answer(fd, uid);
	(void)close(fd);
}

static void __attribute__((noreturn))
keep(int told, int asked, pid_t parent, void (*clean_up)(void))
{
	struct pollfd	pfd[2] = { { told, POLLIN, 0 },
	    { asked, POLLIN, 0 } };
	char		c = 0;
	ssize_t		n;

	for (;;) {
		if (ppoll(pfd, 2, NULL, NULL) == -1) {
			if (errno != EINTR)
				fatal("the privileged helper cannot wait");
			continue;	/* nothing new is in pfd */
		}
		if (pfd[1].revents != 0)
			read_request(asked);
		if (pfd[0].revents == 0)
			continue;
		n = recv(told, &c, 1, MSG_DONTWAIT);
		if (n == -1 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n == 1 && c == REOPEN_LOG) {
			log_reopen();
			/* There is room: few requests are on their way. */
			(void)send(told, &c, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
			continue;
		}
		/* If it has not waited, all may be a successor's now. */
		if (n == 1 && getppid() == parent)
			clean_up();
		_exit(0);
	}
}

/* In the new process: only what a helper needs, and no signal but KILL. */
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
	(void)close(life);
	(void)close(asking);
	setproctitle("helper of port %u", o->port);
}

/* ---- the parent ---- */

/* From now on what, receiving or sending, fails after ANSWER_S on fd. */
static int
be_patient(int fd, int what)
{
	static const struct timeval patience = { ANSWER_S, 0 };

	return setsockopt(fd, SOL_SOCKET, what, &patience, sizeof(patience));
}

void
privsep_start(const struct parent_options *o, void (*clean_up)(void))
{
	int	told[2], asked[2];
	char	ready = 0;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, told) == -1 ||
	    socketpair(AF_UNIX, SOCK_DGRAM, 0, asked) == -1 ||
	    be_patient(asked[0], SO_SNDTIMEO) == -1)
		fatal("cannot make a socket to the helper");
	life = told[0];
	asking = asked[0];
	switch (helper = fork()) {
	case -1:
		helper = 0;
		fatal("cannot fork the helper");
	case 0:
		become_helper(o);
		if (write(told[1], &ready, 1) != 1)
			_exit(1);
		keep(told[1], asked[1], o->bus->parent, clean_up);
	default:
		break;
	}
	(void)close(told[1]);
	(void)close(asked[1]);
	if (read(life, &ready, 1) != 1)
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

/* What the helper has done by now.  False if it has ended. */
static bool
count_done(void)
{
	char	done[REQUESTS];
	ssize_t	n;

	while ((n = recv(life, done, sizeof(done), MSG_DONTWAIT)) > 0)
		requests -= (int)n;
	return n == -1 && (errno == EAGAIN || errno == EWOULDBLOCK ||
	    errno == EINTR);
}

/* At once, or not at all: false if there is none, or it has ended. */
static bool
tell_helper(char what)
{
	ssize_t n;

	if (helper == 0)
		return false;
	do
		n = send(life, &what, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (n == -1 && errno == EINTR);
	return n == 1;
}

bool
privsep_reopen_log(void)
{
	if (helper == 0 || !count_done())
		return false;
	/* Of two that are not done, it has not begun with the second. */
	if (requests >= REQUESTS)
		return true;
	if (!tell_helper(REOPEN_LOG))
		return false;
	requests++;
	return true;
}

bool
privsep_end(void)
{
	struct pollfd	pfd = { life, POLLIN, 0 };
	uint64_t	now, end = bus_now() + END_MS;

	if (!tell_helper(CLEAN_UP))
		return false;
	/* Its end is the answer. */
	while (count_done()) {
		if ((now = bus_now()) >= end) {
			log_info("the privileged helper does not end: the "
			    "socket and the segment stay");
			return false;
		}
		(void)poll(&pfd, 1, (int)(end - now));
	}
	while (waitpid(helper, NULL, 0) == -1 && errno == EINTR)
		;
	return true;
}

/* ---- a child ---- */

void
privsep_leave(void)
{
	if (life != -1)
		(void)close(life);
	life = -1;
}

void
privsep_close(void)
{
	if (asking != -1)
		(void)close(asking);
	asking = -1;
}

/* Send the question, and the socket to answer into. */
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
	return sendmsg(asking, &msg, 0) == -1 ? -1 : 0;
}

/* Returns the length of the login name, or -1. */
static ssize_t
ask_helper(uid_t uid, char *login, size_t size)
{
	ssize_t	n;
	int	fd[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == -1)
		return -1;
	n = be_patient(fd[0], SO_RCVTIMEO) == -1 ? -1 : ask(uid, fd[1]);
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

	if (asking == -1)
		return (pw = getpwuid(uid)) != NULL &&
		    strlcpy(login, pw->pw_name, size) < size;
	if ((n = ask_helper(uid, login, size)) <= 0 || (size_t)n >= size)
		return false;
	login[n] = '\0';
	return true;
}
