/* SPDX-License-Identifier: ISC */

/*
 * Where the decisions of a schedule come from.
 *
 * By a seed: with priorities that change at few points (PCT: Burckhardt and
 * others, "A randomized scheduler with probabilistic guarantees of finding
 * bugs", 2010).  The runnable process of the highest priority runs, and at a
 * few steps drawn beforehand falls behind all others.  PCT finds an error that
 * needs d such points with a probability that does not vanish as the schedule
 * between them gets longer, while a coin tossed at each step hardly ever
 * makes one process wait long.  Each seed also draws how often loads are old.
 *
 * Exhaustively: a depth-first search, which repeats a schedule up to the last
 * place that has an alternative.  Each choice other than the first uses up
 * one of a bound (CHESS: Musuvathi and Qadeer, "Iterative context bounding",
 * 2007): most errors need few of them, and the search surely finds all that
 * need no more than the bound.
 *
 * States are not remembered.  We tried: a hash of all stacks, statics,
 * messages and views after each new choice would have saved three quarters of
 * the schedules (73 % of lock's with bound 3, 70 % of pass's with bound 2), but
 * took two to six times as long as it saved, since a whole schedule takes
 * only 20 to 40 us, and hashing one state 18.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/schedule/choice.h"
#include "tests/schedule/process.h"

#define CHOICES		(1 << 18)
#define CHANGES		4		/* at most, of priorities */
#define EVENTS		8		/* kills, stops and clocks, at most */
#define STUBBORN	240		/* of 256 loads see nothing new */

enum source { NONE, SEED, REPLAY, EVERY };

/* One decision. */
struct choice {
	uint16_t	taken, n;
	uint16_t	free;		/* the first so many cost nothing */
};

static enum source	 source;
static struct choice	*choice;
static size_t		 choices;

static uint64_t		 random_state;
static int		 priority[PROCESSES], lowest;
static unsigned long	 change[CHANGES], event[EVENTS];
static unsigned int	 old_loads;	/* of 256 */

static uint64_t		 present_seed;
static unsigned long	 present_length;
static enum source	 kept_source;

static struct choice	*plan;		/* of REPLAY and EVERY */
static size_t		 planned;
static unsigned int	 bound, spent;
static bool		 preemptions;	/* only, of EVERY */

static struct choice *
need_choices(struct choice *old)
{
	if (old == NULL && (old = calloc(CHOICES, sizeof(*old))) == NULL) {
		(void)fprintf(stderr, "choice: no memory\n");
		exit(2);
	}
	return old;
}

static void
begin(enum source how)
{
	choice = need_choices(choice);
	plan = need_choices(plan);
	source = how;
	choices = 0;
	spent = 0;
}

void
choice_none(void)
{
	begin(NONE);
}

/* ---- by a seed ---- */

/* xorshift64* */
uint64_t
choice_random(uint64_t below)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (random_state * UINT64_C(2685821657736338717) >> 11) % below;
}

void
choice_seed(uint64_t seed, unsigned long length)
{
	static const unsigned int often[] = { 0, 16, 64, 128, STUBBORN };
	int i, n;

	begin(SEED);
	present_seed = seed;
	present_length = length;
	random_state = (seed + 1) * UINT64_C(0x9e3779b97f4a7c15);
	for (i = 0; i < 8; i++)
		(void)choice_random(2);
	for (i = 0; i < PROCESSES; i++)
		priority[i] = (int)choice_random(1000);
	lowest = 0;
	n = (int)choice_random(CHANGES + 1);
	for (i = 0; i < CHANGES; i++)
		change[i] = i < n ? 1 + choice_random(length) : 0;
	for (i = 0; i < EVENTS; i++)
		event[i] = 1 + choice_random(2 * length);
	old_loads = often[choice_random(5)];
}

/* The process with the highest priority among those that can go on. */
static unsigned int
highest(const struct option *option, unsigned int n)
{
	unsigned int i, best = 0;

	for (i = 1; i < n && option[i].what == DO_GO_ON; i++)
		if (priority[option[i].who] > priority[option[best].who])
			best = i;
	return best;
}

static unsigned int
seed_option(const struct option *option, unsigned int n, unsigned long step)
{
	unsigned int	going = 0, best;
	int		i;

	while (going < n && option[going].what == DO_GO_ON)
		going++;
	for (i = 0; i < EVENTS && going < n; i++) {
		if (event[i] != 0 && step >= event[i]) {
			event[i] = 0;
			return going +
			    (unsigned int)choice_random(n - going);
		}
	}
	best = highest(option, going);
	for (i = 0; i < CHANGES; i++) {
		if (change[i] != 0 && step >= change[i]) {
			change[i] = 0;
			priority[option[best].who] = --lowest;
			best = highest(option, going);
		}
	}
	/* Nobody spins for ever: one step in 64 goes to any process. */
	return choice_random(64) == 0 ? (unsigned int)choice_random(going) :
	    best;
}

/* ---- as planned ---- */

static unsigned int
planned_choice(unsigned int n)
{
	if (choices >= planned || plan[choices].taken >= n)
		return 0;
	return plan[choices].taken;
}

static unsigned int
record(unsigned int taken, unsigned int n, unsigned int free)
{
	if (choices == CHOICES) {
		(void)fprintf(stderr, "choice: too many\n");
		exit(2);
	}
	choice[choices++] = (struct choice){ (uint16_t)taken, (uint16_t)n,
	    (uint16_t)free };
	spent += taken >= free;
	return taken;
}

unsigned int
choose(enum choice_kind kind, unsigned int n)
{
	unsigned int taken = 0;

	if (n == 1 || source == NONE || (source == EVERY && preemptions))
		return 0;
	if (source != SEED)
		taken = planned_choice(n);
	else if (kind == CHOOSE_CONTINUE)
		taken = choice_random(8) == 0;
	else if (choice_random(256) < (kind == CHOOSE_READ ? old_loads :
	    old_loads / 8))
		taken = old_loads == STUBBORN ? n - 1 :
		    (unsigned int)choice_random(n);
	return record(taken, n, 1);
}

unsigned int
choose_option(const struct option *option, unsigned int n,
    unsigned int free, unsigned long step)
{
	while (source == EVERY && preemptions && n > 1 &&
	    option[n - 1].what != DO_GO_ON)
		n--;
	if (n == 1 || source == NONE)
		return 0;
	return record(source == SEED ? seed_option(option, n, step) :
	    planned_choice(n), n, free);
}

/* A list is POSITION:CHOICE for each choice that is not 0, space-separated. */
bool
choice_replay(const char *text)
{
	char		*end;
	unsigned long	 at, taken;

	begin(REPLAY);
	memset(plan, 0, CHOICES * sizeof(*plan));
	planned = 0;
	while (*text != '\0') {
		at = strtoul(text, &end, 10);
		if (end == text || *end != ':' || at >= CHOICES)
			return false;
		text = end + 1;
		taken = strtoul(text, &end, 10);
		if (end == text || (*end != '\0' && *end != ' '))
			return false;
		text = *end == ' ' ? end + 1 : end;
		plan[at].taken = (uint16_t)taken;
		if (at >= planned)
			planned = at + 1;
	}
	return true;
}

size_t
choice_deviations(void)
{
	size_t i, n = 0;

	for (i = 0; i < choices; i++)
		n += choice[i].taken != 0;
	return n;
}

void
choice_text(char *text, size_t size, const bool *leave_out)
{
	size_t	i, n = 0, used = 0;

	*text = '\0';
	for (i = 0; i < choices && used + 24 < size; i++) {
		if (choice[i].taken == 0)
			continue;
		if (leave_out != NULL && leave_out[n++])
			continue;
		used += (size_t)snprintf(text + used, size - used, "%s%zu:%u",
		    used == 0 ? "" : " ", i, choice[i].taken);
	}
}

/* ---- all of them ---- */

void
choice_every(unsigned int its_bound, bool preemptions_only)
{
	begin(EVERY);
	planned = 0;
	bound = its_bound;
	preemptions = preemptions_only;
}

/* The next affordable value at the last place that has one. */
bool
choice_next(void)
{
	struct choice	*c;
	unsigned int	 cost;

	while (choices > 0) {
		c = &choice[choices - 1];
		spent -= c->taken >= c->free;
		cost = (unsigned int)(c->taken + 1 >= c->free);
		if (c->taken + 1 < c->n && spent + cost <= bound)
			break;
		choices--;
	}
	if (choices == 0)
		return false;
	c->taken++;
	memcpy(plan, choice, choices * sizeof(*plan));
	planned = choices;
	begin(EVERY);
	return true;
}

void
choice_keep(void)
{
	kept_source = source;
}

void
choice_again(void)
{
	if (kept_source == SEED)
		choice_seed(present_seed, present_length);
	else
		begin(kept_source);
}
