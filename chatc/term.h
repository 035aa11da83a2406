/* SPDX-License-Identifier: ISC */

/*
 * The terminal: raw while a line is edited, restored at any other moment.
 */
#ifndef CHATC_TERM_H
#define CHATC_TERM_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Call first: set the locale, and let signals end us even if we are the first
 * process of a container, to which the kernel sends no signal without a
 * handler.
 */
void	 term_init(void);

/*
 * Whether lines can be edited here; whether there are colours; whether the
 * terminal understands UTF-8, as far as the locale tells.
 */
bool	 term_can_edit(void);
bool	 term_has_colour(void);
bool	 term_shows_utf8(void);

/*
 * Where to write: standard output, or, if that is a terminal, a non-blocking
 * descriptor of our own for it, if possible.
 */
int	 term_output(void);

/*
 * Make the terminal raw, and restore it whatever ends this process.  Returns
 * -1 with errno if that is impossible.
 */
int	 term_start(void);

/* Restore the terminal. */
void	 term_stop(void);

/* The columns of the window. */
size_t	 term_columns(void);

/*
 * What happened since the last call: the window has another size, or we were
 * stopped and continue.  If SIGTSTP came, this call stops us.
 */
struct term_news {
	bool	resized;
	bool	resumed;
};
struct term_news term_news(void);

/* Block the signals behind term_news(); ppoll(2) lets them in. */
void	 term_block(sigset_t *set);

#endif
