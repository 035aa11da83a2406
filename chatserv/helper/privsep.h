/* SPDX-License-Identifier: ISC */

/*
 * The privileged helper of a server that has given up root.
 */
#ifndef CHATSERV_PRIVSEP_H
#define CHATSERV_PRIVSEP_H

#include <sys/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "chatserv/parent/parent_options.h"

/*
 * Fork the helper of this server, which calls clean_up() at an orderly end.
 * For the parent, as root, once everything exists that clean_up() removes.
 * Exits if that fails.
 */
void	 privsep_start(const struct parent_options *options,
	    void (*clean_up)(void));

/*
 * The parent has reaped pid.  Returns whether that was the helper, which must
 * not die before its parent does.
 */
bool	 privsep_died(pid_t pid);

/* For the parent: whether pid is the helper's. */
bool	 privsep_is_helper(pid_t pid);

/*
 * Have the helper connect to the system's log again, for all processes.
 * Returns false if there is no helper.  Does not wait for it.
 */
bool	 privsep_reopen_log(void);

/*
 * Have the helper open the file of the deny list.  Returns false if there is
 * none to do it.  Does not wait for it: privsep_take_deny() returns the file's
 * descriptor if it has come, or else -1; it may have come after any call of
 * these functions, or when privsep_answer_fd() is readable, which is -1 if
 * there is nothing to wait for.
 */
bool	 privsep_open_deny(void);
int	 privsep_answer_fd(void);
int	 privsep_take_deny(void);

/*
 * At the parent's end: have the helper clean up, and wait until it has.
 * Returns false if there is no helper.
 */
bool	 privsep_end(void);

/* In a child: close the control socket, which is the parent's. */
void	 privsep_leave(void);

/*
 * In a child, after privsep_leave(): the login name of uid, found by the
 * helper or, if there is none, by this process.  False if there is no such
 * user, or no answer within some seconds.
 */
bool	 privsep_find_login(uid_t uid, char *login, size_t size);

/* In a child: close the request socket; the child makes no more requests. */
void	 privsep_close(void);

#endif
