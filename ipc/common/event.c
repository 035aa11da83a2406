/* SPDX-License-Identifier: ISC */

/*
 * One event or answer as one line, in the two forms of chatproto(7).
 *
 * A record on the bus holds a line of TSV: the publisher composes it once, and
 * a session with a TSV client only copies it.  The plain line is made from
 * that one, by the server for nc(1) and by chatc(1) for people.  Only this
 * file knows what a line of either form looks like.
 *
 * Pure functions on the caller's memory: any process may call them.
 * text_visible() has processed the texts before they arrive here.
 */

#include <assert.h>
#include <string.h>

#include "ipc/common/event.h"

/* Space for an ID, a kind, tabs, LF, and the words of the plain form. */
#define OVERHEAD	64

static const char *const words[EVENT_KINDS] = {
	[EVENT_MSG] = "msg", [EVENT_ME] = "me", [EVENT_PRIV] = "priv",
	[EVENT_JOIN] = "join", [EVENT_LEAVE] = "leave", [EVENT_NAME] = "name",
	[EVENT_HELLO] = "hello", [EVENT_WHO] = "who", [EVENT_INFO] = "info",
	[EVENT_ERR] = "err", [EVENT_LOST] = "lost", [EVENT_BYE] = "bye",
	[EVENT_ROOM] = "room"
};

const char *
event_word(enum event_kind kind)
{
	return words[kind];
}

size_t
event_size(const struct event *ev)
{
	return ev->name_len + ev->text_len + OVERHEAD;
}

static char *
put(char *d, const char *s, size_t len)
{
	memcpy(d, s, len);
	return d + len;
}

static char *
put_string(char *d, const char *s)
{
	return put(d, s, strlen(s));
}

void
event_put_id(char *dst, uint64_t id)
{
	int i;

	for (i = EVENT_ID_DIGITS - 1; i >= 0; i--) {
		dst[i] = (char)('0' + id % 10);
		id /= 10;
	}
}

size_t
event_tsv(char *dst, const struct event *ev)
{
	char *d = dst;

	if (ev->id == 0) {
		*d++ = '-';
	} else {
		event_put_id(d, ev->id);
		d += EVENT_ID_DIGITS;
	}
	*d++ = '\t';
	d = put_string(d, words[ev->kind]);
	*d++ = '\t';
	d = put(d, ev->name, ev->name_len);
	*d++ = '\t';
	d = put(d, ev->text, ev->text_len);
	*d++ = '\n';
	return (size_t)(d - dst);
}

/* "<alice> text", "<alice>bob> text" or "* alice text". */
static char *
plain_saying(char *d, const struct event *ev)
{
	d = put_string(d, ev->kind == EVENT_ME ? "* " : "<");
	d = put(d, ev->name, ev->name_len);
	d = put_string(d, ev->kind == EVENT_ME ? " " : "> ");
	return put(d, ev->text, ev->text_len);
}

/* "-- " or "!! ", words, a name if there is one, words, a text, words. */
static char *
plain_notice(char *d, const struct event *ev)
{
	static const struct {
		const char *before_name, *before_text, *after_text;
	} wording[EVENT_KINDS] = {
		[EVENT_JOIN] = { "-- ", " joined", NULL },
		[EVENT_LEAVE] = { "-- ", " left (", ")" },
		[EVENT_NAME] = { "-- ", " is now ", "" },
		[EVENT_HELLO] = { "-- welcome ", "", NULL },
		[EVENT_WHO] = { "-- ", " is here from ", "" },
		[EVENT_INFO] = { "-- ", "", "" },
		[EVENT_ERR] = { "!! ", "", "" },
		[EVENT_LOST] = { "-- ", "",
		    " messages lost: you read too slowly" },
		[EVENT_ROOM] = { "-- this is room ", "", "" },
	};

	if (ev->kind == EVENT_BYE) {
		d = put_string(d, "-- goodbye (");
		d = put(d, ev->text, ev->text_len);
		return put_string(d, ")");
	}
	if (ev->kind == EVENT_WHO && ev->name_len == 0) {
		d = put_string(d, "-- ");
		d = put(d, ev->text, ev->text_len);
		return put_string(d, " here");
	}
	assert(wording[ev->kind].before_name != NULL);
	d = put_string(d, wording[ev->kind].before_name);
	d = put(d, ev->name, ev->name_len);
	d = put_string(d, wording[ev->kind].before_text);
	if (wording[ev->kind].after_text != NULL) {
		d = put(d, ev->text, ev->text_len);
		d = put_string(d, wording[ev->kind].after_text);
	}
	return d;
}

size_t
event_plain(char *dst, const struct event *ev)
{
	char *d;

	switch (ev->kind) {
	case EVENT_MSG:
	case EVENT_ME:
	case EVENT_PRIV:
		d = plain_saying(dst, ev);
		break;
	default:
		d = plain_notice(dst, ev);
		break;
	}
	*d++ = '\n';
	return (size_t)(d - dst);
}

/* The field between *at and the next tab; -1 if no tab follows. */
static int
field(const char **at, const char *end, const char **s, size_t *len)
{
	const char *tab;

	if ((tab = memchr(*at, '\t', (size_t)(end - *at))) == NULL)
		return -1;
	*s = *at;
	*len = (size_t)(tab - *at);
	*at = tab + 1;
	return 0;
}

/* An ID of decimal digits, or "-", which is 0; -1 if it is neither. */
static int
parse_id(const char *s, size_t len, uint64_t *id)
{
	size_t i;

	*id = 0;
	if (len == 1 && s[0] == '-')
		return 0;
	if (len == 0 || len > 19)
		return -1;
	for (i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -1;
		*id = *id * 10 + (uint64_t)(s[i] - '0');
	}
	return 0;
}

int
event_parse(struct event *ev, const char *line, size_t len)
{
	const char	*at = line, *end = line + len, *id, *word;
	size_t		 id_len, word_len;
	int		 kind;

	if (field(&at, end, &id, &id_len) == -1 ||
	    field(&at, end, &word, &word_len) == -1 ||
	    field(&at, end, &ev->name, &ev->name_len) == -1)
		return -1;
	ev->text = at;
	ev->text_len = (size_t)(end - at);
	if (parse_id(id, id_len, &ev->id) == -1)
		return -1;
	for (kind = 0; kind < EVENT_KINDS; kind++)
		if (strlen(words[kind]) == word_len &&
		    memcmp(words[kind], word, word_len) == 0) {
			ev->kind = (enum event_kind)kind;
			return 0;
		}
	return -1;
}
