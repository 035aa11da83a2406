/*
 * Copyright (c) 2026 The chatserv authors
 *
 * Permission to use, copy, modify, and distribute this software for any
 * purpose with or without fee is hereby granted, provided that the above
 * copyright notice and this permission notice appear in all copies.
 *
 * THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES
 * WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF
 * MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR
 * ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES
 * WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN
 * ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF
 * OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.
 */

/*
 * The keeper: what is left of root in a server that has given it up.
 */
#ifndef CHATSERV_KEEPER_H
#define CHATSERV_KEEPER_H

#include <sys/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "chatserv/parent.h"

/*
 * Fork the keeper of this server.  clean_up() is what it is to do at an
 * orderly end.  For the parent, as root, when everything that clean_up()
 * removes is made.  Exits if it cannot.
 */
void	 keeper_start(const struct parent_options *options,
	    void (*clean_up)(void));

/*
 * The parent has reaped pid.  Returns whether that was the keeper, which
 * must not die before its parent.
 */
bool	 keeper_died(pid_t pid);

/*
 * Have the keeper connect to the system's log anew, for all processes.
 * Returns false if there is none to do it.
 */
bool	 keeper_reopen_log(void);

/*
 * At the parent's end: have the keeper clean up, and wait until it has.
 * Returns false if there is none to do it.
 */
bool	 keeper_end(void);

/* In a child: leave the keeper to the parent, but for questions. */
void	 keeper_leave(void);

/*
 * In a child, after keeper_leave(): the login name of uid, as the keeper or,
 * where there is none, this process can find it.  False if there is no such
 * user, or no answer within some seconds.
 */
bool	 keeper_find_login(uid_t uid, char *login, size_t size);

/* In a child that will not ask, or not again. */
void	 keeper_close(void);

#endif
