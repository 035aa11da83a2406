/* SPDX-License-Identifier: ISC */

/*
 * Saving memory in ten thousand processes.
 */
#ifndef CHATSERV_MEMORY_H
#define CHATSERV_MEMORY_H

#include <stddef.h>

/*
 * Memory for n objects of this size, zeroed, which no child inherits if the
 * system can arrange that.  For the parent's tables, before it forks.  NULL if
 * there is none.
 */
void	*memory_alone(size_t n, size_t size);

/*
 * Give the pages within p[0..size) back to the system: private memory whose
 * contents nobody needs any more.  It remains usable, with undefined contents.
 */
void	 memory_trim(void *p, size_t size);

#endif
