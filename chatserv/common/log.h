/* SPDX-License-Identifier: ISC */

/*
 * The log: one line an event, to standard error, the system's log or a file.
 */
#ifndef CHATSERV_LOG_H
#define CHATSERV_LOG_H

#include <stdbool.h>

/*
 * Begin to log to standard error; is_verbose enables log_debug().  Ignore
 * SIGPIPE before anything can go wrong with it.
 */
void	log_init(bool is_verbose);

/*
 * Also log to the logger that fd leads to; log_detach() gives standard error
 * up for it.
 */
void	log_file(int fd);

/*
 * At the parent's end: wait, some seconds at most, until the logger has
 * written everything.
 */
void	log_end(void);

/* Have the logger open its file again.  Returns false if there is no logger. */
bool	log_reopen_file(void);

/*
 * For the background: log_system() begins to log to the system's log as well,
 * and log_detach() gives standard error up for it.  log_reopen() connects to
 * it again, for all processes; not for a server that logs to a file.
 */
void	log_system(void);
void	log_detach(void);
void	log_reopen(void);

/* For a child, after the fork. */
void	log_child(void);

/*
 * Write "chatserv: MESSAGE\n" by one call that does not wait; log_warn()
 * appends what errno means.  The caller has made visible what comes from
 * outside.  Any process may log, but no signal handler; errno is kept.
 */
void	log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void	log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void	log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* log_warn(), then exit 1.  Only during the start. */
void	fatal(const char *fmt, ...)
	    __attribute__((noreturn, format(printf, 1, 2)));
/* log_info(), then exit 1. */
void	fatalx(const char *fmt, ...)
	    __attribute__((noreturn, format(printf, 1, 2)));

#endif
