/* SPDX-License-Identifier: ISC */

/*
 * The one header that knows which system this is, and the names of functions
 * that only some of them have.  The BSDs have these in libc; Linux and others
 * have them in libbsd.  bsd.c replaces those that are still missing.
 *
 * BARE turns Linux into a system without them, so that the replacements can be
 * tested: tests/portability bare.
 */
#ifndef IPC_BSD_H
#define IPC_BSD_H

#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__OpenBSD__) || defined(__FreeBSD__) || defined(__NetBSD__) || \
    defined(__DragonFly__) || defined(__APPLE__)
#include <sys/queue.h>
#if defined(__APPLE__)
#include <sys/random.h>
#endif
/* Only libbsd needs to know where the arguments are. */
#define setproctitle_init(argc, argv, envp)	\
    ((void)(argc), (void)(argv), (void)(envp))
#else
#include <bsd/stdlib.h>
#include <bsd/string.h>
#include <bsd/sys/queue.h>
#include <bsd/unistd.h>
#endif

/* Elsewhere ps(1) shows a process as it was started. */
#if defined(__APPLE__)
#define setproctitle(...)	((void)0)
#endif

/* What a terminal's ^T sends; elsewhere only USR2 asks for figures. */
#if !defined(SIGINFO)
#define SIGINFO		SIGUSR2
#endif

/* Only OpenBSD has such promises. */
#if !defined(__OpenBSD__)
#define pledge(promises, execpromises)	0
#endif

/* To open a directory only to reach its files. */
#if defined(O_PATH)
#define BSD_SEARCH	O_PATH
#elif defined(O_SEARCH)
#define BSD_SEARCH	O_SEARCH
#else
#define BSD_SEARCH	O_RDONLY
#endif

/* Some systems let processes share only a named semaphore. */
#if defined(__OpenBSD__) || defined(__APPLE__) || defined(BARE)
#define sem_init(sem, shared, value)	((void)(sem), errno = ENOSYS, -1)
#endif

#if defined(__APPLE__) || defined(BARE)
#define closefrom	bsd_closefrom
#define ppoll		bsd_ppoll
void	 bsd_closefrom(int fd);
int	 bsd_ppoll(struct pollfd *pfd, nfds_t n, const struct timespec *limit,
	    const sigset_t *mask);
#endif

/*
 * For the TCP socket fd: detect a silent peer that has vanished within two
 * minutes, where the systems' default is hours; keep no more than some bytes
 * in the send buffer that the peer has no space for.  Each returns 0, or -1
 * with errno; neither does anything where that cannot be set.
 */
int	 bsd_probe(int fd);
int	 bsd_limit_unsent(int fd, int bytes);

/* Tell the peer of a socket that no more will follow.  0, or -1 with errno. */
int	 bsd_end_output(int fd);

/*
 * The process that listens on the other end of the unix socket fd; 0: unknown.
 */
pid_t	 bsd_peer_pid(int fd);

/*
 * Whether uid belongs to one user, as the system reports users.  In a user
 * namespace, all users without a number there are reported by the same one.
 * bsd_learn_users() finds that number; call it first, while /proc is visible.
 */
void	 bsd_learn_users(void);
bool	 bsd_is_one_user(uid_t uid);

/*
 * For shm_open(3): do not wait if another user has put something else there,
 * as Linux would for a FIFO.  Elsewhere no other user can.
 */
#if defined(__linux__)
#define BSD_SHM_FLAGS	O_NONBLOCK
#else
#define BSD_SHM_FLAGS	0
#endif

/* Whether the file or object that fd refers to still has a name. */
bool	 bsd_has_name(int fd);

/*
 * Back the first size bytes of fd by real memory or disk.  Returns 0 or an
 * error number, as posix_fallocate(3), which OpenBSD and macOS lack.
 */
int	 bsd_reserve_space(int fd, off_t size);

/*
 * Become a user for ever, as root: real, effective and saved.  Returns 0, or
 * -1 with errno.
 */
int	 bsd_become(uid_t uid, gid_t gid);

/* Exclude the pages of [p, p + size) from forks, if the system can. */
void	 bsd_keep_from_forks(void *p, size_t size);

/* Give the memory of [p, p + size) back; its contents may be lost. */
void	 bsd_give_back(void *p, size_t size);

#endif
