/* SPDX-License-Identifier: ISC */

/*
 * What the room sends to an IRC client.
 */
#ifndef CHATSERV_IRC_OUTGOING_H
#define CHATSERV_IRC_OUTGOING_H

#include "chatserv/session/session.h"

/*
 * Write a record, whose text is given, as a part of the numbered batch (0: of
 * none).  The caller has checked that there are irc_event_most() bytes of
 * space.
 */
void	 irc_write_event(struct session *s, const struct record *rec,
	    const char *text, unsigned int batch);

#endif
