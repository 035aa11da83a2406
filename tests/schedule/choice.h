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

/* The kinds of decision. */
enum choice_kind {
	CHOOSE_WHO,		/* what happens next, and to whom */
	CHOOSE_READ,		/* which store a load sees; 0: the newest */
	CHOOSE_PLACE,		/* where a store goes; 0: behind all */
	CHOOSE_CONTINUE		/* 1: continue a stopped process now */
};

/* The events that may come next. */
enum choice_what {
	DO_GO_ON,		/* a process takes its next step */
	DO_KILL,		/* SIGKILL ends it here */
	DO_STOP,		/* SIGSTOP stops it here */
	DO_CLOCK		/* nothing happens until a timer expires */
};

struct option {
	enum choice_what what;
	int		 who;
};

/*
 * Choose one of n; 0 is the ordinary outcome.  Any other uses up one of a
 * search's bound.
 */
unsigned int choose(enum choice_kind kind, unsigned int n);

/*
 * Choose one of n options, of which the first `free` cost nothing.  step
 * counts the steps of this schedule.
 */
unsigned int choose_option(const struct option *option, unsigned int n,
	    unsigned int free, unsigned long step);

/* Always choose 0, without recording a choice: for the set-up. */
void	 choice_none(void);

/*
 * Choose by a seed.  length is the number of steps of such a schedule; kills,
 * stops and early clocks are spread over them, as many as the options allow.
 */
void	 choice_seed(uint64_t seed, unsigned long length);

/* Choose as a text from choice_text() says. */
bool	 choice_replay(const char *text);

/* Save how the present schedule is made; restart it so. */
void	 choice_keep(void);
void	 choice_again(void);

/*
 * Search all schedules within a bound, or only those with preemptions and
 * without a kill, stop, early clock or old load.  choice_every() starts the
 * search; choice_next() moves to the next schedule, or returns false if there
 * is none.
 */
void	 choice_every(unsigned int bound, bool preemptions);
bool	 choice_next(void);

/* The choices of the present schedule that are not 0, as a list. */
size_t	 choice_deviations(void);
void	 choice_text(char *text, size_t size, const bool *leave_out);

/* A random number that depends on the seed alone. */
uint64_t choice_random(uint64_t below);

#endif
