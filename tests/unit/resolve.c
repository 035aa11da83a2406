/* SPDX-License-Identifier: ISC */

/*
 * Looking up a host: nobody waits for it, and it can be abandoned at once.
 * The resolver here is this program's own.
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "chatc/resolve.h"
#include "tests/unit/tap.h"

/* In place of the C library's: many addresses, an error, or no end. */
int
getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
    struct addrinfo **list)
{
	static struct sockaddr_in	sin = { .sin_family = AF_INET };
	static struct addrinfo		ai[40];
	size_t				i;

	(void)port;
	if ((hints->ai_flags & AI_NUMERICHOST) != 0)
		return EAI_NONAME;
	if (strcmp(host, "never") == 0)
		for (;;)
			(void)pause();
	if (strcmp(host, "gone") == 0)
		_exit(1);
	if (strcmp(host, "many") != 0)
		return EAI_AGAIN;
	for (i = 0; i < 40; i++) {
		ai[i].ai_family = AF_INET;
		ai[i].ai_socktype = (int)i;
		ai[i].ai_addr = (struct sockaddr *)&sin;
		ai[i].ai_addrlen = sizeof(sin);
		ai[i].ai_next = i < 39 ? &ai[i + 1] : NULL;
	}
	*list = ai;
	return 0;
}

void
freeaddrinfo(struct addrinfo *list)
{
	(void)list;
}

/* Somebody waits for the resolver after all. */
static void
waited(int sig)
{
	static const char text[] = "not ok 1 - the resolver is waited for\n";

	(void)sig;
	(void)!write(STDOUT_FILENO, text, sizeof(text) - 1);
	_exit(1);
}

/* Wait for the answer. */
static void
await(struct resolve *r)
{
	struct pollfd pfd = { .events = POLLIN };

	do {
		pfd.fd = r->fd;
		(void)poll(&pfd, 1, 60000);
	} while (!resolve_read(r));
}

int
main(void)
{
	static struct resolve	r;
	struct pollfd		pfd = { .events = POLLIN };
	pid_t			pid;

	(void)signal(SIGALRM, waited);
	(void)alarm(30);
	resolve_init(&r);
	ok(!resolve_start(&r, "never", "1"), "a host that takes for ever");
	pfd.fd = r.fd;
	is_num(poll(&pfd, 1, 0), 0, "does not block");
	ok(!resolve_read(&r), "nor is there an answer");
	pid = r.pid;
	resolve_stop(&r);
	ok(kill(pid, 0) == -1 && errno == ESRCH,
	    "and no process is left behind");
	is_num(r.fd, -1, "nor a descriptor");

	ok(!resolve_start(&r, "many", "1"), "a host of many addresses");
	await(&r);
	is_num((long long)r.answer.count, RESOLVE_MAX, "has as many as fit");
	is_num(r.answer.address[RESOLVE_MAX - 1].type, RESOLVE_MAX - 1,
	    "in their order");
	ok(resolve_error(&r) == NULL && r.pid == -1, "without an error");

	(void)resolve_start(&r, "nowhere", "1");
	await(&r);
	is_str(resolve_error(&r), gai_strerror(EAI_AGAIN),
	    "an error is reported");
	(void)resolve_start(&r, "gone", "1");
	await(&r);
	is_str(resolve_error(&r), strerror(ECHILD),
	    "even if no answer arrives");
	resolve_stop(&r);
	return done();
}
