/* SPDX-License-Identifier: ISC */

/*
 * What the room sends to IRC clients fits, whatever the names are.
 *
 * A seeded search over the lengths of everything in a line: the sender (names
 * from links and from outside are the longest), the target, the server, the
 * channel, the text, and the client's capabilities.  Each line must be valid
 * IRC, the parts must make up the text, and all of them must be no longer than
 * irc_event_most() has promised.
 */

#include <inttypes.h>
#include <stdlib.h>

#include "chatserv/session/irc/irc.h"
#include "chatserv/session/irc/outgoing.h"
#include "tests/unit/bus.h"

#define ROUNDS		4000
#define ID		UINT64_C(1795842000123456)
#define ME		7U
#define LINE_MAX_BYTES	512		/* with CR LF, as RFC 1459 has it */

static const char *const chars[] = { "a", "\xc3\xa4", "\xe2\x82\xac",
    "\xf0\x9f\x8e\xb2", " " };

static struct session	s;
static struct bus	bus;
static char		out[64 << 10], text[20000];
static unsigned short	seed[3] = { 1, 2, 3 };

static size_t
dice(size_t least, size_t most)
{
	return least + (size_t)nrand48(seed) % (most - least + 1);
}

/* At most n bytes of characters of any length. */
static size_t
some_text(char *dst, size_t n)
{
	const char	*c;
	size_t		 len = 0;

	for (;;) {
		c = chars[dice(0, sizeof(chars) / sizeof(chars[0]) - 1)];
		if (len + strlen(c) > n)
			break;
		memcpy(dst + len, c, strlen(c));
		len += strlen(c);
	}
	dst[len] = '\0';
	return len;
}

static void
some_name(char *dst, size_t least, size_t most)
{
	size_t n = dice(least, most);

	memset(dst, 'n', n);
	dst[n] = '\0';
}

/* Consume one line of out; its text without tags, the mask and the action. */
static const char *
take_line(const char *line, const char *from, const char *to, bool action,
    size_t *len)
{
	const char	*lf = strchr(line, '\n'), *at = line;
	char		 head[512];

	if (lf == NULL || lf == line || lf[-1] != '\r')
		return NULL;
	if (*at == '@')
		at = strchr(at, ' ') + 1;
	if (lf + 1 - at > LINE_MAX_BYTES)
		return NULL;
	(void)snprintf(head, sizeof(head), ":%s!chat@%s PRIVMSG %s :%s", from,
	    irc_config.server, to, action ? "\001ACTION " : "");
	if (strncmp(at, head, strlen(head)) != 0)
		return NULL;
	at += strlen(head);
	*len = (size_t)(lf - 1 - at);
	if (!action)
		return at;
	return at[--*len] == '\001' ? at : NULL;
}

/* Whether the output is this text, in parts that are UTF-8. */
static bool
says(const char *from, const char *to, bool action, const char *said)
{
	const char	*line = s.out.buf + s.out.start, *part;
	const char	*end = s.out.buf + s.out.end;
	unsigned int	 ids = 0;
	size_t		 len;

	for (; line < end; line = strchr(line, '\n') + 1) {
		part = take_line(line, from, to, action, &len);
		if (part == NULL || !irc_is_utf8(part, len) ||
		    strncmp(said, part, len) != 0)
			return false;
		said += len;
		if (memmem(line, (size_t)(part - line), "msgid=", 6) != NULL)
			ids++;
		/* In a batch, each part is marked, and each has its time. */
		if ((s.irc.caps & IRC_CAP_BATCH) != 0 &&
		    strncmp(line, "@batch=3", 8) != 0)
			return false;
		if ((s.irc.caps & IRC_CAP_TIME) != 0 && memmem(line,
		    (size_t)(part - line), "time=", 5) == NULL)
			return false;
	}
	return *said == '\0' && ids == ((s.irc.caps & IRC_CAP_TAGS) != 0);
}

/* One record; whether its output is correct. */
static bool
round_of(enum event_kind kind)
{
	char		from[TEXT_SPEAKER_MAX + 1], to[TEXT_SPEAKER_MAX + 1];
	char		names[sizeof(from) + sizeof(to)];
	struct record	rec = { .kind = (uint16_t)kind, .from = 1,
	    .to = RECORD_TO_ALL, .seq = 5 };
	static char	said[sizeof(text)];
	size_t		most;

	some_name(from, 1, TEXT_SPEAKER_MAX);
	some_name(to, 1, TEXT_SPEAKER_MAX);
	some_name(irc_config.server, 1, IRC_SERVER_SIZE - 1);
	some_name(irc_config.channel, 2, IRC_CHANNEL_SIZE - 1);
	irc_config.channel[0] = '#';
	(void)some_text(said, dice(1, dice(0, 3) == 0 ? 16000 : 700));
	if (said[0] == '\0')
		said[0] = 'x', said[1] = '\0';
	(void)snprintf(names, sizeof(names), kind == EVENT_PRIV ? "%s>%s" :
	    "%s", from, to);
	rec.text_len = (uint16_t)snprintf(text, sizeof(text),
	    "%016" PRIu64 "\t%s\t%s\t%s\n", ID, kind == EVENT_PRIV ? "priv" :
	    kind == EVENT_ME ? "me" : "msg", names, said);
	s.irc.caps = (unsigned int)dice(0, 127);
	line_out_init(&s.out, out, sizeof(out));
	most = irc_event_most(&s, &rec);
	irc_write_event(&s, &rec, text, 3);
	if (line_out_pending(&s.out) > most)
		return false;
	out[s.out.end] = '\0';
	return says(from, kind == EVENT_PRIV ? to : irc_config.channel,
	    kind == EVENT_ME, said);
}

int
main(void)
{
	static const enum event_kind kinds[] = { EVENT_MSG, EVENT_ME,
	    EVENT_PRIV };
	unsigned int	i, bad = 0;

	bus.me = ME;
	s.bus = &bus;
	for (i = 0; i < ROUNDS && bad == 0; i++) {
		if (!round_of(kinds[i % 3])) {
			bad++;
			(void)printf("# round %u: server %zu, channel %zu, "
			    "caps %u: %s", i, strlen(irc_config.server),
			    strlen(irc_config.channel), s.irc.caps, text);
		}
	}
	is_num(bad, 0, "every text arrives whole, in lines of 512 bytes");
	return done();
}
