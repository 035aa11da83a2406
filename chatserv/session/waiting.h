/* SPDX-License-Identifier: ISC */

/*
 * The one place where a session waits for events.
 */
#ifndef CHATSERV_WAITING_H
#define CHATSERV_WAITING_H

#include <signal.h>

#include "chatserv/session/session.h"

/*
 * Wait for the client, for the parent's end, for news on the bus, or for a
 * deadline, with the signals of awake unblocked, and read what the client
 * has sent.  If again is set, work is left, and the call only looks at the
 * socket: a busy room must not starve its members.  Returns whether the
 * session has been idle for a second, with empty buffers.
 */
bool	 waiting_poll(struct session *s, bool again, const sigset_t *awake);

#endif
