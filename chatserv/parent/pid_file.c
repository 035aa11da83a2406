/* SPDX-License-Identifier: ISC */

/*
 * The pidfile.
 *
 * The parent keeps it locked for as long as it lives, so the pid in an
 * unlocked file is stale.  The parent creates the file while it is root,
 * because of where it lies, and writes it later.
 *
 * pidfile_open(3) would follow a link at that path, and truncate the file
 * that it leads to.  This code writes to a file only after it has locked it
 * and knows that it is ours.
 *
 * Runs in the parent; pid_file_remove() in the helper, if there is one.
 */

#include <sys/file.h>
#include <sys/stat.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

#include "chatserv/common/log.h"
#include "chatserv/parent/directory.h"
#include "chatserv/parent/pid_file.h"
#include "ipc/common/bsd.h"

#define CANNOT		"cannot make pidfile"
#define PID_FILE	"%s/chatserv.%u.pid"
#define ROOT_RUN	"/var/run"
#define TEXT_SIZE	24		/* of a pid, as text */

static char		 path[PATH_MAX];
static const char	*name;		/* its last part */
static int		 dir = -1;
static int		 file = -1;	/* -1: there is none */
static dev_t		 dev;
static ino_t		 ino;

/* The default directory. */
static void
choose_path(unsigned int port)
{
	const char	*run = geteuid() == 0 ? ROOT_RUN :
	    getenv("XDG_RUNTIME_DIR");

	if (run == NULL || run[0] != '/')
		fatalx("no directory for a pidfile: choose one with -p");
	if (snprintf(path, sizeof(path), PID_FILE, run, port) >=
	    (int)sizeof(path))
		fatalx("no directory for a pidfile: %s: too long", run);
}

/*
 * Open or create the file.  A link, a file of several names, or a file that
 * others can write to was put there by another user.
 */
static void
open_file(void)
{
	struct stat st;

	file = openat(dir, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK |
	    O_CLOEXEC, 0644);
	if (file == -1 || fstat(file, &st) == -1)
		fatal(CANNOT " %s", path);
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() ||
	    st.st_nlink > 1 || (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		fatalx(CANNOT " %s: what is there is not this user's alone",
		    path);
	dev = st.st_dev;
	ino = st.st_ino;
}

static void __attribute__((noreturn))
refuse(void)
{
	char		 text[TEXT_SIZE];
	const char	*error;
	ssize_t		 n = pread(file, text, sizeof(text) - 1, 0);
	int		 pid;

	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	pid = (int)strtonum(text, 1, INT_MAX, &error);
	if (error != NULL)
		fatalx("pidfile %s is in use", path);
	fatalx("pidfile %s is in use by pid %d", path, pid);
}

static bool
is_still_there(void)
{
	struct stat st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    st.st_dev == dev && st.st_ino == ino;
}

void
pid_file_open(const char *where, unsigned int port)
{
	if (where == NULL)
		choose_path(port);
	else if (strlcpy(path, where, sizeof(path)) >= sizeof(path))
		fatalx(CANNOT " %s: too long", where);
	dir = directory_open(CANNOT, path, &name);
	for (;;) {
		open_file();
		if (flock(file, LOCK_EX | LOCK_NB) == -1) {
			if (errno == EWOULDBLOCK)
				refuse();
			fatal(CANNOT " %s", path);
		}
		/* The last owner may have removed it before we had the lock. */
		if (is_still_there())
			break;
		(void)close(file);
	}
	if (ftruncate(file, 0) == -1)
		fatal(CANNOT " %s", path);
}

void
pid_file_write(void)
{
	char	text[TEXT_SIZE];
	int	len;

	if (file == -1)
		return;
	len = snprintf(text, sizeof(text), "%d\n", (int)getpid());
	if (pwrite(file, text, (size_t)len, 0) != len)
		fatal("cannot write pidfile %s", path);
}

void
pid_file_remove(void)
{
	if (dir != -1 && is_still_there())
		(void)unlinkat(dir, name, 0);
}

void
pid_file_unlock(void)
{
	if (file != -1)
		(void)close(file);
	file = -1;
}

void
pid_file_leave(void)
{
	if (dir != -1)
		(void)close(dir);
	dir = -1;
}
