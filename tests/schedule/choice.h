/* SPDX-License-Identifier: ISC */

/*
 * Where the decisions of a schedule come from: a seed, a list, or a search
 * through all of them.  See choice.c.
 */
#ifndef SCHEDULE_CHOICE_H
#define SCHEDULE_CHOICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is chosen. */
enum choice_kind {
	CHOOSE_WHO,		/* what happens next, and to whom */
	CHOOSE_READ,		/* which store a load sees; 0: the newest */
	CHOOSE_PLACE,		/* where a store goes; 0: behind all */
	CHOOSE_CONTINUE		/* 1: who is stopped is continued now */
};

/* What may happen next. */
enum choice_what {
	DO_GO_ON,		/* a process takes its next step */
	DO_KILL,		/* it ends here, by SIGKILL */
	DO_STOP,		/* it stands still, by SIGSTOP */
	DO_CLOCK		/* nobody does anything until a timer ends */
};

struct option {
	enum choice_what what;
	int		 who;
};

/*
 * Choose one of n; 0 is what happens if nothing special does.  Anything
 * else costs one of the bound of a search.
 */
unsigned int choose(enum choice_kind kind, unsigned int n);

/*
 * Choose one of n options, of which the first `free` cost nothing.  step
 * counts the steps of this schedule.
 */
unsigned int choose_option(const struct option *option, unsigned int n,
	    unsigned int free, unsigned long step);

/* Take 0 always, and do not count it as a choice: while things are set up. */
void	 choice_none(void);

/*
 * By a seed.  length is how many steps such a schedule has; kills, stops
 * and early clocks are spread over them, as many as the options allow.
 */
void	 choice_seed(uint64_t seed, unsigned long length);

/* As text says, which choice_text() has made. */
bool	 choice_replay(const char *text);

/* Put by how the present schedule is made; make it so from the start. */
void	 choice_keep(void);
void	 choice_again(void);

/*
 * Search all with a bound, or those that have preemptions alone, and no kill,
 * stop, early clock or old load: choice_every() begins, and choice_next() goes
 * to the next schedule, false if there is none.
 */
void	 choice_every(unsigned int bound, bool preemptions);
bool	 choice_next(void);

/* The choices of the present schedule that are not 0, as a list. */
size_t	 choice_deviations(void);
void	 choice_text(char *text, size_t size, const bool *leave_out);

/* A random number that depends on the seed alone. */
uint64_t choice_random(uint64_t below);

#endif
