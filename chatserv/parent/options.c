/* SPDX-License-Identifier: ISC */

/*
 * The command line of chatserv(8).
 *
 * This file checks numbers and their limits, and exits on a usage error
 * before the program has done anything.  What only the system can judge
 * (paths, groups, hosts) is left to the files that use it.
 *
 * Runs in the parent.
 */

#include <string.h>

#include "chatserv/common/log.h"
#include "chatserv/parent/options.h"
#include "ipc/common/bsd.h"
#include "ipc/bus/bus.h"
#include "ipc/common/option.h"

#define CHANNEL		"#chat"
#define DEFAULT_HOST	"localhost"
#define DEFAULT_PORT	53000
#define DEFAULT_CLIENTS	1000
#define DEFAULT_RING	(UINT64_C(1) << 20)
#define DEFAULT_NAMING	60	/* s */
#define NAMING_MAX	86400
#define HISTORY_MAX	1000000
#define CHANNEL_MAX	33
#define SERVER_MAX	63
#define FD_MOST		65535

static const struct option_row rows[] = {
	{ 'b', NULL, "go into the background" },
	{ 'c', "channel", "what IRC clients join, by default " CHANNEL },
	{ 'd', "file", "the message of the day for IRC clients" },
	{ 'D', "file", "admit nobody who is on this deny list" },
	{ 'h', NULL, "show this help" },
	{ 'i', "count", "send so many last messages to IRC clients" },
	{ 'k', NULL, "keep the history at an orderly stop" },
	{ 'l', "file", "append the log to this file" },
	{ 'L', "users", "let these local users speak for others" },
	{ 'm', "clients", "admit so many at most" },
	{ 'M', "clients", "admit so many at most from one address" },
	{ 'n', "fd", "write a newline there when clients can connect" },
	{ 'N', "name", "the server's name for IRC clients" },
	{ 'p', "path", "write the pid to this file" },
	{ 'r', "size", "the size of the history: 64k to 1024M" },
	{ 't', "seconds", "the time in which a client must give a name" },
	{ 'u', "path[:group[:mode]]", "listen on this unix-domain socket" },
	{ 'U', "user", "as root, become this user" },
	{ 'v', NULL, "log each connection" },
	{ 'V', NULL, "show the version" },
};

static const struct option_table table = { rows,
    sizeof(rows) / sizeof(rows[0]), "[host [port]]", "chatserv(8)" };

static long long
number(const char *what, const char *arg, long long least, long long most)
{
	const char	*error;
	long long	 n;

	n = strtonum(arg, least, most, &error);
	if (error != NULL)
		errx(2, "%s: \"%s\" is %s (%lld to %lld)", what, arg, error,
		    least, most);
	return n;
}

/* A number of bytes, with k or M; rounded up to a power of two. */
static uint64_t
ring_size(const char *arg)
{
	char		 digits[24];
	size_t		 len = strlcpy(digits, arg, sizeof(digits));
	const char	*error;
	uint64_t	 size, unit = 1;

	if (len > 0 && len < sizeof(digits)) {
		if (digits[len - 1] == 'k' || digits[len - 1] == 'K')
			unit = UINT64_C(1) << 10;
		else if (digits[len - 1] == 'M')
			unit = UINT64_C(1) << 20;
		if (unit > 1)
			digits[len - 1] = '\0';
	}
	size = unit * (uint64_t)strtonum(digits,
	    (long long)((BUS_RING_MIN + unit - 1) / unit),
	    (long long)(BUS_RING_MAX / unit), &error);
	if (error != NULL)
		errx(2, "-r: \"%s\" is %s (64k to 1024M)", arg, error);
	while ((size & (size - 1)) != 0)
		size += size & -size;
	return size;
}

/* A name of IRC's: no blank, nothing that has a meaning in a message. */
static const char *
irc_name(const char *what, const char *arg, const char *first, size_t most)
{
	size_t n = strlen(arg), at = strlen(first);

	if (n <= at || n > most || strncmp(arg, first, at) != 0 ||
	    strspn(arg + at, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") != n - at)
		errx(2, "%s: \"%s\" is not %s1 to %zu letters, digits, "
		    "\".\", \"-\" or \"_\"", what, arg, first[0] == '\0' ?
		    "" : "# and ", most - at);
	return arg;
}

/* An option without an argument, or whose argument is not checked here. */
static void
plain_option(struct options *o, int ch, const char *arg)
{
	switch (ch) {
	case 'b':
		o->background = true;
		break;
	case 'D':
		o->denied = arg;
		break;
	case 'd':
		o->motd = arg;
		break;
	case 'h':
		option_help(&table, NULL);
	case 'k':
		o->keep = true;
		break;
	case 'l':
		o->log = arg;
		break;
	case 'L':
		o->trusted = arg;
		break;
	case 'u':
		o->local = arg;
		break;
	case 'U':
		o->user = arg;
		break;
	case 'V':
		option_version("chatserv");
	case 'v':
		o->verbose = true;
		break;
	default:
		option_fail(&table);
	}
}

static void
option(struct options *o, int ch, const char *arg)
{
	switch (ch) {
	case 'c':
		o->channel = irc_name("-c", arg, "#", CHANNEL_MAX);
		break;
	case 'i':
		o->irc_history = (uint64_t)number("-i", arg, 0, HISTORY_MAX);
		break;
	case 'N':
		o->server = irc_name("-N", arg, "", SERVER_MAX);
		break;
	case 'm':
		o->clients = (uint32_t)number("-m", arg, 1, BUS_SLOTS_MAX - 1);
		break;
	case 'M':
		o->per_address = (uint32_t)number("-M", arg, 1,
		    BUS_SLOTS_MAX - 1);
		break;
	case 'n':
		o->ready_fd = (int)number("-n", arg, STDERR_FILENO + 1,
		    FD_MOST);
		break;
	case 'p':
		o->pid_file = option_pid_file(arg, DEFAULT_HOST);
		break;
	case 'r':
		o->ring = ring_size(arg);
		break;
	case 't':
		o->naming_ms = (int)number("-t", arg, 1, NAMING_MAX) * 1000;
		break;
	default:
		plain_option(o, ch, arg);
		break;
	}
}

void
options_parse(struct options *o, int argc, char *argv[])
{
	static const struct options usual = {
		.host = DEFAULT_HOST,
		.channel = CHANNEL,
		.port = DEFAULT_PORT,
		.ring = DEFAULT_RING,
		.clients = DEFAULT_CLIENTS,
		.naming_ms = DEFAULT_NAMING * 1000,
		.ready_fd = -1,
	};
	int ch;

	*o = usual;
	while ((ch = option_next(&table, argc, argv)) != -1)
		option(o, ch, optarg);
	argc -= optind;
	argv += optind;
	if (argc > 2)
		option_fail(&table);
	if (argc > 0)
		o->host = option_host(argv[0], DEFAULT_HOST);
	if (argc > 1)
		o->port = (unsigned int)number("port", argv[1], 0, 65535);
}
