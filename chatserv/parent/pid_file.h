/* SPDX-License-Identifier: ISC */

/*
 * The pidfile.  Without pid_file_open() the other functions do nothing.
 */
#ifndef CHATSERV_PID_FILE_H
#define CHATSERV_PID_FILE_H

/*
 * Create and lock it: where, or, if that is NULL, in the default directory,
 * named after the port.  Exits with a message if another process has it, if
 * the file is not this user's, or if others could replace it (directory.c).
 */
void	pid_file_open(const char *where, unsigned int port);

/* Write this process's pid. */
void	pid_file_write(void);

/* Remove it, if it is still ours: at the end, also in the helper. */
void	pid_file_remove(void);

/* For every process but the parent, which holds the lock: close the file. */
void	pid_file_unlock(void);

/*
 * For a process that does not remove it: a child, or a parent that has a
 * helper.  It closes the file's directory.
 */
void	pid_file_leave(void);

#endif
