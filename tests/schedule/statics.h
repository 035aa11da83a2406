/* SPDX-License-Identifier: ISC */

/*
 * The static objects of production, of which each process has its own.
 */
#ifndef SCHEDULE_STATICS_H
#define SCHEDULE_STATICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Once.  Then statics_most() is what a copy can take at most. */
void	 statics_init(void);
size_t	 statics_most(void);

/*
 * Memory that belongs to them, for what production asks of mmap(2); what
 * was given after statics_keep() is free again after statics_back().
 */
void	*statics_alloc(size_t size);
void	 statics_keep(void);
void	 statics_back(void);

/* Put back all of them as a program finds them, and no memory given. */
void	 statics_begin(void);

/* Into a copy; from a copy; from one to another. */
void	 statics_save(char *to);
void	 statics_restore(const char *from);
void	 statics_copy(char *to, const char *from);

/* What they are when a program starts. */
void	 statics_first(char *to);

/*
 * After a schedule: true if it wrote to what is not copied yet.  Then that
 * is copied from now on, and the schedule has to be run again.
 */
bool	 statics_learn(void);

#endif
