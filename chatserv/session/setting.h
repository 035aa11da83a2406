/* SPDX-License-Identifier: ISC */

/*
 * What a client without a name may say besides.
 */
#ifndef CHATSERV_SETTING_H
#define CHATSERV_SETTING_H

#include "chatserv/session/session.h"

/*
 * Do the setting or command line[0..len), which begins with "!".  For a
 * session whose client has no name; the caller has asked
 * session_may_answer().
 */
void	 setting_hear(struct session *s, const char *line, size_t len);

#endif
