/* SPDX-License-Identifier: ISC */

/*
 * The directory that a path leads through, opened once.
 *
 * A user who can write to a directory can change what its names mean between
 * a check and a use (TOCTOU).  So this file walks a path one name at a time,
 * and its callers create, check and remove files relative to the descriptor
 * (openat(2) and the like), wherever the path leads meanwhile.  In such a
 * directory only root and we can replace what we have made: it belongs to one
 * of these, and if others can write to it, its sticky bit protects our files.
 *
 * It follows a symbolic link if no other user can have made it: /var/run is
 * one of root's on many systems.
 *
 * Runs in the parent.
 */

#include <sys/stat.h>
#include <stdbool.h>
#include <stdio.h>

#include "chatserv/common/log.h"
#include "chatserv/parent/directory.h"
#include "ipc/common/bsd.h"

#define LINKS_MAX	32	/* on the way */

struct walk {
	int	at;		/* the one reached so far */
	char	rest[PATH_MAX];	/* the path from there */
	int	links;		/* followed */
};

static bool
is_trusted(uid_t uid)
{
	return uid == 0 || (uid == geteuid() && bsd_is_one_user(uid));
}

/* Whether no other user can replace our files in the directory at. */
static bool
is_safe(int at)
{
	struct stat st;

	return fstat(at, &st) == 0 && is_trusted(st.st_uid) &&
	    ((st.st_mode & (S_IWGRP | S_IWOTH)) == 0 ||
	    (st.st_mode & S_ISVTX) != 0);
}

static int
open_at(int at, const char *name)
{
	return openat(at, name, BSD_SEARCH | O_DIRECTORY | O_NOFOLLOW |
	    O_CLOEXEC);
}

/*
 * Continue from another directory; consumes fd.  Returns 0, or -1 with errno.
 */
static int
enter(struct walk *w, int fd)
{
	if (fd == -1)
		return -1;
	if (w->at != AT_FDCWD)
		(void)close(w->at);
	w->at = fd;
	return 0;
}

/*
 * A name that is no directory may be a link to one: put its target before
 * rest.
 */
static int
follow(struct walk *w, const char *name, const char *rest)
{
	char		target[PATH_MAX], path[PATH_MAX];
	struct stat	st;
	ssize_t		n;

	if (fstatat(w->at, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return -1;
	if (!S_ISLNK(st.st_mode)) {
		errno = ENOTDIR;
		return -1;
	}
	if (!is_trusted(st.st_uid) || st.st_nlink != 1 || !is_safe(w->at) ||
	    ++w->links > LINKS_MAX) {
		errno = ELOOP;
		return -1;
	}
	n = readlinkat(w->at, name, target, sizeof(target) - 1);
	if (n == -1)
		return -1;
	target[n] = '\0';
	if (snprintf(path, sizeof(path), "%s/%s", target, rest) >=
	    (int)sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	(void)strlcpy(w->rest, path, sizeof(w->rest));
	return target[0] == '/' ? enter(w, open_at(AT_FDCWD, "/")) : 0;
}

static int
walk_on(struct walk *w)
{
	char	name[PATH_MAX], *rest = w->rest + strspn(w->rest, "/");
	size_t	len = strcspn(rest, "/");
	int	fd;

	memcpy(name, rest, len);
	name[len] = '\0';
	rest += len;
	if ((fd = open_at(w->at, name)) == -1 && errno != ENOENT &&
	    errno != EACCES)
		return follow(w, name, rest);
	memmove(w->rest, rest, strlen(rest) + 1);
	return enter(w, fd);
}

/* The directory called path; -1 with errno. */
static int
walk(const char *path)
{
	struct walk w = { AT_FDCWD, "", 0 };

	(void)strlcpy(w.rest, path, sizeof(w.rest));
	if (enter(&w, open_at(AT_FDCWD, path[0] == '/' ? "/" : ".")) == -1)
		return -1;
	while (w.rest[strspn(w.rest, "/")] != '\0')
		if (walk_on(&w) == -1) {
			(void)close(w.at);
			return -1;
		}
	return w.at;
}

/*
 * Split path into its directory, which is empty if there is none, and a file's
 * name, which is returned; NULL with errno if it has no name, or if one of
 * them is too long.
 */
static const char *
split(const char *path, char before[PATH_MAX])
{
	const char	*slash = strrchr(path, '/');
	const char	*name = slash == NULL ? path : slash + 1;
	size_t		 len = (size_t)(name - path);

	errno = *name == '\0' ? EISDIR : ENAMETOOLONG;
	if (*name == '\0' || strlen(name) > NAME_MAX || len >= PATH_MAX)
		return NULL;
	memcpy(before, path, len);
	before[len] = '\0';
	return name;
}

int
directory_open_to_read(const char *path, char name[NAME_MAX + 1])
{
	char		 before[PATH_MAX];
	const char	*last = split(path, before);

	if (last == NULL)
		return -1;
	(void)strlcpy(name, last, NAME_MAX + 1);
	return open(before[0] == '\0' ? "." : before, O_RDONLY | O_DIRECTORY |
	    O_CLOEXEC);
}

int
directory_open(const char *what, const char *path, const char **name)
{
	char	before[PATH_MAX];
	int	fd;

	if ((*name = split(path, before)) == NULL ||
	    (fd = walk(before)) == -1)
		fatal("%s %s", what, path);
	if (!is_safe(fd))
		fatalx("%s %s: its directory is not safe: others can write "
		    "to it, and it is not sticky, or it belongs to another "
		    "user", what, path);
	return fd;
}
