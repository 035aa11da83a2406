/* SPDX-License-Identifier: ISC */

/*
 * The start and the end of chatserv(8).
 *
 * Whatever can fail at the start fails here, with a clear message, before the
 * first client connects.  Exits 0 after an orderly stop, 1 if it cannot run, 2
 * on a usage error.
 *
 * Runs in the parent; clean_up() in the helper, if there is one.
 */

#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "chatserv/parent/background.h"
#include "chatserv/parent/deny_file.h"
#include "chatserv/helper/logger.h"
#include "chatserv/helper/privsep.h"
#include "chatserv/parent/limit.h"
#include "chatserv/parent/listen.h"
#include "chatserv/parent/local.h"
#include "chatserv/common/log.h"
#include "chatserv/common/peer.h"
#include "chatserv/parent/notify.h"
#include "chatserv/parent/options.h"
#include "chatserv/parent/parent.h"
#include "chatserv/parent/pid_file.h"
#include "chatserv/parent/privilege.h"
#include "chatserv/session/irc/irc.h"
#include "chatserv/session/irc/motd.h"
#include "ipc/common/bsd.h"
#include "ipc/bus/lock.h"
#include "ipc/bus/shm.h"
#include "ipc/common/version.h"

#define NUMBERS		16	/* of rooms, to be tried with port 0 */
#define DESCRIPTORS	6	/* more at a time, with one client that comes */

static struct bus	bus;
static char		room[SHM_NAME_MAX];	/* empty: no segment yet */
static bool		keep;			/* the room's history */

/*
 * Open descriptors 0 to 2, so that nothing of ours is mistaken for them.  The
 * server reads and writes only the log there.
 */
static void
fix_standard_descriptors(void)
{
	int fd;

	do {
		if ((fd = open("/dev/null", O_RDWR)) == -1)
			err(1, "/dev/null");
	} while (fd <= STDERR_FILENO);
	(void)dup2(fd, STDIN_FILENO);
	(void)dup2(fd, STDOUT_FILENO);
	(void)close(fd);
}

/* The helper does it, if there is one. */
static void
clean_up(void)
{
	local_remove();
	if (room[0] != '\0' && !keep)
		shm_remove(&bus, room);
	pid_file_remove();
}

/* Leave nothing behind, except after kill -9: then the next start cleans up. */
static void
at_exit(void)
{
	if (getpid() != bus.parent)
		return;
	if (!privsep_end()) {
		privilege_regain();
		clean_up();
	}
	logger_leave();
	log_end();
}

/* Create the segment of this port's room, and the lock of its writers. */
static void
make_segment(const struct parent_options *run, uint64_t size)
{
	char	name[SHM_NAME_MAX];
	pid_t	holder;

	(void)snprintf(name, sizeof(name), OPTIONS_ROOM, run->port);
	privilege_lend();	/* the segment must belong to that user */
	if (shm_create(&bus, name, run->slots, size, &holder) == -1) {
		if (errno == EBUSY && holder > 0)
			fatalx("room %s is in use by pid %d", name,
			    (int)holder);
		if (errno == EBUSY)
			fatalx("room %s is in use: another server is starting",
			    name);
		fatal("cannot make shared memory for room %s", name);
	}
	(void)strlcpy(room, name, sizeof(room));
	bus.segment->clients = run->clients;
	if (shm_has_history(&bus))
		log_info("room %s: history of an earlier server copied",
		    name);
	if (lock_create(&bus) == -1)
		fatal("cannot make a semaphore");
	privilege_regain();
}

/*
 * Close what we inherited, except sockets from 3 on and the supervisor's
 * descriptor, so that no session has it.
 */
static void
close_inherited(int sockets, int ready_fd)
{
	int fd = STDERR_FILENO + 1 + sockets;

	if (ready_fd >= fd) {
		while (fd < ready_fd)
			(void)close(fd++);
		fd++;
	}
	closefrom(fd);
}

/*
 * Open the TCP sockets.  With port 0, take no number that a segment has: its
 * history is another room's, whose server lives or may come back for it.
 */
static void
open_tcp(const struct options *o, struct parent_options *run, int *fd)
{
	int	kept[NUMBERS * LISTEN_MAX], n = 0, tries;
	char	name[SHM_NAME_MAX];
	size_t	size;

	for (tries = 0; tries < NUMBERS; tries++) {
		run->port = o->port;
		run->listeners = listen_open(o->host, &run->port, fd);
		(void)snprintf(name, sizeof(name), OPTIONS_ROOM, run->port);
		if (o->port != 0 || !shm_exists(name))
			break;
		/* Keep these, so that the system gives us another port. */
		size = (size_t)run->listeners * sizeof(*fd);
		memcpy(kept + n, fd, size);
		n += run->listeners;
	}
	if (tries == NUMBERS)
		fatalx("port 0: too many numbers are those of other rooms, as "
		    "%u is", run->port);
	while (n-- > 0)
		(void)close(kept[n]);
}

/* Open the TCP sockets; a room without TCP still has the number of a port. */
static void
open_sockets(const struct options *o, struct parent_options *run, int *fd)
{
	if (run->listeners == 0 && strcmp(o->host, "-") != 0)
		open_tcp(o, run, fd);
	if (run->listeners == 0 && o->local == NULL)
		fatalx("host is -, and there is no -u to listen on");
	if (run->port == 0)
		fatalx("port 0: a room without TCP needs a number");
}

/* The server's name for IRC clients: that of -N, or the host's. */
static void
name_for_irc(const struct options *o)
{
	char	*name = irc_config.server;
	size_t	 size = sizeof(irc_config.server);

	(void)strlcpy(irc_config.channel, o->channel,
	    sizeof(irc_config.channel));
	irc_config.history = o->irc_history;
	if (o->server != NULL)
		(void)strlcpy(name, o->server, size);
	else if (gethostname(name, size) == -1 ||
	    memchr(name, '\0', size) == NULL || name[0] == '\0' ||
	    strpbrk(name, " :!@") != NULL)
		(void)strlcpy(name, "chatserv", size);
	if (o->motd != NULL)
		irc_motd_open(o->motd);
}

/* Load the lists of trusted peers and of denied clients. */
static void
choose_users(const struct options *o)
{
	if (o->trusted != NULL)
		peer_trust(o->trusted);
	if (o->denied != NULL)
		deny_file_open(o->denied);
}

/* Better no start than one that refuses everybody. */
static void
check_descriptors(void)
{
	int fd[DESCRIPTORS], i;

	for (i = 0; i < DESCRIPTORS; i++)
		if ((fd[i] = dup(STDIN_FILENO)) == -1)
			fatal("cannot admit clients: raise ulimit -n");
	while (i-- > 0)
		(void)close(fd[i]);
}

int
main(int argc, char *argv[], char *envp[])
{
	static int		listener[LISTEN_MAX];
	struct options		o;
	struct parent_options	run = { .bus = &bus, .listener = listener };

	setproctitle_init(argc, argv, envp);
	options_parse(&o, argc, argv);
	fix_standard_descriptors();
	keep = o.keep;
	run.clients = o.clients;
	run.slots = o.clients < BUS_SLOTS_MAX - LIMIT_SPARE ?
	    o.clients + LIMIT_SPARE : BUS_SLOTS_MAX;
	run.per_address = o.per_address;
	run.naming_ms = o.naming_ms;
	log_init(o.verbose);
	bsd_learn_users();
	run.port = o.port;
	run.listeners = listen_take(&run.port, listener);
	close_inherited(run.listeners, o.ready_fd);
	notify_init(o.ready_fd);
	privilege_choose(o.user);
	open_sockets(&o, &run, listener);
	name_for_irc(&o);
	choose_users(&o);
	if (o.background)
		background_begin();
	if (o.log != NULL)
		log_file(logger_start(o.log));
	else if (o.background)
		log_system();
	parent_catch_signals();
	bus.parent = getpid();
	if (atexit(at_exit) != 0)
		fatal("atexit");
	if (o.local != NULL)
		listener[run.listeners++] = local_listen(o.local);
	if (o.background || o.pid_file != NULL)
		pid_file_open(o.pid_file, run.port);
	log_info("version %s, protocol %d, segment %d", VERSION_TEXT,
	    VERSION_PROTOCOL, VERSION_SEGMENT);
	make_segment(&run, o.ring);
	if (privilege_is_root()) {
		privsep_start(&run, clean_up);
		/* An open directory would be a way out of the chroot. */
		local_leave();
		pid_file_leave();
		irc_motd_lock_in();
		deny_file_leave();
		logger_leave();
	}
	privilege_drop();
	pid_file_write();
	check_descriptors();
	parent_run(&run);
	log_info("stopped");
	return 0;
}
