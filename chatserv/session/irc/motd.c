/* SPDX-License-Identifier: ISC */

/*
 * The message of the day.
 *
 * The parent reads it, since a session can open no file, and each session
 * inherits the text by the fork.  The parent keeps the directory open, since
 * its own may change, so that it finds the file even after an editor has
 * replaced it.  A parent that changes its root directory does not, because an
 * open directory would be a way out: it keeps the file itself open, and sees
 * what is written into it.
 *
 * Read in the parent; sessions use the text.
 */

#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "chatserv/common/log.h"
#include "chatserv/parent/directory.h"
#include "chatserv/session/irc/motd.h"
#include "ipc/common/bsd.h"
#include "ipc/common/text.h"

static int	directory = -1, file = -1;
static char	name[NAME_MAX + 1];
static char	text[MOTD_TEXT_SIZE];

/* Make the text visible, line by line, as far as there is space. */
static void
keep(const char *raw, size_t len)
{
	const char	*end;
	size_t		 n = 0, part;
	int		 lines;

	for (lines = 0; len > 0 && lines < MOTD_LINES; lines++) {
		end = memchr(raw, '\n', len);
		part = end == NULL ? len : (size_t)(end - raw);
		n += text_visible(text + n, raw, part);
		part += end != NULL;
		text[n] = '\n';
		n += end != NULL;
		raw += part;
		len -= part;
	}
	text[n] = '\0';
	if (len > 0)
		log_info("of the message of the day, only %d lines are shown",
		    MOTD_LINES);
}

/* Returns 0, or -1 with errno. */
static int
read_file(void)
{
	char	raw[MOTD_MAX + 1];
	ssize_t	n;
	int	fd, saved;

	fd = file != -1 ? file : openat(directory, name,
	    O_RDONLY | O_NONBLOCK);
	if (fd == -1)
		return -1;
	n = pread(fd, raw, sizeof(raw), 0);
	saved = errno;
	if (fd != file)
		(void)close(fd);
	errno = saved;
	if (n == -1)
		return -1;
	if (n > MOTD_MAX)
		log_info("of the message of the day, only %d bytes are shown",
		    MOTD_MAX);
	keep(raw, text_cut(raw, (size_t)n, MOTD_MAX));
	return 0;
}

void
irc_motd_open(const char *path)
{
	directory = directory_open_to_read(path, name);
	if (directory == -1 || read_file() == -1)
		fatal("cannot read the message of the day, %s", path);
}

void
irc_motd_lock_in(void)
{
	if (directory == -1)
		return;
	file = openat(directory, name, O_RDONLY | O_NONBLOCK);
	if (file == -1)
		fatal("cannot read the message of the day, %s", name);
	(void)close(directory);
	directory = -1;
}

void
irc_motd_again(void)
{
	struct stat st;

	if (directory == -1 && file == -1)
		return;
	if (file != -1 && fstat(file, &st) == 0 && st.st_nlink == 0)
		log_info("the message of the day was replaced: a server that "
		    "was started as root sees only what is written into it");
	else if (read_file() == -1)
		log_warn("cannot read the message of the day");
}

void
irc_motd_leave(void)
{
	if (directory != -1)
		(void)close(directory);
	if (file != -1)
		(void)close(file);
	directory = file = -1;
}

const char *
irc_motd_text(void)
{
	return text;
}
