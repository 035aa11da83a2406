/* SPDX-License-Identifier: ISC */

/*
 * Production's static objects.
 *
 * build.sh puts them all into two sections of the program, whose bounds the
 * linker knows.  They are 300 KB, nearly all of it buffers of which a
 * schedule uses the first few bytes; copying them each time would take
 * longer than everything else together.  So only those blocks are copied that
 * some process was ever seen to write, and the program learns which these are:
 * after each schedule it compares all other blocks with their initial values,
 * and if one differs, adds it to the list, and does not count the schedule,
 * since processes may have shared that block in it.
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/schedule/statics.h"

#define BLOCK	64
#define ARENA	(64 << 10)
#define RANGES	3
#define RUNS	1024

/* NOLINTBEGIN: the linker's own names */
extern char __start_prod_data[], __stop_prod_data[];
extern char __start_prod_bss[], __stop_prod_bss[];
/* NOLINTEND */

static char	 arena[ARENA] __attribute__((aligned(BLOCK)));
static size_t	 arena_used, arena_kept;

static struct range {
	char	*base;
	size_t	 size;
	char	*first;		/* initial values */
	bool	*written;	/* by block */
} range[RANGES];

/* The ranges that are copied, in order; and the gaps between. */
static struct run {
	char		*at;
	const char	*first;
	size_t		 size;
} run[RUNS], gap[RUNS];
static int	 runs, gaps;

static size_t
block_size(const struct range *r, size_t block)
{
	size_t rest = r->size - block * BLOCK;

	return rest < BLOCK ? rest : BLOCK;
}

static void
add_run(struct run *list, int *n, const struct range *r, size_t block)
{
	struct run *last = list + *n - 1;

	if (*n > 0 && last->at + last->size == r->base + block * BLOCK) {
		last->size += block_size(r, block);
		return;
	}
	if (*n == RUNS) {
		(void)fprintf(stderr, "statics: too many runs\n");
		exit(2);
	}
	last = &list[(*n)++];
	last->at = r->base + block * BLOCK;
	last->first = r->first + block * BLOCK;
	last->size = block_size(r, block);
}

/* Make the runs and the gaps out of the blocks. */
static void
list_runs(void)
{
	struct range	*r;
	size_t		 i;

	runs = gaps = 0;
	for (r = range; r < range + RANGES; r++)
		for (i = 0; i * BLOCK < r->size; i++)
			add_run(r->written[i] ? run : gap,
			    r->written[i] ? &runs : &gaps, r, i);
}

static void
add_range(struct range *r, char *base, size_t size)
{
	r->base = base;
	r->size = size;
	r->first = malloc(size + 1);
	r->written = calloc(size / BLOCK + 1, sizeof(*r->written));
	if (r->first == NULL || r->written == NULL) {
		(void)fprintf(stderr, "statics: no memory\n");
		exit(2);
	}
	memcpy(r->first, base, size);
}

void
statics_init(void)
{
	/* To the linker both marks belong to one object; C does not say so. */
	add_range(&range[0], __start_prod_data,
	    (size_t)((uintptr_t)__stop_prod_data -
	    (uintptr_t)__start_prod_data));
	add_range(&range[1], __start_prod_bss,
	    (size_t)((uintptr_t)__stop_prod_bss -
	    (uintptr_t)__start_prod_bss));
	add_range(&range[2], arena, ARENA);
	list_runs();
}

size_t
statics_most(void)
{
	return range[0].size + range[1].size + range[2].size;
}

void *
statics_alloc(size_t size)
{
	void *p = arena + arena_used;

	size = (size + BLOCK - 1) / BLOCK * BLOCK;
	if (size > ARENA - arena_used)
		return NULL;
	arena_used += size;
	return p;
}

void
statics_keep(void)
{
	arena_kept = arena_used;
}

void
statics_back(void)
{
	arena_used = arena_kept;
}

void
statics_begin(void)
{
	int i;

	arena_used = 0;
	for (i = 0; i < RANGES; i++)
		memcpy(range[i].base, range[i].first, range[i].size);
}

void
statics_save(char *to)
{
	int i;

	for (i = 0; i < runs; to += run[i++].size)
		memcpy(to, run[i].at, run[i].size);
}

void
statics_restore(const char *from)
{
	int i;

	for (i = 0; i < runs; from += run[i++].size)
		memcpy(run[i].at, from, run[i].size);
}

void
statics_first(char *to)
{
	int i;

	for (i = 0; i < runs; to += run[i++].size)
		memcpy(to, run[i].first, run[i].size);
}

void
statics_copy(char *to, const char *from)
{
	size_t	size = 0;
	int	i;

	for (i = 0; i < runs; i++)
		size += run[i].size;
	memcpy(to, from, size);
}

static bool
learn_range(struct range *r)
{
	bool	found = false;
	size_t	i;

	for (i = 0; i * BLOCK < r->size; i++) {
		if (r->written[i] || memcmp(r->base + i * BLOCK,
		    r->first + i * BLOCK, block_size(r, i)) == 0)
			continue;
		memcpy(r->base + i * BLOCK, r->first + i * BLOCK,
		    block_size(r, i));
		r->written[i] = found = true;
	}
	return found;
}

bool
statics_learn(void)
{
	bool	found = false;
	int	i;

	for (i = 0; i < gaps && !found; i++)
		found = memcmp(gap[i].at, gap[i].first, gap[i].size) != 0;
	if (!found)
		return false;
	found = false;
	for (i = 0; i < RANGES; i++)
		found = learn_range(&range[i]) || found;
	if (found)
		list_runs();
	return found;
}
