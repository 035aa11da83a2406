/* SPDX-License-Identifier: ISC */

/*
 * chatweb: a gateway for browsers to the room of a chatserv(8).
 *
 * This file is its start: it parses the command line, finds the room, opens
 * the sockets, and gives up root.  It does what chatserv's parent does, with
 * the same functions: sockets, privileges, the background, the log.
 * browsers.c accepts and forks, gateway.c is what a child runs.
 */

#include <sys/stat.h>
#include <sys/un.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <netdb.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "chatserv/common/address.h"
#include "chatserv/common/log.h"
#include "chatserv/parent/background.h"
#include "chatserv/parent/listen.h"
#include "chatserv/parent/notify.h"
#include "chatserv/parent/pid_file.h"
#include "chatserv/parent/privilege.h"
#include "contrib/chatweb/browsers.h"
#include "contrib/chatweb/page.h"
#include "ipc/common/bsd.h"
#include "ipc/common/option.h"

#define NAMES_MAX	16	/* of this host, -H */
#define DEFAULT_HOST	"localhost"

static const struct option_row rows[] = {
	{ 'b', NULL, "go into the background" },
	{ 'h', NULL, "show this help" },
	{ 'H', "name", "a name of this machine, for browsers" },
	{ 'm', "browsers", "serve at most so many connections" },
	{ 'M', "browsers", "serve at most so many from one address" },
	{ 'n', "fd", "write a newline there when browsers can connect" },
	{ 'p', "path", "write the pid to this file" },
	{ 'P', "address", "believe X-Forwarded-For of this proxy" },
	{ 'r', "host:port", "the room is there" },
	{ 'u', "path", "the room is at this unix-domain socket" },
	{ 'U', "user", "as root, become this user" },
	{ 'v', NULL, "log each connection to the room" },
	{ 'V', NULL, "show the version" },
};

static const struct option_table table = { rows,
    sizeof(rows) / sizeof(rows[0]), "[host [port]]", "chatweb(8)" };

struct options {
	const char	*host, *room_host, *room_port, *local, *user, *pid_file;
	unsigned int	 port;
	unsigned int	 browsers;	/* connections at once, at most */
	unsigned int	 per_address;	/* of these; 0: all */
	int		 ready_fd;
	bool		 background, verbose;
};

static struct gateway_options	 gateway;
static const char		*names[NAMES_MAX];

/* ---- the command line ---- */

static unsigned int
number(const char *what, const char *arg, unsigned int low,
    unsigned int high)
{
	const char	*error;
	long long	 n = strtonum(arg, low, high, &error);

	if (error != NULL)
		errx(2, "%s: \"%s\" is %s (%u to %u)", what, arg, error, low,
		    high);
	return (unsigned int)n;
}

/* The address in the form in which connections from it are shown. */
static const char *
proxy_address(const char *arg)
{
	static char	text[GATEWAY_ADDRESS_SIZE];
	struct address	a;

	if (!address_parse(&a, arg))
		errx(2, "-P: \"%s\" is no address", arg);
	address_print(&a, text, sizeof(text));
	return text;
}

/* HOST:PORT; an IPv6 address is in brackets. */
static void
set_room(struct options *o, char *arg)
{
	char *colon = strrchr(arg, ':');

	if (colon == NULL || colon == arg)
		errx(2, "-r: \"%s\" is no host:port", arg);
	*colon = '\0';
	o->room_port = colon + 1;
	o->room_host = arg;
	if (arg[0] == '[' && colon[-1] == ']') {
		colon[-1] = '\0';
		o->room_host = arg + 1;
	}
}

static void
option(struct options *o, int ch, char *arg)
{
	switch (ch) {
	case 'b':
		o->background = true;
		break;
	case 'h':
		option_help(&table, NULL);
	case 'H':
		if (gateway.n_names == NAMES_MAX)
			errx(2, "-H: more than %d names", NAMES_MAX);
		names[gateway.n_names++] = arg;
		break;
	case 'm':
		o->browsers = number("-m", arg, 1, 65534);
		break;
	case 'M':
		o->per_address = number("-M", arg, 1, 65534);
		break;
	case 'n':
		o->ready_fd = (int)number("-n", arg, STDERR_FILENO + 1, 65535);
		break;
	case 'p':
		o->pid_file = option_pid_file(arg, DEFAULT_HOST);
		break;
	case 'P':
		gateway.proxy = proxy_address(arg);
		break;
	case 'r':
		set_room(o, arg);
		break;
	case 'u':
		o->local = arg;
		break;
	case 'U':
		o->user = arg;
		break;
	case 'v':
		o->verbose = true;
		break;
	case 'V':
		option_version("chatweb");
	default:
		option_fail(&table);
	}
}

static void
parse(struct options *o, int argc, char *argv[])
{
	int ch;

	while ((ch = option_next(&table, argc, argv)) != -1)
		option(o, ch, optarg);
	argc -= optind;
	argv += optind;
	if (argc > 2 || (o->local != NULL && o->room_host != NULL))
		option_fail(&table);
	if (argc > 0)
		o->host = option_host(argv[0], DEFAULT_HOST);
	if (argc > 1)
		o->port = number("port", argv[1], 0, 65535);
	if (o->room_host == NULL) {
		o->room_host = "localhost";
		o->room_port = "53000";
	}
}

/* ---- the room ---- */

static void
add_room(const void *address, socklen_t len)
{
	struct gateway_room *room = &gateway.room[gateway.rooms++];

	memcpy(&room->address, address, len);
	room->len = len;
}

/*
 * The unix-domain socket at path.  Returns a descriptor of its directory,
 * which is all that the gateway can see once it has given up root.
 */
static int
find_local(const char *path)
{
	struct sockaddr_un	 sun;
	char			*copy;
	int			 fd;

	if ((copy = strdup(path)) == NULL)
		fatal("no memory");
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY);
	if (fd == -1 || fchdir(fd) == -1)
		fatal("cannot go to the directory of %s", path);
	free(copy);
	if ((copy = strdup(path)) == NULL)
		fatal("no memory");
	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	if (strlcpy(sun.sun_path, basename(copy), sizeof(sun.sun_path)) >=
	    sizeof(sun.sun_path))
		fatalx("%s is too long for a socket", path);
	free(copy);
	add_room(&sun, sizeof(sun));
	gateway.says_address = true;
	return fd;
}

/*
 * The room is where a client of chatserv would find it: localhost may be ::1
 * first, where a server on 127.0.0.1 does not listen.
 */
static void
find_tcp(const char *host, const char *port)
{
	struct addrinfo	 hints, *all, *ai;
	int		 error, family = AF_UNSPEC;

	memset(&hints, 0, sizeof(hints));
	hints.ai_socktype = SOCK_STREAM;
	error = getaddrinfo(host, port, &hints, &all);
	/* A minimal system has no /etc/hosts to find this in. */
	if (error != 0 && strcmp(host, DEFAULT_HOST) == 0)
		error = getaddrinfo(NULL, port, &hints, &all);
	if (error != 0)
		fatalx("no such host: %s: %s", host, gai_strerror(error));
	for (ai = all; ai != NULL && gateway.rooms < GATEWAY_ROOMS;
	    ai = ai->ai_next)
		if (ai->ai_family != family) {
			add_room(ai->ai_addr, ai->ai_addrlen);
			family = ai->ai_family;
		}
	freeaddrinfo(all);
}

int
main(int argc, char *argv[], char *envp[])
{
	struct options	o = { .host = DEFAULT_HOST, .port = 8080,
	    .browsers = 1000, .ready_fd = -1 };
	int		listener[LISTEN_MAX], listeners, directory = -1;

	setproctitle_init(argc, argv, envp);
	parse(&o, argc, argv);
	gateway.names = names;
	(void)signal(SIGPIPE, SIG_IGN);
	log_init(o.verbose);
	listeners = listen_take(&o.port, listener);
	notify_init(o.ready_fd);
	privilege_choose(o.user);
	if (listeners == 0)
		listeners = listen_open(o.host, &o.port, listener);
	if (o.local == NULL)
		find_tcp(o.room_host, o.room_port);
	if (o.background) {
		background_begin();
		log_system();
	}
	if (o.local != NULL)
		directory = find_local(o.local);
	gateway.page = page_build(&gateway.page_len, &gateway.page_head_len);
	browsers_prepare(&gateway, o.browsers, o.per_address);
	if (o.pid_file != NULL)
		pid_file_open(o.pid_file, o.port);
	/* Without root, nobody could remove it. */
	if (privilege_is_root())
		pid_file_leave();
	privilege_drop_into(directory);
	setproctitle("port %u", o.port);
	pid_file_write();
	listen_announce(listener, listeners, "");
	notify_ready();
	background_ready();
	/* In the background, the working directory is another. */
	if (directory != -1 && (fchdir(directory) == -1 ||
	    close(directory) == -1))
		fatal("cannot go to the directory of %s", o.local);
	browsers_serve(listener, listeners);
	pid_file_remove();
	return 0;
}
