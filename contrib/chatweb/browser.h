/* SPDX-License-Identifier: ISC */

/*
 * One browser, for the files of its process alone: gateway.c moves bytes and
 * waits, request.c answers the request, conversation.c does what follows an
 * upgrade to WebSocket.
 */
#ifndef CHATWEB_BROWSER_H
#define CHATWEB_BROWSER_H

#include "contrib/chatweb/frame.h"
#include "contrib/chatweb/handshake.h"
#include "contrib/chatweb/options.h"
#include "ipc/common/line.h"

#define BROWSER_IN_SIZE	((size_t)16 << 10)
#define BROWSER_ROOM_SIZE ((size_t)64 << 10)
#define BROWSER_TO_ROOM_SIZE ((size_t)32 << 10)
#define BROWSER_OUT_SIZE (BROWSER_ROOM_SIZE + 4096)
#define BROWSER_ANSWER	1024	/* kept free for control frames and heads */

enum browser_phase {
	BROWSER_HEAD,		/* the request is still to come */
	BROWSER_CONNECTING,	/* to the room */
	BROWSER_OPEN,
	BROWSER_FLUSHING,	/* the last bytes are written, not all sent */
	BROWSER_LINGERING,	/* waiting for the browser to close */
	BROWSER_DONE
};

struct browser {
	const struct gateway_options *opt;
	enum browser_phase	 phase;
	int			 fd, room_fd, parent_fd;
	char			 address[GATEWAY_ADDRESS_SIZE];
	char			 accept[HANDSHAKE_ACCEPT_SIZE];
	struct frame_decoder	 decoder;
	/* what has come from the browser, in[in_start..in_end) */
	unsigned char		 in[BROWSER_IN_SIZE];
	size_t			 in_start, in_end;
	bool			 in_over;	/* no more will come */
	bool			 gone;		/* it takes no more either */
	/* what has come from the room */
	char			 room[BROWSER_ROOM_SIZE];
	size_t			 room_end;
	bool			 room_open;	/* or being opened */
	bool			 room_over;	/* no more will come */
	bool			 room_tsv;	/* it speaks TSV by now */
	/* what is to be sent */
	struct line_out		 to_room, out;
	size_t			 unfinished;	/* bytes, ending to_room */
	const char		*page;		/* of the page, still to send */
	size_t			 page_left;
	/* milliseconds of bus_now() */
	uint64_t		 deadline;	/* 0: none */
	uint64_t		 ping_at;
};

/* Add bytes to out, which has space for them. */
void	 browser_put(struct line_out *out, const void *bytes, size_t len);

/* All is said: what is left is sent within a limit, and that is the end. */
void	 browser_finish(struct browser *b);

/* Look whether the request's head has come whole, and answer it. */
void	 request_read(struct browser *b);

/* Refuse the request; the answer is the connection's last word. */
void	 request_refuse(struct browser *b, int status, const char *why);

/* The room has taken the connection, or has not: begin, or refuse. */
void	 conversation_begin(struct browser *b);

/*
 * Decode what the browser has sent, and pass on what the room has, as far as
 * there is space.  Returns whether there was anything, so that more may
 * follow once it is flushed.
 */
bool	 conversation_step(struct browser *b);

/* Say that we live, so that no proxy ends a silence. */
void	 conversation_ping(struct browser *b);

/*
 * Close, for this enum frame_status.  A message that is not complete is
 * nobody's.
 */
void	 conversation_close(struct browser *b, unsigned int status);

#endif
