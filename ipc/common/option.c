/* SPDX-License-Identifier: ISC */

/*
 * The options of a program, in one table.
 *
 * The manuals and the completions for shells are held against the help by the
 * tests, so that none of them can say anything else.
 *
 * Runs in programs as they start.
 */

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "ipc/common/bsd.h"
#include "ipc/common/option.h"
#include "ipc/common/version.h"

#define COLUMNS	79

int
option_next(const struct option_table *t, int argc, char *argv[])
{
	char	letters[2 * OPTION_MAX + 1];
	size_t	i, n = 0;

	assert(t->rows <= OPTION_MAX);
	for (i = 0; i < t->rows; i++) {
		letters[n++] = t->row[i].letter;
		if (t->row[i].arg != NULL)
			letters[n++] = ':';
	}
	letters[n] = '\0';
	if (optind == 1 && argc > 1 && strcmp(argv[1], "--help") == 0)
		return 'h';
	return getopt(argc, argv, letters);
}

/* One more word of the usage line, on a new row if it does not fit. */
static void
put_word(FILE *f, int *column, const char *word)
{
	if (*column + 1 + (int)strlen(word) > COLUMNS)
		*column = fprintf(f, "\n\t") + 6;
	*column += fprintf(f, " %s", word);
}

/* Write "usage: PROGRAM ..." to f, on as many lines as it needs. */
static void
print_usage(const struct option_table *t, FILE *f)
{
	char	word[64] = "[-";
	size_t	i, n = 2;
	int	column;

	column = fprintf(f, "usage: %s", getprogname());
	for (i = 0; i < t->rows; i++)
		if (t->row[i].arg == NULL)
			word[n++] = t->row[i].letter;
	(void)strlcpy(word + n, "]", sizeof(word) - n);
	put_word(f, &column, word);
	for (i = 0; i < t->rows; i++)
		if (t->row[i].arg != NULL) {
			(void)snprintf(word, sizeof(word), "[-%c %s]",
			    t->row[i].letter, t->row[i].arg);
			put_word(f, &column, word);
		}
	put_word(f, &column, t->operands);
	(void)putc('\n', f);
}

_Noreturn void
option_fail(const struct option_table *t)
{
	print_usage(t, stderr);
	(void)fprintf(stderr, "%s -h says what they mean\n", getprogname());
	exit(2);
}

_Noreturn static void
end_output(void)
{
	if (fflush(stdout) == EOF)
		err(1, "standard output");
	exit(0);
}

/* The width of the arguments' column. */
static int
width(const struct option_table *t)
{
	size_t i, len, most = 9;

	for (i = 0; i < t->rows; i++)
		if (t->row[i].arg != NULL &&
		    (len = strlen(t->row[i].arg)) > most)
			most = len;
	return (int)most;
}

_Noreturn void
option_help(const struct option_table *t, void (*between)(void))
{
	size_t i;

	print_usage(t, stdout);
	(void)printf("\noptions:\n");
	for (i = 0; i < t->rows; i++)
		(void)printf("  -%c %-*s %s\n", t->row[i].letter, width(t),
		    t->row[i].arg != NULL ? t->row[i].arg : "",
		    t->row[i].does);
	if (between != NULL)
		between();
	(void)printf("\nMore is in %s.\n", t->manual);
	end_output();
}

_Noreturn void
option_version(const char *program)
{
	(void)printf("%s %s\n", program, VERSION_TEXT);
	end_output();
}

static bool
is_number(const char *arg)
{
	return arg[0] != '\0' && arg[strspn(arg, "0123456789")] == '\0';
}

const char *
option_host(const char *arg, const char *usual)
{
	const char *colon = strchr(arg, ':');

	if (is_number(arg))
		errx(2, "\"%s\" is no host: the port comes second, as in \"%s "
		    "%s\"", arg, usual, arg);
	if (colon != NULL && colon != arg && is_number(colon + 1))
		errx(2, "\"%s\" is no host: the port is an argument of its "
		    "own, as in \"%.*s %s\"", arg, (int)(colon - arg), arg,
		    colon + 1);
	return arg;
}

const char *
option_pid_file(const char *arg, const char *usual)
{
	if (is_number(arg))
		errx(2, "-p: \"%s\" is no path of a pidfile: the port comes "
		    "after the host, as in \"%s %s\"", arg, usual, arg);
	return arg;
}
