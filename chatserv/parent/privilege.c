/* SPDX-License-Identifier: ISC */

/*
 * Giving up privileges.
 *
 * A server that was started as root needs root to bind to its addresses and
 * for what its helper does (privsep.c).  Before the first client it changes
 * its root directory to an empty one, which stays empty because it has been
 * removed, and becomes a user who owns nothing.  It checks each step, and
 * then that no step can be undone.
 *
 * A session needs its socket, its pipe, the log and the shared segment, and
 * has all of them open before it reads its client's first byte.  So a client
 * that takes a session over cannot make it open or start anything.
 *
 * Runs in the parent; privilege_child() in sessions and in the waker.
 */

#include <sys/resource.h>
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>

#include "chatserv/common/log.h"
#include "chatserv/common/sanitized.h"
#include "chatserv/common/seccomp.h"
#include "chatserv/parent/privilege.h"
#include "chatserv/parent/user.h"
#include "ipc/common/bsd.h"

#define POLLED	2		/* poll(2) refuses more than RLIMIT_NOFILE */
#define USER	"nobody"
#define EMPTY	"chatserv.empty"

static bool	root;		/* we still have it, and must give it up */
static uid_t	uid;
static gid_t	gid;

void
privilege_choose(const char *user)
{
	const struct passwd *pw;

	if (user == NULL && geteuid() != 0)
		return;
	if (user == NULL)
		user = USER;
	pw = user_find(user);
	root = geteuid() == 0 && pw->pw_uid != 0;
	uid = pw->pw_uid;
	gid = pw->pw_gid;
}

bool
privilege_is_root(void)
{
	return root;
}

void
privilege_lend(void)
{
	if (root && seteuid(uid) == -1)
		fatal("cannot give up root: seteuid");
}

void
privilege_regain(void)
{
	/* Not fatal: if it ever failed, the next step would, too. */
	if (root && seteuid(0) == -1)
		log_warn("cannot be root again");
}

/* A directory that belongs to root alone.  Returns its descriptor, or -1. */
static int
open_empty(int at)
{
	struct stat	st;
	int		fd;

	/* A directory from a start that was killed here will do. */
	if (mkdirat(at, EMPTY, 0700) == -1 && errno != EEXIST)
		return -1;
	fd = openat(at, EMPTY, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	if (fd == -1 || (fstat(fd, &st) == 0 && st.st_uid == 0 &&
	    (st.st_mode & (S_IWGRP | S_IWOTH)) == 0))
		return fd;
	(void)close(fd);
	errno = EPERM;
	return -1;
}

/*
 * Make an empty directory in place the root directory.  It stays empty,
 * because it is removed, by us or by another server that starts.  Returns 0;
 * or -1 with errno, and nothing has changed.
 */
static int
lock_in_at(const char *place)
{
	int at, fd, error = 0;

	if ((at = open(place, O_RDONLY | O_DIRECTORY)) == -1)
		return -1;
	fd = open_empty(at);
	if (fd == -1 || fchdir(fd) == -1 || chroot(".") == -1)
		error = errno;
	if (unlinkat(at, EMPTY, AT_REMOVEDIR) == -1 && errno != ENOENT &&
	    error == 0)
		fatal("cannot give up root: not an empty directory");
	if (fd != -1)
		(void)close(fd);
	(void)close(at);
	errno = error;
	return error == 0 ? 0 : -1;
}

static void
lock_in(void)
{
	/* With a read-only root, the segment's place can still be written. */
	static const char *const	places[] = { "/run", "/var/run",
	    "/tmp", "/dev/shm" };
	size_t				i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (lock_in_at(places[i]) == 0)
			return;
	fatal("cannot give up root: chroot");
}

void
privilege_drop_into(int directory)
{
	if (!root)
		return;
	if (!SANITIZED && directory == -1)
		lock_in();
	else if (!SANITIZED && (fchdir(directory) == -1 || chroot(".") == -1))
		fatal("cannot give up root: chroot");
	if (setgroups(1, &gid) == -1)
		fatal("cannot give up root: setgroups");
	user_become(uid, gid);
	root = false;
}

void
privilege_drop(void)
{
	privilege_drop_into(-1);
}

void
privilege_child(int client)
{
	static const struct rlimit none = { 0, 0 }, polled = { POLLED, POLLED };

	if (setrlimit(RLIMIT_CORE, &none) == -1 ||
	    setrlimit(RLIMIT_NOFILE, &polled) == -1 ||
	    setrlimit(RLIMIT_NPROC, &none) == -1 ||
	    (!SANITIZED && setrlimit(RLIMIT_DATA, &none) == -1))
		log_warn("cannot limit a session");
	if (pledge("stdio", NULL) == -1)
		fatal("pledge");
	if (seccomp_seal(client) == -1)
		log_debug("system calls are not filtered: %s",
		    strerror(errno));
}
