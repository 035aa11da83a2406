/* SPDX-License-Identifier: ISC */

/*
 * What the process of a browser gives up before it reads a byte.
 *
 * Anybody may be at the other end, so the process that reads a browser's bytes
 * can do nothing that a chat does not need.  It has its sockets, the pipe from
 * its parent and the log; another socket, or a file, would need a descriptor
 * that the limit forbids and a call for which the filter kills.  It connects
 * once, to the room, by one way or another; after that, and before it reads on,
 * a second filter forbids connect(2) too, so that it cannot be made to connect
 * the socket to another port.
 */

#include <sys/resource.h>
#include <sys/socket.h>
#include <errno.h>
#include <string.h>

#include "chatserv/common/filter.h"
#include "chatserv/common/log.h"
#include "contrib/chatweb/seal.h"
#include "ipc/common/bsd.h"

#define POLLED	3		/* ppoll(2) refuses more than RLIMIT_NOFILE */

#ifdef FILTER_ARCH

#include <sys/prctl.h>

#define BROWSER	FILTER_FD(0)
#define ROOM	FILTER_FD(1)
#define OTHER	FILTER_FD(2)
#define BEFORE	3		/* rules, the last ones, until connected */

static const struct filter_rule rules[] = {
	{ __NR_read, 0, 0, 3, { { BROWSER, BROWSER }, { ROOM, ROOM },
	    { OTHER, OTHER } } },
	{ __NR_write, 0, 0, 4, { { BROWSER, BROWSER }, { ROOM, ROOM },
	    { OTHER, OTHER }, { STDERR_FILENO, STDERR_FILENO } } },
#ifdef __NR_sendto
	FILTER_ONE(__NR_sendto, 0, STDERR_FILENO),	/* the log */
	FILTER_ONE(__NR_sendto, 3, MSG_DONTWAIT | MSG_NOSIGNAL),
	FILTER_ONE(__NR_sendto, 5, 0),		/* the length of an address */
#endif
#ifdef __NR_send
	FILTER_ONE(__NR_send, 0, STDERR_FILENO),
	FILTER_ONE(__NR_send, 3, MSG_DONTWAIT | MSG_NOSIGNAL),
#endif
#ifdef __NR_getsockopt
	FILTER_EITHER(__NR_getsockopt, 0, ROOM, OTHER),
	FILTER_ONE(__NR_getsockopt, 1, SOL_SOCKET),
	FILTER_ONE(__NR_getsockopt, 2, SO_ERROR),
#endif
	{ __NR_shutdown, 0, 0, 3, { { BROWSER, BROWSER }, { ROOM, ROOM },
	    { OTHER, OTHER } } },
	FILTER_ANY(__NR_close),
	FILTER_ANY(__NR_ppoll),
#ifdef __NR_ppoll_time64
	FILTER_ANY(__NR_ppoll_time64),
	FILTER_ANY(__NR_clock_gettime64),
#endif
	FILTER_ANY(__NR_clock_gettime),
	FILTER_ANY(__NR_rt_sigreturn), FILTER_ANY(__NR_restart_syscall),
	FILTER_ANY(__NR_getrandom), FILTER_ANY(__NR_exit_group),
	/* abort(3) */
	FILTER_ANY(__NR_rt_sigprocmask),
	FILTER_ANY(__NR_getpid), FILTER_ANY(__NR_gettid),
	FILTER_ONE(__NR_tgkill, 0, FILTER_SELF),
	FILTER_ONE(__NR_tkill, 0, FILTER_SELF),
	/* BEFORE */
	FILTER_EITHER(__NR_connect, 0, ROOM, OTHER),
	FILTER_ONE(__NR_prctl, 0, PR_SET_NO_NEW_PRIVS),
	FILTER_ANY(__NR_seccomp)
};

static int
filter(size_t less, int browser, int room, int other)
{
	const int fd[] = { browser, room, other };

	return filter_seal(rules, sizeof(rules) / sizeof(rules[0]) - less, fd);
}
#else
#define BEFORE	0

static int
filter(size_t less, int browser, int room, int other)
{
	(void)less;
	(void)browser;
	(void)room;
	(void)other;
	errno = ENOSYS;
	return -1;
}
#endif

void
seal(int browser, int room, int other)
{
	static const struct rlimit none = { 0, 0 }, polled = { POLLED, POLLED };

	if (setrlimit(RLIMIT_CORE, &none) == -1 ||
	    setrlimit(RLIMIT_NOFILE, &polled) == -1 ||
	    setrlimit(RLIMIT_NPROC, &none) == -1 ||
	    (!SANITIZED && setrlimit(RLIMIT_DATA, &none) == -1))
		log_warn("cannot limit a process");
	if (pledge("stdio inet unix", NULL) == -1)
		fatal("pledge");
	if (filter(0, browser, room, other) == -1)
		log_debug("system calls are not filtered: %s",
		    strerror(errno));
}

void
seal_connected(int browser, int room)
{
	if (pledge("stdio", NULL) == -1)
		fatal("pledge");
	/* Where there is no filter at all, seal() has logged it. */
	(void)filter(BEFORE, browser, room, room);
}
