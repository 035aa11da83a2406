/* SPDX-License-Identifier: ISC */

/*
 * The memory that the language promises, not that of this machine.
 *
 * On amd64 a load nearly always sees the newest store.  C11 promises much
 * less, and ARM and POWER exploit that.  So here a location is not one
 * value, but a list of messages, one for each store, in the location's
 * modification order, on which all processes agree.  Each process has a view:
 * for each location, the oldest message that it may still see.  All the rest
 * follows from how views travel:
 *
 *	a load may see any message that is not older than its process's
 *	view, and moves the view there (coherence);
 *	a release store puts its process's view into the message, and an
 *	acquire load that sees the message adds it to its own;
 *	a release fence keeps a copy of the view for later relaxed stores,
 *	and a relaxed load keeps what it finds for a later acquire fence;
 *	a store goes behind all others, or, if its process has not seen
 *	those, before them; but nothing comes between the message that a
 *	read-modify-write has read and the one that it has written, which
 *	also passes on the view that it found (release sequences).
 *
 * Sequentially consistent accesses behave as in RC11 (Lahav and others,
 * "Repairing sequential consistency in C/C++11", 2017).  They take effect in
 * the order of the schedule.  sc_stores has the newest seq_cst store of each
 * location, and sc_fences the views of all processes that have executed a
 * seq_cst fence: no seq_cst access goes behind either, and a fence adds both
 * to its process's view.  So such an access orders nothing but itself, while
 * a fence orders all accesses of its process.
 *
 * A store becomes visible when it is executed and not before (there are no
 * promises), so outcomes in which a load sees a later store of the schedule
 * are not shown: litmus_tests.c lists them.
 *
 * The messages are in location.c, the views in view.c.
 */

#include <stdatomic.h>
#include <string.h>

#include "tests/schedule/choice.h"
#include "tests/schedule/location.h"
#include "tests/schedule/memory.h"

struct mind {
	int32_t		 view[LOCATIONS];
	int32_t		 found[LOCATIONS];	/* view, after a fence */
	const struct view *fenced;		/* view, at a release fence */
};

static unsigned int	 age;
static struct mind	 mind[MEMORY_PROCESSES];
static int32_t		 sc_stores[LOCATIONS], sc_fences[LOCATIONS];
static int32_t		 kept[MEMORY_KEPT_VIEWS][LOCATIONS];

void
memory_begin(void)
{
	size_t	n = (size_t)view_size * sizeof(int32_t);
	int	i;

	location_begin();
	for (i = 0; i < MEMORY_PROCESSES; i++) {
		memset(mind[i].view, 0, n);
		memset(mind[i].found, 0, n);
		mind[i].fenced = NULL;
	}
	for (i = 0; i < MEMORY_KEPT_VIEWS; i++)
		memset(kept[i], 0, n);
	memset(sc_stores, 0, n);
	memset(sc_fences, 0, n);
}

/* Nor may a location inherit the views of another that had its number. */
void
memory_forget(void)
{
	memory_begin();
	location_clear();
}

unsigned int
memory_age(void)
{
	return age;
}

static bool
releases(int order)
{
	return order == memory_order_release ||
	    order == memory_order_acq_rel || order == memory_order_seq_cst;
}

static bool
acquires(int order)
{
	return order == memory_order_acquire ||
	    order == memory_order_consume || order == memory_order_acq_rel ||
	    order == memory_order_seq_cst;
}

/* ---- accesses ---- */

/* The oldest message that this access may see, or write behind. */
static int
oldest(int who, const struct location *l, int order)
{
	int		id = l->number, i = l->n - 1;
	int32_t		bound = mind[who].view[id];

	if (order == memory_order_seq_cst) {
		bound = bound > sc_stores[id] ? bound : sc_stores[id];
		bound = bound > sc_fences[id] ? bound : sc_fences[id];
	}
	while (i > 0 && l->message[i].stamp > bound)
		i--;
	return i;
}

static uint64_t
see(int who, struct location *l, int i, int order)
{
	const struct message *m = &l->message[i];
	struct mind	*me = &mind[who];
	int		 id = l->number;

	age = (unsigned int)(l->n - 1 - i);
	if (m->stamp > me->view[id])
		me->view[id] = m->stamp;
	if (m->stamp > me->found[id])
		me->found[id] = m->stamp;
	view_add(me->found, m->view);
	if (acquires(order))
		view_add(me->view, m->view);
	return m->value;
}

uint64_t
memory_load(int who, const volatile void *p, size_t size, int order)
{
	struct location	*l = location_find(p, size);
	int		 first = oldest(who, l, order);

	return see(who, l, l->n - 1 -
	    (int)choose(CHOOSE_READ, (unsigned int)(l->n - first)), order);
}

/* chain is what a read-modify-write has found in message i. */
static void
write_behind(int who, struct location *l, int i, uint64_t value, int order,
    const struct view *chain, bool attached)
{
	struct mind		*me = &mind[who];
	int			 id = l->number;
	struct message		*m = location_insert(l, i);
	const struct view	*v;

	me->view[id] = m->stamp;
	if (m->stamp > me->found[id])
		me->found[id] = m->stamp;
	if (releases(order))
		v = l->released[who] = view_copy(me->view);
	else
		v = view_both(me->fenced, l->released[who]);
	m->value = value;
	m->attached = attached;
	m->view = view_both(v, chain);
	if (order == memory_order_seq_cst && m->stamp > sc_stores[id])
		sc_stores[id] = m->stamp;
	location_written(l);
}

/* Choose among the messages from first on that have space behind them. */
static int
choose_place(const struct location *l, int first)
{
	int place[LOCATION_KEPT], i, n = 0;

	for (i = l->n - 1; i >= first; i--)
		if (location_has_space(l, i))
			place[n++] = i;
	/* The newest has space behind it always, so there is one. */
	/* cppcheck-suppress uninitvar */
	return place[choose(CHOOSE_PLACE, (unsigned int)n)];
}

void
memory_store(int who, volatile void *p, size_t size, uint64_t value,
    int order)
{
	struct location *l = location_find(p, size);

	write_behind(who, l, choose_place(l, oldest(who, l, order)), value,
	    order, NULL, false);
}

static uint64_t
changed(uint64_t old, int how, uint64_t value, size_t size)
{
	switch (how) {
	case '+':
		value = old + value;
		break;
	case '-':
		value = old - value;
		break;
	case '|':
		value |= old;
		break;
	case '&':
		value &= old;
		break;
	}
	return size == sizeof(uint32_t) ? value & UINT32_MAX : value;
}

uint64_t
memory_change(int who, volatile void *p, size_t size, int how,
    uint64_t value, int order)
{
	struct location		*l = location_find(p, size);
	int			 i = choose_place(l, oldest(who, l, order));
	const struct view	*chain = l->message[i].view;
	uint64_t		 old = see(who, l, i, order);

	write_behind(who, l, i, changed(old, how, value, size), order, chain,
	    true);
	return old;
}

/* A failed one is a load, and may see a message without space behind it. */
bool
memory_compare(int who, volatile void *p, size_t size, uint64_t *expected,
    uint64_t value, int order, int failed)
{
	struct location		*l = location_find(p, size);
	const struct view	*chain;
	int			 first, i, n = 0, seen[LOCATION_KEPT];

	first = oldest(who, l, order == memory_order_seq_cst ? order : failed);
	for (i = l->n - 1; i >= first; i--)
		if (l->message[i].value != *expected ||
		    location_has_space(l, i))
			seen[n++] = i;
	/* cppcheck-suppress uninitvar */
	i = seen[choose(CHOOSE_READ, (unsigned int)n)];
	if (l->message[i].value != *expected) {
		*expected = see(who, l, i, failed);
		return false;
	}
	chain = l->message[i].view;
	(void)see(who, l, i, order);
	write_behind(who, l, i, value, order, chain, true);
	return true;
}

void
memory_fence(int who, int order)
{
	struct mind *me = &mind[who];

	if (acquires(order))
		memcpy(me->view, me->found,
		    (size_t)view_size * sizeof(me->view[0]));
	if (order == memory_order_seq_cst) {
		view_add_array(me->view, sc_stores);
		view_add_array(me->view, sc_fences);
		memcpy(sc_fences, me->view,
		    (size_t)view_size * sizeof(me->view[0]));
		memcpy(me->found, me->view,
		    (size_t)view_size * sizeof(me->view[0]));
	}
	if (releases(order))
		me->fenced = view_copy(me->view);
}

/* ---- what the kernel orders ---- */

void
memory_fork(int child, int parent)
{
	memcpy(mind[child].view, mind[parent].view,
	    (size_t)view_size * sizeof(mind[child].view[0]));
	memcpy(mind[child].found, mind[parent].found,
	    (size_t)view_size * sizeof(mind[child].found[0]));
	mind[child].fenced = mind[parent].fenced;
	location_forget(child);
}

void
memory_know(int to, int from)
{
	view_add_array(mind[to].view, mind[from].view);
	view_add_array(mind[to].found, mind[from].view);
}

void
memory_leave(int who, int view)
{
	view_add_array(kept[view], mind[who].view);
}

void
memory_find(int who, int view)
{
	view_add_array(mind[who].view, kept[view]);
	view_add_array(mind[who].found, kept[view]);
}
