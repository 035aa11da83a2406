/* SPDX-License-Identifier: ISC */

/*
 * What a session keeps for a client that speaks IRC.
 */
#ifndef CHATSERV_IRC_STATE_H
#define CHATSERV_IRC_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc/bus/ring.h"
#include "ipc/common/text.h"

/* Capabilities, a bit each; names in registration.c. */
enum irc_cap {
	IRC_CAP_TIME = 1 << 0,		/* server-time */
	IRC_CAP_TAGS = 1 << 1,		/* message-tags */
	IRC_CAP_ECHO = 1 << 2,		/* echo-message */
	IRC_CAP_BATCH = 1 << 3,
	IRC_CAP_PREFIX = 1 << 4,	/* multi-prefix */
	IRC_CAP_USERHOST = 1 << 5,	/* userhost-in-names */
	IRC_CAP_HISTORY = 1 << 6	/* draft/chathistory */
};

/* What the list that session_list() began is for. */
enum irc_listing { IRC_NAMES, IRC_WHO };

struct irc_state {
	unsigned int	caps;
	bool		negotiating;	/* between CAP LS or REQ and CAP END */
	bool		has_user;
	bool		in_channel;
	enum irc_listing list;
	char		nick[TEXT_NAME_MAX + 1];	/* the requested one */
	/* for a PING that waits behind lines for which the bus has no space */
	uint64_t	ping_looked;	/* when last, in ms */
	uint64_t	ping_since;	/* when one was found; 0: none */
	uint64_t	ping_after;	/* answer it once this is relayed */
	/* for a CHATHISTORY that is being answered */
	struct reader	past;
	uint64_t	past_left;	/* messages; 0: no batch */
	unsigned int	batch;		/* its number */
};

#endif
