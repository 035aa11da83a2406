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
 * The one header that knows which system this is.  The BSDs have these
 * functions in libc; Linux and others have them in libbsd.
 */
#ifndef IPC_BSD_H
#define IPC_BSD_H

#include <sys/types.h>
#include <sys/socket.h>
#include <errno.h>
#include <fcntl.h>

#if defined(__OpenBSD__) || defined(__FreeBSD__) || defined(__NetBSD__) || \
    defined(__DragonFly__) || defined(__APPLE__)
#include <sys/queue.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#if defined(__FreeBSD__)
#include <libutil.h>
#elif defined(__APPLE__)
#include <sys/random.h>
#else
#include <util.h>
#endif
#else
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <bsd/libutil.h>
#include <bsd/stdlib.h>
#include <bsd/string.h>
#include <bsd/sys/queue.h>
#include <bsd/unistd.h>
#endif

/* Only libbsd has to be told where the arguments lie. */
#if defined(__OpenBSD__) || defined(__FreeBSD__) || defined(__NetBSD__) || \
    defined(__DragonFly__)
#define setproctitle_init(argc, argv, envp)	((void)(argc))
#elif defined(__APPLE__)
#define setproctitle_init(argc, argv, envp)	((void)(argc))
#define setproctitle(...)			((void)0)

static inline void
closefrom(int fd)
{
	for (; fd < getdtablesize(); fd++)
		(void)close(fd);
}
#endif

/* Not every BSD has pidfiles that are locked. */
#if defined(__OpenBSD__) || defined(__NetBSD__) || defined(__APPLE__)
#define pidfile_open(path, mode, pid)	(errno = ENOSYS, (struct pidfh *)NULL)
#define pidfile_write(handle)		((void)(handle), 0)
#define pidfile_remove(handle)		((void)(handle), 0)
#define pidfile_close(handle)		((void)(handle), 0)
#endif

/* The process that listens where the unix socket fd leads; 0: unknown. */
static inline pid_t
peer_pid(int fd)
{
#if defined(SO_PEERCRED)
#if defined(__OpenBSD__)
	struct sockpeercred cred;
#else
	struct ucred cred;
#endif
	socklen_t len = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) == 0)
		return cred.pid;
#endif
	(void)fd;
	return 0;
}

/*
 * Back the first size bytes of fd by real memory or disk.  Returns 0 or an
 * error number, as posix_fallocate(3), which OpenBSD and macOS lack.
 */
static inline int
reserve_space(int fd, off_t size)
{
#if defined(__OpenBSD__) || defined(__APPLE__)
	static const char zeros[4096];
	ssize_t n;

	for (; size > 0; size -= n) {
		n = write(fd, zeros, size < (off_t)sizeof(zeros) ?
		    (size_t)size : sizeof(zeros));
		if (n == -1)
			return errno;
	}
	return 0;
#else
	return posix_fallocate(fd, 0, size);
#endif
}

/*
 * Become a user for good, as root: real, effective and saved.  (Where there
 * is no setresuid(2), setuid(2) by root does all three.)  Returns 0, or -1
 * with errno.
 */
static inline int
become(uid_t uid, gid_t gid)
{
#if defined(__NetBSD__) || defined(__APPLE__)
	return setgid(gid) == -1 ? -1 : setuid(uid);
#else
	return setresgid(gid, gid, gid) == -1 ? -1 :
	    setresuid(uid, uid, uid);
#endif
}

#endif
