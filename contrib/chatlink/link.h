/* SPDX-License-Identifier: ISC */

/*
 * The command line of chatlink(8), for its processes.
 */
#ifndef CHATLINK_LINK_H
#define CHATLINK_LINK_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include "ipc/bus/bus.h"
#include "ipc/common/text.h"

#define LINK_ROOM_MAX	32	/* bytes in the name of the common room */
#define LINK_SUBJECT	64	/* of "chat.ROOM.HOST.here", with its NUL */
#define LINK_NAME	"link"	/* of the process in, in its room */
#define LINK_EAR	"link/0"	/* and of the process out */

#define LINK_LINE	17000	/* bytes in a line of the room, at most */
#define LINK_USAGE	2	/* the status if the command line is wrong */

struct link {
	const char	*socket;	/* of the room on this host */
	const char	*host;		/* this host's name in other rooms */
	const char	*room;		/* the common name of all rooms */
	const char	*state;		/* the path of the state file */
	const char	*credentials;	/* a file, or NULL */
	const char	*authorities;	/* a file of certificates, or NULL */
	const char	*chatc;		/* the program */
	const char	**url;		/* of the engine's nodes */
	int		 urls;
	int		 parent_fd;	/* ends when the parent does */
};

/*
 * All threads block all signals, except during a ppoll(2) with link_awake.
 * These say that one was delivered there: to stop, or to log figures.
 */
extern volatile sig_atomic_t	 link_stopped, link_asked;
extern sigset_t			 link_awake;

/*
 * Whether word can name a host or a room: at most max lower-case letters,
 * digits and "-", first a letter.  Other characters have a meaning in
 * the engine's subjects.
 */
static inline bool
link_is_word(const char *word, size_t max)
{
	size_t n = strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return n > 0 && n <= max && word[n] == '\0' && word[0] >= 'a' &&
	    word[0] <= 'z';
}

/* How long it is until then, in ms of bus_now(); 0 if that has passed. */
static inline struct timespec
link_until(uint64_t then)
{
	uint64_t now = bus_now(), ms = then > now ? then - now : 0;

	return (struct timespec){ .tv_sec = (time_t)(ms / 1000),
	    .tv_nsec = (long)(ms % 1000) * 1000000 };
}

#endif
