/* SPDX-License-Identifier: ISC */

/*
 * The connection of the process in to its room.
 */
#ifndef CHATLINK_ROOM_H
#define CHATLINK_ROOM_H

#include <stdbool.h>
#include <stddef.h>

#include "contrib/chatlink/state.h"
#include "ipc/common/event.h"
#include "ipc/common/line.h"

#define ROOM_IN		(64 << 10)
#define ROOM_OUT	(256 << 10)

struct room {
	int		fd;
	struct line_in	in;
	struct line_out	out;
	char		in_buf[ROOM_IN], out_buf[ROOM_OUT];
};

/*
 * Connect to the unix-domain socket, take over the name and resume.
 * Returns 0, or -1 having logged why.
 */
int	 room_open(struct room *r, const char *path, const struct state *s);

/* Read and write as much as possible now.  Returns -1 if the room is gone. */
int	 room_read(struct room *r);
int	 room_write(struct room *r);

/* The next event or answer that was read; false if there is none. */
bool	 room_next(struct room *r, struct event *ev);

/* Whether a line of that many bytes can be said now. */
bool	 room_has_space(const struct room *r, size_t len);

/* Say a line, for which there must be space. */
void	 room_say(struct room *r, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

/* Say a line made of a command, a name and a text, likewise. */
void	 room_say_for(struct room *r, const char *command, const char *name,
	    size_t name_len, const char *text, size_t text_len);

#endif
