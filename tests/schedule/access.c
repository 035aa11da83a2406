/* SPDX-License-Identifier: ISC */

/*
 * Makes each atomic access a step, and asks the memory for its outcome.
 */

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "tests/schedule/access.h"
#include "tests/schedule/memory.h"
#include "tests/schedule/scenario.h"
#include "tests/schedule/schedule.h"
#include "tests/schedule/trace.h"

static void
step(struct site *site)
{
	schedule_step();
	if (!schedule_decides())
		return;
	site->reached = true;
	site->unlocked = site->unlocked || !scenario_locked();
}

/* For the harness, which is alone: a plain access. */
static uint64_t
plain_change(volatile void *p, size_t size, int how, uint64_t value)
{
	uint64_t old = memory_newest(p, size);

	value = how == '+' ? old + value : how == '-' ? old - value :
	    how == '|' ? (old | value) : how == '&' ? (old & value) : value;
	if (size == sizeof(uint32_t))
		*(volatile uint32_t *)p = (uint32_t)value;
	else
		*(volatile uint64_t *)p = value;
	return old;
}

static void
show_load(const char *what, uint64_t value, int order,
    const struct site *site)
{
	if (memory_age() == 0)
		trace_add(site, "%s %s: %llu", what, site_order_name[order],
		    (unsigned long long)value);
	else
		trace_add(site, "%s %s: %llu, %u stores old", what,
		    site_order_name[order], (unsigned long long)value,
		    memory_age());
}

uint64_t
access_load(const volatile void *p, size_t size, struct site *site)
{
	uint64_t value;

	if (process_now == NULL)
		return memory_newest(p, size);
	step(site);
	value = memory_load(process_now->number, p, size, site->order);
	if (trace_on)
		show_load("load", value, site->order, site);
	return value;
}

void
access_store(volatile void *p, size_t size, uint64_t value,
    struct site *site)
{
	if (process_now == NULL) {
		(void)plain_change(p, size, '=', value);
		return;
	}
	step(site);
	if (size == sizeof(uint32_t))
		value = (uint32_t)value;
	memory_store(process_now->number, p, size, value, site->order);
	if (trace_on)
		trace_add(site, "store %s: %llu%s",
		    site_order_name[site->order], (unsigned long long)value,
		    memory_newest(p, size) == value ? "" : ", before others");
}

uint64_t
access_change(volatile void *p, size_t size, int how, uint64_t value,
    struct site *site)
{
	uint64_t old;

	if (process_now == NULL)
		return plain_change(p, size, how, value);
	step(site);
	old = memory_change(process_now->number, p, size, how, value,
	    site->order);
	if (trace_on)
		trace_add(site, "%c %s: %llu, was %llu", how,
		    site_order_name[site->order], (unsigned long long)value,
		    (unsigned long long)old);
	return old;
}

bool
access_compare(volatile void *p, size_t size, void *expected, uint64_t value,
    struct site *site)
{
	uint64_t	want = memory_newest(expected, size);
	bool		done;

	if (process_now == NULL) {
		if ((done = memory_newest(p, size) == want))
			(void)plain_change(p, size, '=', value);
	} else {
		step(site);
		done = memory_compare(process_now->number, p, size, &want,
		    value, site->order, site->failed);
		if (trace_on && done)
			trace_add(site, "exchange %s: %llu, was %llu",
			    site_order_name[site->order],
			    (unsigned long long)value,
			    (unsigned long long)want);
		else if (trace_on)
			show_load("no exchange", want, site->failed, site);
	}
	if (!done)
		(void)plain_change(expected, size, '=',
		    process_now == NULL ? memory_newest(p, size) : want);
	return done;
}

void
access_fence(struct site *site)
{
	if (process_now == NULL)
		return;
	step(site);
	if (site->order == SITE_NO_FENCE)
		return;
	memory_fence(process_now->number, site->order);
	if (trace_on)
		trace_add(site, "fence %s", site_order_name[site->order]);
}
