/* SPDX-License-Identifier: ISC */

/*
 * CHATHISTORY: how IRC clients request earlier messages.
 *
 * The answer is a batch of the messages of the channel that the ring still
 * holds, oldest first.  The session finds at once where it begins and ends;
 * the messages follow as space allows, before the client's next line.  If the
 * ring laps them meanwhile, the batch is shorter: a client that wants more
 * asks again.
 *
 * Runs in a session that has a name.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chatserv/session/irc/outgoing.h"
#include "chatserv/session/irc/irc.h"
#include "ipc/bus/history.h"
#include "ipc/common/bsd.h"

#define MESSAGES_MAX	1000	/* in one answer; 005 says so */
#define LAPS		8	/* how often in a row it may be lapped */
#define KINDS		(1U << EVENT_MSG | 1U << EVENT_ME)

/*
 * Where the client has a message: the ID of one, or all IDs of a millisecond,
 * which is as much of an ID as server-time shows.
 */
struct place {
	uint64_t	first, last;
};

/* "msgid=ID" or "timestamp=TIME"; false if it is neither. */
static bool
read_place(struct irc_param p, struct place *place)
{
	static const char	msgid[] = "msgid=", timestamp[] = "timestamp=";
	char			number[24];
	const char		*error;
	size_t			n = sizeof(msgid) - 1;

	if (text_begins(p.s, p.len, msgid)) {
		irc_copy(number, sizeof(number),
		    (struct irc_param){ p.s + n, p.len - n });
		place->first = place->last = (uint64_t)strtonum(number, 0,
		    INT64_MAX, &error);
		return error == NULL;
	}
	n = sizeof(timestamp) - 1;
	if (!text_begins(p.s, p.len, timestamp) ||
	    !irc_parse_time(&place->first,
	    (struct irc_param){ p.s + n, p.len - n }))
		return false;
	place->last = place->first + 999;
	return true;
}

static uint64_t
before(uint64_t id)
{
	return id > 0 ? id - 1 : 0;
}

/* The position of the first record after id. */
static uint64_t
position_after(struct session *s, uint64_t id)
{
	struct reader r;

	history_seek_id(s->bus, &r, id);
	return r.cursor;
}

/* From the first record after id on, up to the position limit. */
static void
seek_after(struct session *s, uint64_t id, uint64_t limit)
{
	history_seek_id(s->bus, &s->irc.past, id);
	s->irc.past.limit = limit;
}

/* The last n messages up to `to`, of those after id. */
static void
seek_back(struct session *s, uint64_t id, uint64_t to, uint64_t n)
{
	struct reader *past = &s->irc.past;

	history_seek_before(s->bus, past, to, n, KINDS);
	if (past->cursor < position_after(s, id))
		seek_after(s, id, past->limit);
}

/*
 * The first n messages between two places or, if the later one is named first,
 * the last n.
 */
static bool
seek_between(struct session *s, const struct irc_message *m, struct place one,
    uint64_t n)
{
	struct place other;

	if (m->n < 5 || !read_place(m->param[3], &other))
		return false;
	if (one.first <= other.first)
		seek_after(s, one.last, position_after(s,
		    before(other.first)));
	else
		seek_back(s, other.last, before(one.first), n);
	return true;
}

/*
 * Set s->irc.past as m asks, n messages at most; false if it names no place.
 * What is published from now on comes by itself.
 */
static bool
seek(struct session *s, const struct irc_message *m, uint64_t n)
{
	struct place	 at = { 0, 0 };
	struct irc_param what = m->param[0];
	uint64_t	 head = ring_head(s->bus);

	if (!(irc_is(what, "LATEST") && irc_is(m->param[2], "*")) &&
	    !read_place(m->param[2], &at))
		return false;
	if (irc_is(what, "BETWEEN"))
		return seek_between(s, m, at, n);
	if (irc_is(what, "LATEST")) {
		seek_back(s, at.last, UINT64_MAX, n);
	} else if (irc_is(what, "BEFORE")) {
		seek_back(s, 0, before(at.first), n);
	} else if (irc_is(what, "AFTER")) {
		seek_after(s, at.last, head);
	} else {
		seek_back(s, 0, before(at.first), n / 2);
		s->irc.past.limit = head;
	}
	return true;
}

/* ---- batches, for clients that know them ---- */

static void
begin_batch(struct session *s, const char *type, const char *target)
{
	s->irc.batch++;
	if (s->irc.caps & IRC_CAP_BATCH)
		irc_send(s, "BATCH +%u %s%s", s->irc.batch, type, target);
}

/* The tag of the line that irc_send() sends next. */
static void
tag_batch(struct session *s)
{
	char	tag[32];
	size_t	n;

	if ((s->irc.caps & IRC_CAP_BATCH) == 0)
		return;
	n = (size_t)snprintf(tag, sizeof(tag), "@batch=%u ", s->irc.batch);
	memcpy(line_out_space(&s->out, n), tag, n);
	line_out_added(&s->out, n);
}

static void
end_batch(struct session *s)
{
	if (s->irc.caps & IRC_CAP_BATCH)
		irc_send(s, "BATCH -%u", s->irc.batch);
}

/* ---- the question ---- */

/* A standard reply that repeats the first n params. */
static void
fail(struct session *s, const struct irc_message *m, int n, const char *code,
    const char *text)
{
	char word[2][IRC_CHANNEL_SIZE] = { "", "" };
	int  i;

	for (i = 0; i < n; i++)
		irc_copy(word[i], sizeof(word[i]), m->param[i]);
	irc_send(s, "FAIL CHATHISTORY %s %s%s%s :%s", code, word[0],
	    n > 1 ? " " : "", word[1], text);
}

/* The ID of the last message to the channel; 0 if there is none. */
static uint64_t
last_message(struct session *s)
{
	struct reader	r;
	struct record	rec;
	struct walk	w;
	uint64_t	id = 0;

	history_seek_last(s->bus, &r, 1, KINDS);
	ring_walk(s->bus, &r, &w);
	if (ring_peek(s->bus, &w, &rec))
		id = rec.id;
	return ring_walked(s->bus, &r, &w) ? id : 0;
}

/*
 * Where somebody said something, and when for the last time, if that was
 * between two places: in the channel or nowhere.
 */
static bool
show_targets(struct session *s, const struct irc_message *m)
{
	struct place	one, other, swap;
	uint64_t	id = last_message(s);
	char		time[IRC_TIME_SIZE];

	if (!read_place(m->param[1], &one) ||
	    !read_place(m->param[2], &other))
		return false;
	if (one.first > other.first) {
		swap = one;
		one = other;
		other = swap;
	}
	begin_batch(s, "draft/chathistory-targets", "");
	if (id > one.last && id < other.first) {
		irc_time(time, id);
		tag_batch(s);
		irc_send(s, "CHATHISTORY TARGETS %s %s", irc_config.channel,
		    time);
	}
	end_batch(s);
	return true;
}

/* How many messages m asks for at most; 0 if it does not say so. */
static uint64_t
limit(const struct irc_message *m)
{
	const char	*error;
	char		 number[24];
	long long	 n;

	irc_copy(number, sizeof(number), m->param[m->n - 1]);
	n = strtonum(number, 0, INT32_MAX, &error);
	if (m->n < 4 || error != NULL)
		return 0;
	return n == 0 || n > MESSAGES_MAX ? MESSAGES_MAX : (uint64_t)n;
}

bool
irc_chathistory(struct session *s, const struct irc_message *m)
{
	static const char *const	words[] = { "LATEST", "BEFORE",
	    "AFTER", "AROUND", "BETWEEN", "TARGETS" };
	static const char		no_place[] =
	    "That is no msgid and no timestamp";
	size_t				known = 0;
	uint64_t			n = limit(m);

	while (known < sizeof(words) / sizeof(words[0]) &&
	    !irc_is(m->param[0], words[known]))
		known++;
	if (known == sizeof(words) / sizeof(words[0])) {
		fail(s, m, 1, "UNKNOWN_COMMAND", "There is no such subcommand");
	} else if (n == 0) {
		fail(s, m, 1, "INVALID_PARAMS", "A limit is missing");
	} else if (irc_is(m->param[0], "TARGETS")) {
		if (!show_targets(s, m))
			fail(s, m, 1, "INVALID_PARAMS", no_place);
	} else if (!irc_is_channel(m->param[1])) {
		fail(s, m, 2, "INVALID_TARGET",
		    "Only messages to the channel are kept");
	} else if (!s->irc.in_channel) {
		fail(s, m, 2, "INVALID_TARGET", "You are not there");
	} else if (!seek(s, m, n)) {
		fail(s, m, 1, "INVALID_PARAMS", no_place);
	} else {
		s->irc.past_left = n;
		begin_batch(s, "chathistory ", irc_config.channel);
	}
	return true;
}

/* ---- the answer ---- */

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
	/* Each time that it is lapped, it begins again at the oldest. */
	for (i = 0; i < LAPS && !copy_past(s, &full); i++) {
		line_out_cut(&s->out, pending);
		s->irc.past_left = left;
	}
	if (full && i < LAPS)
		return false;
	s->irc.past_left = 0;
	end_batch(s);
	return true;
}
