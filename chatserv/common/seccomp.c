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
 * Where a call could do more than a session needs, its arguments are
 * looked at too, above all the descriptor: what a process has inherited it
 * shares with its parent and its siblings.  A log that was made to block
 * (fcntl(2)) or shut down would be so for everyone, and memory of the
 * segment that is given back (madvise(2)) would be missed by all.  So a
 * session writes to the log that it has, rather than to a pipe to the
 * parent: that would be shared by all sessions as well, and the parent
 * would have to read what they write.  Newer kernels ask the program only
 * for calls with such arguments, and know the answer for the others.
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
seccomp_seal(int client)
{
	(void)client;
	errno = ENOSYS;
	return -1;
}
#else

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <linux/futex.h>
#include <signal.h>
#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

#define CLIENT	(UINT32_MAX - 1)	/* its client's descriptor */
#define SELF	UINT32_MAX		/* its pid */

#define FUTEX_FLAGS	((uint32_t)(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME))

/*
 * One of these says what an argument, from 0, may be: without the bits in
 * ignored, in one of n ranges.  All that stand together for one call must
 * agree; with n = 0, anything goes.
 */
struct rule {
	uint32_t	call;
	unsigned int	arg;
	uint32_t	ignored;
	unsigned int	n;
	struct {
		uint32_t first, last;
	}		range[2];
};

#define ANY(call)		{ (call), 0, 0, 0, { { 0, 0 } } }
#define ONE(call, arg, value)	\
    { (call), (arg), 0, 1, { { (value), (value) } } }
#define TALKS(call)		/* to its client or the log */	\
    { (call), 0, 0, 2, { { CLIENT, CLIENT },	\
    { STDERR_FILENO, STDERR_FILENO } } }
#define SLEEPS(call)		\
    { (call), 1, FUTEX_FLAGS, 2, { { FUTEX_WAIT, FUTEX_WAKE },	\
    { FUTEX_WAIT_BITSET, FUTEX_WAIT_BITSET } } }

static const struct rule rules[] = {
	ONE(__NR_read, 0, CLIENT),
	TALKS(__NR_write),
#ifdef __NR_sendto
	TALKS(__NR_sendto),
	ONE(__NR_sendto, 3, MSG_DONTWAIT | MSG_NOSIGNAL),
	ONE(__NR_sendto, 5, 0),		/* the length of an address */
#endif
#ifdef __NR_send
	TALKS(__NR_send),
	ONE(__NR_send, 3, MSG_DONTWAIT | MSG_NOSIGNAL),
#endif
#ifdef __NR_shutdown
	ONE(__NR_shutdown, 0, CLIENT),
#endif
#ifdef __NR_socketcall
	/* send: to one of the sockets that it may write to as well */
	ONE(__NR_socketcall, 0, 9),
#endif
	ANY(__NR_close),
	ANY(__NR_ppoll),
	SLEEPS(__NR_futex),
#ifdef __NR_ppoll_time64
	ANY(__NR_ppoll_time64),
	SLEEPS(__NR_futex_time64),
	ANY(__NR_clock_gettime64),
#endif
	/* where the clock cannot be read without a call */
	ANY(__NR_clock_gettime),
	/* of its own memory and of its view of the segment */
	ONE(__NR_madvise, 2, MADV_DONTNEED),
	/* of one process, never of a group or of all */
	{ __NR_kill, 0, 0, 1, { { 1, INT32_MAX } } },
	ONE(__NR_kill, 1, SIGURG),
	/* of a session that waits for the lock */
	ONE(__NR_setitimer, 0, ITIMER_REAL),
	ANY(__NR_getppid),
	ANY(__NR_rt_sigaction), ANY(__NR_rt_sigprocmask),
	ANY(__NR_rt_sigreturn), ANY(__NR_restart_syscall),
#ifdef __NR_sigreturn
	ANY(__NR_sigreturn),
#endif
	ANY(__NR_getrandom), ANY(__NR_exit_group),
	/* abort(3), as assert(3) calls it */
	ANY(__NR_getpid), ANY(__NR_gettid),
	ONE(__NR_tgkill, 0, SELF),
	ONE(__NR_tkill, 0, SELF)	/* musl's */
};

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define LENGTH_MAX	192

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define LOW_HALF	sizeof(uint32_t)
#else
#define LOW_HALF	0
#endif

/*
 * Where an instruction goes on: at the next one, at one of the two answers,
 * after the rule, at what a call's rules begin with, or else at that place.
 */
enum { NEXT = 0, NO = 1000, YES, AFTER, RULE };

struct instruction {
	unsigned int	code;
	uint32_t	k;
	size_t		yes, no;
};

struct program {
	struct instruction	at[LENGTH_MAX];
	size_t			len;
	size_t			begins[COUNT(rules)];	/* of rules */
	size_t			first[COUNT(rules)];	/* by call */
	size_t			calls;
	uint32_t		client;
};

static void
put(struct program *p, unsigned int code, size_t k, size_t yes, size_t no)
{
	p->at[p->len++] = (struct instruction){ code, (uint32_t)k, yes, no };
}

static void
load(struct program *p, size_t offset)
{
	put(p, BPF_LD | BPF_W | BPF_ABS, offset, NEXT, NEXT);
}

static void
compare(struct program *p, unsigned int how, uint32_t value, size_t yes,
    size_t no)
{
	if (value == SELF)
		value = (uint32_t)getpid();
	else if (value == CLIENT)
		value = p->client;
	put(p, BPF_JMP | BPF_K | how, value, yes, no);
}

/* The first rule of each call, in the order of their numbers. */
static void
sort_calls(struct program *p)
{
	size_t i, j;

	for (i = 0; i < COUNT(rules); i++) {
		if (i > 0 && rules[i].call == rules[i - 1].call)
			continue;
		for (j = p->calls++; j > 0 &&
		    rules[p->first[j - 1]].call > rules[i].call; j--)
			p->first[j] = p->first[j - 1];
		p->first[j] = i;
	}
}

/*
 * Which of the calls [from, to) it is.  The kernel tries all calls there are
 * at once, to remember the answers, so it pays to halve them.
 */
static void
put_search(struct program *p, size_t from, size_t to)
{
	size_t at, i, middle = from + (to - from) / 2;

	if (to - from > 3) {
		at = p->len;
		compare(p, BPF_JGE, rules[p->first[middle]].call, NEXT, NEXT);
		put_search(p, from, middle);
		p->at[at].yes = p->len;
		put_search(p, middle, to);
		return;
	}
	for (i = from; i < to; i++)
		compare(p, BPF_JEQ, rules[p->first[i]].call,
		    rules[p->first[i]].n == 0 ? YES : RULE + p->first[i],
		    i + 1 < to ? NEXT : NO);
}

static void
put_rule(struct program *p, const struct rule *r)
{
	unsigned int	i;
	size_t		failed, begin = p->len;
	bool		last = r + 1 == rules + COUNT(rules) ||
	    r[1].call != r->call;

	load(p, offsetof(struct seccomp_data, args) +
	    r->arg * sizeof(uint64_t) + LOW_HALF);
	if (r->ignored != 0)
		put(p, BPF_ALU | BPF_AND | BPF_K, (uint32_t)~r->ignored, NEXT,
		    NEXT);
	for (i = 0; i < r->n; i++) {
		failed = i + 1 == r->n ? NO : p->len +
		    (r->range[i].first == r->range[i].last ? 1 : 2);
		if (r->range[i].first == r->range[i].last) {
			compare(p, BPF_JEQ, r->range[i].first, AFTER, failed);
			continue;
		}
		compare(p, BPF_JGE, r->range[i].first, NEXT, failed);
		compare(p, BPF_JGT, r->range[i].last, failed, AFTER);
	}
	for (; begin < p->len; begin++) {
		if (p->at[begin].yes == AFTER)
			p->at[begin].yes = last ? YES : p->len;
		if (p->at[begin].no == AFTER)
			p->at[begin].no = last ? YES : p->len;
	}
}

static void
write_program(struct program *p)
{
	size_t i;

	load(p, offsetof(struct seccomp_data, arch));
	compare(p, BPF_JEQ, ARCH, NEXT, NO);
	load(p, offsetof(struct seccomp_data, nr));
	sort_calls(p);
	put_search(p, 0, p->calls);
	for (i = 0; i < COUNT(rules); i++) {
		p->begins[i] = p->len;
		if (rules[i].n > 0)
			put_rule(p, &rules[i]);
	}
	/* The answers are the last two instructions. */
	put(p, BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS, NEXT, NEXT);
	put(p, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, NEXT, NEXT);
}

/* How many instructions to pass over from the one at i. */
static uint8_t
jump(const struct program *p, size_t i, size_t to)
{
	if (to == NEXT)
		return 0;
	if (to == NO || to == YES)
		to = p->len - 2 + (to - NO);
	else if (to >= RULE)
		to = p->begins[to - RULE];
	return (uint8_t)(to - i - 1);
}

int
seccomp_seal(int client)
{
	struct sock_filter	filter[LENGTH_MAX];
	struct sock_fprog	prog = { 0, filter };
	struct program		p = { .client = (uint32_t)client };
	size_t			i;

	write_program(&p);
	for (i = 0; i < p.len; i++)
		filter[i] = (struct sock_filter){ (uint16_t)p.at[i].code,
		    jump(&p, i, p.at[i].yes), jump(&p, i, p.at[i].no),
		    p.at[i].k };
	prog.len = (unsigned short)p.len;
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
