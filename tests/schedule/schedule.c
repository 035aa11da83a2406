/* SPDX-License-Identifier: ISC */

/*
 * One schedule.
 *
 * A process runs until its next step, an atomic access or a system call.
 * There it asks what happens now: it continues, another one does, a process is
 * killed or stopped, or a timer expires.  Nothing else is ever left to
 * chance, so a list of these choices, and of those of the memory, is the whole
 * schedule, and reproduces it.
 *
 * Between two steps a process touches nothing that another could see, so not
 * switching there loses nothing; and most steps do not switch, which costs one
 * function call.
 *
 * Time is a number.  It moves only when nobody can run otherwise, and quiet()
 * first checks whether anybody should have been able to: so a lost wake-up
 * shows at once, however short the timer that would have made up for it.
 */

#include <sys/wait.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/schedule/choice.h"
#include "tests/schedule/kernel.h"
#include "tests/schedule/schedule.h"
#include "tests/schedule/trace.h"

#define OPTIONS		(4 * PROCESSES)
#define STOPPED_MS	5000	/* at most */

static const struct schedule_rules *rules;
static bool		 deciding;
static unsigned long	 steps;
static int		 kills, stops, clocks;
static uint64_t		 now, kept_now;
static uint64_t		 idle;		/* of it, nobody could run */
static uint64_t		 stopped_until;
static enum schedule_end end;
static char		 failure[256];

bool
schedule_decides(void)
{
	return deciding;
}

const char *
schedule_failure(void)
{
	return failure;
}

unsigned long
schedule_steps(void)
{
	return steps;
}

uint64_t
schedule_now(void)
{
	return now;
}

uint64_t
schedule_idle(void)
{
	return idle;
}

void
schedule_fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(failure, sizeof(failure), fmt, ap);
	va_end(ap);
	trace("%s", failure);
	end = SCHEDULE_FAILED;
	process_end();
}

/* ---- which processes can run ---- */

/* Whatever ends a sleep, except the clock. */
static bool
can_go_on(struct process *p)
{
	if (p->stopped)
		return false;
	return p->state == PROCESS_READY || (p->state == PROCESS_ASLEEP &&
	    (p->ready(p) || kernel_has_signal(p)));
}

/* The earliest time at which something happens; 0 if there is none. */
static uint64_t
next_timer(void)
{
	uint64_t first = 0;
	struct process *p;

	for (p = process; p < process + PROCESSES; p++) {
		if (p->state != PROCESS_READY && p->state != PROCESS_ASLEEP)
			continue;
		if (p->alarm != 0 && (first == 0 || p->alarm < first))
			first = p->alarm;
		if (p->state == PROCESS_ASLEEP && p->deadline != 0 &&
		    (first == 0 || p->deadline < first))
			first = p->deadline;
	}
	return first;
}

static void
move_clock(uint64_t to)
{
	struct process *p;

	if (to > now)
		now = to;
	trace_clock(now);
	for (p = process; p < process + PROCESSES; p++) {
		if (p->state != PROCESS_READY && p->state != PROCESS_ASLEEP)
			continue;
		if (p->alarm != 0 && p->alarm <= now)
			kernel_alarm(p);
		if (p->state == PROCESS_ASLEEP && p->deadline != 0 &&
		    p->deadline <= now) {
			p->timed_out = true;
			p->state = PROCESS_READY;
		}
	}
}

/* The first stopped process; NULL if there is none. */
static struct process *
find_stopped(void)
{
	struct process *p;

	for (p = process; p < process + PROCESSES; p++)
		if (p->stopped && p->state != PROCESS_NONE &&
		    p->state != PROCESS_ZOMBIE)
			return p;
	return NULL;
}

/* Whether p, which is stopped, is continued before the clock moves. */
static bool
is_continued(uint64_t next)
{
	if (stopped_until < now)
		stopped_until = now + STOPPED_MS * SCHEDULE_MS;
	return next == 0 || next > stopped_until ||
	    choose(CHOOSE_CONTINUE, 2) == 1;
}

/*
 * Nobody can run.  A stopped process may stay stopped for as long as timers
 * are set, or for seconds, in which another may have to act on that; or it is
 * continued sooner.
 */
static void
be_quiet(void)
{
	uint64_t	 next = next_timer(), before = now;
	struct process	*stopped = find_stopped();

	if (rules->quiet(stopped != NULL) && stopped == NULL) {
		/* The set-up is resumed from, not ended. */
		process_pause();
		return;
	}
	if (stopped != NULL && is_continued(next)) {
		stopped_until = 0;
		stopped->stopped = false;
		trace("%s is continued", stopped->name);
		return;
	}
	if (next == 0)
		schedule_fail("nobody can run, and no timer is set");
	move_clock(next);
	idle += now - before;
}

/* ---- what happens next ---- */

static unsigned int
add_going(struct option *option)
{
	unsigned int	n = 0;
	int		first = process_now == NULL ? 0 : process_now->number;
	int		i, who;

	for (i = 0; i < PROCESSES; i++) {
		who = (first + i) % PROCESSES;
		if (can_go_on(&process[who]))
			option[n++] = (struct option){ DO_GO_ON, who };
	}
	return n;
}

/* Processes at a step or asleep, including any that was preempted there. */
static unsigned int
add_ending(struct option *option, unsigned int n)
{
	struct process	*p;

	for (p = process; p < process + PROCESSES; p++) {
		if (p->state != PROCESS_ASLEEP && p != process_now)
			continue;
		if (p->state == PROCESS_ZOMBIE || p->state == PROCESS_NONE ||
		    p->stopped || rules->mortal == NULL || !rules->mortal(p))
			continue;
		if (kills < rules->kills)
			option[n++] = (struct option){ DO_KILL, p->number };
		if (stops < rules->stops)
			option[n++] = (struct option){ DO_STOP, p->number };
	}
	if (clocks < rules->clocks && next_timer() != 0)
		option[n++] = (struct option){ DO_CLOCK, 0 };
	return n;
}

/* Carry the choice out; returns the process that runs next, if known. */
static struct process *
do_option(const struct option *o)
{
	struct process *p = &process[o->who];

	switch (o->what) {
	case DO_KILL:
		kills++;
		schedule_kill(p, SIGKILL);
		return NULL;
	case DO_STOP:
		stops++;
		schedule_kill(p, SIGSTOP);
		return NULL;
	case DO_CLOCK:
		clocks++;
		move_clock(next_timer());
		return NULL;
	default:
		return p;
	}
}

static struct process *
choose_next(void)
{
	struct option	 option[OPTIONS];
	struct process	*p = NULL;
	unsigned int	 going, n, i;

	while (p == NULL) {
		if ((going = add_going(option)) == 0) {
			be_quiet();
			continue;
		}
		n = deciding ? add_ending(option, going) : going;
		i = choose_option(option, n,
		    process_now != NULL &&
		    option[0].who == process_now->number ? 1 : going, steps);
		p = do_option(&option[i]);
	}
	if (p->state == PROCESS_ASLEEP) {
		p->timed_out = false;
		p->state = PROCESS_READY;
	}
	return p;
}

void
schedule_step(void)
{
	if (process_now == NULL)
		return;
	if (++steps > rules->steps)
		schedule_fail("does not end after %lu steps", steps - 1);
	process_switch(choose_next());
	kernel_deliver();
}

bool
schedule_sleep(bool (*ready)(const struct process *p), void *what,
    uint64_t deadline)
{
	struct process *me = process_now;

	me->ready = ready;
	me->ready_for = what;
	me->deadline = deadline;
	me->timed_out = false;
	me->state = PROCESS_ASLEEP;
	process_switch(choose_next());
	return !me->timed_out;
}

static void
be_zombie(struct process *p, int status)
{
	p->state = PROCESS_ZOMBIE;
	p->status = status;
	p->alarm = 0;
	p->stopped = false;
	kernel_died(p);
	if (rules->died != NULL)
		rules->died(p);
}

void
schedule_exit(int status)
{
	trace("%s exits with status %d", process_now->name, status);
	be_zombie(process_now, (status & 0xff) << 8);
	process_switch(choose_next());
	abort();
}

void
schedule_kill(struct process *p, int sig)
{
	if (p->state == PROCESS_ZOMBIE || p->state == PROCESS_NONE)
		return;
	trace("%s is %s", p->name, sig == SIGSTOP ? "stopped" : "killed");
	if (sig == SIGSTOP) {
		p->stopped = true;
		p->stop_told = false;
		kernel_stopped(p);
	} else {
		be_zombie(p, sig);
	}
}

enum schedule_end
schedule_run(const struct schedule_rules *its_rules, bool decide)
{
	rules = its_rules;
	deciding = decide;
	steps = 0;
	kills = stops = clocks = 0;
	stopped_until = idle = 0;
	failure[0] = '\0';
	end = SCHEDULE_WELL;
	process_run(choose_next());
	return end;
}

void
schedule_keep(void)
{
	kept_now = now;
	process_keep();
	kernel_keep();
}

void
schedule_restore(void)
{
	now = kept_now;
	process_restore();
	kernel_restore();
}
