/* SPDX-License-Identifier: ISC */

/*
 * The directory that a path leads through, opened once.
 */
#ifndef CHATSERV_DIRECTORY_H
#define CHATSERV_DIRECTORY_H

#include <limits.h>

/*
 * Open the directory that path, of a file that need not exist, leads
 * through.  *name becomes the file's name there, inside path, of at most
 * NAME_MAX bytes.  Exits with a message that begins with what and path if
 * that directory does not exist, or if others than root and this process's
 * user could replace files in it.  Returns a descriptor for openat(2),
 * fstatat(2), unlinkat(2) and fchdir(2), which the caller closes.  For the
 * parent, at its start.
 */
int	 directory_open(const char *what, const char *path,
	    const char **name);

/*
 * The same for a file that is only read, so that its directory may be any.
 * Returns -1 with errno if it cannot be opened or the name is too long.
 */
int	 directory_open_to_read(const char *path, char name[NAME_MAX + 1]);

#endif
