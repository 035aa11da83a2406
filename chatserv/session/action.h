/* SPDX-License-Identifier: ISC */

/*
 * What a client can do in the room, whatever dialect it speaks.
 */
#ifndef CHATSERV_ACTION_H
#define CHATSERV_ACTION_H

#include "chatserv/session/session.h"

/* How an action ended.  The caller words all refusals. */
enum verdict {
	VERDICT_DONE,		/* or the session is over, which is reported */
	VERDICT_LATER,		/* not now: call again with the same line */
	VERDICT_BAD_NAME,
	VERDICT_TAKEN,		/* another client has that name */
	VERDICT_NOBODY		/* no client has that name */
};

/*
 * Join the room as asked[0..len), with the history and the token that the
 * client requested.  At VERDICT_BAD_NAME, *why says what is wrong with the
 * name, in words that follow "that name ".  At VERDICT_DONE the dialect has
 * sent its welcome.
 */
enum verdict action_enter(struct session *s, const char *asked, size_t len,
	    const char **why);

/*
 * The same under the client's login name, or the first of LOGIN/2, LOGIN/3 ...
 * that is free; VERDICT_TAKEN if none is.
 */
enum verdict action_enter_by_login(struct session *s);

/*
 * Speak from outside the room as name, on the unix-domain socket followed by
 * the login name ("": by that alone).  Returns what is wrong with it, in words
 * for the client, or NULL.
 */
const char *action_stay_outside(struct session *s, const char *name);

/* Change the name. */
enum verdict action_rename(struct session *s, const char *asked, size_t len,
	    const char **why);

/* Send text[0..len) to the client called to[0..to_len) alone. */
enum verdict action_tell(struct session *s, const char *to, size_t to_len,
	    const char *text, size_t len);

#endif
