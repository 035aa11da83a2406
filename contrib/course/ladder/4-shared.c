/* SPDX-License-Identifier: ISC */

/*
 * Rung 4: shared memory, without a lock.
 *
 * All processes see one array of lines and one counter.  A child publishes a
 * line by writing it after the last one and incrementing the counter; it
 * relays what it has not sent yet.  No message passes through the parent any
 * more.
 *
 * If two children publish at once, both read the same head and write the same
 * slot, and one line is lost: a lost update.  Atomic loads and stores of head
 * do not help, because all three steps together must not be interrupted.
 *
 * There is nothing to wait for, so each child polls every LOOK_MS.
 *
 * Watch it: ten clients that say 100 lines each at once; count what arrives.
 * Ask: which order of steps loses the line?  And which shows an old one?
 */

#include <sys/mman.h>
#include <sys/wait.h>
#include <poll.h>
#include <stdatomic.h>
#include <time.h>

#include "contrib/course/ladder/net.h"

#define SLOTS		4096	/* lines that the room remembers */
#define LOOK_MS		10	/* from one poll for news to the next */

/* What all processes share. */
static struct {
	_Atomic unsigned int	head;	/* lines published so far */
	char			line[SLOTS][NET_LINE];
} *room;

static void
publish(const char *line)
{
	unsigned int head = room->head;

	/* Another process may have read the same head ... */
	(void)snprintf(room->line[head % SLOTS], NET_LINE, "%s", line);
	/* ... and writes the same slot, and the same new head. */
	room->head = head + 1;
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
	if (room == MAP_FAILED)
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
