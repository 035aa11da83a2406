/* SPDX-License-Identifier: ISC */

/*
 * The unix socket that clients come in by.
 *
 * Its file is what decides who may connect, so nobody can before group and
 * mode are right.  A file that a dead server has left is replaced, and a
 * living server's is not touched: which it is, connecting tells.  At the
 * end the file is removed if it is still the one that was made here,
 * wherever the process stands then.
 */

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "chatserv/parent/listen.h"
#include "chatserv/parent/local.h"
#include "chatserv/common/log.h"
#include "chatserv/parent/options.h"
#include "ipc/common/bsd.h"

static struct {
	char	path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	char	absolute[PATH_MAX];
	bool	made;
	dev_t	dev;
	ino_t	ino;
} local;

/*
 * Cut where, "path[:group[:mode]]", into its parts.  An empty group is the
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
		fatalx("-u %s: the mode is not of octal digits up to 777",
		    where);
	*mode = (mode_t)bits;
}

/* Make way where a dead server has left its socket. */
static void
remove_stale(const struct sockaddr_un *sun)
{
	struct stat	st;
	pid_t		pid;
	int		fd;

	if (lstat(sun->sun_path, &st) == -1 || !S_ISSOCK(st.st_mode))
		return;		/* whatever else it is, bind() will say */
	if ((fd = socket(AF_UNIX, SOCK_STREAM, 0)) == -1 ||
	    fcntl(fd, F_SETFL, O_NONBLOCK) == -1)
		fatal("socket");
	if (connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) == 0) {
		if ((pid = bsd_peer_pid(fd)) > 0)
			fatalx("cannot listen on %s: in use by pid %d",
			    local.path, (int)pid);
	} else if (errno == ECONNREFUSED) {
		(void)unlink(sun->sun_path);
	}
	(void)close(fd);
}

int
local_listen(const char *where)
{
	struct sockaddr_un	sun;
	struct stat		st;
	gid_t			group;
	mode_t			mode, old;
	int			fd, bound;

	parse_where(where, &group, &mode);
	options_absolute(local.absolute, sizeof(local.absolute), local.path);
	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	(void)strlcpy(sun.sun_path, local.path, sizeof(sun.sun_path));
	remove_stale(&sun);
	if ((fd = socket(AF_UNIX, SOCK_STREAM, 0)) == -1)
		fatal("cannot listen on %s", local.path);
	listen_set_options(fd, AF_UNIX);
	/* Nobody comes in before group and mode are right. */
	old = umask(0777);
	bound = bind(fd, (struct sockaddr *)&sun, sizeof(sun));
	(void)umask(old);
	if (bound == -1)
		fatal("cannot listen on %s", local.path);
	if (lstat(local.path, &st) == -1 ||
	    (group != (gid_t)-1 && chown(local.path, (uid_t)-1, group) == -1) ||
	    chmod(local.path, mode) == -1 ||
	    listen(fd, LISTEN_WAITING) == -1) {
		log_warn("cannot listen on %s", local.path);
		(void)unlink(local.path);
		exit(1);
	}
	local.dev = st.st_dev;
	local.ino = st.st_ino;
	local.made = true;
	return fd;
}

void
local_remove(void)
{
	struct stat st;

	if (local.made && lstat(local.absolute, &st) == 0 &&
	    st.st_dev == local.dev && st.st_ino == local.ino)
		(void)unlink(local.absolute);
}
