/* SPDX-License-Identifier: ISC */

/*
 * The process that writes the log's file.
 */
#ifndef CHATSERV_LOGGER_H
#define CHATSERV_LOGGER_H

#include <sys/types.h>
#include <stdbool.h>

/*
 * Fork the logger, which appends to the file called path.  Returns a socket:
 * each packet "<NUMBER>LINE\n" is a line of the log, which the logger writes
 * after the time, and each empty line, "\n", has it open the file again.  The
 * logger exits when the socket is shut down, or the last process that has it
 * exits.  Exits if the logger cannot start.  For the parent, at its start.
 */
int	 logger_start(const char *path);

/*
 * For the process that starts another logger, the helper or a parent without
 * one: logger_life() is a descriptor that is readable once the logger has died,
 * or -1; logger_recover() starts another, and logs that.
 */
int	 logger_life(void);
void	 logger_recover(void);

/* The parent has reaped pid: if that was its logger, recover; return true. */
bool	 logger_died(pid_t pid);

/* In all other processes, and at the end: leave the logger to itself. */
void	 logger_leave(void);

#endif
