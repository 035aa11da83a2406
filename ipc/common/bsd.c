/* SPDX-License-Identifier: ISC */

/*
 * What the systems do differently, each under one name.
 *
 * The branches for systems other than Linux have been compiled with the
 * headers of these, and those that BARE selects are tested on Linux; none has
 * run on its own system.
 *
 * Runs in all processes, of server and client.
 */

#include <sys/mman.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <stdint.h>
#include <stdio.h>
#if defined(__linux__)
#include <sys/syscall.h>
#endif

#include "ipc/common/bsd.h"

#define PROBE_IDLE	60	/* s of silence before the first probe */
#define PROBE_PAUSE	10	/* s between two */
#define PROBE_COUNT	6

#if defined(__APPLE__)
#define TCP_KEEPIDLE	TCP_KEEPALIVE
#endif

#if defined(__APPLE__) || defined(BARE)
void
bsd_closefrom(int fd)
{
	int end = getdtablesize();

	for (; fd < end; fd++)
		(void)close(fd);
}

/* The events that select(2) shall watch; -1 if it cannot watch all of them. */
static int
to_sets(const struct pollfd *pfd, nfds_t n, fd_set *in, fd_set *out)
{
	nfds_t	i;
	int	end = 0;

	FD_ZERO(in);
	FD_ZERO(out);
	for (i = 0; i < n; i++) {
		if (pfd[i].fd < 0)
			continue;
		if (pfd[i].fd >= FD_SETSIZE)
			return -1;
		if ((pfd[i].events & POLLIN) != 0)
			FD_SET(pfd[i].fd, in);
		if ((pfd[i].events & POLLOUT) != 0)
			FD_SET(pfd[i].fd, out);
		if (pfd[i].fd >= end)
			end = pfd[i].fd + 1;
	}
	return end;
}

/*
 * pselect(2) admits signals as ppoll(2) does; poll(2) then reports the events
 * more exactly.  One difference remains: a descriptor with no events whose
 * peer has gone wakes nobody, and is reported with the next event.
 */
int
bsd_ppoll(struct pollfd *pfd, nfds_t n, const struct timespec *limit,
    const sigset_t *mask)
{
	fd_set	in, out;
	int	end = to_sets(pfd, n, &in, &out);

	if (end == -1) {
		errno = EINVAL;
		return -1;
	}
	if (pselect(end, &in, &out, NULL, limit, mask) == -1 &&
	    errno != EBADF)
		return -1;
	return poll(pfd, n, 0);
}
#endif

/*
 * (TCP_USER_TIMEOUT would be shorter if there is something to send, but it
 * also ends a connection whose peer is merely stopped.)
 */
int
bsd_probe(int fd)
{
#if defined(TCP_KEEPIDLE)
	int idle = PROBE_IDLE, pause = PROBE_PAUSE, count = PROBE_COUNT;

	if (setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle,
	    sizeof(idle)) == -1 || setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL,
	    &pause, sizeof(pause)) == -1)
		return -1;
	return setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count,
	    sizeof(count));
#else
	(void)fd;
	return 0;
#endif
}

int
bsd_limit_unsent(int fd, int bytes)
{
#if defined(TCP_NOTSENT_LOWAT)
	return setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &bytes,
	    sizeof(bytes));
#else
	(void)fd, (void)bytes;
	return 0;
#endif
}

int
bsd_end_output(int fd)
{
#if defined(SYS_socketcall) && defined(SYS_shutdown)
	/* libc's way hides the descriptor from a filter of system calls. */
	return (int)syscall(SYS_shutdown, fd, SHUT_WR);
#else
	return shutdown(fd, SHUT_WR);
#endif
}

pid_t
bsd_peer_pid(int fd)
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
 * Linux reports one number for all users that have none in this user
 * namespace, and that number is also nobody's.  (uid_t)-1: all users have one.
 */
static uid_t	stand_in = (uid_t)-1;

#if defined(__linux__)
/* Whether every user has a number here. */
static bool
all_are_mapped(void)
{
	FILE			*map = fopen("/proc/self/uid_map", "r");
	unsigned long long	 count, sum = 0;

	/*
	 * A kernel without namespaces has no such file; without /proc nothing
	 * is known.
	 */
	if (map == NULL)
		return errno == ENOENT && access("/proc/self", F_OK) == 0;
	while (fscanf(map, "%*u %*u %llu", &count) == 1)
		sum += count;
	(void)fclose(map);
	return sum >= UINT32_MAX;
}
#endif

void
bsd_learn_users(void)
{
#if defined(__linux__)
	FILE		*file;
	unsigned int	 uid = 65534;

	if (all_are_mapped())
		return;
	if ((file = fopen("/proc/sys/kernel/overflowuid", "r")) != NULL) {
		if (fscanf(file, "%u", &uid) != 1)
			uid = 65534;
		(void)fclose(file);
	}
	stand_in = (uid_t)uid;
#endif
}

bool
bsd_is_one_user(uid_t uid)
{
	return uid != (uid_t)-1 && uid != stand_in;
}

bool
bsd_has_name(int fd)
{
#if defined(__APPLE__)
	/* st_nlink does not count the names of such objects. */
	(void)fd;
	return true;
#else
	struct stat st;

	return fstat(fd, &st) == -1 || st.st_nlink > 0;
#endif
}

int
bsd_reserve_space(int fd, off_t size)
{
#if defined(__APPLE__)
	/* write(2) fails on such objects, whose memory is reserved as it is. */
	(void)fd, (void)size;
	return 0;
#elif defined(__OpenBSD__) || defined(BARE)
	static const char	zeros[4096];
	off_t			at, left;
	ssize_t			n;

	for (at = 0; (left = size - at) > 0; at += n) {
		n = pwrite(fd, zeros, left < (off_t)sizeof(zeros) ?
		    (size_t)left : sizeof(zeros), at);
		if (n == -1)
			return errno;
	}
	return 0;
#else
	return posix_fallocate(fd, 0, size);
#endif
}

int
bsd_become(uid_t uid, gid_t gid)
{
#if defined(__NetBSD__) || defined(__APPLE__) || defined(BARE)
	/* As root, these calls set all three. */
	return setgid(gid) == -1 ? -1 : setuid(uid);
#else
	return setresgid(gid, gid, gid) == -1 ? -1 :
	    setresuid(uid, uid, uid);
#endif
}

void
bsd_keep_from_forks(void *p, size_t size)
{
#if defined(MADV_DONTFORK)
	(void)madvise(p, size, MADV_DONTFORK);
#elif defined(MAP_INHERIT_NONE)
	(void)minherit(p, size, MAP_INHERIT_NONE);
#elif defined(INHERIT_NONE)
	(void)minherit(p, size, INHERIT_NONE);
#elif defined(VM_INHERIT_NONE)
	(void)minherit(p, size, VM_INHERIT_NONE);
#else
	(void)p, (void)size;
#endif
}

void
bsd_give_back(void *p, size_t size)
{
	/*
	 * Linux's frees the pages at once; elsewhere that name promises less.
	 */
#if defined(__linux__)
	(void)madvise(p, size, MADV_DONTNEED);
#elif defined(MADV_FREE)
	(void)madvise(p, size, MADV_FREE);
#else
	(void)p, (void)size;
#endif
}
