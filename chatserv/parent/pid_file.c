/* SPDX-License-Identifier: ISC */

/*
 * The pidfile.
 *
 * It is locked for as long as the server lives, by the parent and its
 * helper; no other child has it.  So a pid in a file that is not locked is
 * one of the past.  It is made before root is given up, because of where
 * it lies, and written after that.
 */

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "chatserv/common/log.h"
#include "chatserv/parent/options.h"
#include "chatserv/parent/pid_file.h"
#include "ipc/common/bsd.h"

#define PID_FILE	"%s/chatserv.%u.pid"
#define ROOT_RUN	"/var/run"

static char		 path[PATH_MAX];
static struct pidfh	*handle;	/* NULL: there is none */

/* Where it is if nobody says so. */
static void
choose_path(unsigned int port)
{
	const char	*run = geteuid() == 0 ? ROOT_RUN :
	    getenv("XDG_RUNTIME_DIR");

	if (run == NULL || run[0] != '/')
		fatalx("no place for a pidfile: please choose one with -p");
	if (snprintf(path, sizeof(path), PID_FILE, run, port) >=
	    (int)sizeof(path))
		fatalx("no place for a pidfile: %s: too long", run);
}

void
pid_file_open(const char *where, unsigned int port)
{
	pid_t holder = -1;

	if (where != NULL)
		options_absolute(path, sizeof(path), where);
	else
		choose_path(port);
	if ((handle = pidfile_open(path, 0644, &holder)) != NULL)
		return;
	if (errno == ENOSYS && where == NULL)
		return;		/* a system that finds servers otherwise */
	if (errno == EEXIST)
		fatalx("pidfile %s is in use by pid %d", path, (int)holder);
	fatal("cannot make pidfile %s", path);
}

void
pid_file_write(void)
{
	if (handle != NULL && pidfile_write(handle) == -1)
		fatal("cannot write pidfile %s", path);
}

void
pid_file_remove(void)
{
	if (handle != NULL)
		(void)pidfile_remove(handle);
	handle = NULL;
}

void
pid_file_leave(void)
{
	if (handle != NULL)
		(void)pidfile_close(handle);
	handle = NULL;
}
