/* SPDX-License-Identifier: ISC */

/*
 * The listening sockets: those of TCP, and those that a supervisor has opened
 * for us.
 *
 * Connections inherit the options of their listening socket, so a client
 * costs no further system call: a bounded send buffer (or a client that never
 * reads could occupy megabytes of the kernel's memory), no delay for small
 * segments, and keepalive probes that detect a peer which has vanished.
 *
 * Runs in the parent.
 */

#include <sys/socket.h>
#include <sys/un.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "chatserv/parent/listen.h"
#include "chatserv/common/address.h"
#include "chatserv/common/log.h"
#include "chatserv/parent/options.h"
#include "ipc/common/bsd.h"
#include "ipc/bus/shm.h"

#define SEND_BUFFER	(128 << 10)	/* bytes; Linux doubles it */
#define UNSENT		(16 << 10)	/* bytes; see set_unsent() */
#define FIRST_TAKEN	3	/* descriptor of LISTEN_FDS */
#define TEXT_SIZE	(NI_MAXHOST + sizeof(" port ") + NI_MAXSERV)

/* A path, or an abstract name after '@'. */
static void
describe_local(const struct sockaddr *sa, socklen_t len, char *text,
    size_t size)
{
	struct sockaddr_un	sun;
	size_t			n = 0;

	memset(&sun, 0, sizeof(sun));
	memcpy(&sun, sa, len < sizeof(sun) ? len : sizeof(sun));
	if (len > offsetof(struct sockaddr_un, sun_path))
		n = len - offsetof(struct sockaddr_un, sun_path);
	if (n > 0 && sun.sun_path[0] == '\0')
		sun.sun_path[0] = '@';
	(void)snprintf(text, size, "%.*s", (int)n, sun.sun_path);
}

/* sa in text: "127.0.0.1 port 4242", or a path. */
static void
describe(const struct sockaddr *sa, socklen_t len, char *text, size_t size)
{
	char host[NI_MAXHOST], port[NI_MAXSERV];

	if (sa->sa_family == AF_UNIX)
		describe_local(sa, len, text, size);
	else if (getnameinfo(sa, len, host, sizeof(host), port, sizeof(port),
	    NI_NUMERICHOST | NI_NUMERICSERV) == 0)
		(void)snprintf(text, size, "%s port %s", host, port);
	else
		(void)strlcpy(text, "an unknown address", size);
}

/*
 * How much may be in a send buffer that the peer has no space for.  A system
 * that reports space only when a third of the whole buffer is free makes a
 * slow reader look stalled (flow.c), and keeps that much for each client that
 * never reads.
 */
static void
set_unsent(int fd)
{
	if (bsd_limit_unsent(fd, UNSENT) == -1)
		log_warn("cannot limit the unsent bytes of a socket");
}

void
listen_set_options(int fd, int family)
{
	int one = 1, size = SEND_BUFFER;

	if (fcntl(fd, F_SETFL, O_NONBLOCK) == -1)
		fatal("cannot make a socket non-blocking");
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)) == -1)
		log_warn("cannot set an option of a socket");
	if (family == AF_UNIX)
		return;
	if (setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one)) == -1 ||
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) == -1)
		log_warn("cannot set an option of a socket");
	if (bsd_probe(fd) == -1)
		log_warn("cannot set the keepalive of a socket");
	set_unsent(fd);
}

/* Options that have to be set before the address is bound. */
static void
set_binding(int fd, int family)
{
	int one = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == -1)
		log_warn("cannot set an option of a socket");
	if (family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY,
	    &one, sizeof(one)) == -1)
		log_warn("cannot keep IPv4 out of an IPv6 socket");
}

/* The port of an address, 0 if it has none. */
static unsigned int
port_of(const struct sockaddr *sa)
{
	struct sockaddr_in	sin;
	struct sockaddr_in6	sin6;

	if (sa->sa_family == AF_INET6) {
		memcpy(&sin6, sa, sizeof(sin6));
		return ntohs(sin6.sin6_port);
	}
	if (sa->sa_family != AF_INET)
		return 0;
	memcpy(&sin, sa, sizeof(sin));
	return ntohs(sin.sin_port);
}

/* The address that fd is bound to; its length. */
static socklen_t
bound_to(int fd, struct sockaddr_storage *ss)
{
	socklen_t len = sizeof(*ss);

	memset(ss, 0, sizeof(*ss));
	if (getsockname(fd, (struct sockaddr *)ss, &len) == -1)
		fatal("cannot get the address of a socket");
	return len;
}

static void
set_port(struct sockaddr *sa, unsigned int port)
{
	in_port_t	n = htons((in_port_t)port);
	size_t		at = sa->sa_family == AF_INET6 ?
	    offsetof(struct sockaddr_in6, sin6_port) :
	    offsetof(struct sockaddr_in, sin_port);

	memcpy((char *)sa + at, &n, sizeof(n));
}

/*
 * Why ai cannot be had; the segment of the room with that port names the pid.
 */
static void __attribute__((noreturn))
refuse_start(const char *address, const struct sockaddr *sa)
{
	char	room[SHM_NAME_MAX];
	int	error = errno;
	pid_t	holder;

	(void)snprintf(room, sizeof(room), OPTIONS_ROOM, port_of(sa));
	if (error == EADDRINUSE && (holder = shm_holder(room)) > 0)
		fatalx("cannot listen on %s: in use; pid %d has the room of "
		    "that port", address, (int)holder);
	errno = error;
	fatal("cannot listen on %s", address);
}

/* Listen on ai.  Returns the descriptor, or -1 if that is impossible here. */
static int
listen_on(const struct addrinfo *ai)
{
	char	address[TEXT_SIZE];
	int	fd;

	describe(ai->ai_addr, ai->ai_addrlen, address, sizeof(address));
	fd = socket(ai->ai_family, ai->ai_socktype, ai->ai_protocol);
	if (fd == -1) {
		log_warn("cannot listen on %s", address);
		return -1;
	}
	set_binding(fd, ai->ai_family);
	listen_set_options(fd, ai->ai_family);
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) == -1 ||
	    listen(fd, LISTEN_WAITING) == -1) {
		if (errno != EADDRNOTAVAIL && errno != EAFNOSUPPORT)
			refuse_start(address, ai->ai_addr);
		log_warn("cannot listen on %s", address);
		(void)close(fd);
		return -1;
	}
	return fd;
}

/* Let ai be of IPv4 if IPv6 maps its address: our sockets serve one each. */
static void
unmap(struct addrinfo *ai)
{
	struct sockaddr_storage	ss;
	socklen_t		len;

	memset(&ss, 0, sizeof(ss));
	memcpy(&ss, ai->ai_addr, ai->ai_addrlen);
	len = address_unmap(&ss, ai->ai_addrlen);
	if (len == ai->ai_addrlen)
		return;
	memcpy(ai->ai_addr, &ss, len);
	ai->ai_addrlen = len;
	ai->ai_family = AF_INET;
}

/* The addresses of host, which may be * or localhost. */
static struct addrinfo *
addresses(const char *host, unsigned int port_number)
{
	struct addrinfo	 hints, *all, *ai;
	const char	*name = strcmp(host, "*") == 0 ? NULL : host;
	char		 port[8];
	int		 error;

	(void)snprintf(port, sizeof(port), "%u", port_number);
	memset(&hints, 0, sizeof(hints));
	hints.ai_socktype = SOCK_STREAM;
	hints.ai_flags = AI_PASSIVE;
	error = getaddrinfo(name, port, &hints, &all);
	if (error != 0 && strcmp(host, "localhost") == 0) {
		/* A minimal system has no /etc/hosts to find it in. */
		hints.ai_flags = 0;
		error = getaddrinfo(NULL, port, &hints, &all);
	}
	if (error != 0)
		fatalx("no such host: %s: %s", host, gai_strerror(error));
	for (ai = all; ai != NULL; ai = ai->ai_next)
		unmap(ai);
	return all;
}

/* Whether an address before ai is the same: hosts(5) may list it twice. */
static bool
is_repeated(const struct addrinfo *all, const struct addrinfo *ai)
{
	for (; all != ai; all = all->ai_next)
		if (all->ai_family == ai->ai_family &&
		    all->ai_addrlen == ai->ai_addrlen &&
		    memcmp(all->ai_addr, ai->ai_addr, ai->ai_addrlen) == 0)
			return true;
	return false;
}

int
listen_open(const char *host, unsigned int *port, int *fd)
{
	struct addrinfo		*all = addresses(host, *port), *ai;
	struct sockaddr_storage	 ss;
	int			 n = 0;

	for (ai = all; ai != NULL; ai = ai->ai_next) {
		if (ai->ai_family != AF_INET && ai->ai_family != AF_INET6)
			continue;
		/* The free port of the first address serves all. */
		set_port(ai->ai_addr, *port);
		if (is_repeated(all, ai))
			continue;
		if (n == LISTEN_MAX - 1) {
			log_info("%s has more than %d addresses: ignoring "
			    "the others", host, n);
			break;
		}
		if ((fd[n] = listen_on(ai)) == -1)
			continue;
		(void)bound_to(fd[n++], &ss);
		*port = port_of((struct sockaddr *)&ss);
		set_port(ai->ai_addr, *port);
	}
	freeaddrinfo(all);
	if (n == 0)
		fatalx("no address of %s to listen on", host);
	return n;
}

/* The number in this variable of the environment; 0 if it is not set. */
static int
number_of(const char *variable)
{
	const char	*text = getenv(variable), *error;
	int		 n;

	if (text == NULL)
		return 0;
	n = (int)strtonum(text, 1, INT_MAX, &error);
	if (error != NULL)
		fatalx("%s: \"%s\" is %s", variable, text, error);
	return n;
}

static bool
is_listening(int fd, int family)
{
	int		type = 0, listening = 0;
	socklen_t	len = sizeof(int);

	return (family == AF_INET || family == AF_INET6 ||
	    family == AF_UNIX) && getsockopt(fd, SOL_SOCKET, SO_TYPE, &type,
	    &len) == 0 && type == SOCK_STREAM && getsockopt(fd, SOL_SOCKET,
	    SO_ACCEPTCONN, &listening, &len) == 0 && listening;
}

int
listen_take(unsigned int *port, int *fd)
{
	struct sockaddr_storage	ss;
	socklen_t		len;
	bool			named = false;
	int			i, n = 0;

	if (number_of("LISTEN_PID") == getpid())
		n = number_of("LISTEN_FDS");
	if (n > LISTEN_MAX - 1)
		fatalx("LISTEN_FDS: more than %d", LISTEN_MAX - 1);
	for (i = 0; i < n; i++) {
		fd[i] = FIRST_TAKEN + i;
		len = sizeof(ss);
		memset(&ss, 0, sizeof(ss));
		if (getsockname(fd[i], (struct sockaddr *)&ss, &len) == -1 ||
		    !is_listening(fd[i], ss.ss_family))
			fatalx("LISTEN_FDS: descriptor %d is not a listening "
			    "stream socket", fd[i]);
		listen_set_options(fd[i], ss.ss_family);
		if (!named && ss.ss_family != AF_UNIX) {
			*port = port_of((struct sockaddr *)&ss);
			named = true;
		}
	}
	(void)unsetenv("LISTEN_PID");
	(void)unsetenv("LISTEN_FDS");
	(void)unsetenv("LISTEN_FDNAMES");
	return n;
}

void
listen_announce(const int *fd, int n, const char *local)
{
	struct sockaddr_storage	ss;
	socklen_t		len;
	char			text[TEXT_SIZE];
	int			i;

	for (i = 0; i < n; i++) {
		len = bound_to(fd[i], &ss);
		describe((struct sockaddr *)&ss, len, text, sizeof(text));
		/* A socket bound to a relative path knows only that. */
		log_info("listening on %s", i == n - 1 && local[0] != '\0' ?
		    local : text);
	}
}
