/* SPDX-License-Identifier: ISC */

/*
 * CHATHISTORY: what was said before, as IRC clients ask for it.
 *
 * The answer is a batch of the messages of the channel that the ring still
 * holds, oldest first.  Where to begin and to end is found at once; the
 * messages follow as there is space for them, before the next line of the
 * client is looked at.  If the ring laps them meanwhile, the batch is
 * shorter: a client that wants more asks again.
 *
 * Runs in a session that has a name.
 */

#include <stdlib.h>
#include <string.h>

#include "chatserv/session/irc/outgoing.h"
#include "chatserv/session/irc/irc.h"
#include "ipc/bus/history.h"
#include "ipc/common/bsd.h"

#define MESSAGES_MAX	1000	/* in one answer; 005 says so */
#define LAPS		8	/* times that it may be lapped in a row */
#define KINDS		(1U << EVENT_MSG | 1U << EVENT_ME)

/* "msgid=ID" or "timestamp=TIME", as an ID; false if it is neither. */
static bool
read_place(struct irc_param p, uint64_t *id)
{
	static const char	msgid[] = "msgid=", timestamp[] = "timestamp=";
	char			number[24];
	const char		*error;
	size_t			n = sizeof(msgid) - 1;

	if (p.len > n && memcmp(p.s, msgid, n) == 0) {
		irc_copy(number, sizeof(number),
		    (struct irc_param){ p.s + n, p.len - n });
		*id = (uint64_t)strtonum(number, 0, INT64_MAX, &error);
		return error == NULL;
	}
	n = sizeof(timestamp) - 1;
	return p.len > n && memcmp(p.s, timestamp, n) == 0 &&
	    irc_parse_time(id, (struct irc_param){ p.s + n, p.len - n });
}

/* From the first record after id on, up to `limit`. */
static void
seek_after(struct session *s, uint64_t id, uint64_t limit)
{
	history_seek_id(s->bus, &s->irc.past, id);
	s->irc.past.limit = limit;
}

/* The position of the first record after id. */
static uint64_t
position_after(struct session *s, uint64_t id)
{
	struct reader r;

	history_seek_id(s->bus, &r, id);
	return r.cursor;
}

static uint64_t
before(uint64_t id)
{
	return id > 0 ? id - 1 : 0;
}

/*
 * Set s->irc.past as m asks, n messages at most.  Returns what is wrong with
 * it, or NULL.
 */
static const char *
seek(struct session *s, const struct irc_message *m, uint64_t n)
{
	struct reader	*past = &s->irc.past;
	uint64_t	 id = 0, other = 0, swap;
	struct irc_param what = m->param[0];
	bool		 all = irc_is(m->param[2], "*");

	if (!(all && irc_is(what, "LATEST")) && !read_place(m->param[2], &id))
		return "That is no msgid and no timestamp";
	if (irc_is(what, "LATEST")) {
		history_seek_last(s->bus, past, n, KINDS);
		/* Nothing of it that is not after id. */
		if (!all && past->cursor < position_after(s, id))
			seek_after(s, id, UINT64_MAX);
	} else if (irc_is(what, "AFTER")) {
		seek_after(s, id, UINT64_MAX);
	} else if (irc_is(what, "BEFORE")) {
		history_seek_before(s->bus, past, before(id), n, KINDS);
	} else if (irc_is(what, "AROUND")) {
		history_seek_before(s->bus, past, before(id), n / 2, KINDS);
		past->limit = UINT64_MAX;
	} else if (irc_is(what, "BETWEEN")) {
		if (m->n < 5 || !read_place(m->param[3], &other))
			return "That is no msgid and no timestamp";
		if (other < id) {
			swap = id;
			id = other;
			other = swap;
		}
		seek_after(s, id, position_after(s, before(other)));
	} else {
		return "There is no such subcommand";
	}
	return NULL;
}

/* Begin the batch that seek() has found. */
static void
begin(struct session *s, uint64_t n)
{
	s->irc.past_left = n;
	s->irc.batch++;
	if (s->irc.caps & IRC_CAP_BATCH)
		irc_send(s, "BATCH +%u chathistory %s", s->irc.batch,
		    irc_config.channel);
}

static void
end(struct session *s)
{
	s->irc.past_left = 0;
	if (s->irc.caps & IRC_CAP_BATCH)
		irc_send(s, "BATCH -%u", s->irc.batch);
}

bool
irc_chathistory(struct session *s, const struct irc_message *m)
{
	const char	*error, *why;
	char		 number[24];
	long long	 n;

	irc_copy(number, sizeof(number), m->param[m->n - 1]);
	n = strtonum(number, 0, INT32_MAX, &error);
	if (m->n < 4 || error != NULL) {
		irc_fail(s, "CHATHISTORY", "INVALID_PARAMS",
		    "A limit is missing");
		return true;
	}
	if (!irc_is_channel(m->param[1])) {
		irc_fail(s, "CHATHISTORY", "INVALID_TARGET",
		    "Only what was said to the channel is kept");
		return true;
	}
	if (n == 0 || n > MESSAGES_MAX)
		n = MESSAGES_MAX;
	if ((why = seek(s, m, (uint64_t)n)) != NULL) {
		irc_fail(s, "CHATHISTORY", "INVALID_PARAMS", why);
		return true;
	}
	begin(s, (uint64_t)n);
	return true;
}

/* One step: what fits of the batch.  False if some was overwritten. */
static bool
copy_past(struct session *s, bool *full)
{
	struct record	rec;
	struct walk	w;

	*full = false;
	ring_walk(s->bus, &s->irc.past, &w);
	while (s->irc.past_left > 0 && ring_peek(s->bus, &w, &rec)) {
		if (irc_event_most(s, &rec) + SESSION_ANSWER_SPACE >
		    line_out_left(&s->out)) {
			*full = true;
			break;
		}
		if (((1U << (rec.kind & 31U)) & KINDS) != 0 &&
		    rec.to == RECORD_TO_ALL) {
			ring_text(s->bus, &w, &rec, s->scratch);
			irc_write_event(s, &rec, s->scratch, s->irc.batch);
			s->irc.past_left--;
		}
		(void)ring_step(&w, &rec);
	}
	return ring_walked(s->bus, &s->irc.past, &w);
}

bool
irc_more(struct session *s)
{
	size_t	 pending = line_out_pending(&s->out);
	uint64_t left = s->irc.past_left;
	bool	 full = false;
	int	 i;

	if (left == 0)
		return true;
	if (line_out_left(&s->out) < 2 * SESSION_ANSWER_SPACE)
		return false;
	/* After each time that it is lapped it begins at the oldest. */
	for (i = 0; i < LAPS && !copy_past(s, &full); i++) {
		line_out_cut(&s->out, pending);
		s->irc.past_left = left;
	}
	if (full && i < LAPS)
		return false;
	end(s);
	return true;
}
