/* SPDX-License-Identifier: ISC */

/*
 * The logger: the process that writes the log's file.
 */
#ifndef CHATSERV_LOGGER_H
#define CHATSERV_LOGGER_H

/*
 * Fork the logger, which appends to the file called path.  Returns a socket:
 * each packet "<NUMBER>LINE\n" is a line of the log, which the logger puts the
 * time in front of, and each empty line, "\n", has it open the file anew.  The
 * logger ends when the socket is shut down, or the last process that has it
 * ends.  Exits if it cannot be started.  For the parent, at its start.
 */
int	 logger_start(const char *path);

#endif
