/* SPDX-License-Identifier: ISC */

/*
 * What the room sends to an IRC client.
 *
 * A record is a TSV line on the bus; this file makes one message of it, or
 * several if its text is longer than a line of IRC's, split between
 * characters.  The first of them carries the ID as msgid and, as a time, as
 * server-time.
 *
 * What is read may be torn, because the ring was lapped meanwhile; then
 * relay.c drops all of it, so this file only has to keep within its bounds.
 *
 * Runs in a session.
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "chatserv/session/irc/outgoing.h"
#include "chatserv/session/irc/irc.h"
#include "ipc/common/text.h"

/*
 * The most bytes around a part of a text: the sender, with the mask; the
 * command; the target, which may be the channel; and the marks of an action.
 * The tags are counted apart.
 */
#define MASK_MAX	(1 + TEXT_SPEAKER_MAX + sizeof("!" IRC_USER "@") - 1 + \
			    IRC_SERVER_SIZE - 1)
#define AROUND		(MASK_MAX + sizeof(" PRIVMSG ") - 1 + \
			    TEXT_SPEAKER_MAX + sizeof(" :\001ACTION \001") - 1)
#define TAGS_SIZE	((size_t)128)
#define LINE_END	2
/* A part ends between characters, of which none has more than 4 bytes. */
#define PART_MIN	(IRC_LINE_MAX - AROUND - 3)
#define REASON_MAX	(IRC_LINE_MAX - MASK_MAX - sizeof(" QUIT :"))

_Static_assert(IRC_CHANNEL_SIZE - 1 <= TEXT_SPEAKER_MAX,
    "the channel's name is the longest to whom one speaks");
_Static_assert(AROUND < IRC_LINE_MAX / 2, "lines are mostly text");

/* One message, while it is written. */
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
 * Each message is written so for each client, so without snprintf(3), which
 * took longer than all the rest.  They return the place behind.
 */
static char *
put(char *dst, const char *bytes, size_t len)
{
	memcpy(dst, bytes, len);
	return dst + len;
}

static char *
put_word(char *dst, const char *word)
{
	return put(dst, word, strlen(word));
}

/*
 * The tags of a message, or of its later parts, which have no ID: then a
 * client that knows the ID knows the whole text.  At most TAGS_SIZE bytes.
 */
static char *
put_tags(const struct session *s, char *dst, uint64_t id, unsigned int batch,
    bool first)
{
	char	time[IRC_TIME_SIZE], number[16], *begin = dst;

	if ((s->irc.caps & IRC_CAP_BATCH) && batch != 0) {
		(void)snprintf(number, sizeof(number), "%u", batch);
		dst = put_word(put_word(dst, ";batch="), number);
	}
	if (s->irc.caps & (IRC_CAP_TIME | IRC_CAP_TAGS)) {
		irc_time(time, id);
		dst = put_word(put_word(dst, ";time="), time);
	}
	if ((s->irc.caps & IRC_CAP_TAGS) && first) {
		dst = put_word(dst, ";msgid=");
		event_put_id(dst, id);
		dst += EVENT_ID_DIGITS;
	}
	if (dst != begin) {
		*begin = '@';
		*dst++ = ' ';
	}
	return dst;
}

/* ":NAME!chat@SERVER " */
static char *
put_source(char *dst, const char *name, size_t len)
{
	*dst++ = ':';
	dst = put(dst, name, len);
	dst = put_word(dst, "!" IRC_USER "@");
	dst = put_word(dst, irc_config.server);
	*dst++ = ' ';
	return dst;
}

/* Write one line of o, with text[0..len) in it. */
static void
write_part(struct session *s, const struct outgoing *o, bool first,
    const char *text, size_t len)
{
	char	*dst = line_out_space(&s->out, TAGS_SIZE + AROUND + len +
		    LINE_END), *end;

	end = put_tags(s, dst, o->id, o->batch, first);
	end = put_source(end, o->from.s, o->from.len);
	end = put_word(end, "PRIVMSG ");
	end = put(end, o->to.s, o->to.len);
	end = put_word(end, o->action ? " :\001ACTION " : " :");
	end = put(end, text, len);
	if (o->action)
		*end++ = '\001';
	end = put_word(end, "\r\n");
	line_out_added(&s->out, (size_t)(end - dst));
}

/* Write text as one message, or as several. */
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

/* A message: to the channel, or to one client. */
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
	/* A longer one is torn. */
	if (o.from.len <= TEXT_SPEAKER_MAX && o.to.len <= TEXT_SPEAKER_MAX)
		write_text(s, &o, ev->text, ev->text_len);
}

/* A client that joined, left, or changed its name. */
static void
write_change(struct session *s, const struct event *ev, unsigned int batch)
{
	struct irc_param what = { ev->text, text_cut(ev->text, ev->text_len,
	    REASON_MAX) };
	const char	*command = ev->kind == EVENT_JOIN ? "JOIN :" :
	    ev->kind == EVENT_NAME ? "NICK :" : "QUIT :";
	char		*dst, *end;

	if (ev->name_len > TEXT_SPEAKER_MAX)
		return;			/* it is torn */
	if (ev->kind == EVENT_JOIN)
		what = (struct irc_param){ irc_config.channel,
		    strlen(irc_config.channel) };
	dst = line_out_space(&s->out, TAGS_SIZE + IRC_LINE_MAX + LINE_END);
	end = put_tags(s, dst, ev->id, batch, true);
	end = put_source(end, ev->name, ev->name_len);
	end = put_word(end, command);
	end = put(end, what.s, what.len);
	end = put_word(end, "\r\n");
	line_out_added(&s->out, (size_t)(end - dst));
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
		/* A message to oneself looks like others' messages. */
		return !own || rec->to == s->bus->me ||
		    (s->irc.caps & IRC_CAP_ECHO) != 0;
	case EVENT_NAME:
		return own || s->irc.in_channel;
	default:
		/* The client's own JOIN was in the welcome. */
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
