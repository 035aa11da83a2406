/* SPDX-License-Identifier: ISC */

/*
 * What the shim makes of atomic accesses: a step, then what the memory
 * says.
 */

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "tests/schedule/access.h"
#include "tests/schedule/memory.h"
#include "tests/schedule/schedule.h"
#include "tests/schedule/trace.h"

/* In the order of enum memory_order. */
static const char *const order_name[] = {
	"relaxed", "consume", "acquire", "release", "acq_rel", "seq_cst"
};

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
		trace_add(site, "%s %s: %llu", what, order_name[order],
		    (unsigned long long)value);
	else
		trace_add(site, "%s %s: %llu, %u stores old", what,
		    order_name[order], (unsigned long long)value,
		    memory_age());
}

uint64_t
access_load(const volatile void *p, size_t size, int order,
    const struct site *site)
{
	uint64_t value;

	if (process_now == NULL)
		return memory_newest(p, size);
	schedule_step();
	value = memory_load(process_now->number, p, size, order);
	if (trace_on)
		show_load("load", value, order, site);
	return value;
}

void
access_store(volatile void *p, size_t size, uint64_t value, int order,
    const struct site *site)
{
	if (process_now == NULL) {
		(void)plain_change(p, size, '=', value);
		return;
	}
	schedule_step();
	if (size == sizeof(uint32_t))
		value = (uint32_t)value;
	memory_store(process_now->number, p, size, value, order);
	if (trace_on)
		trace_add(site, "store %s: %llu%s", order_name[order],
		    (unsigned long long)value,
		    memory_newest(p, size) == value ? "" : ", before others");
}

uint64_t
access_change(volatile void *p, size_t size, int how, uint64_t value,
    int order, const struct site *site)
{
	uint64_t old;

	if (process_now == NULL)
		return plain_change(p, size, how, value);
	schedule_step();
	old = memory_change(process_now->number, p, size, how, value, order);
	if (trace_on)
		trace_add(site, "%c %s: %llu, was %llu", how,
		    order_name[order], (unsigned long long)value,
		    (unsigned long long)old);
	return old;
}

bool
access_compare(volatile void *p, size_t size, void *expected, uint64_t value,
    int order, int failed, const struct site *site)
{
	uint64_t	want = memory_newest(expected, size);
	bool		done;

	if (process_now == NULL) {
		if ((done = memory_newest(p, size) == want))
			(void)plain_change(p, size, '=', value);
	} else {
		schedule_step();
		done = memory_compare(process_now->number, p, size, &want,
		    value, order, failed);
		if (trace_on && done)
			trace_add(site, "exchange %s: %llu, was %llu",
			    order_name[order], (unsigned long long)value,
			    (unsigned long long)want);
		else if (trace_on)
			show_load("no exchange", want, failed, site);
	}
	if (!done)
		(void)plain_change(expected, size, '=',
		    process_now == NULL ? memory_newest(p, size) : want);
	return done;
}

void
access_fence(int order, const struct site *site)
{
	if (process_now == NULL)
		return;
	schedule_step();
	memory_fence(process_now->number, order);
	if (trace_on)
		trace_add(site, "fence %s", order_name[order]);
}
