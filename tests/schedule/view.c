/* SPDX-License-Identifier: ISC */

/*
 * Views as arrays.  Those that messages keep lie in an arena, which is emptied
 * when a schedule starts.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/schedule/view.h"

#define ARENA	((size_t)32 << 20)
#define ALIGN	64

int		 view_size;

static char	*arena;
static size_t	 used;

void
view_begin(void)
{
	if (arena == NULL && (arena = malloc(ARENA)) == NULL) {
		(void)fprintf(stderr, "view: no memory\n");
		exit(2);
	}
	used = 0;
}

static void
add(int32_t *to, const int32_t *from, int n)
{
	int i;

	for (i = 0; i < n; i++)
		to[i] = to[i] > from[i] ? to[i] : from[i];
}

void
view_add_array(int32_t *to, const int32_t *from)
{
	add(to, from, view_size);
}

void
view_add(int32_t *to, const struct view *from)
{
	if (from != NULL)
		add(to, from->stamp, from->n);
}

struct view *
view_copy(const int32_t *from)
{
	size_t		 bytes = (size_t)view_size * sizeof(from[0]);
	struct view	*v;

	if (used + sizeof(*v) + bytes + ALIGN > ARENA) {
		(void)fprintf(stderr, "view: too many in one schedule\n");
		exit(2);
	}
	v = (struct view *)(void *)(arena + used);
	used += (sizeof(*v) + bytes + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	v->n = view_size;
	memcpy(v->stamp, from, bytes);
	return v;
}

const struct view *
view_both(const struct view *a, const struct view *b)
{
	static int32_t sum[LOCATIONS];

	if (a == NULL || a == b)
		return b;
	if (b == NULL)
		return a;
	memset(sum, 0, (size_t)view_size * sizeof(sum[0]));
	view_add(sum, a);
	view_add(sum, b);
	return view_copy(sum);
}
