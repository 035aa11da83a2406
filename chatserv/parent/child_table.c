/* SPDX-License-Identifier: ISC */

/*
 * The parent's table of its sessions.
 *
 * The parent allocates it before the first fork, with an entry for each slot,
 * so nothing that a client does can make it run out of memory.  The table
 * holds what the parent knows by itself: the parent believes nothing that a
 * child could have written to the segment, least of all the pids there.
 *
 * Runs in the parent.
 */

#include <strings.h>

#include "chatserv/common/log.h"
#include "chatserv/common/memory.h"
#include "chatserv/parent/child_table.h"
#include "ipc/bus/bus.h"

#define WORD_BITS	32

LIST_HEAD(bucket, child);
TAILQ_HEAD(line, child);

static struct child	*child;		/* one a slot */
static uint32_t		*unused;	/* one bit a slot */
static struct bucket	*by_pid;
static struct bucket	 spares = LIST_HEAD_INITIALIZER(spares);
static struct line	 nameless = TAILQ_HEAD_INITIALIZER(nameless);
static uint32_t		 size, count;	/* slots; living sessions */

static struct bucket *
bucket_of(pid_t pid)
{
	return &by_pid[(uint32_t)pid % size];
}

void
child_table_init(uint32_t n)
{
	uint32_t i;

	size = n;
	child = memory_alone(n, sizeof(*child));
	by_pid = memory_alone(n, sizeof(*by_pid));
	unused = memory_alone(n / WORD_BITS + 1, sizeof(*unused));
	if (child == NULL || by_pid == NULL || unused == NULL)
		fatal("no memory for %u clients", n);
	for (i = 0; i < n; i++) {
		child[i].slot = i;
		LIST_INIT(&by_pid[i]);
		child_table_give_back(&child[i]);
	}
}

struct child *
child_table_at(uint32_t i)
{
	return &child[i];
}

struct child *
child_table_find(pid_t pid)
{
	struct child *c;

	LIST_FOREACH(c, bucket_of(pid), by_pid)
		if (c->pid == pid)
			return c;
	return NULL;
}

/*
 * The lowest slot first: a small room uses few slots, all in the cache, and
 * the order in which writers wake sessions (wake.c) does not depend on the
 * order in which others left.
 */
struct child *
child_table_unused(void)
{
	uint32_t i;

	for (i = 0; i * WORD_BITS < size; i++)
		if (unused[i] != 0)
			return &child[i * WORD_BITS +
			    (uint32_t)ffs((int)unused[i]) - 1];
	return NULL;
}

void
child_table_insert(struct child *c, pid_t pid)
{
	unused[c->slot / WORD_BITS] &= ~(UINT32_C(1) << c->slot % WORD_BITS);
	c->pid = pid;
	LIST_INSERT_HEAD(bucket_of(pid), c, by_pid);
	TAILQ_INSERT_TAIL(&nameless, c, by_age);
	c->since = bus_now();
	count++;
}

void
child_table_remove(struct child *c)
{
	LIST_REMOVE(c, by_pid);
	child_table_is_named(c);
	child_table_set_spare(c, false);
	c->pid = 0;
	count--;
}

void
child_table_give_back(struct child *c)
{
	unused[c->slot / WORD_BITS] |= UINT32_C(1) << c->slot % WORD_BITS;
}

struct child *
child_table_oldest_nameless(void)
{
	return TAILQ_FIRST(&nameless);
}

void
child_table_is_named(struct child *c)
{
	if (c->since != 0)
		TAILQ_REMOVE(&nameless, c, by_age);
	c->since = 0;
}

void
child_table_set_spare(struct child *c, bool spare)
{
	if (c->spare == spare)
		return;
	if (spare)
		LIST_INSERT_HEAD(&spares, c, in_spare);
	else
		LIST_REMOVE(c, in_spare);
	c->spare = spare;
}

struct child *
child_table_first_spare(void)
{
	return LIST_FIRST(&spares);
}

uint32_t
child_table_count(void)
{
	return count;
}
