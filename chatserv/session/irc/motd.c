/* SPDX-License-Identifier: ISC */

/*
 * The message of the day.
 *
 * The parent reads it, for a session can open no file, and each session has
 * the text by the fork.  The directory stays open in the parent, so that the
 * file can be found, and replaced by an editor, when the parent has locked
 * itself in.
 *
 * Read in the parent; the text is looked at in a session.
 */

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <string.h>

#include "chatserv/common/log.h"
#include "chatserv/session/irc/motd.h"
#include "ipc/common/bsd.h"
#include "ipc/common/text.h"

#define MOTD_MAX	2048	/* bytes of the file that are shown */

static int	directory = -1;
static char	name[256];
static char	text[4 * MOTD_MAX + 1];

/* Make what was read visible, line by line. */
static void
keep(const char *raw, size_t len)
{
	const char	*end;
	size_t		 n = 0, part;

	while (len > 0) {
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
}

/* Returns 0, or -1 with errno. */
static int
read_file(void)
{
	char	raw[MOTD_MAX];
	ssize_t	n;
	int	fd, saved;

	fd = openat(directory, name, O_RDONLY | O_NONBLOCK);
	if (fd == -1)
		return -1;
	n = read(fd, raw, sizeof(raw));
	saved = errno;
	(void)close(fd);
	errno = saved;
	if (n == -1)
		return -1;
	keep(raw, (size_t)n);
	return 0;
}

void
irc_motd_open(const char *path)
{
	char	*copy = strdup(path), *base = strdup(path);

	if (copy == NULL || base == NULL)
		fatal("no memory");
	directory = open(dirname(copy), O_RDONLY | O_DIRECTORY);
	(void)strlcpy(name, basename(base), sizeof(name));
	if (directory == -1 || read_file() == -1)
		fatal("cannot read the message of the day, %s", path);
	free(copy);
	free(base);
}

void
irc_motd_again(void)
{
	if (directory != -1 && read_file() == -1)
		log_warn("cannot read the message of the day");
}

void
irc_motd_leave(void)
{
	if (directory != -1)
		(void)close(directory);
	directory = -1;
}

const char *
irc_motd_text(void)
{
	return text;
}
