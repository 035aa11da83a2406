/* SPDX-License-Identifier: ISC */

/*
 * The lines of a client that speaks plain or TSV.
 */
#ifndef CHATSERV_COMMAND_H
#define CHATSERV_COMMAND_H

#include "chatserv/session/session.h"

/* As struct dialect has them. */
bool	 command_line(struct session *s, const char *line, size_t len);
bool	 command_too_long(struct session *s);

#endif
