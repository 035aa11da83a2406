/* SPDX-License-Identifier: ISC */

/*
 * A kernel for processes that are coroutines.
 *
 * The system calls of production are renamed when its objects are linked
 * (see names): fork becomes sys_fork and so on.  Each call that other
 * processes could notice is one step of a schedule.  kernel.c has processes,
 * signals and time, sleep.c the calls that sleep, files.c descriptors and
 * shared memory objects.
 */
#ifndef SCHEDULE_KERNEL_H
#define SCHEDULE_KERNEL_H

#include "tests/schedule/process.h"

/* The pid of the first process. */
#define KERNEL_FIRST_PID	100

/* Once for each new initial state. */
void	 kernel_begin(struct process *first);
void	 files_begin(void);

void	 kernel_keep(void);
void	 kernel_restore(void);

/* Whether p, asleep, has a signal that ends its sleep. */
bool	 kernel_has_signal(const struct process *p);

/* Deliver to the running process its signals that are not blocked. */
bool	 kernel_deliver(void);

/* The consequences of p's timer expiring, of p's death and of its stop. */
void	 kernel_alarm(struct process *p);
void	 kernel_died(struct process *p);
void	 kernel_stopped(struct process *p);

/* The process with this pid, zombies included; or NULL. */
struct process *kernel_find(pid_t pid);

/* Whether anything has happened to descriptor fd of p; revents as poll(2). */
short	 files_poll(const struct process *p, int fd, short events);

/* The connection that p has open; NULL if none. */
struct connection *files_client(const struct process *p);

/* A client connects: the listener is readable until files_accept(). */
struct connection;
int	 files_listener(void);
void	 files_connect(struct connection *c);
struct connection *files_accept(int *fd);

/* Whether p sleeps on a semaphore. */
bool	 sleep_on_semaphore(const struct process *p);
void	 sleep_keep(void);
void	 sleep_restore(void);
void	 sleep_begin(void);
void	 files_keep(void);
void	 files_restore(void);

#endif
