/* SPDX-License-Identifier: ISC */

/*
 * The options and the exit statuses of chatc.
 *
 * One table each, from which come the argument of getopt(3), the usage line
 * and the help.  The tests compare the manual and the completions for shells
 * with the help, so that none of them can disagree.
 */

#include <stdio.h>
#include <string.h>

#include "chatc/chatc.h"
#include "chatc/usage.h"
#include "ipc/common/bsd.h"
#include "ipc/common/version.h"

#define COLUMNS	79

static const struct {
	char		 letter;
	const char	*arg;		/* NULL: it takes none */
	const char	*does;
} options[] = {
	{ 'C', "count", "exit after so many messages of others" },
	{ 'c', NULL, "allow commands in the input, even from a pipe" },
	{ 'd', NULL, "do not read standard input" },
	{ 'e', "command", "speak through this command" },
	{ 'f', "name", "exit after a message from this client" },
	{ 'h', NULL, "show this help" },
	{ 'j', NULL, "write JSON objects" },
	{ 'l', "n", "begin with the last n messages" },
	{ 'M', "message", "say this instead of reading standard input" },
	{ 'm', "pattern", "exit after a message that matches" },
	{ 'N', NULL, "number the name if it is taken" },
	{ 'n', "name", "join by this name" },
	{ 'q', NULL, "show only messages" },
	{ 'R', NULL, "reconnect when the connection is lost" },
	{ 'r', NULL, "write tab-separated lines" },
	{ 's', "place", "begin with what followed this ID" },
	{ 't', "format", "put the time in front of each line" },
	{ 'u', "path", "connect to this unix-domain socket" },
	{ 'V', NULL, "show the version" },
	{ 'w', "seconds", "wait at most so many seconds" },
};

static const struct {
	enum status	 status;
	const char	*means;
} statuses[] = {
	{ STATUS_OK, "all input was published, or what was awaited came" },
	{ STATUS_LOST, "the connection, a line, the input or output was lost" },
	{ STATUS_USAGE, "the command line is invalid" },
	{ STATUS_NO_SERVER, "no server: chatc never joined the room" },
	{ STATUS_TAKEN, "the name is taken" },
	{ STATUS_REFUSED, "the server refused it for another reason" },
	{ STATUS_WAITED, "what was awaited did not come in time" },
};

#define OPTIONS		(sizeof(options) / sizeof(options[0]))
#define STATUSES	(sizeof(statuses) / sizeof(statuses[0]))

const char *
usage_letters(void)
{
	static char	letters[2 * OPTIONS + 1];
	size_t		i, n = 0;

	for (i = 0; i < OPTIONS; i++) {
		letters[n++] = options[i].letter;
		if (options[i].arg != NULL)
			letters[n++] = ':';
	}
	letters[n] = '\0';
	return letters;
}

/* Append a word to the usage line, on a new row if it does not fit. */
static void
put_word(FILE *f, int *column, const char *word)
{
	if (*column + 1 + (int)strlen(word) > COLUMNS)
		*column = fprintf(f, "\n\t") + 6;
	*column += fprintf(f, " %s", word);
}

static void
put_usage(FILE *f)
{
	char	word[64] = "[-";
	size_t	i, n = 2;
	int	column;

	column = fprintf(f, "usage: %s", getprogname());
	for (i = 0; i < OPTIONS; i++)
		if (options[i].arg == NULL)
			word[n++] = options[i].letter;
	(void)strlcpy(word + n, "]", sizeof(word) - n);
	put_word(f, &column, word);
	for (i = 0; i < OPTIONS; i++)
		if (options[i].arg != NULL) {
			(void)snprintf(word, sizeof(word), "[-%c %s]",
			    options[i].letter, options[i].arg);
			put_word(f, &column, word);
		}
	put_word(f, &column, "[host [port]]");
	(void)putc('\n', f);
}

_Noreturn void
usage_fail(void)
{
	put_usage(stderr);
	(void)fprintf(stderr, "%s -h says what they mean\n", getprogname());
	exit(STATUS_USAGE);
}

_Noreturn static void __attribute__((noreturn))
end_output(void)
{
	if (fflush(stdout) == EOF)
		err(STATUS_LOST, "standard output");
	exit(STATUS_OK);
}

void
usage_help(void)
{
	size_t i;

	put_usage(stdout);
	(void)printf("\noptions:\n");
	for (i = 0; i < OPTIONS; i++)
		(void)printf("  -%c %-9s %s\n", options[i].letter,
		    options[i].arg != NULL ? options[i].arg : "",
		    options[i].does);
	(void)printf("\nexit status:\n");
	for (i = 0; i < STATUSES; i++)
		(void)printf("  %-12d %s\n", (int)statuses[i].status,
		    statuses[i].means);
	(void)printf("\nMore is in chatc(1).\n");
	end_output();
}

void
usage_version(void)
{
	(void)puts("chatc " VERSION_TEXT);
	end_output();
}
