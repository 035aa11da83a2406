/* SPDX-License-Identifier: ISC */

/*
 * The one header that knows which system this is, and the names of what
 * only some of them have.  The BSDs have these functions in libc; Linux and
 * others have them in libbsd.  What stands in where even that is not
 * enough is in bsd.c.
 *
 * BARE makes of a Linux a system without them, so that what stands in can
 * be tested: tests/portability bare.
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
/* Only libbsd has to be told where the arguments lie. */
#define setproctitle_init(argc, argv, envp)	\
    ((void)(argc), (void)(argv), (void)(envp))
#else
#include <bsd/stdlib.h>
#include <bsd/string.h>
#include <bsd/sys/queue.h>
#include <bsd/unistd.h>
#endif

/* Elsewhere ps shows a process as it was started. */
#if defined(__APPLE__)
#define setproctitle(...)	((void)0)
#endif

/* What a terminal's ^T sends; elsewhere USR2 alone asks for figures. */
#if !defined(SIGINFO)
#define SIGINFO		SIGUSR2
#endif

/* Only OpenBSD takes such promises. */
#if !defined(__OpenBSD__)
#define pledge(promises, execpromises)	0
#endif

/* To open a directory for the sake of its files, not to list them. */
#if defined(O_PATH)
#define BSD_SEARCH	O_PATH
#elif defined(O_SEARCH)
#define BSD_SEARCH	O_SEARCH
#else
#define BSD_SEARCH	O_RDONLY
#endif

/* Not all let processes share a semaphore that has no name. */
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
 * A silent peer of the TCP socket fd that has vanished is to be missed
 * within two minutes: the systems' own idea of it is hours.  And no more
 * than some bytes are to lie in its send buffer that its peer has no room
 * for.  Each returns 0, or -1 with errno; neither does anything where that
 * cannot be set.
 */
int	 bsd_probe(int fd);
int	 bsd_limit_unsent(int fd, int bytes);

/* Tell the peer of a socket that no more will come.  0, or -1 with errno. */
int	 bsd_end_output(int fd);

/* The process that listens where the unix socket fd leads; 0: unknown. */
pid_t	 bsd_peer_pid(int fd);

/*
 * Whether uid is one user's, as the system reports users.  In a namespace of
 * users, all that have no number there are reported by one and the same.
 * bsd_learn_users() looks how that is here; to be called first, while
 * /proc can be seen.
 */
void	 bsd_learn_users(void);
bool	 bsd_is_one_user(uid_t uid);

/*
 * For shm_open(3): do not wait for whoever has put something else there, as
 * Linux would for a FIFO.  Elsewhere objects lie where nobody else can.
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
 * Become a user for good, as root: real, effective and saved.  Returns 0,
 * or -1 with errno.
 */
int	 bsd_become(uid_t uid, gid_t gid);

/* Leave the pages of [p, p + size) out of forks, where that can be had. */
void	 bsd_keep_from_forks(void *p, size_t size);

/* Give the memory of [p, p + size) back; what it holds may be lost. */
void	 bsd_give_back(void *p, size_t size);

#endif
