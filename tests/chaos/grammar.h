/* SPDX-License-Identifier: ISC */

/*
 * Scripts, invented and varied at random.
 */
#ifndef TESTS_CHAOS_GRAMMAR_H
#define TESTS_CHAOS_GRAMMAR_H

#include "tests/chaos/script.h"

/* From now on the same choices for the same seed. */
void	 grammar_seed(uint64_t seed);

/* One of n, from 0. */
uint32_t grammar_choose(uint32_t n);

/* A new script. */
void	 grammar_invent(struct script *s);

/* One like a, with something changed, or with something of b in it. */
void	 grammar_vary(struct script *s, const struct script *a,
	    const struct script *b);

#endif
