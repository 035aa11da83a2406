/* SPDX-License-Identifier: ISC */

/*
 * What begins with "!".
 */
#ifndef CHATSERV_COMMAND_H
#define CHATSERV_COMMAND_H

#include "chatserv/session/session.h"

/*
 * Do the command line[0..len), which begins with "!".  False: not now,
 * come again with it.
 */
bool	 command_line(struct session *s, const char *line, size_t len);

#endif
