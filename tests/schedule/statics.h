/* SPDX-License-Identifier: ISC */

/*
 * Production's static objects, of which each process has a copy.
 */
#ifndef SCHEDULE_STATICS_H
#define SCHEDULE_STATICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Call it once.  Then statics_most() is the largest size of a copy. */
void	 statics_init(void);
size_t	 statics_most(void);

/*
 * Memory that belongs to them, for production's calls of mmap(2);
 * statics_back() frees what was given after statics_keep().
 */
void	*statics_alloc(size_t size);
void	 statics_keep(void);
void	 statics_back(void);

/* Reset all of them to a program's initial values, and free all memory. */
void	 statics_begin(void);

/* Save to a copy; restore from a copy; copy one to another. */
void	 statics_save(char *to);
void	 statics_restore(const char *from);
void	 statics_copy(char *to, const char *from);

/* Their initial values. */
void	 statics_first(char *to);

/*
 * After a schedule: true if it wrote to a block that is not copied yet.  That
 * one is copied from now on, and the schedule must be run again.
 */
bool	 statics_learn(void);

#endif
