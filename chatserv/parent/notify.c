/* SPDX-License-Identifier: ISC */

/*
 * Telling a supervisor that the server is ready.
 *
 * s6 and its like pass a program a descriptor and wait for a line there (-n).
 * systemd and its like name a datagram socket in NOTIFY_SOCKET and wait for
 * words: these are few and have never changed (sd_notify(3)), so this file
 * sends them itself rather than by a library that brings others along.
 *
 * A supervisor that does not listen must not harm the room: nothing here
 * blocks, and a failure is only logged.
 *
 * Runs in the parent.
 */

#include <sys/socket.h>
#include <sys/un.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "chatserv/common/log.h"
#include "chatserv/parent/notify.h"
#include "ipc/common/bsd.h"

#define SOCKET_NAME	"NOTIFY_SOCKET"

static int ready_fd = -1;
static int socket_fd = -1;

/* A socket connected to path, or to an abstract name after '@'. */
static int
connect_to(const char *path)
{
	struct sockaddr_un	sun;
	size_t			len = strlen(path);
	int			fd, error;

	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	if ((path[0] != '/' && path[0] != '@') ||
	    len >= sizeof(sun.sun_path)) {
		errno = EINVAL;
		return -1;
	}
	memcpy(sun.sun_path, path, len);
	if (path[0] == '@')
		sun.sun_path[0] = '\0';
	len += offsetof(struct sockaddr_un, sun_path);
	if ((fd = socket(AF_UNIX, SOCK_DGRAM, 0)) == -1)
		return -1;
	if (connect(fd, (struct sockaddr *)&sun, (socklen_t)len) == 0)
		return fd;
	error = errno;
	(void)close(fd);
	errno = error;
	return -1;
}

void
notify_init(int fd)
{
	const char	*path = getenv(SOCKET_NAME);
	int		 flags;

	if (fd != -1) {
		if ((flags = fcntl(fd, F_GETFL)) == -1)
			fatal("-n %d", fd);
		if ((flags & O_ACCMODE) == O_RDONLY)
			fatalx("-n %d: not open for writing", fd);
		ready_fd = fd;
	}
	if (path == NULL || path[0] == '\0')
		return;
	if ((socket_fd = connect_to(path)) == -1)
		log_warn("cannot notify %s", path);
	(void)unsetenv(SOCKET_NAME);
}

static void
tell(const char *words)
{
	if (socket_fd != -1 && send(socket_fd, words, strlen(words),
	    MSG_DONTWAIT | MSG_NOSIGNAL) == -1)
		log_warn("cannot notify the supervisor");
}

void
notify_ready(void)
{
	char words[64];

	/*
	 * In the background, this is not the process that the supervisor
	 * started.
	 */
	(void)snprintf(words, sizeof(words), "MAINPID=%d\nREADY=1",
	    (int)getpid());
	tell(words);
	if (ready_fd == -1)
		return;
	if (write(ready_fd, "\n", 1) == -1)
		log_warn("cannot notify the supervisor");
	(void)close(ready_fd);
	ready_fd = -1;
}

void
notify_stopping(void)
{
	tell("STOPPING=1");
}

void
notify_end(void)
{
	if (socket_fd != -1)
		(void)close(socket_fd);
	socket_fd = -1;
	if (ready_fd != -1)
		(void)close(ready_fd);
	ready_fd = -1;
}
