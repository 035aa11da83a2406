/* SPDX-License-Identifier: ISC */

/*
 * What the room sends to an IRC client.
 *
 * A record lies on the bus as a TSV line; here it becomes one message, or
 * several where its text is longer than a line of IRC's, split between
 * characters.  The ID is msgid, on the first of them, and, as a time,
 * server-time.
 *
 * What is read may be torn, because the ring was lapped meanwhile; then all
 * of this is dropped (relay.c), so it only has to be bounded here.
 *
 * Runs in a session.
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "chatserv/session/irc/outgoing.h"
#include "chatserv/session/irc/irc.h"
#include "ipc/common/bsd.h"
#include "ipc/common/text.h"

/*
 * The most that stands around a part of a text, in bytes: who speaks, with
 * the mask; the command; to whom, which may be the channel; and what makes an
 * action of it.  The tags come on top.
 */
#define MASK_MAX	(1 + TEXT_SPEAKER_MAX + sizeof("!" IRC_USER "@") - 1 + \
			    IRC_SERVER_SIZE - 1)
#define AROUND		(MASK_MAX + sizeof(" PRIVMSG ") - 1 + \
			    TEXT_SPEAKER_MAX + sizeof(" :\001ACTION \001") - 1)
#define TAGS_SIZE	((size_t)128)
#define LINE_END	2
/* A part is cut between characters, of which none has more than 4 bytes. */
#define PART_MIN	(IRC_LINE_MAX - AROUND - 3)
#define REASON_MAX	(IRC_LINE_MAX - MASK_MAX - sizeof(" QUIT :"))

_Static_assert(IRC_CHANNEL_SIZE - 1 <= TEXT_SPEAKER_MAX,
    "the channel's name is the longest to whom one speaks");
_Static_assert(AROUND < IRC_LINE_MAX / 2, "lines are mostly text");

/* One message to be written. */
struct outgoing {
	uint64_t	 id;
	unsigned int	 batch;
	struct irc_param from, to;
	bool		 action;
};

size_t
irc_event_most(const struct session *s, const struct record *rec)
{
	size_t parts = rec->text_len / PART_MIN + 1;

	(void)s;
	return rec->text_len + parts * (AROUND + TAGS_SIZE + LINE_END);
}

/*
 * The tags of a message, or of its later parts, which have no ID: then a
 * client that knows the ID knows the whole text.
 */
static void
write_tags(const struct session *s, char tags[TAGS_SIZE], uint64_t id,
    unsigned int batch, bool first)
{
	char	time[IRC_TIME_SIZE], one[64];

	tags[0] = '\0';
	if ((s->irc.caps & IRC_CAP_BATCH) && batch != 0) {
		(void)snprintf(one, sizeof(one), ";batch=%u", batch);
		(void)strlcat(tags, one, TAGS_SIZE);
	}
	if (s->irc.caps & (IRC_CAP_TIME | IRC_CAP_TAGS)) {
		irc_time(time, id);
		(void)snprintf(one, sizeof(one), ";time=%s", time);
		(void)strlcat(tags, one, TAGS_SIZE);
	}
	if ((s->irc.caps & IRC_CAP_TAGS) && first) {
		(void)snprintf(one, sizeof(one), ";msgid=%016" PRIu64, id);
		(void)strlcat(tags, one, TAGS_SIZE);
	}
	if (tags[0] != '\0') {
		tags[0] = '@';
		(void)strlcat(tags, " ", TAGS_SIZE);
	}
}

/* Write one line of o, with text[0..len) in it. */
static void
write_part(struct session *s, const struct outgoing *o, bool first,
    const char *text, size_t len)
{
	size_t	 size = TAGS_SIZE + AROUND + len + LINE_END;
	char	*dst = line_out_space(&s->out, size), tags[TAGS_SIZE];
	int	 n;

	write_tags(s, tags, o->id, o->batch, first);
	n = snprintf(dst, size, "%s:%.*s!%s@%s PRIVMSG %.*s :%s%.*s%s\r\n",
	    tags, (int)o->from.len, o->from.s, IRC_USER, irc_config.server,
	    (int)o->to.len, o->to.s, o->action ? "\001ACTION " : "",
	    (int)len, text, o->action ? "\001" : "");
	/* Of a torn text, less may have been written: it is dropped. */
	if (n > 0 && (size_t)n < size)
		line_out_added(&s->out, (size_t)n);
}

/* Write text as one message, or as many as it takes. */
static void
write_text(struct session *s, const struct outgoing *o, const char *text,
    size_t len)
{
	size_t	part, n;
	bool	first = true;

	part = IRC_LINE_MAX - (AROUND - (size_t)2 * TEXT_SPEAKER_MAX -
	    (IRC_SERVER_SIZE - 1) + o->from.len + o->to.len +
	    strlen(irc_config.server));
	do {
		n = text_cut(text, len, part);
		write_part(s, o, first, text, n);
		text += n;
		len -= n;
		first = false;
	} while (len > 0);
}

/* Something that was said: to the channel, or to one. */
static void
write_said(struct session *s, const struct event *ev, unsigned int batch)
{
	struct outgoing	 o = { ev->id, batch, { ev->name, ev->name_len },
	    { irc_config.channel, strlen(irc_config.channel) },
	    ev->kind == EVENT_ME };
	const char	*to;

	if (ev->kind == EVENT_PRIV) {
		if ((to = memchr(ev->name, '>', ev->name_len)) == NULL)
			return;
		o.from.len = (size_t)(to - ev->name);
		o.to = (struct irc_param){ to + 1,
		    ev->name_len - o.from.len - 1 };
	}
	/* Longer is torn. */
	if (o.from.len <= TEXT_SPEAKER_MAX && o.to.len <= TEXT_SPEAKER_MAX)
		write_text(s, &o, ev->text, ev->text_len);
}

/* Somebody who came, left, or took another name. */
static void
write_change(struct session *s, const struct event *ev, unsigned int batch)
{
	char		 line[IRC_LINE_MAX + TAGS_SIZE + LINE_END + 1];
	char		 tags[TAGS_SIZE];
	const char	*what = ev->kind == EVENT_JOIN ? "JOIN" :
	    ev->kind == EVENT_NAME ? "NICK" : "QUIT";
	int		 n;

	if (ev->name_len > TEXT_SPEAKER_MAX)
		return;			/* it is torn */
	write_tags(s, tags, ev->id, batch, true);
	n = snprintf(line, sizeof(line), "%s:%.*s!%s@%s %s :%.*s\r\n", tags,
	    (int)ev->name_len, ev->name, IRC_USER, irc_config.server, what,
	    ev->kind == EVENT_JOIN ? (int)strlen(irc_config.channel) :
	    (int)text_cut(ev->text, ev->text_len, REASON_MAX),
	    ev->kind == EVENT_JOIN ? irc_config.channel : ev->text);
	if (n < 0 || (size_t)n >= sizeof(line))
		return;
	memcpy(line_out_space(&s->out, (size_t)n), line, (size_t)n);
	line_out_added(&s->out, (size_t)n);
}

/* Whether to show this client the record. */
static bool
shown(const struct session *s, const struct record *rec)
{
	bool own = rec->from == s->bus->me && rec->seq >= s->live.seq;

	switch (rec->kind) {
	case EVENT_MSG:
	case EVENT_ME:
		return s->irc.in_channel &&
		    (!own || (s->irc.caps & IRC_CAP_ECHO) != 0);
	case EVENT_PRIV:
		/* What one tells oneself comes like what others do. */
		return !own || rec->to == s->bus->me ||
		    (s->irc.caps & IRC_CAP_ECHO) != 0;
	case EVENT_NAME:
		return own || s->irc.in_channel;
	default:
		/* One's own JOIN came with the welcome. */
		return !own && s->irc.in_channel;
	}
}

void
irc_write_event(struct session *s, const struct record *rec,
    const char *text, unsigned int batch)
{
	struct event ev;

	if (rec->text_len == 0 ||
	    event_parse(&ev, text, rec->text_len - 1U) == -1)
		return;
	switch (ev.kind) {
	case EVENT_MSG:
	case EVENT_ME:
	case EVENT_PRIV:
		write_said(s, &ev, batch);
		break;
	case EVENT_JOIN:
	case EVENT_LEAVE:
	case EVENT_NAME:
		write_change(s, &ev, batch);
		break;
	default:
		break;
	}
}

void
irc_event(struct session *s, const struct record *rec, const char *text)
{
	if (shown(s, rec))
		irc_write_event(s, rec, text, 0);
}
