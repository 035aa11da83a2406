/* SPDX-License-Identifier: ISC */

/*
 * The command line of chatserv(8).
 */
#ifndef CHATSERV_OPTIONS_H
#define CHATSERV_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OPTIONS_ROOM	"/chatserv.%u"	/* the room's segment, by its port */

struct options {
	const char	*host;		/* "*": every address; "-": none */
	unsigned int	 port;		/* 0: a free one */
	const char	*local;		/* -u, or NULL */
	const char	*channel;	/* -c, for IRC; with its # */
	const char	*denied;	/* -D, a file, or NULL */
	const char	*motd;		/* -d, a file for IRC, or NULL */
	const char	*log;		/* -l, a file, or NULL */
	const char	*server;	/* -N, for IRC, or NULL */
	uint64_t	 irc_history;	/* -i, messages shown after a join */
	const char	*trusted;	/* -L, users, or NULL */
	const char	*pid_file;	/* -p, or NULL */
	const char	*user;		/* -U, or NULL */
	uint64_t	 ring;		/* bytes, a power of two */
	uint32_t	 clients;	/* at most */
	uint32_t	 per_address;	/* at most; 0: as many as there are */
	int		 naming_ms;	/* for a client to give a name */
	int		 ready_fd;	/* -n, or -1 */
	bool		 background;
	bool		 keep;		/* the room's history at the end */
	bool		 verbose;
};

/*
 * Parse the command line.  All strings are its own.  Exits 2 with a message if
 * it is invalid.
 */
void	options_parse(struct options *o, int argc, char *argv[]);

#endif
