/* SPDX-License-Identifier: ISC */

/*
 * Tests of the memory: small programs whose outcomes are known.
 */
#ifndef SCHEDULE_LITMUS_H
#define SCHEDULE_LITMUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LITMUS_THREADS	4

enum verdict {
	NEVER,		/* forbidden, and never shown */
	SOMETIMES,	/* allowed, and shown */
	NOT_SHOWN	/* allowed, but beyond this memory: see why */
};

struct litmus {
	const char	*name;
	void		 (*thread[LITMUS_THREADS])(void);
	bool		 (*outcome)(void);
	enum verdict	 verdict;
	const char	*why;
};

extern const struct litmus litmus_tests[];
extern const size_t litmus_count;

/* What the programs share, and what their loads saw. */
struct litmus_shared {
	_Atomic uint32_t x, y, z, a, b;
};
extern struct litmus_shared litmus_shared;
extern uint32_t litmus_saw[8];

/* Run all, and with quiet print only failures; returns how many failed. */
int	 litmus_run(bool quiet);

#endif
