/* SPDX-License-Identifier: ISC */

/*
 * Stops a process after each of its instructions, kills it after any of them,
 * and does the parent's part, which recovers what the process left behind.
 *
 * The test's own process is the parent of all and the tracer.  Every kill
 * point starts with the same segment, restored word by word, so the n-th
 * instruction is the same one in every run, except those that read the clock.
 *
 * Nothing here waits for a time to pass.  A process that waits for something
 * that never happens is recognised otherwise: when every process sleeps, none
 * is left to wake another.
 */
#ifndef TESTS_CHAOS_INSTRUCTIONS_H
#define TESTS_CHAOS_INSTRUCTIONS_H

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <limits.h>
#include <sched.h>
#include <time.h>

#include "ipc/bus/flow.h"
#include "tests/unit/bus.h"

#define CREW_MAX	32
#define TOLD_SIZE	512
#define LOOKS		3	/* at all asleep, to be sure */
#define CONTROL_EVERY	3

/* The part of the recovery that is omitted, to show that it is needed. */
enum left_out {
	NOTHING, ROSTER_AND_LOCK, ROSTER, ROUND, WAKING
};

/* What a process has read, and whether that is possible. */
struct tally {
	uint64_t	 received, missed, last_seq, last_id;
	unsigned long	 victims, waiters, nexts, joins, names, leaves;
	bool		 out_of_order;	/* the victim's records, or others' */
	const char	*wrong;
};

/* What the traced process tells the tracer. */
struct told {
	_Atomic int		 over;		/* the stepped work is done */
	_Atomic int		 stop;		/* its work must end */
	_Atomic uint64_t	 wrong;		/* records that are wrong */
	struct reader		 reader;	/* of a process that reads */
	uint64_t		 buf[TOLD_SIZE / sizeof(uint64_t)];
	size_t			 len;		/* of what it has read there */
	struct tally		 tally;
};

struct sweep {
	const char	*title;
	unsigned long	 points, failures, held, committed;
	const char	*why;		/* of the last failure */
};

static struct bus	 bus;
static struct told	*told;
static char		*saved_segment;
static pid_t		 crew[CREW_MAX];	/* alive and not traced */
static int		 crew_size;
static enum left_out	 left_out;
static long		 signal_due;		/* to the traced one */
static unsigned long	 every = 1, offset;
static unsigned long	 all_points, all_failures, all_steps;

/* ---- the segment ---- */

static inline void
map_told(void)
{
	told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(told != MAP_FAILED);
}

static inline void
new_segment(uint32_t slots)
{
	if (bus.segment != NULL) {
		(void)munmap(bus.segment, bus.size);
		(void)close(bus.fd);
		if (bus.lock_sem != &bus.segment->lock_sem)
			(void)sem_close(bus.lock_sem);
	}
	fresh_bus(&bus, slots, BUS_RING_MIN);
}

static inline void
save_segment(void)
{
	free(saved_segment);
	must((saved_segment = malloc(bus.size)) != NULL);
	memcpy(saved_segment, bus.segment, bus.size);
}

static inline void
restore_segment(void)
{
	memcpy(bus.segment, saved_segment, bus.size);
	while (sem_trywait(bus.lock_sem) == 0)
		continue;
}

/* ---- processes that are not traced ---- */

static inline void
leave_crew(pid_t pid)
{
	int i;

	for (i = 0; i < crew_size; i++)
		if (crew[i] == pid)
			crew[i--] = crew[--crew_size];
}

/* Fork a session that runs work(); without a slot if that is BUS_NOBODY. */
static inline pid_t
hire(uint32_t slot, int (*work)(struct bus *))
{
	pid_t pid;

	if (slot != BUS_NOBODY)
		roster_open(&bus, slot, "chaos");
	must((pid = fork()) != -1);
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		wake_init();
		if (slot != BUS_NOBODY)
			roster_enter(&bus, slot);
		lock_init();
		/* Nothing else: a sanitizer sleeps at exit. */
		_exit(work(&bus));
	}
	must(crew_size < CREW_MAX);
	crew[crew_size++] = pid;
	return pid;
}

/* How often pid has fallen asleep so far; 0 if it is awake. */
static inline unsigned long
sleeps(pid_t pid)
{
	char		 path[64], text[4096];
	const char	*at;
	unsigned long	 n = 1;
	FILE		*f;
	size_t		 len;

	(void)snprintf(path, sizeof(path), "/proc/%ld/status", (long)pid);
	if ((f = fopen(path, "r")) == NULL)
		return 0;
	len = fread(text, 1, sizeof(text) - 1, f);
	(void)fclose(f);
	text[len] = '\0';
	if (strstr(text, "\nState:\tS") == NULL)
		return 0;
	for (at = text; (at = strstr(at, "voluntary_ctxt_switches:")) != NULL;
	    at++)
		n += strtoul(strchr(at, ':') + 1, NULL, 10);
	return n;
}

/*
 * Whether all of the crew are asleep at one moment, so that none will ever
 * wake another: none of them ran between two looks.
 */
static inline bool
all_sleep(void)
{
	unsigned long	n[CREW_MAX] = { 0 };
	int		i;

	for (i = 0; i < crew_size; i++)
		if ((n[i] = sleeps(crew[i])) == 0)
			return false;
	for (i = 0; i < crew_size; i++)
		if (sleeps(crew[i]) != n[i])
			return false;
	return true;
}

/* Wait until a condition holds; false if all sleep and it does not. */
static inline bool
comes_true(bool (*condition)(void))
{
	unsigned long	tries;
	int		looks = 0;

	for (tries = 1; !condition(); tries++) {
		if (tries % 64 == 0 && all_sleep() && ++looks == LOOKS)
			return condition();
		(void)sched_yield();
	}
	return true;
}

/* Wait until one of the crew exits with 0; false if it fails or never ends. */
static inline bool
ends_well(pid_t pid)
{
	unsigned long	tries;
	pid_t		got;
	int		status, looks = 0;

	for (tries = 1; (got = waitpid(pid, &status, WNOHANG)) == 0; tries++) {
		if (tries % 64 == 0 && all_sleep() && ++looks == LOOKS)
			return false;
		(void)sched_yield();
	}
	must(got == pid);
	leave_crew(pid);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static inline void
dismiss(pid_t pid)
{
	(void)kill(pid, SIGKILL);
	(void)reap(pid);
	leave_crew(pid);
}

static inline void
dismiss_all(void)
{
	while (crew_size > 0)
		dismiss(crew[0]);
}

/* ---- the traced process ---- */

/*
 * Fork a session that prepares itself and stops; from there on it executes
 * work() as the tracer orders, and stops again when that is done.
 */
static inline pid_t
trace(uint32_t slot, void (*prepare)(struct bus *),
    int (*work)(struct bus *))
{
	pid_t	pid;
	int	status;

	atomic_store(&told->over, 0);
	signal_due = 0;
	must((pid = fork()) != -1);
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		wake_init();
		if (slot != BUS_NOBODY)
			roster_enter(&bus, slot);
		lock_init();
		if (prepare != NULL)
			prepare(&bus);
		must(ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0);
		(void)raise(SIGSTOP);
		(void)work(&bus);
		atomic_store(&told->over, 1);
		(void)raise(SIGSTOP);
		_exit(0);
	}
	must(waitpid(pid, &status, 0) == pid && WIFSTOPPED(status));
	return pid;
}

static inline void
kill_traced(pid_t pid)
{
	int status;

	must(kill(pid, SIGKILL) == 0);
	do
		must(waitpid(pid, &status, 0) == pid);
	while (!WIFSIGNALED(status));
}

/*
 * Continue it, by one instruction (PTRACE_SINGLESTEP) or to the next
 * breakpoint (PTRACE_CONT).  A signal that arrives is delivered with the next
 * request.
 */
static inline void
resume(pid_t pid, unsigned int request)
{
	must(ptrace(request, pid, NULL,
	    (void *)signal_due) == 0);
	signal_due = 0;
}

/* Wait until it stops; false if may_sleep and it falls asleep instead. */
static inline bool
stops(pid_t pid, bool may_sleep)
{
	unsigned long	tries;
	int		status;
	pid_t		got;

	for (tries = 1; (got = waitpid(pid, &status,
	    may_sleep ? WNOHANG : 0)) == 0; tries++) {
		if (tries % 16 == 0 && sleeps(pid) != 0)
			return false;
		(void)sched_yield();
	}
	must(got == pid && WIFSTOPPED(status));
	if (WSTOPSIG(status) != SIGTRAP && WSTOPSIG(status) != SIGSTOP)
		signal_due = WSTOPSIG(status);
	return true;
}

/*
 * The trail: which instruction follows after so many steps.  Single steps find
 * it once; afterwards a breakpoint leads to any of them, hundreds of times
 * faster.  In the vdso, where none can be set, single steps lead there.
 */
static struct {
	uintptr_t	*at;
	unsigned long	 len, size;
	unsigned long	 from;		/* the first kill point */
	bool		 found;		/* or it is being found */
} trail;
static unsigned long	 visits;	/* to the breakpoint, yet to come */
static unsigned long	 single;	/* steps to make after them */

/*
 * A breakpoint is an instruction that replaces another, since many virtual
 * machines lack the processor's own breakpoints.
 */
static struct {
	uintptr_t	at;
	long		code;		/* the original */
} breakpoint;

#define INT3	0xccL

/* Stop at this address from now on; false if its page cannot be written. */
static inline bool
set_breakpoint(pid_t pid, uintptr_t at)
{
	errno = 0;
	breakpoint.at = at;
	breakpoint.code = ptrace(PTRACE_PEEKTEXT, pid, (void *)at, NULL);
	return errno == 0 && ptrace(PTRACE_POKETEXT, pid, (void *)at,
	    (void *)((breakpoint.code & ~0xffL) | INT3)) == 0;
}

static inline uintptr_t
program_counter(pid_t pid)
{
	return (uintptr_t)ptrace(PTRACE_PEEKUSER, pid,
	    (void *)offsetof(struct user, regs.rip), NULL);
}

/*
 * It has stopped: if that was at the breakpoint, restore its state before that
 * instruction, and remove the breakpoint.
 */
static inline bool
leave_breakpoint(pid_t pid)
{
	if (program_counter(pid) != breakpoint.at + 1)
		return false;
	must(ptrace(PTRACE_POKETEXT, pid, (void *)breakpoint.at,
	    (void *)breakpoint.code) == 0);
	must(ptrace(PTRACE_POKEUSER, pid, (void *)offsetof(struct user,
	    regs.rip), (void *)breakpoint.at) == 0);
	return true;
}

/* Execute the instruction there, and stop when it is next reached. */
static inline void
pass_breakpoint(pid_t pid)
{
	while (program_counter(pid) == breakpoint.at) {
		resume(pid, PTRACE_SINGLESTEP);
		(void)stops(pid, false);
	}
	(void)set_breakpoint(pid, breakpoint.at);
}

static inline void
note_trail(pid_t pid)
{
	if (trail.len == trail.size) {
		trail.size = trail.size * 2 + 4096;
		must((trail.at = realloc(trail.at,
		    trail.size * sizeof(*trail.at))) != NULL);
	}
	trail.at[trail.len++] = program_counter(pid);
}

/* Whether the i-th step comes from another address (rep does not). */
static inline bool
arrives(unsigned long i)
{
	return i == 0 || trail.at[i] != trail.at[i - 1];
}

/* It has made so many steps of the trail; plan the way to the n-th. */
static inline void
aim(pid_t pid, unsigned long made, unsigned long n)
{
	unsigned long i;

	visits = 0;
	single = n - made;
	if (trail.len == 0)
		note_trail(pid);
	if (!trail.found || n >= trail.len)
		return;
	while (n > made && !arrives(n))
		n--;
	if (n == made || !set_breakpoint(pid, trail.at[n]))
		return;
	single -= n - made;
	for (i = made + 1; i <= n; i++)
		visits += arrives(i) && trail.at[i] == trail.at[n];
}

/*
 * Continue as planned, or to the end of the work; false if it falls asleep
 * on its way, which only may_sleep allows: call again when it was woken.
 */
static inline bool
go(pid_t pid, bool may_sleep, bool woken)
{
	while ((visits > 0 || single > 0) && !atomic_load(&told->over)) {
		if (!woken)
			resume(pid, visits > 0 ? PTRACE_CONT :
			    PTRACE_SINGLESTEP);
		woken = false;
		if (!stops(pid, may_sleep))
			return false;
		all_steps++;
		if (signal_due != 0)
			continue;
		if (visits == 0)
			single--;
		else if (leave_breakpoint(pid) && --visits > 0)
			pass_breakpoint(pid);
		if (!trail.found)
			note_trail(pid);
	}
	return true;
}

/* Make the first n steps, all of them without sleeping. */
static inline void
steps(pid_t pid, unsigned long n)
{
	aim(pid, 0, n);
	(void)go(pid, false, false);
}

/* Go from the start to where it has the lock: the trail starts there. */
static inline void
steps_to_lock(pid_t pid)
{
	if (trail.found) {
		steps(pid, trail.from);
		return;
	}
	while (!lock_held_by(&bus, pid)) {
		aim(pid, trail.from, trail.from + 1);
		(void)go(pid, false, false);
		trail.from++;
	}
}

/* ---- the parent's part ---- */

/*
 * Do what the parent does after a death, roster_recover(), except the omitted
 * part; and the waker's round that follows, in the test's own process where no
 * waker runs.  Returns whether a leave has yet to be announced.
 */
static inline bool
recover(uint32_t slot, pid_t pid)
{
	bool untold = false;

	if (left_out == ROSTER) {
		lock_recover(&bus, pid);
		untold = atomic_load(&bus.slot[slot].state) == SLOT_PRESENT;
		wake_recover(&bus);
	} else if (left_out == ROSTER_AND_LOCK) {
		wake_recover(&bus);
	} else {
		untold = roster_recover(&bus, slot, pid, left_out == WAKING);
	}
	if (left_out != ROUND && atomic_load(&bus.segment->waker) == 0)
		(void)wake_round(&bus);
	return untold;
}

/* ---- publishing, and reading everything back ---- */

/* A text that cannot be half of another: its number, then filler. */
static inline size_t
make_text(char *text, unsigned long n)
{
	size_t	len = (size_t)snprintf(text, 32, "%lu ", n);
	size_t	end = len + n * 37 % 199;

	for (; len < end; len++)
		text[len] = (char)('a' + (n + len) % 26);
	text[len] = '\0';
	return len;
}

static inline bool
compose(struct batch *batch, uint32_t slot, const char *name,
    unsigned long n)
{
	char		text[256];
	struct event	ev = { 0, EVENT_MSG, name, strlen(name), text,
	    make_text(text, n) };

	return ring_compose(batch, &ev, slot, RECORD_TO_ALL, 0);
}

static inline void
say(struct bus *b, const char *name, unsigned long n)
{
	char text[256];

	(void)make_text(text, n);
	must(publish(b, name, text) == BUS_OK);
}

/* Whether a record is exactly one that was published. */
static inline bool
whole(const struct record *rec, struct event *ev)
{
	char		text[256];
	unsigned long	n;

	if (rec->text_len == 0 || rec->text[rec->text_len - 1] != '\n' ||
	    event_parse(ev, rec->text, rec->text_len - 1U) == -1 ||
	    ev->id != rec->id || (uint16_t)ev->kind != rec->kind)
		return false;
	if (ev->kind != EVENT_MSG)
		return true;
	n = strtoul(ev->text, NULL, 10);
	return make_text(text, n) == ev->text_len &&
	    memcmp(text, ev->text, ev->text_len) == 0;
}

static inline bool
is_name(const struct event *ev, const char *name)
{
	return ev->name_len == strlen(name) &&
	    memcmp(ev->name, name, ev->name_len) == 0;
}

static inline void
count_kind(struct tally *t, const struct event *ev)
{
	switch (ev->kind) {
	case EVENT_JOIN:
		t->joins++;
		break;
	case EVENT_NAME:
		t->names++;
		break;
	case EVENT_LEAVE:
		t->leaves++;
		break;
	default:
		if (is_name(ev, "victim")) {
			t->out_of_order = t->out_of_order || t->nexts > 0 ||
			    strtoul(ev->text, NULL, 10) != t->victims;
			t->victims++;
		}
		t->waiters += is_name(ev, "waiter");
		t->nexts += is_name(ev, "next");
		break;
	}
}

static inline void
count_record(struct tally *t, const struct record *rec)
{
	struct event ev;

	if (!whole(rec, &ev))
		t->wrong = "a record is torn";
	else if (rec->seq <= t->last_seq || rec->id <= t->last_id)
		t->wrong = "records are out of order";
	else
		count_kind(t, &ev);
	t->received++;
	t->last_seq = rec->seq;
	t->last_id = rec->id;
}

static inline void
count_records(struct tally *t, const uint64_t *buf, size_t len)
{
	const struct record	*rec;
	size_t			 at;

	for (at = 0; at < len; at += rec->size) {
		rec = (const struct record *)(const void *)
		    ((const char *)buf + at);
		count_record(t, rec);
	}
}

/* Read everything from the first record ever; false if it is wrong. */
static inline bool
read_back(struct tally *t)
{
	static uint64_t	 buf[4 * RECORD_MAX / sizeof(uint64_t)];
	struct reader	 r = { 0, 1, UINT64_MAX };
	uint64_t	 missed;
	size_t		 len;

	memset(t, 0, sizeof(*t));
	while ((len = ring_read(&bus, &r, (char *)buf, sizeof(buf),
	    &missed)) > 0) {
		t->missed += missed;
		count_records(t, buf, len);
	}
	if (t->wrong == NULL && r.cursor != ring_head(&bus))
		t->wrong = "the reader does not reach the end";
	if (t->wrong == NULL && t->received + t->missed != t->last_seq)
		t->wrong = "received and missed do not add up to published";
	if (t->wrong == NULL && t->out_of_order)
		t->wrong = "the dead process's records are out of order";
	return t->wrong == NULL;
}

/* ---- a sweep over all points ---- */

typedef void point_fn(struct sweep *, unsigned long);

/* Find the trail, in a run without a kill. */
static inline void
find_trail(struct sweep *s, point_fn *point)
{
	memset(s, 0, sizeof(*s));
	trail.len = trail.from = 0;
	trail.found = false;
	point(s, ULONG_MAX);
	trail.found = true;
	memset(s, 0, sizeof(*s));
}

/*
 * point() kills at the n-th instruction, recovers and checks; it sets why if
 * something is wrong.
 */
static inline void
try_point(struct sweep *s, point_fn *point, unsigned long n)
{
	s->why = NULL;
	point(s, n);
	s->points++;
	if (s->why != NULL)
		s->failures++;
}

static inline void
sweep(struct sweep *s, point_fn *point)
{
	unsigned long n;

	find_trail(s, point);
	for (n = trail.from + offset % every; n < trail.len; n += every) {
		try_point(s, point, n);
		if (s->why != NULL && s->failures <= 5)
			(void)printf("# instruction %lu: %s\n", n, s->why);
	}
}

/* The lowest bits of i, in reverse order. */
static inline unsigned long
reverse(unsigned long i, unsigned int bits)
{
	unsigned long r = 0;

	for (; bits > 0; bits--, i >>= 1)
		r = r << 1 | (i & 1);
	return r;
}

/*
 * Try the points of the last trail up to the first failure.  Halves come before
 * quarters, which soon finds adjacent instructions that fail.
 */
static inline void
search(struct sweep *s, point_fn *point)
{
	unsigned long	i, n;
	unsigned int	bits = 0;

	memset(s, 0, sizeof(*s));
	while ((trail.len - trail.from) / every >> bits != 0)
		bits++;
	for (i = 0; i < 1UL << bits && s->failures == 0; i++) {
		n = trail.from + offset % every + reverse(i, bits) * every;
		if (n < trail.len)
			try_point(s, point, n);
	}
}

/* A test: nothing went wrong at any point of the sweep. */
static inline void
survives(struct sweep *s, point_fn *point, const char *name)
{
	left_out = NOTHING;
	sweep(s, point);
	all_points += s->points;
	all_failures += s->failures;
	(void)ok(s->points > 0 && s->failures == 0, name);
	(void)printf("#   %lu points, %lu failures; the lock was held at %lu, "
	    "the change made at %lu\n", s->points, s->failures, s->held,
	    s->committed);
}

/*
 * A control: without this part of the recovery something does go wrong, at one
 * of the points of the sweep before it.
 */
static inline void
needs(enum left_out what, struct sweep *s, point_fn *point,
    const char *name)
{
	unsigned long asked = every;

	/* Only a few instructions can go wrong. */
	every = every < CONTROL_EVERY ? every : CONTROL_EVERY;
	left_out = what;
	search(s, point);
	left_out = NOTHING;
	every = asked;
	dismiss_all();
	(void)ok(s->failures == 1, name);
	if (s->failures == 1)
		(void)printf("#   as it must, it fails, at point %lu: %s\n",
		    s->points, s->why);
}

/* The same at `dense` times as many points. */
static inline void
survives_densely(unsigned long dense, struct sweep *s, point_fn *point,
    const char *name)
{
	unsigned long asked = every;

	every = every / dense == 0 ? 1 : every / dense;
	survives(s, point, name);
	every = asked;
}

/*
 * The command line and the set-up: -k every (how many instructions apart the
 * points are), -s seed (which they are).
 */
static inline void
begin_sweeps(int argc, char *argv[])
{
	int ch;

	offset = (unsigned long)time(NULL);
	while ((ch = getopt(argc, argv, "k:s:")) != -1) {
		if (ch == 'k')
			every = strtoul(optarg, NULL, 10);
		else if (ch == 's')
			offset = strtoul(optarg, NULL, 10);
		else
			exit(2);
	}
	if (every == 0)
		every = 1;
	(void)printf("# every %lu. instruction, seed %lu\n", every, offset);
	(void)setpgid(0, 0);
	(void)signal(SIGALRM, bite);
	(void)alarm(3600);
	map_told();
}

static inline int
end_sweeps(void)
{
	(void)printf("# in all %lu kill points, %lu failures; "
	    "%lu instructions stepped\n", all_points, all_failures,
	    all_steps);
	return done();
}

#endif
