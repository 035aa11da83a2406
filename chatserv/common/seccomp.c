/* SPDX-License-Identifier: ISC */

/*
 * The few system calls of a session.
 *
 * The filter (filter.c) lets pass what a session and the waker do when their
 * client talks: all else kills the process, and the parent recovers what it
 * left.  A session's own code makes no other, so whoever made one is not
 * that code any more.
 *
 * Here are the calls under all names that they have on the processors that
 * filter.h names.
 * Where a call could do more than a session needs, its arguments are
 * looked at too, above all the descriptor: what a process has inherited it
 * shares with its parent and its siblings.  A log that was made to block
 * (fcntl(2)) or shut down would be so for everyone, and memory of the
 * segment that is given back (madvise(2)) would be missed by all.  So a
 * session writes to the log that it has, rather than to a pipe to the
 * parent: that would be shared by all sessions as well, and the parent
 * would have to read what they write.
 *
 * A call that a change needs is added here, and tests/unit/seccomp.c says
 * that it is harmless.
 */

#include <errno.h>

#include "chatserv/common/filter.h"
#include "chatserv/common/seccomp.h"

#ifndef FILTER_ARCH
int
seccomp_seal(int client)
{
	(void)client;
	errno = ENOSYS;
	return -1;
}
#else

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>

#define FUTEX_FLAGS	((uint32_t)(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME))
#define TALKS(call)		/* to its client or the log */	\
    FILTER_EITHER(call, 0, FILTER_FD(0), STDERR_FILENO)
#define SLEEPS(call)		\
    { (call), 1, FUTEX_FLAGS, 2, { { FUTEX_WAIT, FUTEX_WAKE },	\
    { FUTEX_WAIT_BITSET, FUTEX_WAIT_BITSET } } }

static const struct filter_rule rules[] = {
	FILTER_ONE(__NR_read, 0, FILTER_FD(0)),
	TALKS(__NR_write),
#ifdef __NR_sendto
	TALKS(__NR_sendto),
	FILTER_ONE(__NR_sendto, 3, MSG_DONTWAIT | MSG_NOSIGNAL),
	FILTER_ONE(__NR_sendto, 5, 0),		/* the length of an address */
#endif
#ifdef __NR_send
	TALKS(__NR_send),
	FILTER_ONE(__NR_send, 3, MSG_DONTWAIT | MSG_NOSIGNAL),
#endif
#ifdef __NR_shutdown
	FILTER_ONE(__NR_shutdown, 0, FILTER_FD(0)),
#endif
#ifdef __NR_socketcall
	/* send: to one of the sockets that it may write to as well */
	FILTER_ONE(__NR_socketcall, 0, 9),
#endif
	FILTER_ANY(__NR_close),
	FILTER_ANY(__NR_ppoll),
	SLEEPS(__NR_futex),
#ifdef __NR_ppoll_time64
	FILTER_ANY(__NR_ppoll_time64),
	SLEEPS(__NR_futex_time64),
	FILTER_ANY(__NR_clock_gettime64),
#endif
	/* where the clock cannot be read without a call */
	FILTER_ANY(__NR_clock_gettime),
	/* of its own memory and of its view of the segment */
	FILTER_ONE(__NR_madvise, 2, MADV_DONTNEED),
	/* of one process, never of a group or of all */
	{ __NR_kill, 0, 0, 1, { { 1, INT32_MAX } } },
	FILTER_ONE(__NR_kill, 1, SIGURG),
	/* of a session that waits for the lock */
	FILTER_ONE(__NR_setitimer, 0, ITIMER_REAL),
	FILTER_ANY(__NR_getppid),
	FILTER_ANY(__NR_rt_sigaction), FILTER_ANY(__NR_rt_sigprocmask),
	FILTER_ANY(__NR_rt_sigreturn), FILTER_ANY(__NR_restart_syscall),
#ifdef __NR_sigreturn
	FILTER_ANY(__NR_sigreturn),
#endif
	FILTER_ANY(__NR_getrandom), FILTER_ANY(__NR_exit_group),
	/* abort(3), as assert(3) calls it */
	FILTER_ANY(__NR_getpid), FILTER_ANY(__NR_gettid),
	FILTER_ONE(__NR_tgkill, 0, FILTER_SELF),
	FILTER_ONE(__NR_tkill, 0, FILTER_SELF)	/* musl's */
};

int
seccomp_seal(int client)
{
	return filter_seal(rules, sizeof(rules) / sizeof(rules[0]), &client);
}

#endif
