/* SPDX-License-Identifier: ISC */

/*
 * What telnet(1) and PuTTY send between the text of their users.
 */
#ifndef CHATSERV_TELNET_H
#define CHATSERV_TELNET_H

#include "ipc/common/line.h"

enum telnet_state {
	TELNET_TEXT,
	TELNET_COMMAND,		/* after IAC */
	TELNET_OPTION,		/* after WILL, WONT or DONT */
	TELNET_DO,
	TELNET_SUB,		/* in a subnegotiation */
	TELNET_SUB_COMMAND	/* after IAC there */
};

/* Where the bytes of one client have got to; it begins zeroed. */
struct telnet {
	enum telnet_state state;
	unsigned int	 sub_len;	/* bytes of the subnegotiation */
	unsigned int	 marks;		/* timing marks not yet answered */
};

/*
 * Take the commands out of the bytes in in that line_in_peek() has not looked
 * at, up to the end of the next line; call it before each line_in_peek().
 * Sessions only.
 */
void	 telnet_strip(struct telnet *t, struct line_in *in);

/*
 * Answer the commands that need it, as far as out has space for it, between
 * two lines; what is left is answered by a later call.  Sessions only.
 */
void	 telnet_answer(struct telnet *t, struct line_out *out);

#endif
