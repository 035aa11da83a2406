/* SPDX-License-Identifier: ISC */

/*
 * What all scenarios share: their set-up, and the rule that nobody may sleep
 * who has work to do.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chatserv/parent/parent.h"
#include "chatserv/session/session.h"
#include "ipc/bus/lock.h"
#include "ipc/bus/ring.h"
#include "ipc/bus/shm.h"
#include "ipc/bus/wake.h"
#include "tests/schedule/choice.h"
#include "tests/schedule/client.h"
#include "tests/schedule/kernel.h"
#include "tests/schedule/scenario.h"
#include "tests/schedule/statics.h"
#include "tests/schedule/system.h"
#include "tests/schedule/trace.h"

#define NAMING_MS	100000
#define WAKER_MS	100
#define LOCK_MS		UINT64_C(3000)
#define PID(word)	((pid_t)((word) & UINT32_MAX))

const struct scenario	*scenario;
struct bus		 scenario_bus;

const struct scenario *const scenarios[] = {
	&scenario_own, &scenario_lock, &scenario_pass, &scenario_wake,
	&scenario_stop, &scenario_late, &scenario_ring, &scenario_roster,
	&scenario_copy, &scenario_talk, &scenario_flow,
	&scenario_press, NULL
};

static bool	 gate_open;
static uint64_t	 paused_from;

static uint64_t
newest(const volatile void *p, size_t size)
{
	return memory_newest(p, size);
}

/* The server's parent. */
static void
parent_main(void)
{
	static struct parent_options	options;
	static int			listener;
	struct bus			*b;
	pid_t				holder;
	int				i;

	(void)snprintf(process_now->name, sizeof(process_now->name), "parent");
	b = statics_alloc(sizeof(*b));
	if (shm_create(b, "/room", scenario->slots, scenario->ring,
	    &holder) == -1 || lock_create(b) == -1)
		schedule_fail("no segment");
	parent_catch_signals();
	listener = files_listener();
	options = (struct parent_options){ .bus = b, .listener = &listener,
	    .listeners = 1, .clients = scenario->slots,
	    .slots = scenario->slots,
	    .naming_ms = NAMING_MS };
	scenario_bus = *b;
	for (i = 0; i < scenario->clients; i++)
		files_connect(&connection[i]);
	parent_run(&options);
	sys__exit(0);
}

/* ---- functions for sessions ---- */

static bool
is_open(const struct process *p)
{
	(void)p;
	return gate_open;
}

void
scenario_gate(const char *name)
{
	(void)snprintf(process_now->name, sizeof(process_now->name), "%s",
	    name);
	(void)schedule_sleep(is_open, NULL, 0);
}

void
scenario_sleep(int ms)
{
	struct timespec	limit = { ms / 1000, ms % 1000 * 1000000L };
	sigset_t	none;

	(void)sigemptyset(&none);
	(void)sys_ppoll(NULL, 0, ms < 0 ? NULL : &limit, &none);
}

/* In the place of session_run(): see names. */
void
scenario_session(struct bus *b, int fd, int parent_fd,
    struct peer *peer, int naming_ms)
{
	if (scenario->session == NULL) {
		session_run(b, fd, parent_fd, peer, naming_ms);
		return;
	}
	lock_init();
	wake_init();
	scenario->session(b, (int)b->me);
}

void
scenario_alone(void (*f)(void))
{
	struct process *me = process_now;

	process_now = NULL;
	f();
	process_now = me;
}

bool
scenario_locked(void)
{
	pid_t holder;

	if (scenario_bus.segment == NULL)
		return false;
	holder = PID(newest(&scenario_bus.segment->owner, 8));
	return holder != 0 &&
	    (holder == process_now->pid || !scenario_lives(holder));
}

bool
scenario_lives(pid_t pid)
{
	const struct process *p = kernel_find(pid);

	return p != NULL && p->state != PROCESS_ZOMBIE;
}

bool
scenario_stopped(pid_t pid)
{
	const struct process *p = kernel_find(pid);

	return p != NULL && p->state != PROCESS_ZOMBIE && p->stopped;
}

/* ---- what must hold ---- */

static bool
is_waker(const struct process *p)
{
	return p->pid == (pid_t)newest(&scenario_bus.segment->waker,
	    sizeof(pid_t));
}

static bool
is_mortal(const struct process *p)
{
	return (scenario->mortals & (p->pid == KERNEL_FIRST_PID ? PARENT :
	    is_waker(p) ? WAKER : SESSIONS)) != 0;
}

/* Its client keeps it from running. */
static bool
client_is_full(const struct process *p)
{
	const struct connection *c = files_client(p);

	return scenario->session == NULL && c != NULL &&
	    (client_poll(c, POLLOUT) == 0 || c->closed);
}

/*
 * A process that wants the lock checks each second whether one process has
 * held it throughout, and asks the parent at the second check; the parent
 * gives the holder one more second, then kills it.  No wait is longer, unless
 * several holders follow one another.
 */
static void
look_at_lock(const struct process *p)
{
	uint64_t waited = (schedule_idle() - p->alarm_from) / SCHEDULE_MS;

	if (PID(newest(&scenario_bus.segment->owner, 8)) == 0)
		schedule_fail("%s waits for a lock that is free", p->name);
	if (waited >= LOCK_MS * (unsigned int)(scenario->stops > 1 ?
	    scenario->stops : 1))
		schedule_fail("%s has waited for the lock for %llu ms",
		    p->name, (unsigned long long)waited);
}

static void
look_at_sleeper(const struct process *p)
{
	const struct segment	*seg = scenario_bus.segment;
	const struct slot	*s;
	uint64_t		 head = newest(&seg->head, 8);
	uint32_t		 i;

	if (sleep_on_semaphore(p)) {
		look_at_lock(p);
		return;
	}
	/* A stopped parent may have been about to signal it. */
	if (is_waker(p) && !scenario_stopped(KERNEL_FIRST_PID)) {
		if (newest(&seg->doorbell, 4) != 0 ||
		    newest(&seg->wake_all, 4) != 0)
			schedule_fail("the waker sleeps, but its doorbell "
			    "is pressed");
		if (newest(&seg->waker_late, 4) != 0)
			schedule_fail("the waker sleeps, and counts as late");
	}
	for (i = 0; i < scenario->slots; i++) {
		s = &scenario_bus.slot[i];
		if (p->pid == (pid_t)newest(&s->pid, sizeof(pid_t)) &&
		    newest(&s->cursor, 8) < head && !client_is_full(p) &&
		    (scenario->idles == NULL || !scenario->idles(p)) &&
		    (scenario->excused == NULL || !scenario->excused(p)))
			schedule_fail("%s sleeps and has not read all",
			    p->name);
	}
}

/* Whether p sleeps, but not for longer than ms. */
static bool
naps(const struct process *p, uint64_t ms)
{
	return p != NULL && !p->stopped && p->state == PROCESS_ASLEEP &&
	    p->deadline != 0 &&
	    p->deadline <= schedule_now() + ms * SCHEDULE_MS;
}

/*
 * Two waits are intended.  A busy waker pauses for a millisecond at most, and
 * the parent replaces one that dies within a tenth of a second of its start
 * only when that tenth is over.  Until then, and no longer, a process that
 * pressed the doorbell waits.
 */
static bool
is_pause(void)
{
	pid_t		waker = (pid_t)newest(&scenario_bus.segment->waker,
	    sizeof(pid_t));
	bool		pause;

	pause = waker == 0 ? naps(kernel_find(KERNEL_FIRST_PID), WAKER_MS) :
	    naps(kernel_find(waker), 1);
	if (!pause)
		paused_from = UINT64_MAX;
	else if (paused_from == UINT64_MAX)
		paused_from = schedule_idle();
	else if (schedule_idle() > paused_from + (WAKER_MS + 1) * SCHEDULE_MS)
		schedule_fail("the waker pauses for too long");
	return pause;
}

/*
 * Nobody can run.  True if that is the end; false if somebody waits.  Another
 * process's being stopped is no excuse.
 */
static bool
be_quiet(bool stopped)
{
	const struct process	*p;
	bool			 waits = false;

	if (!gate_open)
		return true;
	if (is_pause())
		return false;
	for (p = process; p < process + PROCESSES; p++) {
		if (p->state != PROCESS_ASLEEP || p->stopped)
			continue;
		look_at_sleeper(p);
		waits = waits || sleep_on_semaphore(p) ||
		    (scenario->timers && p->deadline != 0);
	}
	if (scenario->quiet != NULL)
		scenario->quiet();
	if (waits || stopped)
		return false;
	scenario->judge();
	return true;
}

static void
tell_death(const struct process *p)
{
	if (gate_open && is_waker(p))
		paused_from = UINT64_MAX;	/* reset for the next */
	if (gate_open && scenario != NULL && scenario->died != NULL)
		scenario->died(p);
}

void
scenario_log(const char *line)
{
	trace("log: %s", line);
}

/* ---- running ---- */

static struct schedule_rules rules;

static void
set_up(void)
{
	int i;

	gate_open = false;
	statics_begin();
	for (i = 0; i < PROCESSES; i++)
		process[i].state = PROCESS_NONE;
	for (i = 0; i < CONNECTIONS; i++) {
		client_begin(&connection[i], scenario->says[i] == NULL ? "" :
		    scenario->says[i]);
		connection[i].stays = scenario->stays[i];
	}
	kernel_begin(process_new(parent_main));
	memory_forget();
	memory_begin();
	choice_none();
	if (schedule_run(&rules, false) == SCHEDULE_FAILED) {
		(void)fprintf(stderr, "%s: cannot be set up: %s\n",
		    scenario->name, schedule_failure());
		exit(2);
	}
}

void
scenario_prepare(const struct scenario *s)
{
	scenario = s;
	rules = (struct schedule_rules){ s->kills, s->stops, s->clocks,
	    is_mortal, be_quiet, tell_death, s->steps };
	do
		set_up();
	while (statics_learn());
	schedule_keep();
	gate_open = true;
}

static enum schedule_end
run_once(void)
{
	int i;

	trace_begin(trace_on);
	schedule_restore();
	memory_begin();
	for (i = 0; i < CONNECTIONS; i++)
		client_go_on(&connection[i]);
	paused_from = UINT64_MAX;
	scenario->begin();
	return schedule_run(&rules, true);
}

/* A schedule in which processes shared private statics does not count. */
enum schedule_end
scenario_run(void)
{
	enum schedule_end end = run_once();

	while (statics_learn()) {
		choice_keep();
		scenario_prepare(scenario);
		choice_again();
		end = run_once();
	}
	return end;
}
