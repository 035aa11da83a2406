/* SPDX-License-Identifier: ISC */

/*
 * Processes without a kernel.
 *
 * All of them run on one stack, one at a time, and use the same static
 * objects: a switch copies the used part of the stack and the statics of one
 * process out, and those of the next one in.  So each has its own memory at
 * the same addresses, as real processes have, and fork(2) is one copy and two
 * returns.  Only the segment is never copied, and so is shared.
 *
 * The harness copies, on its own stack, to which a process jumps when it
 * switches.  A jump is _setjmp() and _longjmp(), which, unlike
 * swapcontext(), make no system call for the signal mask; only the first one
 * onto the new stack needs makecontext().
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include "tests/schedule/process.h"
#include "tests/schedule/statics.h"

#define STACK		(128 << 10)
#define RED_ZONE	512	/* below the stack pointer, and to spare */

struct process		 process[PROCESSES];
struct process		*process_now;

static struct process	 kept[PROCESSES];
static char		*kept_stack[PROCESSES], *kept_statics[PROCESSES];

static char		 stack[STACK] __attribute__((aligned(64)));
static jmp_buf		 harness;
static struct process	*goes, *comes, *is_born;
static char		*bottom;	/* of the running process's stack */

/* The context in which every process starts. */
static jmp_buf		 begin_context;
static char		*begin_stack;
static size_t		 begin_depth;

static void
keep_stack(char *to, size_t *depth)
{
	*depth = (size_t)(stack + STACK - bottom);
	memcpy(to, bottom, *depth);
}

/* Where the caller's stack, on which this runs, ends. */
static void
find_bottom(void)
{
	char *frame = __builtin_frame_address(0);

	bottom = frame - RED_ZONE;
	bottom -= (uintptr_t)bottom % 64;
}

static void
first_frame(void)
{
	if (_setjmp(begin_context) == 0) {
		find_bottom();
		_longjmp(harness, 1);
	}
	process_now->main();
	abort();
}

static void *
need(void *p)
{
	if (p == NULL) {
		(void)fprintf(stderr, "process: no memory\n");
		exit(2);
	}
	return p;
}

void
process_init(void)
{
	static ucontext_t	there, back;
	int			i;

	statics_init();
	begin_stack = need(malloc(STACK));
	for (i = 0; i < PROCESSES; i++) {
		process[i].stack = need(malloc(STACK));
		process[i].statics = need(malloc(statics_most()));
		kept_stack[i] = need(malloc(STACK));
		kept_statics[i] = need(malloc(statics_most()));
	}
	(void)getcontext(&there);
	there.uc_stack.ss_sp = stack;
	there.uc_stack.ss_size = STACK;
	there.uc_link = NULL;
	makecontext(&there, first_frame, 0);
	if (_setjmp(harness) == 0)
		(void)swapcontext(&back, &there);
	keep_stack(begin_stack, &begin_depth);
}

/* The first free entry, reset. */
static struct process *
clear(struct process *p)
{
	char *its_stack = p->stack, *its_statics = p->statics;

	memset(p, 0, sizeof(*p));
	p->number = (int)(p - process);
	p->stack = its_stack;
	p->statics = its_statics;
	return p;
}

struct process *
process_new(void (*main)(void))
{
	struct process *p = process;

	while (p->state != PROCESS_NONE)
		p++;
	clear(p);
	p->state = PROCESS_READY;
	memcpy(p->context, begin_context, sizeof(jmp_buf));
	memcpy(p->stack, begin_stack, begin_depth);
	p->depth = begin_depth;
	statics_first(p->statics);
	p->main = main;
	return p;
}

/* On the harness's stack. */
static void
change(void)
{
	if (goes != NULL) {
		keep_stack(goes->stack, &goes->depth);
		statics_save(goes->statics);
		goes->error = errno;
	}
	if (goes != NULL && is_born != NULL) {
		memcpy(is_born->stack, goes->stack, goes->depth);
		is_born->depth = goes->depth;
		memcpy(is_born->context, goes->context, sizeof(jmp_buf));
		statics_copy(is_born->statics, goes->statics);
		is_born->error = goes->error;
		is_born = NULL;
	}
	if ((process_now = comes) == NULL)
		return;
	memcpy(stack + STACK - comes->depth, comes->stack, comes->depth);
	statics_restore(comes->statics);
	errno = comes->error;
}

void
process_run(struct process *first)
{
	goes = NULL;
	comes = first;
	(void)_setjmp(harness);
	change();
	if (process_now != NULL)
		_longjmp(process_now->context, 1);
}

static void __attribute__((noinline))
hand_over(struct process *to)
{
	goes = process_now;
	comes = to;
	if (_setjmp(process_now->context) == 0) {
		find_bottom();
		_longjmp(harness, 1);
	}
}

void
process_switch(struct process *to)
{
	if (to != process_now)
		hand_over(to);
}

int
process_fork(struct process *child, pid_t pid)
{
	clear(child);
	child->state = PROCESS_READY;
	child->pid = pid;
	child->parent = process_now->pid;
	child->blocked = process_now->blocked;
	memcpy(child->handler, process_now->handler, sizeof(child->handler));
	memcpy(child->file, process_now->file, sizeof(child->file));
	child->forked = 0;
	process_now->forked = pid;
	is_born = child;
	hand_over(process_now);
	return process_now->forked;
}

void
process_pause(void)
{
	hand_over(NULL);
}

void
process_end(void)
{
	goes = comes = NULL;
	_longjmp(harness, 1);
}

void
process_keep(void)
{
	int i;

	statics_keep();
	memcpy(kept, process, sizeof(kept));
	for (i = 0; i < PROCESSES; i++) {
		memcpy(kept_stack[i], process[i].stack, process[i].depth);
		statics_copy(kept_statics[i], process[i].statics);
	}
}

void
process_restore(void)
{
	int i;

	statics_back();
	memcpy(process, kept, sizeof(kept));
	for (i = 0; i < PROCESSES; i++) {
		if (process[i].state == PROCESS_NONE)
			continue;
		memcpy(process[i].stack, kept_stack[i], process[i].depth);
		statics_copy(process[i].statics, kept_statics[i]);
	}
}
