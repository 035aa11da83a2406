/* SPDX-License-Identifier: ISC */

/*
 * One schedule: which process takes the next step or dies, and when time
 * passes.
 */
#ifndef SCHEDULE_SCHEDULE_H
#define SCHEDULE_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/schedule/process.h"

#define SCHEDULE_MS	UINT64_C(1000000)	/* in ns, as time is counted */

/* What a schedule may do besides switching processes. */
struct schedule_rules {
	int	 kills, stops, clocks;	/* at most */
	/* Whether p may be killed or stopped now. */
	bool	 (*mortal)(const struct process *p);
	/*
	 * Nobody can run until the clock moves, or, if some are stopped, until
	 * they are continued.  Returns true if that is the end, and all is
	 * well; the stopped are continued first.  Calls schedule_fail() if a
	 * process sleeps that has work to do.
	 */
	bool	 (*quiet)(bool stopped);
	/* May be NULL: p has died. */
	void	 (*died)(const struct process *p);
	unsigned long steps;		/* a schedule with more does not end */
};

/* The outcome of a schedule. */
enum schedule_end {
	SCHEDULE_WELL,
	SCHEDULE_FAILED		/* schedule_failure() says how */
};

/*
 * Run the existing processes.  With decide false, nothing is chosen and no
 * step is counted, until quiet() returns true: for the set-up.
 */
enum schedule_end schedule_run(const struct schedule_rules *rules,
	    bool decide);
bool	 schedule_decides(void);
const char *schedule_failure(void);
unsigned long schedule_steps(void);

/* Time, in ns since the system started. */
uint64_t schedule_now(void);

/*
 * How much of this schedule's time passed while nobody could run.  Promises of
 * how long a process waits are compared with this: the clock moves otherwise
 * only early, as on an overloaded machine, which is no fault of its processes.
 */
uint64_t schedule_idle(void);

/*
 * For the kernel's functions and access.c, on a process's stack.
 * schedule_step() comes before each step: what follows it until the next one
 * is indivisible.  schedule_sleep() returns true when ready(p), or false at
 * the deadline, in ns.
 */
void	 schedule_step(void);
bool	 schedule_sleep(bool (*ready)(const struct process *p), void *what,
	    uint64_t deadline);

/* The running process exits: its parent is notified. */
void	 schedule_exit(int status) __attribute__((noreturn));

/* A signal kills or stops p, whichever process it is and wherever it stands. */
void	 schedule_kill(struct process *p, int sig);

/* A promise is broken: end the schedule here. */
void	 schedule_fail(const char *fmt, ...)
	    __attribute__((noreturn, format(printf, 1, 2)));

/* Save the state that schedules start in, once it has been set up. */
void	 schedule_keep(void);
void	 schedule_restore(void);

#endif
