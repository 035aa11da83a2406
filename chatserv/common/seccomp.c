/* SPDX-License-Identifier: ISC */

/*
 * The few system calls of a session.
 *
 * On Linux the kernel runs a small program at each system call of a
 * process that asked for it (seccomp(2)), which says whether it may be
 * made.  Ours lets pass what a session and the waker do when their client
 * talks: all else kills the process, and the parent recovers what it left.
 * A session's own code makes no other, so whoever made one is not that
 * code any more.
 *
 * Here are the calls as the kernel counts them, under all names that they
 * have on the processors named below; on others, there is no filter.
 * Where a call could do more than a session needs, one of its arguments is
 * looked at too.  Newer kernels ask the program only for these, and know
 * the answer for the others.
 *
 * A call that a change needs is added here, and tests/unit/seccomp.c says
 * that it is harmless.
 */

#include <errno.h>

#include "chatserv/parent/privilege.h"
#include "chatserv/common/seccomp.h"

#if defined(__linux__) && !SANITIZED && !defined(BARE) && \
    defined(__has_include)
#if __has_include(<linux/seccomp.h>) && __has_include(<linux/audit.h>)
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#endif
#endif

#if !defined(SECCOMP_RET_KILL_PROCESS)
#elif defined(__x86_64__)
#define ARCH	AUDIT_ARCH_X86_64
#elif defined(__i386__)
#define ARCH	AUDIT_ARCH_I386
#elif defined(__aarch64__) && defined(__AARCH64EL__)
#define ARCH	AUDIT_ARCH_AARCH64
#elif defined(__arm__) && defined(__ARMEL__)
#define ARCH	AUDIT_ARCH_ARM
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCH	AUDIT_ARCH_RISCV64
#endif

#ifndef ARCH
int
seccomp_seal(void)
{
	errno = ENOSYS;
	return -1;
}
#else

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

static const uint32_t allowed[] = {
	__NR_read, __NR_write, __NR_ppoll, __NR_rt_sigreturn, __NR_futex,
	__NR_madvise,
#ifdef __NR_ppoll_time64
	__NR_ppoll_time64, __NR_futex_time64, __NR_clock_gettime64,
#endif
#ifdef __NR_sigreturn
	__NR_sigreturn,
#endif
	/* where the clock cannot be read without a call */
	__NR_clock_gettime,
	/* of a session that waits for the lock */
	__NR_setitimer, __NR_getppid,
	/* its beginning and end */
	__NR_rt_sigaction, __NR_rt_sigprocmask, __NR_getrandom,
	__NR_shutdown, __NR_close, __NR_exit_group, __NR_restart_syscall,
	/* abort(3), as assert(3) calls it */
	__NR_getpid, __NR_gettid
};

#define SELF	UINT32_MAX	/* for this process's pid */

/* Those that are allowed only if this argument, from 0, is either. */
static const struct {
	uint32_t	call;
	unsigned int	arg;
	uint32_t	either, other;
} restricted[] = {
	{ __NR_kill, 1, SIGURG, SIGURG },
	{ __NR_tgkill, 0, SELF, SELF },
	{ __NR_tkill, 0, SELF, SELF },	/* musl's abort(3) */
#ifdef __NR_sendto
	{ __NR_sendto, 5, 0, 0 },	/* the length of an address: none */
#endif
	{ __NR_fcntl, 1, F_SETFL, F_SETFL },
#ifdef __NR_fcntl64
	{ __NR_fcntl64, 1, F_SETFL, F_SETFL },
#endif
#ifdef __NR_socketcall
	{ __NR_socketcall, 0, 9, 13 },	/* send, shutdown */
#endif
};

/* A number with about half of these below it. */
#define MIDDLE	__NR_getppid

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define LENGTH		(7 + COUNT(allowed) + 4 * COUNT(restricted))

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define LOW_HALF	sizeof(uint32_t)
#else
#define LOW_HALF	0
#endif

struct program {
	struct sock_filter	 filter[LENGTH];
	unsigned short		 len;
};

/* How far to jump: so many instructions, or to one of the two answers. */
enum { NEXT, NO = UINT8_MAX - 1, YES = UINT8_MAX };
_Static_assert(LENGTH < NO, "a jump cannot be that long");

static void
put(struct program *p, unsigned int code, size_t k, size_t yes, size_t no)
{
	/* The answers are the last two instructions. */
	if (yes >= NO)
		yes = LENGTH - 2 + (yes - NO) - p->len - 1;
	if (no >= NO)
		no = LENGTH - 2 + (no - NO) - p->len - 1;
	p->filter[p->len++] = (struct sock_filter){ (uint16_t)code,
	    (uint8_t)yes, (uint8_t)no, (uint32_t)k };
}

static void
load(struct program *p, size_t offset)
{
	put(p, BPF_LD | BPF_W | BPF_ABS, offset, NEXT, NEXT);
}

static void
compare(struct program *p, uint32_t value, size_t equal, size_t other)
{
	put(p, BPF_JMP | BPF_JEQ | BPF_K, value, equal, other);
}

/* Those below the middle, or the others.  Returns how many. */
static size_t
put_half(struct program *p, bool upper)
{
	size_t i, n = 0;

	for (i = 0; i < COUNT(allowed); i++)
		if ((allowed[i] >= MIDDLE) == upper) {
			compare(p, allowed[i], YES, NEXT);
			n++;
		}
	return n;
}

/*
 * The kernel tries all calls there are at once, to remember the answers, so
 * it pays to pass over half of ours at a time.
 */
static void
put_allowed(struct program *p)
{
	size_t at = p->len, n;

	put(p, BPF_JMP | BPF_JGE | BPF_K, MIDDLE, NEXT, NEXT);
	n = put_half(p, false);
	p->filter[at].jt = (uint8_t)(n + 1);
	put(p, BPF_JMP | BPF_JA, COUNT(allowed) - n, NEXT, NEXT);
	(void)put_half(p, true);
}

static uint32_t
number_of(uint32_t value)
{
	return value == SELF ? (uint32_t)getpid() : value;
}

static void
put_restricted(struct program *p)
{
	size_t i;

	for (i = 0; i < COUNT(restricted); i++) {
		compare(p, restricted[i].call, NEXT, 3);
		load(p, offsetof(struct seccomp_data, args) +
		    restricted[i].arg * sizeof(uint64_t) + LOW_HALF);
		compare(p, number_of(restricted[i].either), YES, NEXT);
		compare(p, number_of(restricted[i].other), YES, NO);
	}
}

static void
write_program(struct program *p)
{
	p->len = 0;
	load(p, offsetof(struct seccomp_data, arch));
	compare(p, ARCH, NEXT, NO);
	load(p, offsetof(struct seccomp_data, nr));
	put_allowed(p);
	put_restricted(p);
	/* NO comes first: what is none of these falls through to it. */
	put(p, BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS, NEXT, NEXT);
	put(p, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, NEXT, NEXT);
}

int
seccomp_seal(void)
{
	struct program		p;
	struct sock_fprog	prog = { LENGTH, p.filter };

	write_program(&p);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return -1;
#ifdef SECCOMP_FILTER_FLAG_SPEC_ALLOW
	/* Else some kernels slow down everything else that we do. */
	if (syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER,
	    SECCOMP_FILTER_FLAG_SPEC_ALLOW, &prog) == 0)
		return 0;
#endif
	return (int)syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0UL, &prog);
}

#endif
