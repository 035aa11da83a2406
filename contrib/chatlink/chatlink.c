/* SPDX-License-Identifier: ISC */

/*
 * chatlink: one room on many hosts.
 *
 * It carries what the room of a chatserv(8) says to the rooms of other hosts,
 * and what they say to this one, through a stream of NATS JetStream.  This file
 * is its start, and the parent: it forks the process out and the process in,
 * before any thread of the engine's library exists, and restarts each when it
 * exits.  They are designed to exit: a process that is in doubt exits, and its
 * successor recovers.
 *
 * Runs in the parent.
 */

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chatserv/common/log.h"
#include "chatserv/parent/background.h"
#include "chatserv/parent/notify.h"
#include "chatserv/parent/pid_file.h"
#include "chatserv/parent/user.h"
#include "contrib/chatlink/in.h"
#include "contrib/chatlink/link.h"
#include "contrib/chatlink/out.h"
#include "ipc/common/bsd.h"
#include "ipc/common/option.h"

#define PAUSE_MIN_MS	100	/* before a process is restarted ... */
#define PAUSE_MAX_MS	2000	/* ... if it exits again and again */
#define LIVED_MS	10000	/* then the pause is short again */
#define STOP_MS		5000
#define PATH_SIZE	1024

struct options {
	const char	*user, *pid_file;
	int		 ready_fd;
	bool		 background, verbose;
};

struct worker {
	const char	*name;
	void		(*run)(const struct link *);
	pid_t		 pid;		/* 0: it has exited */
	uint64_t	 begun, pause, due;	/* ms */
};

volatile sig_atomic_t	link_stopped, link_asked;
sigset_t		link_awake;

static volatile sig_atomic_t	child_flag;
static struct link		l = { .chatc = "chatc" };
static int			pipe_fd[2];	/* ends when the parent does */
static struct worker		worker[] = {
	{ .name = "out", .run = out_run }, { .name = "in", .run = in_run }
};

#define WORKERS	(sizeof(worker) / sizeof(worker[0]))

/* ---- signals ---- */

static void
on_signal(int sig)
{
	if (sig == SIGCHLD)
		child_flag = 1;
	else if (sig == SIGUSR2)
		link_asked = 1;
	else
		link_stopped = 1;
}

/* The children inherit this, before they have threads. */
static void
set_signals(void)
{
	static const int	caught[] = { SIGTERM, SIGINT, SIGUSR2,
	    SIGCHLD };
	struct sigaction	sa;
	sigset_t		all;
	size_t			i;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_signal;
	sigfillset(&sa.sa_mask);
	sigfillset(&all);
	(void)sigprocmask(SIG_BLOCK, &all, NULL);
	link_awake = all;
	for (i = 0; i < sizeof(caught) / sizeof(caught[0]); i++) {
		(void)sigaction(caught[i], &sa, NULL);
		(void)sigdelset(&link_awake, caught[i]);
	}
	(void)signal(SIGPIPE, SIG_IGN);
}

/* ---- the command line ---- */

static void __attribute__((noreturn))
usage(void)
{
	(void)fprintf(stderr, "usage: chatlink [-bvV] [-c chatc] "
	    "[-C credentials] [-n fd] [-p path]\n"
	    "                [-T certificates] [-U user] -f state -h host "
	    "-u path room url ...\n");
	exit(LINK_USAGE);
}

static void
option(struct options *o, int ch, const char *arg)
{
	const char *error;

	switch (ch) {
	case 'b':
		o->background = true;
		break;
	case 'c':
		l.chatc = arg;
		break;
	case 'C':
		l.credentials = arg;
		break;
	case 'f':
		l.state = arg;
		break;
	case 'h':
		l.host = arg;
		break;
	case 'n':
		o->ready_fd = (int)strtonum(arg, STDERR_FILENO + 1, 65535,
		    &error);
		if (error != NULL)
			errx(LINK_USAGE, "-n: \"%s\" is %s", arg, error);
		break;
	case 'p':
		o->pid_file = arg;
		break;
	case 'T':
		l.authorities = arg;
		break;
	case 'u':
		l.socket = arg;
		break;
	case 'U':
		o->user = arg;
		break;
	case 'v':
		o->verbose = true;
		break;
	case 'V':
		option_version("chatlink");
	default:
		usage();
	}
}

static void
check(const struct options *o)
{
	int i;

	if (!link_is_word(l.host, TEXT_HOST_MAX))
		errx(LINK_USAGE, "-h: \"%s\" is not 1 to %d lower-case "
		    "letters, digits or '-' that begin with a letter", l.host,
		    TEXT_HOST_MAX);
	if (!link_is_word(l.room, LINK_ROOM_MAX))
		errx(LINK_USAGE, "\"%s\" is not 1 to %d lower-case letters, "
		    "digits or '-' that begin with a letter", l.room,
		    LINK_ROOM_MAX);
	for (i = 0; i < l.urls; i++)
		if (strchr(l.url[i], '@') != NULL)
			errx(LINK_USAGE, "everybody sees a url in ps(1): put "
			    "the password into a file, see -C");
	if (o->background && (l.state[0] != '/' || l.socket[0] != '/' ||
	    (l.credentials != NULL && l.credentials[0] != '/') ||
	    (l.authorities != NULL && l.authorities[0] != '/')))
		errx(LINK_USAGE, "-b needs paths that begin with /");
}

static void
parse(struct options *o, int argc, char *argv[])
{
	int ch;

	while ((ch = getopt(argc, argv, "bc:C:f:h:n:p:T:u:U:vV")) != -1)
		option(o, ch, optarg);
	argc -= optind;
	argv += optind;
	if (argc < 2 || l.state == NULL || l.host == NULL || l.socket == NULL)
		usage();
	l.room = argv[0];
	l.url = (const char **)(void *)(argv + 1);
	l.urls = argc - 1;
	check(o);
}

/* ---- the start ---- */

/* A link needs no privileges, and must not have the server's. */
static void
become(const char *user)
{
	const struct passwd *pw;

	if (geteuid() != 0 && user == NULL)
		return;
	if (user == NULL)
		fatalx("root must name another user by -U");
	if ((pw = user_find(user))->pw_uid == 0)
		fatalx("-U: the user must not be root");
	if (geteuid() != 0)
		return;
	/* The room's socket may be for the members of a group. */
	if (initgroups(user, pw->pw_gid) == -1)
		fatal("cannot give up root: initgroups");
	user_become(pw->pw_uid, pw->pw_gid);
}

/* Two links with one state would take over from each other for ever. */
static void
lock_state(void)
{
	struct flock	lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char		path[PATH_SIZE];
	int		fd;

	if (snprintf(path, sizeof(path), "%s.lock", l.state) >=
	    (int)sizeof(path))
		fatalx("%s is too long", l.state);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
	    S_IRUSR | S_IWUSR);
	if (fd == -1)
		fatal("cannot open %s", path);
	if (fcntl(fd, F_SETLK, &lock) == 0)
		return;
	if (errno != EACCES && errno != EAGAIN)
		fatal("cannot lock %s", path);
	(void)fcntl(fd, F_GETLK, &lock);
	fatalx("%s is in use by pid %d", l.state, (int)lock.l_pid);
}

/* ---- the parent ---- */

static void
begin(struct worker *w)
{
	if ((w->pid = fork()) == -1) {
		log_warn("cannot fork %s", w->name);
		w->pid = 0;
		w->due = bus_now() + PAUSE_MAX_MS;
		return;
	}
	w->begun = bus_now();
	if (w->pid > 0)
		return;
	link_asked = 0;
	(void)close(pipe_fd[1]);
	notify_end();
	pid_file_unlock();
	pid_file_leave();
	log_child();
	setproctitle("%s of %s", w->name, l.host);
	w->run(&l);
}

static void
reap(void)
{
	struct worker	*w;
	pid_t		 pid;
	int		 status;

	child_flag = 0;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (w = worker; w < worker + WORKERS; w++) {
			if (w->pid != pid)
				continue;
			w->pid = 0;
			if (WIFSIGNALED(status))
				log_info("%s died of signal %d", w->name,
				    WTERMSIG(status));
			if (bus_now() > w->begun + LIVED_MS || w->pause == 0)
				w->pause = PAUSE_MIN_MS;
			w->due = bus_now() + w->pause;
			w->pause = w->pause * 2 < PAUSE_MAX_MS ?
			    w->pause * 2 : PAUSE_MAX_MS;
		}
}

static void
tell_workers(int sig)
{
	size_t i;

	for (i = 0; i < WORKERS; i++)
		if (worker[i].pid != 0)
			(void)kill(worker[i].pid, sig);
}

/* Wait until then (0: for ever), or for a signal. */
static void
pause_until(uint64_t then)
{
	struct timespec ts = link_until(then);

	(void)ppoll(NULL, 0, then == 0 ? NULL : &ts, &link_awake);
}

static void
serve(void)
{
	struct worker	*w;
	uint64_t	 next;

	while (!link_stopped) {
		next = 0;
		for (w = worker; w < worker + WORKERS; w++) {
			if (w->pid == 0 && bus_now() >= w->due)
				begin(w);
			if (w->pid == 0 && (next == 0 || w->due < next))
				next = w->due;
		}
		pause_until(next);
		if (child_flag)
			reap();
		if (link_asked) {
			link_asked = 0;
			tell_workers(SIGUSR2);
		}
	}
}

static void
stop(void)
{
	uint64_t until = bus_now() + STOP_MS;

	log_info("stopping");
	notify_stopping();
	tell_workers(SIGTERM);
	while (reap(), (worker[0].pid != 0 || worker[1].pid != 0) &&
	    bus_now() < until)
		pause_until(until);
	tell_workers(SIGKILL);
	log_info("stopped");
}

int
main(int argc, char *argv[], char *envp[])
{
	static const struct rlimit	no_core = { 0, 0 };
	struct options			o = { .ready_fd = -1 };

	setproctitle_init(argc, argv, envp);
	parse(&o, argc, argv);
	(void)signal(SIGPIPE, SIG_IGN);
	log_init(o.verbose);
	/* A core file would contain the credentials. */
	if (setrlimit(RLIMIT_CORE, &no_core) == -1)
		fatal("cannot forbid core files");
	notify_init(o.ready_fd);
	if (o.background) {
		background_begin();
		log_system();
	}
	if (o.pid_file != NULL)
		pid_file_open(o.pid_file, 0);
	become(o.user);
	lock_state();
	if (pipe(pipe_fd) == -1 ||
	    fcntl(pipe_fd[0], F_SETFD, FD_CLOEXEC) == -1 ||
	    fcntl(pipe_fd[1], F_SETFD, FD_CLOEXEC) == -1)
		fatal("pipe");
	l.parent_fd = pipe_fd[0];
	set_signals();
	pid_file_write();
	log_info("room %s on host %s", l.room, l.host);
	notify_ready();
	background_ready();
	serve();
	stop();
	pid_file_remove();
	return 0;
}
