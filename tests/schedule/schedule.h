/* SPDX-License-Identifier: ISC */

/*
 * One schedule: who takes the next step, who ends, and when time passes.
 */
#ifndef SCHEDULE_SCHEDULE_H
#define SCHEDULE_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/schedule/process.h"

#define SCHEDULE_MS	UINT64_C(1000000)	/* in ns, as time is counted */

/* What a schedule may do besides going from one process to another. */
struct schedule_rules {
	int	 kills, stops, clocks;	/* at most */
	/* Whether p may be killed or stopped now. */
	bool	 (*mortal)(const struct process *p);
	/*
	 * Nobody can go on but by the clock, or, if some are stopped, when
	 * they are continued.  Returns true if that is the end, and all is
	 * well; the stopped are continued first.  schedule_fail() if somebody
	 * sleeps who has something to do.
	 */
	bool	 (*quiet)(bool stopped);
	/* May be NULL: p has died. */
	void	 (*died)(const struct process *p);
	unsigned long steps;		/* more than these have no end */
};

/* How it went. */
enum schedule_end {
	SCHEDULE_WELL,
	SCHEDULE_FAILED		/* schedule_failure() says how */
};

/*
 * Run the processes that there are.  With decide false nothing is chosen,
 * and no step counted: things are set up so, until quiet() says true.
 */
enum schedule_end schedule_run(const struct schedule_rules *rules,
	    bool decide);
bool	 schedule_decides(void);
const char *schedule_failure(void);
unsigned long schedule_steps(void);

/* Time, in ns since the system started. */
uint64_t schedule_now(void);

/*
 * How much of this schedule's time passed while nobody could go on.  A promise
 * of how long somebody waits is held against this: what else passed, early,
 * is a machine's that is too busy, and no fault of those who run on it.
 */
uint64_t schedule_idle(void);

/*
 * For the kernel's functions and access.c, on a process's stack.  Before
 * each step schedule_step(): what follows it until the next one happens at
 * once.  schedule_sleep() returns when ready(p), or at the deadline, in ns:
 * then false.
 */
void	 schedule_step(void);
bool	 schedule_sleep(bool (*ready)(const struct process *p), void *what,
	    uint64_t deadline);

/* The process that runs is no more: its parent is told. */
void	 schedule_exit(int status) __attribute__((noreturn));

/* p, whoever and wherever it is, dies of, or is stopped by, a signal. */
void	 schedule_kill(struct process *p, int sig);

/* A promise is broken: the schedule ends here. */
void	 schedule_fail(const char *fmt, ...)
	    __attribute__((noreturn, format(printf, 1, 2)));

/* The state that schedules begin in, once it has been set up. */
void	 schedule_keep(void);
void	 schedule_restore(void);

#endif
