/* SPDX-License-Identifier: ISC */

/*
 * The system calls as production is linked to them: see names.
 */
#ifndef SCHEDULE_SYSTEM_H
#define SCHEDULE_SYSTEM_H

#include <sys/stat.h>
#include <sys/time.h>
#include <sys/types.h>
#include <fcntl.h>
#include <poll.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <time.h>

/* kernel.c */
pid_t	 sys_fork(void);
pid_t	 sys_getpid(void);
pid_t	 sys_getppid(void);
pid_t	 sys_waitpid(pid_t pid, int *status, int options);
void	 sys__exit(int status) __attribute__((noreturn));
int	 sys_kill(pid_t pid, int sig);
int	 sys_sigprocmask(int how, const sigset_t *set, sigset_t *old);
int	 sys_sigaction(int sig, const struct sigaction *act,
	    struct sigaction *old);
typedef void handler_function(int);
handler_function *sys_signal(int sig, handler_function *handler);
int	 sys_clock_gettime(clockid_t clock, struct timespec *ts);
int	 sys_setitimer(int which, const struct itimerval *timer,
	    struct itimerval *old);
uint64_t kernel_mask(const sigset_t *set);

/* sleep.c */
int	 sys_sem_init(sem_t *sem, int shared, unsigned int value);
int	 sys_sem_post(sem_t *sem);
int	 sys_sem_trywait(sem_t *sem);
int	 sys_sem_wait(sem_t *sem);
int	 sys_ppoll(struct pollfd *pfd, nfds_t n, const struct timespec *limit,
	    const sigset_t *mask);

/* files.c */
int	 sys_pipe(int fd[2]);
int	 sys_close(int fd);
int	 sys_shm_open(const char *name, int flags, mode_t mode);
int	 sys_shm_unlink(const char *name);
int	 sys_ftruncate(int fd, off_t size);
int	 sys_posix_fallocate(int fd, off_t offset, off_t size);
int	 sys_fstat(int fd, struct stat *st);
int	 sys_fcntl(int fd, int command, ...);
void	*sys_mmap(void *at, size_t size, int protection, int flags, int fd,
	    off_t offset);
int	 sys_munmap(void *at, size_t size);
int	 sys_madvise(void *at, size_t size, int advice);
ssize_t	 sys_read(int fd, void *buf, size_t size);
ssize_t	 sys_write(int fd, const void *buf, size_t size);
int	 sys_shutdown(int fd, int how);
int	 sys_getentropy(void *buf, size_t size);

/* surroundings.c and scenario.c */
void	 sys_setproctitle(const char *fmt, ...)
	    __attribute__((format(printf, 1, 2)));
struct bus;
struct peer;
void	 scenario_session(struct bus *b, int fd, int parent_fd,
	    struct peer *peer, int naming_ms);

#endif
