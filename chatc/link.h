/* SPDX-License-Identifier: ISC */

/*
 * The conversation with the server, over one connection or several.
 */
#ifndef CHATC_LINK_H
#define CHATC_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "chatc/chatc.h"
#include "chatc/dial.h"
#include "chatc/names.h"
#include "chatc/outbox.h"
#include "chatc/show.h"
#include "ipc/common/line.h"
#include "ipc/common/text.h"

enum link_phase {
	LINK_PAUSE,		/* before it dials again */
	LINK_DIAL,		/* the connection is being made */
	LINK_GREET,		/* the server has not said a word */
	LINK_ENTER,		/* the name was sent to it */
	LINK_REPLAY,		/* in the room, behind the present */
	LINK_LIVE,
	LINK_REAP,		/* waits for the command to end */
	LINK_DONE
};

#define LINK_PROBE	"!me"		/* answered by one error, "!me ..." */
#define LINK_NAME_SIZE	128
#define LINK_ROOM_SIZE	17			/* 16 digits and a NUL */
#define LINK_PLACES	8			/* places to resume from */

/* How far we have seen a room. */
struct place {
	char	room[LINK_ROOM_SIZE];	/* "" if none is named */
	uint64_t	last;		/* ID of the newest event seen */
};

struct link {
	const struct options	*opt;
	struct show		*show;
	struct names		*names;	/* who is here, or NULL */
	struct dial		 dial;
	struct line_in		 in;
	struct line_out		 out;
	struct outbox		 box;
	enum link_phase		 phase;
	enum link_phase		 after;	/* LINK_REAP */
	int64_t			 due;	/* when the phase times out */
	int64_t			 hint;	/* when to show what it waits for */
	int64_t			 heard;	/* when something last arrived */
	int64_t			 waiting;	/* since when it owes us that */
	unsigned		 failures;	/* attempts since it was in */
	long			 count;	/* messages that counted */
	enum status		 status;	/* if it ends now */
	bool			 tsv;	/* the server has switched to it */
	bool			 entered;	/* has been in the room */
	bool			 again;	/* has lost a connection */
	bool			 away;	/* has reported the loss */
	bool			 barred;	/* has reported a refusal */
	bool			 welcomed;	/* has heard their number */
	bool			 learning;	/* has asked for their names */
	bool			 probing;	/* waits for a probe's answer */
	bool			 want_probe;
	bool			 satisfied;	/* has got what it awaited */
	bool			 leaving;	/* !quit is on its way */
	bool			 refused;	/* the server refused a line */
	bool			 ended;	/* the server's end of file */
	bool			 outside;	/* speaks without joining */
	bool			 numbering;	/* wants numbers in use */
	unsigned		 tries;		/* with numbers */
	bool			 used[4096];	/* those; 0 is none */
	char			 base[TEXT_NAME_MAX + 1];	/* before it */
	char			 name[LINK_NAME_SIZE];
	char			 token[LINK_NAME_SIZE];
	char			 room[LINK_ROOM_SIZE];	/* of this connection */
	struct place		 place[LINK_PLACES];	/* the latest first */
	char			 greeting[128];	/* the server's first line */
	char			 why[512];
	char			 in_buf[64 * 1024];
	char			 out_buf[32 * 1024];
	char			 box_buf[256 * 1024];
};

/* ---- link_run.c ---- */

/*
 * Set up l, which is large, and begin to dial.  names, if not NULL, learns who
 * is in the room.
 */
void	 link_start(struct link *l, const struct options *opt,
	    struct show *show, struct names *names, int64_t now);

/* What to poll l->dial.fd for; 0 for nothing. */
short	 link_events(struct link *l);

/* poll(2) found revents: connect, read, or notice that it is over. */
void	 link_ready(struct link *l, short revents, int64_t now);

/* Handle the lines that have arrived, send queued ones, check time-outs. */
void	 link_work(struct link *l, int64_t now);

/* When link_work() has to be called at the latest, or -1. */
int64_t	 link_due(const struct link *l);

/* ms have passed that count for no time-out. */
void	 link_put_off(struct link *l, int64_t ms);

/* Stop at once, with this status. */
void	 link_stop(struct link *l, enum status status);

/* ---- link.c ---- */

/* Queue a line; there is space, since the callers queue few. */
void	 link_send(struct link *l, const char *before, const char *line,
	    size_t len);

#endif
