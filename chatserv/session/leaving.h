/* SPDX-License-Identifier: ISC */

/*
 * The end of a session, phase by phase.  session.h declares what begins it:
 * session_leave(), session_refuse() and session_closed().
 */
#ifndef CHATSERV_LEAVING_H
#define CHATSERV_LEAVING_H

#include "chatserv/session/session.h"

/*
 * The connection failed with this errno value: send and relay nothing more,
 * but publish what the client has said.
 */
void	 leaving_lost(struct session *s, int error);

/* At LEAVING: publish the leave, once nothing else waits to be published. */
void	 leaving_publish(struct session *s);

/* At FINISHING: once everything is relayed, answer with the goodbye. */
void	 leaving_say_goodbye(struct session *s);

/* At FLUSHING, once all is sent: end the output and await the client's end. */
void	 leaving_linger(struct session *s);

/*
 * Leave if a SIGTERM has arrived (terminated) and is meant for this session,
 * if another session has taken over, or if the deadline of this phase has
 * passed.
 */
void	 leaving_check_time(struct session *s, bool terminated);

/*
 * Leave, or refuse a client without a name, if the deny list has its address or
 * its login name.  Returns whether that is so.
 */
bool	 leaving_denied(struct session *s);

#endif
