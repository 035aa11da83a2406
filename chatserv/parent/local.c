/* SPDX-License-Identifier: ISC */

/*
 * The listening unix-domain socket.
 *
 * The file's mode and group decide who may connect, so no client can connect
 * before they are set.  The server replaces a file that a dead server has
 * left, and leaves a running server's alone; a connect(2) tells which it is.
 * At the end it removes the file, if it is still the one that it created,
 * whatever its working directory is by then.
 *
 * All this happens in a directory that is opened once (directory.c).  bind(2)
 * and connect(2) know only the working directory, so a child goes there, and
 * assumes the mask and the group that the file must have: nothing is changed
 * by a name that could mean another file by then.
 *
 * Runs in the parent, and in a child that lives only for one call.
 */

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <grp.h>
#include <stdbool.h>

#include "chatserv/common/log.h"
#include "chatserv/parent/directory.h"
#include "chatserv/parent/listen.h"
#include "chatserv/parent/local.h"
#include "ipc/common/bsd.h"

#define CANNOT	"cannot listen on"

static struct {
	char		 path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	const char	*name;		/* its last part */
	int		 dir;		/* -1: the file is not ours to remove */
	bool		 made;
	dev_t		 dev;
	ino_t		 ino;
} local = { .dir = -1 };

/*
 * Split where, "path[:group[:mode]]", into its parts.  An empty group is the
 * process's own.
 */
static void
parse_where(const char *where, gid_t *group, mode_t *mode)
{
	char			 parts[sizeof(local.path) + 64];
	char			*rest = parts, *path, *name, *octal, *end;
	const struct group	*gr;
	unsigned long		 bits;

	*group = (gid_t)-1;
	*mode = 0666;
	if (strlcpy(parts, where, sizeof(parts)) >= sizeof(parts))
		fatalx("-u %s: too long", where);
	path = strsep(&rest, ":");
	name = strsep(&rest, ":");
	octal = strsep(&rest, ":");
	if (strlcpy(local.path, path, sizeof(local.path)) >=
	    sizeof(local.path) || path[0] == '\0')
		fatalx("-u %s: not a path of at most %zu bytes", where,
		    sizeof(local.path) - 1);
	if (name != NULL && name[0] != '\0') {
		if ((gr = getgrnam(name)) == NULL)
			fatalx("-u %s: no such group", where);
		*group = gr->gr_gid;
	}
	if (octal == NULL)
		return;
	bits = strtoul(octal, &end, 8);
	if (octal[0] == '\0' || *end != '\0' || bits > 0777 || rest != NULL)
		fatalx("-u %s: the mode is not an octal number up to 777",
		    where);
	*mode = (mode_t)bits;
}

/* The file as it is now; false if there is none. */
static bool
look(struct stat *st)
{
	return fstatat(local.dir, local.name, st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Remove the file if it still is this socket. */
static void
remove_socket(dev_t dev, ino_t ino)
{
	struct stat st;

	if (look(&st) && S_ISSOCK(st.st_mode) && st.st_dev == dev &&
	    st.st_ino == ino)
		(void)unlinkat(local.dir, local.name, 0);
}

/* Remove the socket that a dead server has left. */
static void
remove_stale(const struct sockaddr_un *sun)
{
	struct stat	st;
	pid_t		pid;
	int		fd;

	if (!look(&st) || !S_ISSOCK(st.st_mode))
		return;		/* whatever else it is, bind() will report */
	if ((fd = socket(AF_UNIX, SOCK_STREAM, 0)) == -1 ||
	    fcntl(fd, F_SETFL, O_NONBLOCK) == -1)
		fatal("socket");
	if (connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) == 0) {
		if ((pid = bsd_peer_pid(fd)) > 0)
			fatalx(CANNOT " %s: in use by pid %d", local.path,
			    (int)pid);
	} else if (errno == ECONNREFUSED) {
		remove_socket(st.st_dev, st.st_ino);
	}
	(void)close(fd);
}

/*
 * In a child: bind fd there.  If the group cannot be set here, that is no
 * failure:  give_group() sets one that is a supplementary group.
 */
static void __attribute__((noreturn))
bind_there(int fd, gid_t group, mode_t mode)
{
	struct sockaddr_un sun;

	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	(void)strlcpy(sun.sun_path, local.name, sizeof(sun.sun_path));
	if (fchdir(local.dir) == -1)
		fatal(CANNOT " %s", local.path);
	remove_stale(&sun);
	(void)umask(~mode & 0777);
	if (group != (gid_t)-1 && setegid(group) == -1 && errno != EPERM)
		fatal(CANNOT " %s: setegid", local.path);
	if (bind(fd, (struct sockaddr *)&sun, sizeof(sun)) == -1)
		fatal(CANNOT " %s", local.path);
	_exit(0);
}

/* Wait for the child, which has reported what went wrong. */
static void
bind_by_child(int fd, gid_t group, mode_t mode)
{
	pid_t	pid;
	int	status;

	switch (pid = fork()) {
	case -1:
		fatal(CANNOT " %s: fork", local.path);
	case 0:
		bind_there(fd, group, mode);
	default:
		break;
	}
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			fatal(CANNOT " %s: waitpid", local.path);
	if (WIFSIGNALED(status))
		fatalx(CANNOT " %s: a process died of signal %d", local.path,
		    WTERMSIG(status));
	if (WEXITSTATUS(status) != 0)
		exit(1);
}

/* The new file has its directory's group, or this process is not a member. */
static void
give_group(gid_t group, struct stat *st)
{
	if (fchownat(local.dir, local.name, (uid_t)-1, group,
	    AT_SYMLINK_NOFOLLOW) == -1 || !look(st))
		fatal(CANNOT " %s: group", local.path);
}

/* Check that the new file is ours, and has the group and mode that we set. */
static void
check(gid_t group, mode_t mode)
{
	struct stat st;

	if (!look(&st) || !S_ISSOCK(st.st_mode) || st.st_uid != geteuid())
		fatalx(CANNOT " %s: it was replaced at once", local.path);
	local.dev = st.st_dev;
	local.ino = st.st_ino;
	local.made = true;
	if (group != (gid_t)-1 && st.st_gid != group)
		give_group(group, &st);
	if ((st.st_mode & 0777) != mode)
		fatalx(CANNOT " %s: its mode became %o, not %o", local.path,
		    (unsigned int)st.st_mode & 0777, (unsigned int)mode);
}

int
local_listen(const char *where)
{
	gid_t	group;
	mode_t	mode;
	int	fd;

	parse_where(where, &group, &mode);
	local.dir = directory_open(CANNOT, local.path, &local.name);
	if ((fd = socket(AF_UNIX, SOCK_STREAM, 0)) == -1)
		fatal(CANNOT " %s", local.path);
	listen_set_options(fd, AF_UNIX);
	bind_by_child(fd, group, mode);
	check(group, mode);
	/* From now on clients can connect. */
	if (listen(fd, LISTEN_WAITING) == -1)
		fatal(CANNOT " %s", local.path);
	return fd;
}

const char *
local_path(void)
{
	return local.path;
}

void
local_remove(void)
{
	if (local.made && local.dir != -1)
		remove_socket(local.dev, local.ino);
}

void
local_leave(void)
{
	if (local.dir != -1)
		(void)close(local.dir);
	local.dir = -1;
}
