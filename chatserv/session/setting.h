/* SPDX-License-Identifier: ISC */

/*
 * What a client without a name may also send.
 */
#ifndef CHATSERV_SETTING_H
#define CHATSERV_SETTING_H

#include "chatserv/session/session.h"

/*
 * Apply the setting or execute the command line[0..len), which begins with
 * "!".  For a session whose client has no name; the caller has called
 * session_may_answer().
 */
void	 setting_hear(struct session *s, const char *line, size_t len);

/*
 * Take hex for the token of an earlier session of this client, whose name it
 * takes over when it joins.  False if it is no token.
 */
bool	 setting_token(struct session *s, const char *hex);

/* The session's own token, in the same form; for a client with a name. */
#define SETTING_TOKEN_SIZE	(2 * BUS_TOKEN_SIZE + 1)

void	 setting_show_token(const struct session *s,
	    char hex[SETTING_TOKEN_SIZE]);

#endif
