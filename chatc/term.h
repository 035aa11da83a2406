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

/* Whether lines can be edited here; and whether there are colours. */
bool	 term_can_edit(void);
bool	 term_has_colour(void);

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
