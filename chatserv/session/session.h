/* SPDX-License-Identifier: ISC */

/*
 * A session: one client's process.  run.c is its main loop, waiting.c where it
 * waits, leaving.c its end; a dialect handles its lines and words what it
 * receives.
 */
#ifndef CHATSERV_SESSION_H
#define CHATSERV_SESSION_H

#include "chatserv/common/peer.h"
#include "chatserv/session/dialect.h"
#include "chatserv/session/irc/state.h"
#include "chatserv/session/rate_limit.h"
#include "chatserv/session/telnet.h"
#include "ipc/common/event.h"
#include "ipc/common/line.h"
#include "ipc/bus/ring.h"
#include "ipc/bus/roster.h"

#define SESSION_ROWS	20	/* names in one line */
/* Space that is kept free for rows or a help text. */
#define SESSION_ANSWER_SPACE	((size_t)4 << 10)

/* A session goes through these in order; it may skip some. */
enum session_phase {
	PHASE_NAMING,		/* greeted, asked for a name */
	PHASE_PRESENT,
	PHASE_LEAVING,		/* its leave is not published yet */
	PHASE_FINISHING,	/* earlier records are not relayed yet */
	PHASE_FLUSHING,		/* its last line is written, not all sent */
	PHASE_LINGERING,	/* waiting for the client to close */
	PHASE_DONE
};

enum session_history { HISTORY_NONE, HISTORY_LAST, HISTORY_SINCE };

/* Where an ID is from, according to the client. */
enum session_place { PLACE_ANYWHERE, PLACE_HERE, PLACE_ELSEWHERE };

/* For the work of one step; holds nothing between steps. */
#define SESSION_SCRATCH		((size_t)32 << 10)

/* "quit: " and a line, made visible. */
#define SESSION_REASON_MAX	(6 + 4 * LINE_TEXT_MAX)

struct session {
	struct bus		*bus;
	int			 fd;		/* the client */
	int			 parent_fd;	/* ends when the parent does */
	struct peer		*peer;
	const struct dialect	*dialect;
	bool			 spoke;		/* its first line has arrived */
	struct irc_state	 irc;
	struct telnet		 telnet;
	struct line_in		 in;
	struct line_out		 out;
	struct batch		 batch;		/* not yet published */
	char			*scratch;	/* aligned as a uint64_t */
	struct reader		 reader;
	uint64_t		 last_seq;	/* of its own leave */
	enum session_phase	 phase;
	char			 name[TEXT_SPEAKER_MAX + 1];
	bool			 outside;	/* the room; it only speaks */
	unsigned char		 token[BUS_TOKEN_SIZE];
	bool			 has_token;	/* given by the client */
	enum session_history	 history;
	uint64_t		 history_arg;	/* a count or an ID */
	enum session_place	 place;		/* of that ID */
	uint64_t		 last_id;	/* of the room, then */
	struct reader		 live;		/* where its join is */
	int			 tries;		/* names refused */
	const char		*lost;		/* why it reads nothing */
	uint64_t		 lapped_at;	/* log no other before; in ms */
	bool			 more;		/* a line waits */
	bool			 out_full;	/* the next record won't fit */
	bool			 untrimmed;	/* it has much memory in use */
	uint64_t		 answer_after;	/* relay up to here first */
	bool			 listing;	/* !who is not complete */
	uint32_t		 list_next, list_total;
	int			 retry_ms;	/* -1: no wait for space */
	struct rate_limit	 rate_limit;
	uint64_t		 renamed;	/* when, in ms */
	uint64_t		 held_until;	/* may not join before */
	bool			 told_held;
	uint64_t		 deadline;	/* 0: none */
	char			 reason[SESSION_REASON_MAX + 1];
};

/* ---- session.c ---- */

/* From now on, the client speaks this dialect. */
void	 session_speak(struct session *s, const struct dialect *dialect);

/* An answer of one line.  The caller has called session_may_answer(). */
void	 session_answer(struct session *s, enum event_kind kind,
	    const char *text);

/*
 * Whether the session may answer now: there is space, and everything that was
 * published before the question is on its way to the client.  If not, the
 * caller leaves the line, and is called again with it.
 */
bool	 session_may_answer(struct session *s);

/* Submit text, of this kind, to a slot or to all; false if not now. */
bool	 session_submit(struct session *s, enum event_kind kind,
	    const char *name, const char *text, size_t len, uint16_t to,
	    uint32_t to_generation);

/* The same to all, with a text that is visible and may be longer. */
bool	 session_submit_visible(struct session *s, enum event_kind kind,
	    const char *name, const char *text, size_t len);

/*
 * Begin a list of who is here, as an answer; send more of that list.  The
 * latter returns false if there is no space now.
 */
void	 session_list(struct session *s);
bool	 session_list_more(struct session *s);

/* The client has this name now: show it in ps(1) and in its records. */
void	 session_named(struct session *s, const char *name);

/* ---- leaving.c ---- */

/* Leave for this reason, in order: earlier messages are published first. */
void	 session_leave(struct session *s, const char *reason);

/* The same, at the client's request, with its text if len is not 0. */
void	 session_quit(struct session *s, const char *text, size_t len);

/* End without a goodbye: an error is the last line that the client receives. */
void	 session_refuse(struct session *s, const char *why);

/*
 * The slot or the segment is closed to this session: publish and relay no
 * more, but say goodbye, for a reason that promises nothing.
 */
void	 session_closed(struct session *s);

/* ---- run.c ---- */

/*
 * Serve a client on fd, which does not block, from the greeting to the end.
 * bus has its slot; parent_fd is a pipe whose write end only the parent has;
 * peer says who the client is, and it must give a name within naming_ms.
 * Needs nothing of the listener, so a test can run it over a socketpair(2).
 * Closes fd.
 */
void	 session_run(struct bus *bus, int fd, int parent_fd,
	    struct peer *peer, int naming_ms);

#endif
