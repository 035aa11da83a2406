/* SPDX-License-Identifier: ISC */

/*
 * Failing system calls: a library for LD_PRELOAD that makes calls return less
 * than was asked for, or an error that they may really return, at a seeded
 * rate.
 *
 * The file that FAULTS names is a segment of 64-bit words that the test and
 * all processes share: the rate of failures (one in so many calls; 0: none),
 * the seed, a kind of call that always fails, a bit for each kind that does
 * not fail at random, the number of calls so far, the seconds by which the
 * clock was set, whether timers do not expire, the number of ppoll(2) calls
 * that did not wait, and then the number of failures of each kind.
 *
 * PLANT names another user's file.  As soon as a process has bound a
 * unix-domain socket, a symbolic link to that file takes its place, as a quick
 * enough user of its directory could arrange.
 *
 * kill(2) does not fail: for one's own living child it cannot.  Nor do writes
 * to standard error: a log that cannot be written loses lines, as it should.
 */

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum kind {
	READ, READ_SHORT, WRITE, WRITE_SHORT, SEND, ACCEPT, ACCEPT_MEMORY,
	ACCEPT_TABLE, FORK, PPOLL, PPOLL_MEMORY, SEM_WAIT, SENDMSG_SHORT,
	KINDS
};

struct faults {
	_Atomic uint64_t	one_in;
	_Atomic uint64_t	seed;
	_Atomic uint64_t	always;		/* 1 + a kind, or 0 */
	_Atomic uint64_t	spared;
	_Atomic uint64_t	calls;
	_Atomic int64_t		clock_set;
	_Atomic uint64_t	no_timer;
	_Atomic uint64_t	no_wait;
	_Atomic uint64_t	failed[KINDS];
};

/* Names that fortified programs call, and a call whose types vary. */
int	 ppoll_checked(struct pollfd *, nfds_t, const struct timespec *,
	    const sigset_t *, size_t) __asm__("__ppoll_chk");
int	 accept_any(int, void *, socklen_t *) __asm__("accept");
int	 bind_any(int, const struct sockaddr *, socklen_t) __asm__("bind");
int	 set_timer(int, const void *, void *) __asm__("setitimer");

static struct faults *faults;

static void __attribute__((constructor))
map_faults(void)
{
	const char	*path = getenv("FAULTS");
	void		*p;
	int		 fd;

	if (path == NULL || (fd = open(path, O_RDWR | O_CLOEXEC)) == -1)
		return;
	p = mmap(NULL, sizeof(*faults), PROT_READ | PROT_WRITE, MAP_SHARED,
	    fd, 0);
	if (p != MAP_FAILED)
		faults = p;
	(void)close(fd);
}

/* Find the real one; its address must be converted to a function's. */
static void
find(const char *name, void *function)
{
	void *p = dlsym(RTLD_NEXT, name);

	if (p == NULL)
		abort();
	memcpy(function, &p, sizeof(p));
}

/* A number that is unpredictable but reproducible. */
static uint64_t
dice(uint64_t n)
{
	n += atomic_load(&faults->seed) * UINT64_C(0x9e3779b97f4a7c15);
	n = (n ^ n >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	n = (n ^ n >> 27) * UINT64_C(0x94d049bb133111eb);
	return n ^ n >> 31;
}

/* Whether this call fails; *roll is for the choice of how. */
static int
fails(enum kind kind, uint64_t *roll)
{
	uint64_t one_in;

	if (faults == NULL)
		return 0;
	*roll = dice(atomic_fetch_add(&faults->calls, 1));
	one_in = atomic_load(&faults->one_in);
	if (atomic_load(&faults->always) != (uint64_t)kind + 1 &&
	    (one_in == 0 || *roll % one_in != 0 ||
	    (atomic_load(&faults->spared) >> kind & 1) != 0))
		return 0;
	*roll >>= 32;
	(void)atomic_fetch_add(&faults->failed[kind], 1);
	return 1;
}

/* Fail with one of these errors. */
static int
fail(const int *error, size_t n, uint64_t roll)
{
	errno = error[roll % n];
	return -1;
}

#define FAIL(errors, roll)	fail(errors, sizeof(errors) / sizeof(int), roll)

static const int	 later[] = { EINTR, EAGAIN };

ssize_t
read(int fd, void *buf, size_t size)
{
	static ssize_t	(*real)(int, void *, size_t);
	uint64_t	 roll;

	if (real == NULL)
		find("read", &real);
	if (fails(READ, &roll))
		return FAIL(later, roll);
	if (size > 1 && fails(READ_SHORT, &roll))
		size = 1 + roll % (size < 9 ? size : 9);
	return real(fd, buf, size);
}

ssize_t
write(int fd, const void *buf, size_t size)
{
	static ssize_t	(*real)(int, const void *, size_t);
	uint64_t	 roll;

	if (real == NULL)
		find("write", &real);
	if (fd == STDERR_FILENO)
		return real(fd, buf, size);
	if (fails(WRITE, &roll))
		return FAIL(later, roll);
	if (size > 1 && fails(WRITE_SHORT, &roll))
		size = 1 + roll % (size - 1);
	return real(fd, buf, size);
}

ssize_t
send(int fd, const void *buf, size_t size, int flags)
{
	static const int errors[] = { EAGAIN, ENOBUFS, ECONNRESET };
	static ssize_t	(*real)(int, const void *, size_t, int);
	uint64_t	 roll;

	if (real == NULL)
		find("send", &real);
	if (fails(SEND, &roll))
		return FAIL(errors, roll);
	return real(fd, buf, size, flags);
}

ssize_t
sendmsg(int fd, const struct msghdr *msg, int flags)
{
	static ssize_t	(*real)(int, const struct msghdr *, int);
	struct msghdr	 less = *msg;
	struct iovec	 iov = *msg->msg_iov;
	uint64_t	 roll;

	if (real == NULL)
		find("sendmsg", &real);
	less.msg_iov = &iov;
	if (iov.iov_len > 1 && fails(SENDMSG_SHORT, &roll))
		iov.iov_len--;
	return real(fd, &less, flags);
}

int
accept_any(int fd, void *sa, socklen_t *len)
{
	static const int errors[] = { EINTR, EAGAIN, ECONNABORTED, EMFILE,
	    ENFILE };
	static const int memory[] = { ENOBUFS, ENOMEM }, table[] = { ENFILE };
	static int	(*real)(int, void *, socklen_t *);
	uint64_t	 roll;

	if (real == NULL)
		find("accept", &real);
	if (fails(ACCEPT, &roll))
		return FAIL(errors, roll);
	if (fails(ACCEPT_MEMORY, &roll))
		return FAIL(memory, roll);
	if (fails(ACCEPT_TABLE, &roll))
		return FAIL(table, roll);
	return real(fd, sa, len);
}

int
bind_any(int fd, const struct sockaddr *sa, socklen_t len)
{
	static int		(*real)(int, const struct sockaddr *,
	    socklen_t);
	const char		*victim = getenv("PLANT");
	struct sockaddr_un	 sun;
	char			 aside[sizeof(sun.sun_path) + 1];
	int			 result;

	if (real == NULL)
		find("bind", &real);
	result = real(fd, sa, len);
	if (result == 0 && victim != NULL && sa->sa_family == AF_UNIX) {
		memcpy(&sun, sa, sizeof(sun));
		(void)snprintf(aside, sizeof(aside), "%s~", sun.sun_path);
		if (rename(sun.sun_path, aside) == -1 ||
		    symlink(victim, sun.sun_path) == -1)
			abort();
	}
	return result;
}

pid_t
fork(void)
{
	static const int errors[] = { EAGAIN, ENOMEM };
	static pid_t	(*real)(void);
	uint64_t	 roll;

	if (real == NULL)
		find("fork", &real);
	if (fails(FORK, &roll))
		return FAIL(errors, roll);
	return real();
}

int
ppoll(struct pollfd *pfd, nfds_t n, const struct timespec *limit,
    const sigset_t *mask)
{
	static const int errors[] = { EINTR }, memory[] = { ENOMEM };
	static int	(*real)(struct pollfd *, nfds_t,
	    const struct timespec *, const sigset_t *);
	uint64_t	 roll;

	if (real == NULL)
		find("ppoll", &real);
	if (faults != NULL && limit != NULL && limit->tv_sec == 0 &&
	    limit->tv_nsec == 0)
		(void)atomic_fetch_add(&faults->no_wait, 1);
	if (fails(PPOLL, &roll))
		return FAIL(errors, roll);
	if (fails(PPOLL_MEMORY, &roll))
		return FAIL(memory, roll);
	return real(pfd, n, limit, mask);
}

int
ppoll_checked(struct pollfd *pfd, nfds_t n, const struct timespec *limit,
    const sigset_t *mask, size_t room)
{
	(void)room;
	return ppoll(pfd, n, limit, mask);
}

int
sem_wait(sem_t *sem)
{
	static const int errors[] = { EINTR };
	static int	(*real)(sem_t *);
	uint64_t	 roll;

	if (real == NULL)
		find("sem_wait", &real);
	if (fails(SEM_WAIT, &roll))
		return FAIL(errors, roll);
	return real(sem);
}

/* A process that relies on a timer in place of a wake-up sleeps for ever. */
int
set_timer(int which, const void *value, void *old)
{
	static int (*real)(int, const void *, void *);

	if (real == NULL)
		find("setitimer", &real);
	if (faults != NULL && atomic_load(&faults->no_timer))
		return 0;
	return real(which, value, old);
}

/* Other clocks cannot be set. */
int
clock_gettime(clockid_t clock, struct timespec *ts)
{
	static int	(*real)(clockid_t, struct timespec *);
	int		 result;

	if (real == NULL)
		find("clock_gettime", &real);
	result = real(clock, ts);
	if (result == 0 && clock == CLOCK_REALTIME && faults != NULL)
		ts->tv_sec += (time_t)atomic_load(&faults->clock_set);
	return result;
}
