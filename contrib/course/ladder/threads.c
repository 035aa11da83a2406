/* SPDX-License-Identifier: ISC */

/*
 * For comparison: a thread for each client, and one mutex.
 *
 * Threads share all memory, so the list of clients is a plain array; but the
 * mutex has to be held while it is walked, and each write(2) of that walk may
 * block.  One client that does not read stops everybody, and a thread cannot
 * be killed alone: there is no kill -9 for one client.
 *
 * Watch it: stop one client (^Z), and let another say much.
 * Ask: would it help to write without the mutex?  Who closes the socket then?
 */

#include <pthread.h>

#include "contrib/course/ladder/net.h"

#define CLIENTS		256

static pthread_mutex_t	 mutex = PTHREAD_MUTEX_INITIALIZER;
static struct client	*client[CLIENTS];

static void
say_to_all(const char *s, size_t len)
{
	int i;

	(void)pthread_mutex_lock(&mutex);
	for (i = 0; i < CLIENTS; i++)
		if (client[i] != NULL && client[i]->name[0] != '\0')
			(void)net_put(client[i]->fd, s, len);
	(void)pthread_mutex_unlock(&mutex);
}

/* What the room receives for a line; others read the name that it may set. */
static size_t
hear(struct client *c, const char *line, char out[NET_LINE])
{
	size_t len;

	(void)pthread_mutex_lock(&mutex);
	len = net_say(c, line, out);
	(void)pthread_mutex_unlock(&mutex);
	return len;
}

/* Put c into the first free entry, or remove it; false if there is none. */
static bool
replace(struct client *old, struct client *new)
{
	int i;

	(void)pthread_mutex_lock(&mutex);
	for (i = 0; i < CLIENTS && client[i] != old; i++)
		continue;
	if (i < CLIENTS)
		client[i] = new;
	(void)pthread_mutex_unlock(&mutex);
	return i < CLIENTS;
}

static void *
serve(void *arg)
{
	struct client	c = { .fd = (int)(intptr_t)arg };
	char		line[NET_LINE], out[NET_LINE];
	size_t		len;

	if (!replace(NULL, &c)) {
		(void)close(c.fd);
		return NULL;
	}
	(void)net_put(c.fd, NET_GREETING, strlen(NET_GREETING));
	while (net_fill(&c))
		while (net_line(&c, line)) {
			len = hear(&c, line, out);
			say_to_all(out, len);
		}
	(void)replace(&c, NULL);
	(void)close(c.fd);
	say_to_all(out, net_leave(&c, out));
	return NULL;
}

int
main(int argc, char *argv[])
{
	pthread_t	thread;
	int		fd, listener = net_listen(argc, argv);

	for (;;) {
		if ((fd = accept(listener, NULL, NULL)) == -1)
			continue;
		if (pthread_create(&thread, NULL, serve,
		    (void *)(intptr_t)fd) != 0)
			(void)close(fd);
		else
			(void)pthread_detach(thread);
	}
}
