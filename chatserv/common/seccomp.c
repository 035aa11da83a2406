/* SPDX-License-Identifier: ISC */

/*
 * The few system calls of a session.
 *
 * The filter (filter.c) permits the calls that sessions and the waker make
 * while they serve; any other call kills the process, and the parent recovers
 * what it left.  Our code makes no other call, so a process that does runs
 * somebody else's code.
 *
 * The list has each call under all its names on the processors that filter.h
 * names.  Where a call could do more than a session needs, the filter also
 * checks the arguments, above all the descriptor: a session shares what it
 * has inherited with its parent and its siblings.  One process could make the
 * log block (fcntl(2)) or shut it down for all of them, or drop the memory of
 * the segment (madvise(2)).  So a session writes to the log itself, rather
 * than to a pipe to the parent, which all sessions would share as well, and
 * which the parent would have to read.
 *
 * A change that needs another call adds it here, and tests/unit/seccomp.c
 * says why it is harmless.
 *
 * Runs in sessions and in the waker, before they serve.
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
	/* send: to one of the sockets that it may also write to */
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
	/* where reading the clock needs a call */
	FILTER_ANY(__NR_clock_gettime),
	/* on its own memory and its mapping of the segment */
	FILTER_ONE(__NR_madvise, 2, MADV_DONTNEED),
	/* to one process, never to a group or to all */
	{ __NR_kill, 0, 0, 1, { { 1, INT32_MAX } } },
	FILTER_ONE(__NR_kill, 1, SIGURG),
	/* in a session that waits for the lock */
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
