/* SPDX-License-Identifier: ISC */

/*
 * Memory, where ten thousand processes have it.
 */
#ifndef CHATSERV_MEMORY_H
#define CHATSERV_MEMORY_H

#include <stddef.h>

/*
 * Memory for n things of a size, zeroed, which this process keeps to
 * itself: no child has it, where the system can arrange that.  For the
 * parent's tables, before it forks.  NULL if there is none.
 */
void	*memory_alone(size_t n, size_t size);

/*
 * Let the system have back what lies behind p[0..size): private memory
 * whose contents nobody needs any more.  It stays usable, and what it
 * then holds is undefined.
 */
void	 memory_trim(void *p, size_t size);

#endif
