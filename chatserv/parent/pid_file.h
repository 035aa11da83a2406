/* SPDX-License-Identifier: ISC */

/*
 * The pidfile.  Without pid_file_open() the others do nothing.
 */
#ifndef CHATSERV_PID_FILE_H
#define CHATSERV_PID_FILE_H

/*
 * Make and lock it: where, or, if that is NULL, in the place for pidfiles,
 * named after the port.  Exits with a message if another process has it.
 */
void	pid_file_open(const char *where, unsigned int port);

/* Write this process's pid. */
void	pid_file_write(void);

/* Remove it: at the end, also by the helper. */
void	pid_file_remove(void);

/* For a child, which must not hold the lock. */
void	pid_file_leave(void);

#endif
