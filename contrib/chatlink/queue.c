/* SPDX-License-Identifier: ISC */

/*
 * The lines that wait for the engine.
 *
 * Runs in the process out.
 */

#include <stdlib.h>
#include <string.h>

#include "chatserv/common/log.h"
#include "contrib/chatlink/link.h"
#include "contrib/chatlink/queue.h"
#include "ipc/common/bsd.h"

/* A line with its LF, and its event. */
struct line {
	const char	*text;
	size_t		 len;
	struct event	 ev;
};

void
queue_init(struct queue *q)
{
	memset(q, 0, sizeof(*q));
	if ((q->buf = malloc(QUEUE_SIZE)) == NULL)
		fatal("no memory");
}

bool
queue_is_empty(const struct queue *q)
{
	return q->start == q->end;
}

size_t
queue_bytes(const struct queue *q)
{
	return q->end - q->start;
}

static bool
is_room(const struct event *ev)
{
	return ev->kind == EVENT_ROOM &&
	    payload_is_identity(ev->text, ev->text_len);
}

static void
move_to_start(struct queue *q)
{
	memmove(q->buf, q->buf + q->start, q->end - q->start);
	q->end -= q->start;
	q->sent -= q->start;
	q->start = 0;
}

bool
queue_add(struct queue *q, const char *line, size_t len)
{
	struct event ev;

	if (event_parse(&ev, line, len) == -1)
		return true;
	if (q->end + len + 1 > QUEUE_SIZE)
		move_to_start(q);
	if (q->end + len + 1 > QUEUE_SIZE)
		return false;
	if (is_room(&ev)) {
		if (memcmp(q->newest, ev.text, PAYLOAD_IDENTITY) == 0)
			return true;
		payload_set_identity(q->newest, ev.text);
		if (queue_is_empty(q))
			memcpy(q->identity, q->newest, sizeof(q->identity));
	} else if (ev.id != 0)
		q->last = ev.id;
	if (!is_room(&ev) && !payload_is_ours(&ev))
		return true;
	memcpy(q->buf + q->end, line, len);
	q->buf[q->end + len] = '\n';
	q->end += len + 1;
	return true;
}

/* The line at offset at; false at the end. */
static bool
look(const struct queue *q, size_t at, struct line *l)
{
	const char *lf;

	if (at == q->end)
		return false;
	l->text = q->buf + at;
	lf = memchr(l->text, '\n', q->end - at);
	l->len = (size_t)(lf - l->text) + 1;
	/* It was parsed when it was added. */
	return event_parse(&l->ev, l->text, l->len - 1) == 0;
}

/* Lines of kind "room" at the start say whose the next lines are. */
static void
pass_rooms(struct queue *q)
{
	struct line l;

	while (look(q, q->start, &l) && is_room(&l.ev)) {
		payload_set_identity(q->identity, l.ev.text);
		q->start += l.len;
	}
}

/*
 * A batch ends before another room's lines, and with an event, so that there
 * is always a place to continue from: a loss waits for the event after it.
 * Returns where the batch would continue.
 */
static size_t
fill_batch(struct queue *q)
{
	struct line	l;
	size_t		at;

	q->sent = at = q->start;
	while (look(q, at, &l) && !is_room(&l.ev) &&
	    at + l.len - q->start <= PAYLOAD_MAX - PAYLOAD_HEAD) {
		at += l.len;
		if (l.ev.id == 0)
			continue;
		q->sent = at;
		q->batch_last = l.ev.id;
	}
	return at;
}

/* Put the line at offset at, of len bytes, before all that waits. */
static void
move_up(struct queue *q, size_t at, size_t len)
{
	char line[LINK_LINE + 1];

	memcpy(line, q->buf + at, len);
	memmove(q->buf + q->start + len, q->buf + q->start, at - q->start);
	memcpy(q->buf + q->start, line, len);
}

/* Losses that no event of their room follows go with the next room's. */
static void
choose_batch(struct queue *q)
{
	struct line	l;
	size_t		at;

	for (;;) {
		pass_rooms(q);
		at = fill_batch(q);
		if (q->sent > q->start || !look(q, at, &l) || !is_room(&l.ev))
			return;
		move_up(q, at, l.len);
	}
}

size_t
queue_batch(struct queue *q, char *dst)
{
	size_t n;

	if (q->sent <= q->start)
		choose_batch(q);
	if (q->sent == q->start)
		return 0;
	n = payload_head(dst, q->batch_last, q->identity);
	memcpy(dst + n, q->buf + q->start, q->sent - q->start);
	return n + q->sent - q->start;
}

void
queue_done(struct queue *q)
{
	q->start = q->sent;
	if (queue_is_empty(q))
		q->start = q->sent = q->end = 0;
}

void
queue_drop(struct queue *q, const char *identity, uint64_t last)
{
	char		room[PAYLOAD_IDENTITY + 1];
	struct line	l;
	size_t		at, keep = q->start;

	memcpy(room, q->identity, sizeof(room));
	for (at = q->start; look(q, at, &l); at += l.len) {
		if (is_room(&l.ev))
			payload_set_identity(room, l.ev.text);
		else if (strcmp(room, identity) == 0 && l.ev.id != 0 &&
		    l.ev.id <= last) {
			keep = at + l.len;
			memcpy(q->identity, room, sizeof(room));
		}
	}
	q->start = q->sent = keep;
	if (queue_is_empty(q))
		q->start = q->sent = q->end = 0;
}

void
queue_drop_all(struct queue *q)
{
	char *buf = q->buf;

	memset(q, 0, sizeof(*q));
	q->buf = buf;
}
