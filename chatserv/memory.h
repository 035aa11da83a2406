/*
 * Copyright (c) 2026 The chatserv authors
 *
 * Permission to use, copy, modify, and distribute this software for any
 * purpose with or without fee is hereby granted, provided that the above
 * copyright notice and this permission notice appear in all copies.
 *
 * THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES
 * WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF
 * MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR
 * ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES
 * WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN
 * ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF
 * OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.
 */

/*
 * Memory, where ten thousand processes have it.
 */
#ifndef CHATSERV_MEMORY_H
#define CHATSERV_MEMORY_H

#include <stddef.h>

/*
 * Memory for n things of a size, zeroed, which this process keeps to
 * itself: no child has it, where the system can arrange that.  For the
 * parent's books, before it forks.  NULL if there is none.
 */
void	*memory_alone(size_t n, size_t size);

/*
 * Let the system have back what lies behind p[0..size): private memory
 * whose contents nobody needs any more.  It stays usable, and what it
 * then holds is undefined.
 */
void	 memory_rest(void *p, size_t size);

#endif
