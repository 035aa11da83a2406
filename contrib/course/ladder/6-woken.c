/* SPDX-License-Identifier: ISC */

/*
 * Rung 6: sleep until there is news.
 *
 * A publisher sends a signal to every child; a child sleeps in ppoll(2) until
 * its client says something or a signal arrives.  No child polls in vain any
 * more.
 *
 * The race that pselect(2) describes: if the signal arrived between the check
 * for news and the sleep, and were not blocked, it would be handled and
 * forgotten, and the child would sleep although there is news.  So it is
 * blocked, remains pending, and only ppoll() admits it.
 *
 * What is still missing is chatserv: a lock that survives kill -9, a reader
 * that is too slow and is told so, one that stops and delays nobody, and a
 * process that wakes 10,000 others so that the publisher need not.
 *
 * Watch it: perf stat or strace -c, as before; how many wake-ups a line?  Ask:
 * what if a child's pid is another process's by now?
 */

#include <sys/mman.h>
#include <sys/wait.h>
#include <poll.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <time.h>

#include "contrib/course/ladder/net.h"

#define SLOTS		4096	/* lines that the room remembers */
#define CHILDREN	256

/* What all processes share. */
static struct {
	sem_t			lock;	/* one publisher at a time */
	_Atomic pid_t		child[CHILDREN];	/* 0: free */
	_Atomic unsigned int	head;	/* lines published so far */
	char			line[SLOTS][NET_LINE];
} *room;

static void
wake_up(int sig)
{
	(void)sig;		/* it only makes ppoll() return */
}

static void
wake_others(void)
{
	int	i;
	pid_t	pid;

	for (i = 0; i < CHILDREN; i++)
		if ((pid = room->child[i]) > 0)
			(void)kill(pid, SIGURG);
}

/* Where the others find this process; -1 if there is no space. */
static int
register_child(void)
{
	pid_t	none;
	int	i;

	for (i = 0; i < CHILDREN; i++) {
		none = 0;
		if (atomic_compare_exchange_strong(&room->child[i], &none,
		    getpid()))
			return i;
	}
	return -1;
}

static void
publish(const char *line)
{
	unsigned int head;

	while (sem_wait(&room->lock) == -1)
		continue;		/* EINTR: try again */
	head = room->head;
	(void)snprintf(room->line[head % SLOTS], NET_LINE, "%s", line);
	/* Only now: a reader that sees the new head sees the whole line. */
	room->head = head + 1;
	(void)sem_post(&room->lock);
	wake_others();
}

/* Send what is new since *at. */
static bool
relay(int fd, unsigned int *at)
{
	const char *line;

	for (; *at != room->head; ++*at) {
		line = room->line[*at % SLOTS];
		if (!net_put(fd, line, strlen(line)))
			return false;
	}
	return true;
}

static void __attribute__((noreturn))
serve(int fd)
{
	struct client	c = { .fd = fd };
	struct pollfd	pfd = { fd, POLLIN, 0 };
	char		line[NET_LINE], out[NET_LINE];
	unsigned int	at = 0;
	int		place = register_child();
	sigset_t	awake;

	(void)sigprocmask(SIG_BLOCK, NULL, &awake);
	(void)sigdelset(&awake, SIGURG);
	(void)net_put(fd, NET_GREETING, strlen(NET_GREETING));
	for (;;) {
		if (c.name[0] != '\0' && !relay(fd, &at))
			break;
		/*
		 * A signal since then is pending, and ends this sleep at once.
		 */
		if (ppoll(&pfd, 1, NULL, &awake) <= 0)
			continue;
		if (!net_fill(&c))
			break;
		while (net_line(&c, line)) {
			if (c.name[0] == '\0')
				at = room->head;	/* no past */
			(void)net_say(&c, line, out);
			publish(out);
		}
	}
	if (net_leave(&c, out) > 0)
		publish(out);
	if (place != -1)
		room->child[place] = 0;
	_exit(0);
}

static void
reap(int sig)
{
	int saved = errno;

	(void)sig;
	while (waitpid(-1, NULL, WNOHANG) > 0)
		continue;
	errno = saved;
}

int
main(int argc, char *argv[])
{
	struct sigaction	sa = { .sa_handler = reap };
	sigset_t		blocked;
	int			fd, listener = net_listen(argc, argv);

	/* Before the first fork, so that all children have the same memory. */
	room = mmap(NULL, sizeof(*room), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (room == MAP_FAILED || sem_init(&room->lock, 1, 1) == -1)
		err(1, "cannot share memory");
	(void)sigaction(SIGCHLD, &sa, NULL);
	sa.sa_handler = wake_up;
	(void)sigaction(SIGURG, &sa, NULL);
	/* Blocked except in ppoll(), in all children. */
	(void)sigemptyset(&blocked);
	(void)sigaddset(&blocked, SIGURG);
	(void)sigprocmask(SIG_BLOCK, &blocked, NULL);
	for (;;) {
		if ((fd = accept(listener, NULL, NULL)) == -1)
			continue;
		if (fork() == 0) {
			(void)close(listener);
			serve(fd);
		}
		(void)close(fd);
	}
}
