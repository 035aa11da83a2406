/* SPDX-License-Identifier: ISC */

/*
 * A kernel for processes that are coroutines: processes, signals and time.
 *
 * It does what POSIX says and no more.  Signals carry no knowledge of the
 * sender's stores, although those of a real kernel do, so that no proof rests
 * on that.  But fork(2) and waitpid(2) do, or no parent could ever recover
 * what a dead or stopped child left behind.  The next fork reuses the latest
 * freed pid at once, more eagerly than any real kernel.
 */

#include <sys/time.h>
#include <sys/wait.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tests/schedule/kernel.h"
#include "tests/schedule/schedule.h"
#include "tests/schedule/system.h"
#include "tests/schedule/trace.h"

#define NS_PER_S	UINT64_C(1000000000)
#define BIT(sig)	(UINT64_C(1) << ((sig) - 1))

/* Pids that were used and are free, the latest last. */
static struct {
	pid_t	next;
	int	n;
	pid_t	free[PROCESSES];
} pids, kept_pids;

void
kernel_begin(struct process *first)
{
	pids.next = KERNEL_FIRST_PID + 1;
	pids.n = 0;
	first->pid = KERNEL_FIRST_PID;
	first->parent = 1;
	sleep_begin();
	files_begin();
}

void
kernel_keep(void)
{
	kept_pids = pids;
	sleep_keep();
	files_keep();
}

void
kernel_restore(void)
{
	pids = kept_pids;
	sleep_restore();
	files_restore();
}

/* ---- processes ---- */

struct process *
kernel_find(pid_t pid)
{
	struct process *p;

	for (p = process; p < process + PROCESSES; p++)
		if (p->state != PROCESS_NONE && p->pid == pid)
			return p;
	return NULL;
}

static struct process *
free_place(void)
{
	struct process *p;

	for (p = process; p < process + PROCESSES; p++)
		if (p->state == PROCESS_NONE)
			return p;
	return NULL;
}

pid_t
sys_fork(void)
{
	struct process	*child;
	pid_t		 pid;

	schedule_step();
	if ((child = free_place()) == NULL) {
		errno = EAGAIN;
		return -1;
	}
	pid = pids.n > 0 ? pids.free[--pids.n] : pids.next++;
	memory_fork(child->number, process_now->number);
	(void)snprintf(child->name, sizeof(child->name), "pid %d", (int)pid);
	trace("fork: pid %d", (int)pid);
	return process_fork(child, pid);
}

pid_t
sys_getpid(void)
{
	return process_now->pid;
}

pid_t
sys_getppid(void)
{
	return process_now->parent;
}

void
sys__exit(int status)
{
	schedule_step();
	schedule_exit(status);
}

static void
be_gone(struct process *p)
{
	p->state = PROCESS_NONE;
	pids.free[pids.n++] = p->pid;
}

pid_t
sys_waitpid(pid_t pid, int *status, int options)
{
	struct process	*p;
	bool		 any = false;

	(void)pid;
	schedule_step();
	for (p = process; p < process + PROCESSES; p++) {
		if (p->state == PROCESS_NONE ||
		    p->parent != process_now->pid)
			continue;
		any = true;
		if (p->state == PROCESS_ZOMBIE) {
			*status = p->status;
			memory_know(process_now->number, p->number);
			trace("waitpid: %s is reaped", p->name);
			be_gone(p);
			return p->pid;
		}
		if ((options & WUNTRACED) && p->stopped && !p->stop_told) {
			p->stop_told = true;
			memory_know(process_now->number, p->number);
			*status = SIGSTOP << 8 | 0x7f;
			return p->pid;
		}
	}
	errno = ECHILD;
	return any ? 0 : -1;
}

/* ---- signals ---- */

static bool
is_harmless(int sig)
{
	return sig == SIGURG || sig == SIGCHLD || sig == SIGCONT ||
	    sig == SIGWINCH;
}

static void
send_signal(struct process *p, int sig)
{
	void (*handler)(int) = p->handler[sig];

	if (sig == SIGKILL || sig == SIGSTOP) {
		schedule_kill(p, sig);
		return;
	}
	if (handler == SIG_IGN || (handler == SIG_DFL && is_harmless(sig)))
		return;
	p->pending |= BIT(sig);
	if (handler == SIG_DFL && (p->blocked & BIT(sig)) == 0)
		schedule_kill(p, sig);
}

static void
tell_parent(const struct process *p)
{
	struct process *parent = kernel_find(p->parent);

	if (parent != NULL && parent->state != PROCESS_ZOMBIE)
		send_signal(parent, SIGCHLD);
}

void
kernel_stopped(struct process *p)
{
	tell_parent(p);
}

void
kernel_died(struct process *p)
{
	struct process *q;

	for (q = process; q < process + PROCESSES; q++) {
		if (q->state == PROCESS_NONE || q->parent != p->pid)
			continue;
		q->parent = 1;
		if (q->state == PROCESS_ZOMBIE)
			be_gone(q);
	}
	if (p->parent == 1)
		be_gone(p);
	else
		tell_parent(p);
}

int
sys_kill(pid_t pid, int sig)
{
	struct process *p = kernel_find(pid);

	schedule_step();
	if (p == NULL || (p = kernel_find(pid)) == NULL) {
		errno = ESRCH;
		return -1;
	}
	trace("kill: signal %d to %s", sig, p->name);
	if (sig != 0 && p->state != PROCESS_ZOMBIE)
		send_signal(p, sig);
	if (p == process_now)
		(void)kernel_deliver();
	return 0;
}

void
kernel_alarm(struct process *p)
{
	p->alarm = p->alarm_every == 0 ? 0 : schedule_now() + p->alarm_every;
	send_signal(p, SIGALRM);
}

bool
kernel_has_signal(const struct process *p)
{
	return (p->pending & ~p->blocked) != 0;
}

bool
kernel_deliver(void)
{
	struct process	*me = process_now;
	bool		 any = false;
	int		 sig;

	while ((me->pending & ~me->blocked) != 0) {
		sig = __builtin_ctzll(me->pending & ~me->blocked) + 1;
		me->pending &= ~BIT(sig);
		any = true;
		me->handler[sig](sig);
	}
	return any;
}

static uint64_t
to_bits(const sigset_t *set)
{
	uint64_t	bits = 0;
	int		sig;

	for (sig = 1; sig < PROCESS_SIGNALS; sig++)
		if (sigismember(set, sig) == 1)
			bits |= BIT(sig);
	return bits;
}

uint64_t
kernel_mask(const sigset_t *set)
{
	return to_bits(set);
}

int
sys_sigprocmask(int how, const sigset_t *set, sigset_t *old)
{
	uint64_t	was = process_now->blocked, bits;
	int		sig;

	if (old != NULL) {
		(void)sigemptyset(old);
		for (sig = 1; sig < PROCESS_SIGNALS; sig++)
			if (was & BIT(sig))
				(void)sigaddset(old, sig);
	}
	if (set != NULL) {
		bits = to_bits(set);
		process_now->blocked = how == SIG_BLOCK ? was | bits :
		    how == SIG_UNBLOCK ? was & ~bits : bits;
	}
	(void)kernel_deliver();
	return 0;
}

int
sys_sigaction(int sig, const struct sigaction *act, struct sigaction *old)
{
	if (old != NULL) {
		memset(old, 0, sizeof(*old));
		old->sa_handler = process_now->handler[sig];
	}
	if (act != NULL)
		process_now->handler[sig] = act->sa_handler;
	return 0;
}

handler_function *
sys_signal(int sig, handler_function *handler)
{
	handler_function *was = process_now->handler[sig];

	process_now->handler[sig] = handler;
	return was;
}

/* ---- time ---- */

int
sys_clock_gettime(clockid_t clock, struct timespec *ts)
{
	(void)clock;
	ts->tv_sec = (time_t)(schedule_now() / NS_PER_S);
	ts->tv_nsec = (long)(schedule_now() % NS_PER_S);
	return 0;
}

static uint64_t
to_ns(const struct timeval *tv)
{
	return (uint64_t)tv->tv_sec * NS_PER_S + (uint64_t)tv->tv_usec * 1000;
}

int
sys_setitimer(int which, const struct itimerval *timer, struct itimerval *old)
{
	uint64_t first = to_ns(&timer->it_value);

	(void)which;
	(void)old;
	process_now->alarm = first == 0 ? 0 : schedule_now() + first;
	process_now->alarm_every = to_ns(&timer->it_interval);
	process_now->alarm_from = schedule_idle();
	return 0;
}
