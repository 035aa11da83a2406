/* SPDX-License-Identifier: ISC */

/*
 * What was submitted and is not known to be in the room.
 *
 * A line is published when its echo arrives; until then it stays here, so that
 * at the end of input chatc knows what it waits for, and after a lost
 * connection can send again exactly what the room did not get.  Echoes arrive
 * in the order of the lines.  An echo therefore belongs to the oldest line, or
 * is not ours (another client may have had the name while we were away),
 * unless the server said that events were lost: then it may belong to a later
 * line, and the earlier echoes are among the lost.
 *
 * The entries lie one after the other in one buffer of the caller's: a header
 * of four bytes, then the line.  Half of the buffer may be in use, so that
 * they rarely have to be moved to its front.
 */

#include <assert.h>
#include <string.h>

#include "chatc/outbox.h"
#include "ipc/common/line.h"
#include "ipc/common/text.h"

struct entry {
	unsigned short	len;
	unsigned short	said;
};

#define HEADER	sizeof(struct entry)

void
outbox_init(struct outbox *box, char *buf, size_t size)
{
	assert(size >= 2 * (HEADER + LINE_TEXT_MAX));
	memset(box, 0, sizeof(*box));
	box->buf = buf;
	box->size = size;
}

/* The entry at offset at: its header, its line, and where the next is. */
static struct entry
entry_at(const struct outbox *box, size_t at, const char **line, size_t *next)
{
	struct entry e;

	memcpy(&e, box->buf + at, HEADER);
	*line = box->buf + at + HEADER;
	*next = at + HEADER + e.len;
	return e;
}

/* Discard everything before offset at. */
static void
drop_to(struct outbox *box, size_t at)
{
	box->start = at;
	if (box->sent < at)
		box->sent = at;
	if (box->tried < at)
		box->tried = at;
	if (box->mark < at)
		box->mark = at;
	if (box->start == box->end)
		box->start = box->sent = box->tried = box->mark = box->end = 0;
}

static bool
has_space(const struct outbox *box)
{
	return box->end - box->start + HEADER + LINE_TEXT_MAX <= box->size / 2;
}

bool
outbox_has_space(struct outbox *box)
{
	struct entry	 e;
	const char	*line;
	size_t		 next;

	/* Commands that no message follows have no echo to wait for. */
	while (!has_space(box) && box->start < box->sent) {
		e = entry_at(box, box->start, &line, &next);
		if (e.said != SAID_COMMAND)
			break;
		drop_to(box, next);
	}
	return has_space(box);
}

void
outbox_add(struct outbox *box, enum said said, const char *line, size_t len)
{
	struct entry e;

	assert(len <= LINE_TEXT_MAX);
	if (box->size - box->end < HEADER + len) {
		memmove(box->buf, box->buf + box->start,
		    box->end - box->start);
		box->sent -= box->start;
		box->tried -= box->start;
		box->mark -= box->start;
		box->end -= box->start;
		box->start = 0;
	}
	assert(box->size - box->end >= HEADER + len);
	e.len = (unsigned short)len;
	e.said = (unsigned short)said;
	memcpy(box->buf + box->end, &e, HEADER);
	memcpy(box->buf + box->end + HEADER, line, len);
	box->end += HEADER + len;
}

bool
outbox_next(const struct outbox *box, enum said *said, const char **line,
    size_t *len)
{
	struct entry	e;
	size_t		next;

	if (box->sent == box->end)
		return false;
	e = entry_at(box, box->sent, line, &next);
	*said = (enum said)e.said;
	*len = e.len;
	return true;
}

void
outbox_sent(struct outbox *box)
{
	const char *line;

	assert(box->sent < box->end);
	(void)entry_at(box, box->sent, &line, &box->sent);
	if (box->tried < box->sent)
		box->tried = box->sent;
}

static bool
is_echo(const struct event *ev, enum said said, const char *line, size_t len)
{
	char	visible[4 * LINE_TEXT_MAX];
	size_t	n;

	if (said == SAID_ME)
		return ev->kind == EVENT_ME;
	if (said == SAID_COMMAND)
		return ev->kind == EVENT_PRIV && len > 5 &&
		    text_begins(line, len, "!msg ");
	if (said != SAID_TEXT || ev->kind != EVENT_MSG)
		return false;
	if (len == ev->text_len && memcmp(line, ev->text, len) == 0)
		return true;
	n = text_visible(visible, line, len);
	return n == ev->text_len && memcmp(visible, ev->text, n) == 0;
}

bool
outbox_echo(struct outbox *box, const struct event *ev)
{
	struct entry	 e;
	const char	*line;
	size_t		 at, next;

	for (at = box->start; at < box->tried; at = next) {
		e = entry_at(box, at, &line, &next);
		if (is_echo(ev, (enum said)e.said, line, e.len)) {
			drop_to(box, next);
			box->gap = false;
			return true;
		}
		if (!box->gap && e.said != SAID_COMMAND)
			return false;
	}
	return false;
}

void
outbox_begin(struct outbox *box)
{
	box->tried = box->sent;
}

void
outbox_gap(struct outbox *box)
{
	box->gap = true;
}

void
outbox_mark(struct outbox *box)
{
	box->mark = box->sent;
}

void
outbox_confirm(struct outbox *box)
{
	drop_to(box, box->mark);
}

size_t
outbox_rewind(struct outbox *box)
{
	struct entry	 e;
	const char	*line;
	size_t		 at, keep = box->start, next, tried, dropped = 0;

	tried = box->tried;
	for (at = box->start; at < box->end; at = next) {
		e = entry_at(box, at, &line, &next);
		if (at < box->sent && e.said == SAID_COMMAND) {
			dropped++;
			tried -= next - at;
			continue;
		}
		memmove(box->buf + keep, box->buf + at, next - at);
		keep += next - at;
	}
	box->end = keep;
	box->tried = tried;
	box->sent = box->mark = box->start;
	drop_to(box, box->start);
	return dropped;
}

/* The lines before offset end. */
static size_t
count(const struct outbox *box, size_t end)
{
	struct entry	 e;
	const char	*line;
	size_t		 at, next, n = 0;

	for (at = box->start; at < end; at = next) {
		e = entry_at(box, at, &line, &next);
		if (e.said != SAID_QUIT)
			n++;
	}
	return n;
}

size_t
outbox_doubtful(struct outbox *box)
{
	size_t n = box->gap ? count(box, box->tried) : 0;

	box->gap = false;
	return n;
}

size_t
outbox_lines(const struct outbox *box)
{
	return count(box, box->end);
}
