/* SPDX-License-Identifier: ISC */

/*
 * The file that the deny list is read from.
 *
 * An editor puts another file in its place, so it is opened again each time,
 * in a directory that stays open: the server may have another one by then.
 * A parent that has locked itself in may keep no directory, for that would be
 * a way out; its helper opens the file and hands it over (privsep.c).
 *
 * A list with an invalid line counts as invalid: at its start the server then
 * exits, later the old list stays.
 *
 * Runs in the parent; deny_file_find() in the helper, if there is one.
 */

#include <sys/stat.h>
#include <stdio.h>

#include "chatserv/common/deny.h"
#include "chatserv/common/log.h"
#include "chatserv/parent/deny_file.h"
#include "chatserv/parent/directory.h"
#include "ipc/common/bsd.h"
#include "ipc/common/line.h"

static int	directory = -1;
static char	name[NAME_MAX + 1];
static bool	used;

bool
deny_file_is_used(void)
{
	return used;
}

int
deny_file_find(void)
{
	struct stat	st;
	int		fd;

	if (directory == -1) {
		errno = EPERM;
		return -1;
	}
	fd = openat(directory, name, O_RDONLY | O_NONBLOCK | O_NOCTTY |
	    O_CLOEXEC);
	if (fd == -1)
		return -1;
	/* Nothing else has an end that comes at once. */
	if (fstat(fd, &st) == -1)
		st.st_mode = 0;
	if (S_ISREG(st.st_mode))
		return fd;
	(void)close(fd);
	errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
	return -1;
}

/*
 * Add all lines of fd to a list that was begun.  Returns what is wrong, of
 * which why has a part, and in which line; or NULL.
 */
static const char *
read_lines(int fd, char why[DENY_WHY_MAX], unsigned int *number)
{
	static char	buf[4 * DENY_LINE_MAX];
	struct line_in	in;
	enum line_state	state;
	const char	*error = NULL;
	char		*line;
	size_t		 len;

	line_in_init(&in, buf, sizeof(buf), DENY_LINE_MAX, false);
	*number = 0;
	while (error == NULL) {
		state = line_in_peek(&in, &line, &len);
		if (state == LINE_NONE && in.eof)
			return NULL;
		if (state == LINE_NONE) {
			if (line_in_fill(&in, fd) == -1 && errno != EINTR) {
				*number = 0;
				return strerror(errno);
			}
			continue;
		}
		++*number;
		error = deny_add(why, line, len);
		line_in_consume(&in);
	}
	return error;
}

/* Read the list; NULL, or what is wrong with it. */
static const char *
read_list(int fd)
{
	static char	text[DENY_WHY_MAX + 32];
	char		why[DENY_WHY_MAX];
	const char	*error;
	unsigned int	line;

	deny_begin();
	error = read_lines(fd, why, &line);
	(void)close(fd);
	if (error == NULL || line == 0)
		return error;
	(void)snprintf(text, sizeof(text), "line %u: %s", line, error);
	return text;
}

bool
deny_file_read(int fd)
{
	const char	*error = read_list(fd);
	unsigned int	 n;

	if (error != NULL) {
		log_info("deny list %s: %s; the old list stays", name, error);
		return false;
	}
	n = deny_publish();
	log_info("deny list %s: read again, %u %s", name, n, n == 1 ?
	    "entry" : "entries");
	return true;
}

void
deny_file_open(const char *path)
{
	const char	*error;
	int		 fd = -1;

	if (deny_init() == -1)
		fatal("no memory for a deny list");
	directory = directory_open_to_read(path, name);
	if (directory == -1 || (fd = deny_file_find()) == -1)
		fatal("cannot read the deny list %s", path);
	if ((error = read_list(fd)) != NULL)
		fatalx("deny list %s: %s", path, error);
	(void)deny_publish();
	used = true;
}

void
deny_file_leave(void)
{
	if (directory != -1)
		(void)close(directory);
	directory = -1;
}
