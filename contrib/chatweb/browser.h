/* SPDX-License-Identifier: ISC */

/*
 * One browser, for the files of its process alone: gateway.c moves bytes and
 * waits, request.c answers the request, conversation.c handles what follows an
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
	BROWSER_HEAD,		/* the request is incomplete */
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
	/* sockets for the room's addresses; way[at..ways) are untried */
	struct {
		const struct gateway_room	*to;
		int				 fd;
	}			 way[GATEWAY_ROOMS];
	int			 at, ways;
	char			 address[GATEWAY_ADDRESS_SIZE];
	char			 accept[HANDSHAKE_ACCEPT_SIZE];
	struct frame_decoder	 decoder;
	/* bytes from the browser, in[in_start..in_end) */
	unsigned char		 in[BROWSER_IN_SIZE];
	size_t			 in_start, in_end;
	bool			 in_over;	/* no more will arrive */
	bool			 gone;		/* it accepts no more either */
	/* bytes from the room */
	char			 room[BROWSER_ROOM_SIZE];
	size_t			 room_end;
	bool			 room_open;	/* or about to be */
	bool			 room_over;	/* no more will arrive */
	bool			 room_tsv;	/* it speaks TSV now */
	/* bytes to be sent */
	struct line_out		 to_room, out;
	size_t			 unfinished;	/* bytes at to_room's end */
	const char		*page;		/* the rest of the page */
	size_t			 page_left;
	/* milliseconds of bus_now() */
	uint64_t		 deadline;	/* 0: none */
	uint64_t		 ping_at;
};

/* Add bytes to out, which has space for them. */
void	 browser_put(struct line_out *out, const void *bytes, size_t len);

/* End: send within a limit what is left, and then close. */
void	 browser_finish(struct browser *b);

/* Check whether the request's head is complete, and answer it. */
void	 request_read(struct browser *b);

/* Refuse the request; nothing follows the answer. */
void	 request_refuse(struct browser *b, int status, const char *why);

/*
 * Connect to the room by the next way that is left; refuse the request because
 * of errno if there is none.
 */
void	 request_connect(struct browser *b);

/* The room has accepted the connection, or has not: begin, or refuse. */
void	 conversation_begin(struct browser *b);

/*
 * Decode what the browser has sent, and pass on what the room has, as far as
 * there is space.  Returns whether there was anything, so that more may follow
 * once it is flushed.
 */
bool	 conversation_step(struct browser *b);

/* Send a ping, so that no proxy ends a silent connection. */
void	 conversation_ping(struct browser *b);

/* Close, with this enum frame_status, and drop an incomplete message. */
void	 conversation_close(struct browser *b, unsigned int status);

#endif
