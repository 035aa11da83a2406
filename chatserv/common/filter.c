/* SPDX-License-Identifier: ISC */

/*
 * Filters of system calls.
 *
 * On Linux the kernel runs a small program at each system call of a process
 * that has installed it (seccomp(2)); the program says whether the call is
 * allowed.  This file writes that program from rules.  It knows calls by the
 * kernel's numbers, on the processors that filter.h names; on others, there is
 * no filter.  Newer kernels run the program only for calls whose arguments
 * matter, and remember the answer for the others.
 *
 * Runs in a child, once or twice, before or while it has a client.
 */

#include <errno.h>

#include "chatserv/common/filter.h"

#ifndef FILTER_ARCH
int
filter_seal(const struct filter_rule *rules, size_t n, const int *fd)
{
	(void)rules;
	(void)n;
	(void)fd;
	errno = ENOSYS;
	return -1;
}
#else

#include <sys/prctl.h>
#include <stdbool.h>

#define LENGTH_MAX	192	/* instructions, whose jumps have 8 bits */
#define RULES_MAX	64

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define LOW_HALF	sizeof(uint32_t)
#else
#define LOW_HALF	0
#endif

/*
 * Where an instruction jumps: to the next one, to one of the two answers,
 * behind the rule, to the beginning of a call's rules, or else to that place.
 */
enum { NEXT = 0, NO = 1000, YES, AFTER, RULE };

struct instruction {
	unsigned int	code;
	uint32_t	k;
	size_t		yes, no;
};

struct program {
	const struct filter_rule *rules;
	size_t			 n;			/* of rules */
	const int		*fd;
	struct instruction	 at[LENGTH_MAX];
	size_t			 len;
	size_t			 begins[RULES_MAX];	/* each rule */
	size_t			 first[RULES_MAX];	/* by call */
	size_t			 calls;
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
	if (value == FILTER_SELF)
		value = (uint32_t)getpid();
	else if (value >= FILTER_FD(FILTER_FDS - 1))
		value = (uint32_t)p->fd[FILTER_FD(0) - value];
	put(p, BPF_JMP | BPF_K | how, value, yes, no);
}

/* The first rule of each call, in the order of their numbers. */
static void
sort_calls(struct program *p)
{
	size_t i, j;

	for (i = 0; i < p->n; i++) {
		if (i > 0 && p->rules[i].call == p->rules[i - 1].call)
			continue;
		for (j = p->calls++; j > 0 &&
		    p->rules[p->first[j - 1]].call > p->rules[i].call; j--)
			p->first[j] = p->first[j - 1];
		p->first[j] = i;
	}
}

/*
 * Which of the calls [from, to) it is.  The kernel runs the program for every
 * call at once, to remember the answers, so a binary search pays.
 */
static void
put_search(struct program *p, size_t from, size_t to)
{
	size_t at, i, middle = from + (to - from) / 2;

	if (to - from > 3) {
		at = p->len;
		compare(p, BPF_JGE, p->rules[p->first[middle]].call, NEXT,
		    NEXT);
		put_search(p, from, middle);
		p->at[at].yes = p->len;
		put_search(p, middle, to);
		return;
	}
	for (i = from; i < to; i++)
		compare(p, BPF_JEQ, p->rules[p->first[i]].call,
		    p->rules[p->first[i]].n == 0 ? YES : RULE + p->first[i],
		    i + 1 < to ? NEXT : NO);
}

static void
put_rule(struct program *p, const struct filter_rule *r)
{
	unsigned int	i;
	size_t		failed, begin = p->len;
	bool		last = r + 1 == p->rules + p->n ||
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
	compare(p, BPF_JEQ, FILTER_ARCH, NEXT, NO);
	load(p, offsetof(struct seccomp_data, nr));
	sort_calls(p);
	put_search(p, 0, p->calls);
	for (i = 0; i < p->n; i++) {
		p->begins[i] = p->len;
		if (p->rules[i].n > 0)
			put_rule(p, &p->rules[i]);
	}
	/* The answers are the last two instructions. */
	put(p, BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS, NEXT, NEXT);
	put(p, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, NEXT, NEXT);
}

/* How many instructions the one at i skips. */
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
filter_seal(const struct filter_rule *rules, size_t n, const int *fd)
{
	struct sock_filter	filter[LENGTH_MAX];
	struct sock_fprog	prog = { 0, filter };
	struct program		p = { .rules = rules, .n = n, .fd = fd };
	size_t			i;

	if (n > RULES_MAX) {
		errno = E2BIG;
		return -1;
	}
	write_program(&p);
	for (i = 0; i < p.len; i++)
		filter[i] = (struct sock_filter){ (uint16_t)p.at[i].code,
		    jump(&p, i, p.at[i].yes), jump(&p, i, p.at[i].no),
		    p.at[i].k };
	prog.len = (unsigned short)p.len;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return -1;
#ifdef SECCOMP_FILTER_FLAG_SPEC_ALLOW
	/* Without this flag some kernels slow the whole process down. */
	if (syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER,
	    SECCOMP_FILTER_FLAG_SPEC_ALLOW, &prog) == 0)
		return 0;
#endif
	return (int)syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0UL, &prog);
}

#endif
