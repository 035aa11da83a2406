/* SPDX-License-Identifier: ISC */

/*
 * The options and the exit statuses of chatc, each in one table.
 */
#ifndef CHATC_USAGE_H
#define CHATC_USAGE_H

/* The next option, as by option_next(). */
int	 usage_next(int argc, char *argv[]);

/* Show on standard error how chatc is called, and exit with STATUS_USAGE. */
_Noreturn void usage_fail(void);

/*
 * Write all options and exit statuses to standard output, one a line, and
 * exit:  for people, and for programs that make completions and check the
 * manual.
 */
_Noreturn void usage_help(void);

/* Write the version to standard output, and exit. */
_Noreturn void usage_version(void);

#endif
