/* SPDX-License-Identifier: ISC */

/*
 * Lines by which a trusted peer speaks for others.
 */
#ifndef CHATSERV_BEHALF_H
#define CHATSERV_BEHALF_H

#include "chatserv/session/session.h"

#define BEHALF_TEXT_MAX	16384	/* bytes of a text that is visible already */
/* A line with such a text, after a command and a name. */
#define BEHALF_LINE_MAX	(BEHALF_TEXT_MAX + 128)

/*
 * Consume a client's first line if it says for whom a trusted peer speaks:
 * "!from ADDRESS", or the line of the PROXY protocol, version 1.  From then on
 * the client counts as that one, and is trusted no more.  Returns whether it
 * was such a line.
 */
bool	 behalf_begins(struct session *s, const char *line, size_t len);

/*
 * Publish "NAME/HOST TEXT" of another room's client, as an event of this kind.
 * Returns what is wrong with it, or NULL; sets *later if it has to wait.
 */
const char *behalf_say(struct session *s, enum event_kind kind,
	    const char *arg, size_t len, bool *later);

#endif
