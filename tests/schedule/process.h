/* SPDX-License-Identifier: ISC */

/*
 * Processes: what the kernel keeps of each, and switching between them.
 */
#ifndef SCHEDULE_PROCESS_H
#define SCHEDULE_PROCESS_H

#include <sys/types.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/schedule/memory.h"

#define PROCESSES	MEMORY_PROCESSES
#define PROCESS_SIGNALS	65
#define PROCESS_FILES	16
#define PROCESS_POLLED	4

enum process_state {
	PROCESS_NONE,		/* nobody: the entry is free */
	PROCESS_READY,
	PROCESS_ASLEEP,		/* until ready() says otherwise */
	PROCESS_ZOMBIE
};

struct process {
	int		 number;	/* in the table; also the memory's */
	enum process_state state;
	bool		 stopped, stop_told;
	pid_t		 pid, parent;
	int		 status;	/* as waitpid(2) gives it */
	char		 name[24];	/* for people */
	/* signals: a bit each */
	uint64_t	 pending, blocked;
	void		 (*handler[PROCESS_SIGNALS])(int);
	uint64_t	 alarm;		/* when, in ns; 0: not */
	uint64_t	 alarm_every;
	uint64_t	 alarm_from;	/* schedule_idle() when it was set */
	/* sleep */
	bool		 (*ready)(const struct process *);
	void		 *ready_for;
	struct pollfd	 polled[PROCESS_POLLED];
	int		 npolled;
	uint64_t	 deadline;	/* in ns; 0: none */
	bool		 timed_out;	/* the clock ended it */
	/* open files, by number: an object of files.c, or NULL */
	void		*file[PROCESS_FILES];
	/* where it stands */
	void		 (*main)(void);
	jmp_buf		 context;
	int		 error;		/* errno */
	int		 forked;	/* what fork(2) returns */
	char		*stack;		/* copy of the used part */
	size_t		 depth;
	char		*statics;	/* copy: see statics.c */
};

extern struct process process[PROCESSES];
extern struct process *process_now;	/* NULL: the harness itself */

/* Call it once, first. */
void	 process_init(void);

/* Create a process that starts with main(), on a fresh stack. */
struct process *process_new(void (*main)(void));

/* Run it, and each process that it switches to, until process_end(). */
void	 process_run(struct process *first);

/* On a process's stack: let another run; returns when this one runs again. */
void	 process_switch(struct process *to);

/* Make child, a free entry, a copy of the caller; returns as fork(2). */
int	 process_fork(struct process *child, pid_t pid);

/* End the schedule: to resume it later, or for good. */
void	 process_pause(void);
void	 process_end(void) __attribute__((noreturn));

/* Save all processes; restore them. */
void	 process_keep(void);
void	 process_restore(void);

#endif
