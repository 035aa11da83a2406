/* SPDX-License-Identifier: ISC */

/*
 * The options and the exit statuses of chatc.
 *
 * One table each, from which come the argument of getopt(3), the usage line
 * and the help.  The tests compare the manual and the completions for shells
 * with the help, so that none of them can disagree.
 */

#include <stdio.h>

#include "chatc/chatc.h"
#include "chatc/usage.h"
#include "ipc/common/option.h"

static const struct option_row rows[] = {
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
	{ STATUS_WAITED, "what was awaited did not arrive in time" },
};

#define STATUSES	(sizeof(statuses) / sizeof(statuses[0]))

static const struct option_table options = { rows,
    sizeof(rows) / sizeof(rows[0]), "[host [port]]", "chatc(1)" };

int
usage_next(int argc, char *argv[])
{
	return option_next(&options, argc, argv);
}

_Noreturn void
usage_fail(void)
{
	option_fail(&options);
}

static void
show_statuses(void)
{
	size_t i;

	(void)printf("\nexit status:\n");
	for (i = 0; i < STATUSES; i++)
		(void)printf("  %-12d %s\n", (int)statuses[i].status,
		    statuses[i].means);
}

_Noreturn void
usage_help(void)
{
	option_help(&options, show_statuses);
}

_Noreturn void
usage_version(void)
{
	option_version("chatc");
}
