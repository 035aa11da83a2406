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
 * The sockets that clients come in by.
 *
 * What is set on a listening socket its connections inherit, so a client
 * costs no further system call: a bounded send buffer (or one that never
 * reads could hold megabytes of the kernel's memory), no delay for small
 * segments, and probes that find a peer which has vanished.
 */

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "chatserv/listen.h"
#include "chatserv/log.h"
#include "ipc/bsd.h"

#define SEND_BUFFER	(128 << 10)	/* bytes; Linux doubles it */
#define PROBE_IDLE	60	/* s of silence before the first probe */
#define PROBE_PAUSE	10	/* s between two */
#define PROBE_COUNT	6
#define TEXT_SIZE	(NI_MAXHOST + sizeof(" port ") + NI_MAXSERV)

static struct {
	char	path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	dev_t	dev;
	ino_t	ino;
} local;

/* sa as people read it: "127.0.0.1 port 4242", or a path. */
static void
describe(const struct sockaddr *sa, socklen_t len, char *text, size_t size)
{
	char host[NI_MAXHOST], port[NI_MAXSERV];

	if (sa->sa_family == AF_UNIX)
		(void)strlcpy(text, local.path, size);
	else if (getnameinfo(sa, len, host, sizeof(host), port, sizeof(port),
	    NI_NUMERICHOST | NI_NUMERICSERV) == 0)
		(void)snprintf(text, size, "%s port %s", host, port);
	else
		(void)strlcpy(text, "an unknown address", size);
}

/*
 * A silent peer that has vanished is missed within two minutes; the
 * systems' own idea of it is hours.  (TCP_USER_TIMEOUT would be shorter
 * where there is something to send, but it also ends who is merely
 * stopped.)
 */
static void
set_probes(int fd)
{
#if defined(TCP_KEEPIDLE) && defined(TCP_KEEPINTVL) && defined(TCP_KEEPCNT)
	int idle = PROBE_IDLE, pause = PROBE_PAUSE, count = PROBE_COUNT;

	if (setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle,
	    sizeof(idle)) == -1 || setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL,
	    &pause, sizeof(pause)) == -1 || setsockopt(fd, IPPROTO_TCP,
	    TCP_KEEPCNT, &count, sizeof(count)) == -1)
		log_warn("cannot set how a socket is probed");
#endif
	(void)fd;
}

static void
set_options(int fd, int family)
{
	int one = 1, size = SEND_BUFFER;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == -1 ||
	    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one)) == -1 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)) == -1 ||
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) == -1)
		log_warn("cannot set an option of a socket");
	set_probes(fd);
	if (family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY,
	    &one, sizeof(one)) == -1)
		log_warn("cannot keep IPv4 out of an IPv6 socket");
}

static unsigned int
port_of(int fd)
{
	struct sockaddr_storage	ss = { 0 };
	struct sockaddr_in	sin;
	struct sockaddr_in6	sin6;
	socklen_t		len = sizeof(ss);

	if (getsockname(fd, (struct sockaddr *)&ss, &len) == -1)
		fatal("cannot learn which port was given");
	if (ss.ss_family == AF_INET6) {
		memcpy(&sin6, &ss, sizeof(sin6));
		return ntohs(sin6.sin6_port);
	}
	memcpy(&sin, &ss, sizeof(sin));
	return ntohs(sin.sin_port);
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

/* Listen on ai.  Returns the descriptor; -1 if it is not to be had here. */
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
	set_options(fd, ai->ai_family);
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) == -1 ||
	    listen(fd, SOMAXCONN) == -1 ||
	    fcntl(fd, F_SETFL, O_NONBLOCK) == -1) {
		if (errno != EADDRNOTAVAIL && errno != EAFNOSUPPORT)
			fatal("cannot listen on %s", address);
		log_warn("cannot listen on %s", address);
		(void)close(fd);
		return -1;
	}
	return fd;
}

/* The addresses of host, which may be * or localhost. */
static struct addrinfo *
addresses(const char *host, const char *port)
{
	struct addrinfo	 hints, *all;
	const char	*name = strcmp(host, "*") == 0 ? NULL : host;
	int		 error;

	memset(&hints, 0, sizeof(hints));
	hints.ai_socktype = SOCK_STREAM;
	hints.ai_flags = AI_PASSIVE;
	error = getaddrinfo(name, port, &hints, &all);
	if (error != 0 && strcmp(host, "localhost") == 0) {
		/* A bare system has no /etc/hosts to find it in. */
		hints.ai_flags = 0;
		error = getaddrinfo(NULL, port, &hints, &all);
	}
	if (error != 0)
		fatalx("no such host: %s: %s", host, gai_strerror(error));
	return all;
}

int
listen_open(const char *host, const char *port, int *fd,
    unsigned int *port_used)
{
	struct addrinfo	*all = addresses(host, port), *ai;
	int		 n = 0;

	*port_used = 0;
	for (ai = all; ai != NULL && n < LISTEN_MAX - 1; ai = ai->ai_next) {
		if (ai->ai_family != AF_INET && ai->ai_family != AF_INET6)
			continue;
		/* A free port that was given once serves all addresses. */
		if (*port_used != 0)
			set_port(ai->ai_addr, *port_used);
		if ((fd[n] = listen_on(ai)) != -1)
			*port_used = port_of(fd[n++]);
	}
	freeaddrinfo(all);
	if (n == 0)
		fatalx("no address of %s to listen on", host);
	return n;
}

/*
 * Cut where, "path[:group[:mode]]", into its parts.  An empty group is the
 * process's own.
 */
static void
parse_where(const char *where, gid_t *group, mode_t *mode)
{
	char			 parts[sizeof(local.path) + 64];
	char			*rest = parts, *path, *name, *octal, *end;
	const struct group	*gr;
	unsigned long		 bits;

	*group = (gid_t)-1;
	*mode = 0666;
	if (strlcpy(parts, where, sizeof(parts)) >= sizeof(parts))
		fatalx("-u %s: too long", where);
	path = strsep(&rest, ":");
	name = strsep(&rest, ":");
	octal = strsep(&rest, ":");
	if (strlcpy(local.path, path, sizeof(local.path)) >=
	    sizeof(local.path) || path[0] == '\0')
		fatalx("-u %s: not a path of at most %zu bytes", where,
		    sizeof(local.path) - 1);
	if (name != NULL && name[0] != '\0') {
		if ((gr = getgrnam(name)) == NULL)
			fatalx("-u %s: no such group", where);
		*group = gr->gr_gid;
	}
	if (octal == NULL)
		return;
	bits = strtoul(octal, &end, 8);
	if (octal[0] == '\0' || *end != '\0' || bits > 0777 || rest != NULL)
		fatalx("-u %s: the mode is not of octal digits up to 777",
		    where);
	*mode = (mode_t)bits;
}

/* Make way where a dead server has left its socket. */
static void
remove_stale(const struct sockaddr_un *sun)
{
	struct stat	st;
	int		fd;

	if (lstat(sun->sun_path, &st) == -1 || !S_ISSOCK(st.st_mode))
		return;		/* whatever else it is, bind() will say */
	if ((fd = socket(AF_UNIX, SOCK_STREAM, 0)) == -1)
		fatal("socket");
	if (connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) == -1 &&
	    errno == ECONNREFUSED)
		(void)unlink(sun->sun_path);
	(void)close(fd);
}

int
listen_local(const char *where)
{
	struct sockaddr_un	sun;
	struct stat		st;
	gid_t			group;
	mode_t			mode, old;
	int			fd, size = SEND_BUFFER, bound;

	parse_where(where, &group, &mode);
	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	(void)strlcpy(sun.sun_path, local.path, sizeof(sun.sun_path));
	remove_stale(&sun);
	if ((fd = socket(AF_UNIX, SOCK_STREAM, 0)) == -1)
		fatal("cannot listen on %s", local.path);
	/* Nobody comes in before group and mode are right. */
	old = umask(0777);
	bound = bind(fd, (struct sockaddr *)&sun, sizeof(sun));
	(void)umask(old);
	if (bound == -1)
		fatal("cannot listen on %s", local.path);
	if (lstat(local.path, &st) == -1 ||
	    (group != (gid_t)-1 && chown(local.path, (uid_t)-1, group) == -1) ||
	    chmod(local.path, mode) == -1 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)) == -1 ||
	    fcntl(fd, F_SETFL, O_NONBLOCK) == -1 ||
	    listen(fd, SOMAXCONN) == -1) {
		log_warn("cannot listen on %s", local.path);
		(void)unlink(local.path);
		exit(1);
	}
	local.dev = st.st_dev;
	local.ino = st.st_ino;
	return fd;
}

void
listen_remove(void)
{
	struct stat st;

	if (local.path[0] != '\0' && lstat(local.path, &st) == 0 &&
	    st.st_dev == local.dev && st.st_ino == local.ino)
		(void)unlink(local.path);
}

void
listen_announce(const int *fd, int n)
{
	struct sockaddr_storage	ss = { 0 };
	socklen_t		len;
	char			text[TEXT_SIZE];
	int			i;

	for (i = 0; i < n; i++) {
		len = sizeof(ss);
		if (getsockname(fd[i], (struct sockaddr *)&ss, &len) == -1)
			fatal("cannot learn the address of a socket");
		describe((struct sockaddr *)&ss, len, text, sizeof(text));
		log_info("listening on %s", text);
	}
}
