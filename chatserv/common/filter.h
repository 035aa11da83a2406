/* SPDX-License-Identifier: ISC */

/*
 * Filters of system calls, as rules: what a process may still do once
 * everything that it will ever need is open.
 */
#ifndef CHATSERV_FILTER_H
#define CHATSERV_FILTER_H

#include <stddef.h>
#include <stdint.h>

#include "chatserv/common/sanitized.h"

/* FILTER_ARCH is defined where there are filters. */
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
#define FILTER_ARCH	AUDIT_ARCH_X86_64
#elif defined(__i386__)
#define FILTER_ARCH	AUDIT_ARCH_I386
#elif defined(__aarch64__) && defined(__AARCH64EL__)
#define FILTER_ARCH	AUDIT_ARCH_AARCH64
#elif defined(__arm__) && defined(__ARMEL__)
#define FILTER_ARCH	AUDIT_ARCH_ARM
#elif defined(__riscv) && __riscv_xlen == 64
#define FILTER_ARCH	AUDIT_ARCH_RISCV64
#endif

#ifdef FILTER_ARCH
#include <sys/syscall.h>
#include <signal.h>
#include <unistd.h>
#include <linux/futex.h>
#endif

/* For a value: the descriptor that filter_seal() got as fd[i]; our pid. */
#define FILTER_FD(i)	(UINT32_MAX - 1 - (uint32_t)(i))
#define FILTER_FDS	4		/* no filter uses more of these */
#define FILTER_SELF	UINT32_MAX

/*
 * Each rule says what one argument, counted from 0, may be: without the bits
 * in ignored, in one of n ranges.  All adjacent rules for one call must hold;
 * with n = 0, any argument will do.
 */
struct filter_rule {
	uint32_t	call;
	unsigned int	arg;
	uint32_t	ignored;
	unsigned int	n;
	struct {
		uint32_t first, last;
	}		range[4];
};

#define FILTER_ANY(call)	{ (call), 0, 0, 0, { { 0, 0 } } }
#define FILTER_ONE(call, arg, value)	\
    { (call), (arg), 0, 1, { { (value), (value) } } }
#define FILTER_EITHER(call, arg, one, other)	\
    { (call), (arg), 0, 2, { { (one), (one) }, { (other), (other) } } }

/*
 * From here on this process can make only the system calls that rules[0..n)
 * allow, in which FILTER_FD(i) is fd[i]; any other call kills it.  Filters add
 * up.  Returns 0, or -1 with errno: ENOSYS if the system has no filters.
 */
int	 filter_seal(const struct filter_rule *rules, size_t n, const int *fd);

#endif
