/* SPDX-License-Identifier: ISC */

/*
 * The terminal: raw while a line is edited, and as it was in every other
 * moment.
 */
#ifndef CHATC_TERM_H
#define CHATC_TERM_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Before all else: set the locale, and see to it that we end of a signal also
 * where we are the first process of a container, to which the kernel sends
 * none that has no handler.
 */
void	 term_init(void);

/*
 * Whether lines can be edited here; whether there are colours; and whether
 * the terminal takes UTF-8 for what it is, as far as the locale tells.
 */
bool	 term_can_edit(void);
bool	 term_has_colour(void);
bool	 term_shows_utf8(void);

/*
 * Where to write to: standard output, or, where that is a terminal, the same
 * under a descriptor of our own that never blocks, if it can be had.
 */
int	 term_output(void);

/*
 * Make the terminal raw, and see to it that whatever ends this process
 * leaves it as it was.  -1 with errno if that cannot be.
 */
int	 term_start(void);

/* Give the terminal back. */
void	 term_stop(void);

/* The columns of the window. */
size_t	 term_columns(void);

/*
 * What happened since the last call: the window has another size, or we
 * were stopped and go on.  If SIGTSTP came, this is where we stop.
 */
struct term_news {
	bool	resized;
	bool	resumed;
};
struct term_news term_news(void);

/* Block what term_news() tells of; ppoll(2) lets it in. */
void	 term_block(sigset_t *set);

#endif
