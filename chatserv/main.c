/*
 * Copyright (c) 2026 The chatserv authors
 *
 * Permission to use, copy, modify, and distribute this software for any
 * purpose with or without fee is hereby granted, provided that the above
 * copyright notice and this permission notice appear in all copies.
 *
 * THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES
 * WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF
 * MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR
 * ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES
 * WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN
 * ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF
 * OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.
 */

/*
 * The command line of chatserv(8), its start and its end.
 *
 * What can fail at the start fails here, with a clear line, before any
 * client is let in.  Exits 0 after an orderly stop, 1 if it cannot run, 2
 * if it was called wrongly.
 */

#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "chatserv/listen.h"
#include "chatserv/log.h"
#include "chatserv/parent.h"
#include "ipc/bsd.h"
#include "ipc/lock.h"
#include "ipc/shm.h"

#define DEFAULT_HOST	"localhost"
#define DEFAULT_PORT	"53000"
#define DEFAULT_CLIENTS	1000
#define DEFAULT_RING	(UINT64_C(1) << 20)
#define DEFAULT_NAMING	60	/* s */
#define NAMING_MAX	86400

static struct bus	bus;
static char		room[SHM_NAME_MAX];	/* empty: none is made */
static bool		keep;			/* the room's history */

static void __attribute__((noreturn))
usage(void)
{
	(void)fprintf(stderr, "usage: chatserv [-kv] [-m clients] "
	    "[-M clients] [-r size] [-t seconds]\n"
	    "                [-u path[:group[:mode]]] [host [port]]\n");
	exit(2);
}

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

/* Bytes, with k or M behind them; a power of two not below them. */
static uint64_t
ring_size(const char *arg)
{
	char		 digits[24];
	size_t		 len = strlcpy(digits, arg, sizeof(digits));
	uint64_t	 size, unit = 1;

	if (len > 0 && len < sizeof(digits)) {
		if (digits[len - 1] == 'k' || digits[len - 1] == 'K')
			unit = UINT64_C(1) << 10;
		else if (digits[len - 1] == 'M')
			unit = UINT64_C(1) << 20;
		if (unit > 1)
			digits[len - 1] = '\0';
	}
	size = unit * (uint64_t)number("size of the ring", digits,
	    (long long)((BUS_RING_MIN + unit - 1) / unit),
	    (long long)(BUS_RING_MAX / unit));
	while ((size & (size - 1)) != 0)
		size += size & -size;
	return size;
}

/* Descriptors 0 to 2 are open, so nothing of ours will be taken for them. */
static void
fix_standard_descriptors(void)
{
	int fd;

	do {
		if ((fd = open("/dev/null", O_RDWR)) == -1)
			err(1, "/dev/null");
	} while (fd < STDERR_FILENO);
	if (fd > STDERR_FILENO)
		(void)close(fd);
	if ((fd = open("/dev/null", O_RDONLY)) != -1 &&
	    dup2(fd, STDIN_FILENO) != -1)
		(void)close(fd);
}

/* However the parent ends, nothing is left (after kill -9, a new start). */
static void
clean_up(void)
{
	if (getpid() != bus.parent)
		return;
	listen_remove();
	if (room[0] != '\0' && !keep)
		shm_remove(room);
}

/* The page of this port's room, and what guards its writers. */
static void
make_room(unsigned int port, uint32_t clients, uint64_t size)
{
	char	name[SHM_NAME_MAX];
	pid_t	holder;

	(void)snprintf(name, sizeof(name), "/chatserv.%u", port);
	if (shm_create(&bus, name, clients, size, &holder) == -1) {
		if (errno == EBUSY)
			fatalx("room %s is in use by pid %d", name,
			    (int)holder);
		fatal("cannot make shared memory for room %s", name);
	}
	(void)strlcpy(room, name, sizeof(room));
	if (shm_has_history(&bus))
		log_info("room %s: history of an earlier server copied",
		    name);
	if (lock_create(&bus) == -1)
		fatal("cannot make a semaphore");
}

int
main(int argc, char *argv[], char *envp[])
{
	static int		 listener[LISTEN_MAX];
	struct parent_options	 o = { &bus, listener, 0, 0, DEFAULT_CLIENTS,
	    0, DEFAULT_NAMING * 1000 };
	const char		*host = DEFAULT_HOST, *port = DEFAULT_PORT;
	const char		*local = NULL;
	uint64_t		 size = DEFAULT_RING;
	int			 ch, verbose = 0;

	setproctitle_init(argc, argv, envp);
	fix_standard_descriptors();
	while ((ch = getopt(argc, argv, "km:M:r:t:u:v")) != -1)
		switch (ch) {
		case 'k':
			keep = true;
			break;
		case 'm':
			o.clients = (uint32_t)number("-m", optarg, 1,
			    BUS_SLOTS_MAX - 1);
			break;
		case 'M':
			o.per_address = (uint32_t)number("-M", optarg, 1,
			    BUS_SLOTS_MAX - 1);
			break;
		case 'r':
			size = ring_size(optarg);
			break;
		case 't':
			o.naming_ms = (int)number("-t", optarg, 1,
			    NAMING_MAX) * 1000;
			break;
		case 'u':
			local = optarg;
			break;
		case 'v':
			verbose = 1;
			break;
		default:
			usage();
		}
	argc -= optind;
	argv += optind;
	if (argc > 2)
		usage();
	if (argc > 0)
		host = argv[0];
	if (argc > 1)
		port = argv[1];
	(void)number("port", port, 0, 65535);
	log_init(verbose);
	o.listeners = listen_open(host, port, listener, &o.port);
	parent_catch_signals();
	bus.parent = getpid();
	if (atexit(clean_up) != 0)
		fatal("atexit");
	if (local != NULL)
		listener[o.listeners++] = listen_local(local);
	make_room(o.port, o.clients, size);
	parent_run(&o);
	log_info("stopped");
	return 0;
}
