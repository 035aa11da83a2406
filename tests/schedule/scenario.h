/* SPDX-License-Identifier: ISC */

/*
 * What runs under the scheduler, and what must hold.
 *
 * The first process is the server's parent, as shipped: parent_run() with all
 * of children.c.  It forks the waker, as shipped, and a session for each
 * client; only what a session does may be a scenario's own, in place of
 * session_run().
 */
#ifndef SCHEDULE_SCENARIO_H
#define SCHEDULE_SCENARIO_H

#include "ipc/bus/bus.h"
#include "tests/schedule/client.h"
#include "tests/schedule/schedule.h"

/* The processes that may be killed or stopped. */
enum { SESSIONS = 1, WAKER = 2, PARENT = 4 };

struct scenario {
	const char	*name;
	const char	*about;
	uint32_t	 slots;
	uint64_t	 ring;
	int		 clients;	/* connected at the start */
	/* How many kills, stops and early clocks at most, and of whom. */
	int		 kills, stops, clocks;
	unsigned int	 mortals;	/* SESSIONS, WAKER and PARENT */
	bool		 timers;	/* a sleeper may wait for one */
	unsigned long	 steps;		/* far more than any should need */
	/* What each client says; after a \f, once schedules start. */
	const char	*says[CONNECTIONS];
	bool		 stays[CONNECTIONS];	/* until it is closed */
	/* When a schedule starts: reset what its oracle remembers. */
	void		 (*begin)(void);
	/* May be NULL: a process has died. */
	void		 (*died)(const struct process *p);
	/*
	 * The n-th client's session; it calls scenario_gate() once.  NULL:
	 * the shipped one.
	 */
	void		 (*session)(struct bus *b, int n);
	/* May be NULL: whether p never reads, on purpose. */
	bool		 (*idles)(const struct process *p);
	/* May be NULL: nobody can run unless the clock moves. */
	void		 (*quiet)(void);
	/* May be NULL: whether p may miss records that it was promised. */
	bool		 (*excused)(const struct process *p);
	/* At the end, when nobody has work left. */
	void		 (*judge)(void);
};

extern const struct scenario *const scenarios[];	/* ends in NULL */
extern const struct scenario scenario_lock, scenario_wake, scenario_ring,
    scenario_roster, scenario_talk, scenario_flow, scenario_copy,
    scenario_own, scenario_pass, scenario_stop, scenario_late,
    scenario_press;

/* The running one, and the harness's own handle to its segment. */
extern const struct scenario *scenario;
extern struct bus scenario_bus;

/* Bring it to the state in which its schedules start. */
void	 scenario_prepare(const struct scenario *s);

/* Run one schedule from there, as choice.c says. */
enum schedule_end scenario_run(void);

/* In a session: the set-up ends here. */
void	 scenario_gate(const char *name);

/* Sleep, as a session does, until woken, or for ms if ms >= 0. */
void	 scenario_sleep(int ms);

/* For a judge: run f, which accesses the segment, at once and as nobody. */
void	 scenario_alone(void (*f)(void));

/*
 * Whether the running process has the lock: it holds it, or it is the parent
 * and recovers what a dead holder left.
 */
bool	 scenario_locked(void);

/* Whether process pid is alive; whether it is alive and stopped. */
bool	 scenario_lives(pid_t pid);
bool	 scenario_stopped(pid_t pid);

/* A line of the server's log. */
void	 scenario_log(const char *line);

#endif
