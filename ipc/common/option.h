/* SPDX-License-Identifier: ISC */

/*
 * The options of a program, in one table: what getopt(3) is told, the usage
 * line and the help come from it.
 */
#ifndef IPC_OPTION_H
#define IPC_OPTION_H

#include <stddef.h>
#include <stdio.h>

struct option_row {
	char		 letter;
	const char	*arg;		/* NULL: it takes none */
	const char	*does;
};

struct option_table {
	const struct option_row	*row;
	size_t			 rows;		/* at most OPTION_MAX */
	const char		*operands;	/* "[host [port]]" */
	const char		*manual;	/* "chatserv(8)" */
};

#define OPTION_MAX	40

/*
 * The next option of the command line, as getopt(3) returns it: -1 after the
 * last.  "--help", if it is the first argument, is -h.
 */
int	 option_next(const struct option_table *t, int argc, char *argv[]);

/* Say on standard error how the program is called, and exit 2. */
_Noreturn void option_fail(const struct option_table *t);

/*
 * Write the usage and all options to standard output, one a line; between()
 * may add to it, before the manual is named; and exit 0, or 1 if that is
 * impossible.
 */
_Noreturn void option_help(const struct option_table *t,
	    void (*between)(void));

/*
 * The host to listen on, where usual is the host without one; the pidfile.
 * Where arg is legal, or will be some other error, but was surely not meant
 * so, say what was, and exit 2.
 */
const char *option_host(const char *arg, const char *usual);
const char *option_pid_file(const char *arg, const char *usual);

/* Write "PROGRAM VERSION" to standard output, and exit likewise. */
_Noreturn void option_version(const char *program);

#endif
