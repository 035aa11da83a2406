/* SPDX-License-Identifier: ISC */

/*
 * Invents and varies scripts at random.
 */
#ifndef TESTS_CHAOS_GRAMMAR_H
#define TESTS_CHAOS_GRAMMAR_H

#include "tests/chaos/script.h"

/* Start a sequence of choices: the same seed, the same choices. */
void	 grammar_seed(uint64_t seed);

/* One of n, from 0. */
uint32_t grammar_choose(uint32_t n);

/* A new script. */
void	 grammar_invent(struct script *s);

/* A script like a, with something changed, or with a part of b in it. */
void	 grammar_vary(struct script *s, const struct script *a,
	    const struct script *b);

#endif
