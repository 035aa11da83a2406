/* SPDX-License-Identifier: ISC */

/*
 * What the command line of chatc asks for, and how chatc may end.
 */
#ifndef CHATC_CHATC_H
#define CHATC_CHATC_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/common/line.h"

/* The numbers are those of sysexits(3) and timeout(1) where they have one. */
enum status {
	STATUS_OK = 0,
	STATUS_LOST = 1,
	STATUS_USAGE = 2,
	STATUS_NO_SERVER = 69,
	STATUS_TAKEN = 73,
	STATUS_REFUSED = 77,
	STATUS_WAITED = 124
};

#define WAIT_FOREVER	(-1)
#define WAIT_NONE	(-2)

/* The longest line from the server: escapes, fields. */
#define CHATC_LINE_MAX	((size_t)5 * LINE_TEXT_MAX)

struct options {
	const char	*host;
	const char	*port;
	const char	*path;		/* a unix socket, or NULL */
	const char	*command;	/* speaks for us, or NULL */
	const char	*name;
	const char	*format;	/* strftime(3), or NULL */
	const char	*message;	/* instead of an input, or NULL */
	const char	*from;		/* whose messages end chatc, or NULL */
	const regex_t	*pattern;	/* what ends chatc, or NULL */
	int64_t		 since;		/* an ID, or -1 */
	const char	*room;		/* the room of that ID, or "" */
	int		 history;	/* messages, or -1 */
	long		 count;		/* messages that end chatc, or 0 */
	long		 wait;		/* seconds, or WAIT_... */
	int64_t		 patience;	/* milliseconds */
	bool		 commands;	/* the input may hold commands */
	bool		 no_input;
	bool		 numbered;	/* if the name is taken, use name2 */
	bool		 silent;	/* show nothing of the room, */
	bool		 outside;	/* nor join it in order to speak */
	bool		 quiet;
	bool		 raw;		/* TSV, */
	bool		 json;		/* or JSON */
	bool		 reconnect;
};

#endif
