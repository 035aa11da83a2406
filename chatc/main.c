/* SPDX-License-Identifier: ISC */

/*
 * The command line of chatc(1).
 *
 * Converts options and environment to struct options, and answers a wrong
 * command line with a usage line.  Opens descriptors 0, 1 and 2 first if they
 * are closed, so that no socket is mistaken for standard output.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "chatc/chatc.h"
#include "chatc/loop.h"
#include "chatc/place.h"
#include "chatc/show.h"
#include "chatc/term.h"
#include "chatc/usage.h"
#include "ipc/common/bsd.h"
#include "ipc/common/text.h"

#define PATIENCE	"30"

static long long
number(const char *text, long long min, long long max, const char *what)
{
	const char	*problem;
	long long	 n;

	n = strtonum(text, min, max, &problem);
	if (problem != NULL)
		errx(STATUS_USAGE, "%s %s: %s", what, text, problem);
	return n;
}

static const regex_t *
pattern(const char *text)
{
	static regex_t	re;
	char		problem[128];
	int		error;

	if ((error = regcomp(&re, text, REG_EXTENDED | REG_NOSUB)) != 0) {
		(void)regerror(error, &re, problem, sizeof(problem));
		errx(STATUS_USAGE, "pattern %s: %s", text, problem);
	}
	return &re;
}

/* Replace closed ones by ones on which every call fails. */
static void
open_standard_descriptors(void)
{
	int fd;

	do {
		if ((fd = open("/dev/null", O_RDONLY)) == -1)
			err(STATUS_LOST, "/dev/null");
	} while (fd <= STDERR_FILENO);
	(void)close(fd);
}

static const char *
from_environment(const char *name, const char *otherwise)
{
	const char *value = getenv(name);

	return value != NULL && value[0] != '\0' ? value : otherwise;
}

/*
 * The name to request.  On a unix socket the server knows the login name, and
 * picks a similar one if that is in use; no name requests it.
 */
static const char *
default_name(const struct options *o)
{
	struct passwd	*pw;
	const char	*name = from_environment("CHATC_NAME", NULL);

	if (name != NULL || o->path != NULL)
		return name != NULL ? name : "";
	if ((pw = getpwuid(getuid())) == NULL)
		errx(STATUS_USAGE, "no login name: use -n");
	return pw->pw_name;
}

/* A word that is no host or port was most often meant as something else. */
static void
check_place(const struct options *o)
{
	size_t		 host = strlen(o->host), colon = strcspn(o->host, ":");
	const char	*problem;

	if (host > 0 && strspn(o->host, "0123456789") == host)
		errx(STATUS_USAGE, "host %s: a number is a port, as in "
		    "localhost %s", o->host, o->host);
	if (host == 0 || strcspn(o->host, " \t\n") < host)
		errx(STATUS_USAGE, "host \"%s\": not a host; use -M to say "
		    "something", o->host);
	if (colon > 0 && colon + 1 < host && strspn(o->host + colon + 1,
	    "0123456789") == host - colon - 1)
		errx(STATUS_USAGE, "host %s: give the port after a blank, as "
		    "in %.*s %s", o->host, (int)colon, o->host,
		    o->host + colon + 1);
	if (strspn(o->port, "0123456789") < strlen(o->port))
		return;
	(void)strtonum(o->port, 1, 65535, &problem);
	if (problem != NULL)
		errx(STATUS_USAGE, "port %s: %s", o->port, problem);
}

/*
 * A name that the user did not choose may get a number; a chosen name may not.
 */
static void
choose_name(struct options *o)
{
	const char *problem;

	if (o->name == NULL) {
		o->name = default_name(o);
		o->numbered = o->numbered ||
		    from_environment("CHATC_NAME", NULL) == NULL;
	}
	problem = text_name_error(o->name, strlen(o->name));
	/* Without a user to look up, the server gives no name with a slash. */
	if (problem == NULL && o->path == NULL && o->command == NULL &&
	    strchr(o->name, '/') != NULL)
		problem = "has a /";
	if (problem != NULL && (o->name[0] != '\0' || o->path == NULL))
		errx(STATUS_USAGE, "the name %s %s: choose another with -n",
		    o->name, problem);
}

/* Defaults for what the command line leaves open, and contradictions in it. */
static void
fill_in(struct options *o)
{
	if (o->host == NULL)
		o->host = from_environment("CHATC_HOST", "localhost");
	if (o->port == NULL)
		o->port = from_environment("CHATC_PORT", "53000");
	if (o->path == NULL && o->command == NULL)
		check_place(o);
	choose_name(o);
	if (o->message != NULL && strspn(o->message, "\n") ==
	    strlen(o->message))
		errx(STATUS_USAGE, "the message is empty");
	if ((o->pattern != NULL || o->from != NULL) && o->count == 0)
		o->count = 1;
	o->silent = o->message != NULL && o->count == 0 &&
	    o->wait == WAIT_NONE && !o->no_input;
	o->outside = o->silent && !o->commands;
	o->patience = 1000 * number(from_environment("CHATC_PATIENCE",
	    PATIENCE), 1, 86400, "CHATC_PATIENCE");
}

/* "id" or "id@room". */
static void
place(struct options *o, const char *arg)
{
	static char	 id[32];
	size_t		 len = strcspn(arg, "@");

	(void)strlcpy(id, arg, len < sizeof(id) ? len + 1 : sizeof(id));
	o->since = number(id, 0, LLONG_MAX, "id");
	if (arg[len] == '\0')
		return;
	o->room = arg + len + 1;
	if (!place_is_room(o->room, strlen(o->room)))
		errx(STATUS_USAGE, "room %s: not 16 hexadecimal digits",
		    o->room);
}

/* Options that are given or not. */
static bool
flag(struct options *o, int ch)
{
	switch (ch) {
	case 'c':
		return o->commands = true;
	case 'd':
		return o->no_input = true;
	case 'j':
		return o->raw = o->json = true;
	case 'N':
		return o->numbered = true;
	case 'q':
		return o->quiet = true;
	case 'R':
		return o->reconnect = true;
	case 'r':
		return o->raw = true;
	default:
		return false;
	}
}

static const char *
format(const char *arg)
{
	const char *problem = show_format_error(arg);

	if (problem != NULL)
		errx(STATUS_USAGE, "the format \"%s\" %s", arg, problem);
	return arg;
}

static bool
option(struct options *o, int ch, const char *arg)
{
	switch (ch) {
	case 'C':
		o->count = (long)number(arg, 1, LONG_MAX, "count");
		break;
	case 'e':
		o->command = arg;
		break;
	case 'f':
		o->from = arg;
		break;
	case 'h':
		usage_help();
	case 'V':
		usage_version();
	case 'l':
		o->history = (int)number(arg, 0, INT_MAX, "number");
		break;
	case 'M':
		o->message = arg;
		break;
	case 'm':
		o->pattern = pattern(arg);
		break;
	case 'n':
		o->name = arg;
		break;
	case 's':
		place(o, arg);
		break;
	case 't':
		o->format = format(arg);
		break;
	case 'u':
		o->path = arg;
		break;
	case 'w':
		o->wait = (long)number(arg, WAIT_FOREVER, 1000000000,
		    "seconds");
		break;
	default:
		return flag(o, ch);
	}
	return true;
}

int
main(int argc, char *argv[])
{
	struct options	o;
	int		ch;

	open_standard_descriptors();
	setprogname(argv[0]);
	(void)setvbuf(stderr, NULL, _IOLBF, 0);
	term_init();
	memset(&o, 0, sizeof(o));
	o.history = -1;
	o.since = -1;
	o.room = "";
	o.wait = WAIT_NONE;
	while ((ch = usage_next(argc, argv)) != -1)
		if (!option(&o, ch, optarg))
			usage_fail();
	argc -= optind;
	argv += optind;
	if (argc > 2 || (o.command != NULL && (o.path != NULL || argc > 0)) ||
	    (o.path != NULL && argc > 0))
		usage_fail();
	if (argc > 0)
		o.host = argv[0];
	if (argc > 1)
		o.port = argv[1];
	fill_in(&o);
	return (int)loop_run(&o);
}
