/* SPDX-License-Identifier: ISC */

/*
 * Rung 5: one publisher at a time.
 *
 * A semaphore in the shared memory makes the three steps of publishing one.
 * Now every line arrives, at every client in the same order.  Readers need no
 * lock: a line is complete before head says that it is there.
 *
 * What is still missing: a process that is killed between sem_wait() and
 * sem_post() never releases the semaphore, and nobody publishes any more,
 * since no process can tell whether the dead one held it (chatserv's lock is a
 * word that names its owner: bus(3)).  And every child still polls 100 times a
 * second.
 *
 * Watch it: strace -c -f for ten seconds in which nobody says anything.  Ask:
 * a reader that is slower than 4096 lines: what does it see?
 */

#include <sys/mman.h>
#include <sys/wait.h>
#include <poll.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <time.h>

#include "contrib/course/ladder/net.h"

#define SLOTS		4096	/* lines that the room remembers */
#define LOOK_MS		10	/* from one poll for news to the next */

/* What all processes share. */
static struct {
	sem_t			lock;	/* one publisher at a time */
	_Atomic unsigned int	head;	/* lines published so far */
	char			line[SLOTS][NET_LINE];
} *room;

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

	(void)net_put(fd, NET_GREETING, strlen(NET_GREETING));
	for (;;) {
		if (c.name[0] != '\0' && !relay(fd, &at))
			break;
		if (poll(&pfd, 1, LOOK_MS) <= 0)
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
	int			fd, listener = net_listen(argc, argv);

	/* Before the first fork, so that all children have the same memory. */
	room = mmap(NULL, sizeof(*room), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (room == MAP_FAILED || sem_init(&room->lock, 1, 1) == -1)
		err(1, "cannot share memory");
	(void)sigaction(SIGCHLD, &sa, NULL);
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
