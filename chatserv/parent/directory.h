/* SPDX-License-Identifier: ISC */

/*
 * The directory that a path leads through, opened once.
 */
#ifndef CHATSERV_DIRECTORY_H
#define CHATSERV_DIRECTORY_H

/*
 * Open the directory that path, of a file that need not exist, leads
 * through.  *name becomes the file's name there, inside path.  Exits with
 * a message that begins with what and path if that directory does not
 * exist, or if others than root and this process's user could replace
 * files in it.  Returns a descriptor for openat(2), fstatat(2),
 * unlinkat(2) and fchdir(2), which the caller closes.  For the parent, at
 * its start.
 */
int	 directory_open(const char *what, const char *path,
	    const char **name);

#endif
