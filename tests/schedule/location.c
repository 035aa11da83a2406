/* SPDX-License-Identifier: ISC */

/*
 * Locations.
 *
 * A location is an atomic object: its address and size.  Its number is fixed
 * when a schedule first touches it, so that the same object has the same
 * number in every later schedule.  A location that this schedule has not
 * touched yet holds the contents of memory.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/schedule/location.h"

#define RANGES	4
#define WORD	4		/* bytes; the smallest location */
#define GAP	1024		/* between the stamps of two stores */

static struct range {
	char	*base;
	size_t	 size;
	int	*number;	/* of the location at each word, plus 1 */
} range[RANGES];

static int		 ranges;
static unsigned int	 schedule;
static struct location	 location[LOCATIONS];

static void
die(const char *why)
{
	(void)fprintf(stderr, "memory: %s\n", why);
	exit(2);
}

void
memory_add(void *base, size_t size)
{
	struct range *r = &range[ranges++];

	if (ranges > RANGES)
		die("too many ranges");
	r->base = base;
	r->size = size;
	if ((r->number = calloc(size / WORD, sizeof(*r->number))) == NULL)
		die("no memory");
}

void
location_clear(void)
{
	int i;

	for (i = 0; i < ranges; i++)
		memset(range[i].number, 0,
		    range[i].size / WORD * sizeof(*range[i].number));
	memset(location, 0, (size_t)view_size * sizeof(location[0]));
	view_size = 0;
}

uint64_t
memory_newest(const volatile void *p, size_t size)
{
	switch (size) {
	case 1:
		return *(const volatile uint8_t *)p;
	case 2:
		return *(const volatile uint16_t *)p;
	case 4:
		return *(const volatile uint32_t *)p;
	default:
		return *(const volatile uint64_t *)p;
	}
}

void
location_begin(void)
{
	schedule++;
	view_begin();
}

static struct location *
at(struct range *r, const volatile void *p, size_t size)
{
	size_t word = (size_t)((const volatile char *)p - r->base) / WORD;
	struct location *l;

	if (r->number[word] == 0) {
		if (view_size == LOCATIONS)
			die("too many locations");
		l = &location[view_size];
		l->number = view_size++;
		l->at = (char *)(uintptr_t)p;
		l->size = size;
		r->number[word] = view_size;
	}
	return &location[r->number[word] - 1];
}

struct location *
location_find(const volatile void *p, size_t size)
{
	struct location *l = NULL;
	struct range	*r;

	for (r = range; r < range + ranges && l == NULL; r++)
		if ((const volatile char *)p >= r->base &&
		    (const volatile char *)p < r->base + r->size)
			l = at(r, p, size);
	if (l == NULL || l->size != size)
		die("an atomic object that is not shared, or has two sizes");
	if (l->schedule != schedule) {
		memset(l->released, 0, sizeof(l->released));
		l->schedule = schedule;
		l->message[0] = (struct message){ memory_newest(p, size),
		    NULL, 0, false };
		l->n = 1;
	}
	if (memory_newest(p, size) != l->message[l->n - 1].value)
		die("an atomic object was written by a plain store");
	return l;
}

bool
location_has_space(const struct location *l, int i)
{
	return i == l->n - 1 || (!l->message[i + 1].attached &&
	    l->message[i + 1].stamp - l->message[i].stamp >= 2);
}

struct message *
location_insert(struct location *l, int i)
{
	struct message	*m;
	int32_t		 before = l->message[i].stamp, after;

	after = i == l->n - 1 ? before + 2 * GAP : l->message[i + 1].stamp;
	if (l->n == LOCATION_KEPT) {
		memmove(l->message, l->message + 1,
		    (LOCATION_KEPT - 1) * sizeof(*m));
		l->n--;
		i--;
	}
	m = &l->message[i + 1];
	memmove(m + 1, m, (size_t)(l->n - i - 1) * sizeof(*m));
	l->n++;
	m->stamp = before + (after - before) / 2;
	return m;
}

void
location_written(const struct location *l)
{
	uint64_t value = l->message[l->n - 1].value;

	if (l->size == sizeof(uint32_t))
		*(volatile uint32_t *)l->at = (uint32_t)value;
	else
		*(volatile uint64_t *)l->at = value;
}

void
location_forget(int who)
{
	int i;

	for (i = 0; i < view_size; i++)
		location[i].released[who] = NULL;
}
