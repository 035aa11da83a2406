/* SPDX-License-Identifier: ISC */

/*
 * The file that the deny list is read from.
 */
#ifndef CHATSERV_DENY_FILE_H
#define CHATSERV_DENY_FILE_H

#include <stdbool.h>

/*
 * Read the list from the file called path for the first time, for deny_has().
 * Exits with a message if that is impossible.  For the parent, at its start.
 */
void	 deny_file_open(const char *path);

/* Whether there is such a file. */
bool	 deny_file_is_used(void);

/*
 * Open the file that has that name now.  Returns its descriptor; -1 with
 * errno if it cannot be had.  For the process that has not left its
 * directory: the helper, or a parent without one.
 */
int	 deny_file_find(void);

/*
 * Read the list again from fd, which deny_file_find() returned here or in the
 * helper, and close it.  Returns whether the list is a new one; if not, the
 * old one stays, and the log has the reason.  For the parent.
 */
bool	 deny_file_read(int fd);

/* In a child, and in a parent that locks itself in: leave the directory. */
void	 deny_file_leave(void);

#endif
