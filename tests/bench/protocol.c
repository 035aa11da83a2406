/* SPDX-License-Identifier: ISC */

/*
 * The protocols that the load generators speak: chatserv's and the others'.
 *
 * Each says how a client joins, what surrounds the text of a message that it
 * sends, and how many lines a listener gets.  A text always ends a line.
 */

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "ipc/common/bsd.h"
#include "tests/bench/load.h"

static bool
begins(const char *line, size_t len, const char *with)
{
	return len >= strlen(with) && memcmp(line, with, strlen(with)) == 0;
}

static bool
contains(const char *line, size_t len, const char *what)
{
	return memmem(line, len, what, strlen(what)) != NULL;
}

/* The clients' names, of one length, so that all lines have one length. */
static const char *
name_of(const struct conn *c)
{
	static char name[16];

	(void)snprintf(name, sizeof(name), "%c%05d", c->sender ? 's' : 'l',
	    c->number);
	return name;
}

/* ---- chatserv, TSV ---- */

static void
chat_enter(struct load *load, struct conn *c)
{
	char line[64];

	(void)load;
	(void)snprintf(line, sizeof(line), "!tsv\n%s\n", name_of(c));
	load_put(c, line);
}

static void
chat_hear(struct load *load, struct conn *c, const char *line, size_t len)
{
	(void)load;
	if (begins(line, len, "-\terr\t") || begins(line, len, "!!"))
		errx(1, "refused: %.*s", (int)len, line);
	if (begins(line, len, "-\thello\t"))
		c->entered = true;
}

/* ---- chatweb: TSV over WebSocket ---- */

#define WEB_TEXT	0x81	/* the first byte of a text that is whole */
#define WEB_LENGTH_16	126	/* the length follows in two bytes */
#define WEB_LENGTH_64	127	/* or in eight */

static void
web_enter(struct load *load, struct conn *c)
{
	char request[512];

	(void)snprintf(request, sizeof(request), "GET /room HTTP/1.1\r\n"
	    "Host: 127.0.0.1:%d\r\nOrigin: http://127.0.0.1:%d\r\n"
	    "Upgrade: websocket\r\nConnection: Upgrade\r\n"
	    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	    "Sec-WebSocket-Version: 13\r\n\r\n", load->port, load->port);
	load_put(c, request);
}

/* The name goes in a frame, with a mask of zeros, after the answer's head. */
static void
web_hear(struct load *load, struct conn *c, const char *line, size_t len)
{
	char		frame[32] = { (char)WEB_TEXT };
	const char	*name = name_of(c);
	size_t		n = strlen(name);

	if (begins(line, len, "HTTP/") && !begins(line, len, "HTTP/1.1 101 "))
		errx(1, "refused: %.*s", (int)len, line);
	if (len == 1 && line[0] == '\r') {
		frame[1] = (char)(0x80 | n);
		memcpy(frame + 6, name, n);
		load_write(c, frame, 6 + n);
	}
	chat_hear(load, c, line, len);
}

/* The head of a frame is whole: how long is the payload? */
static bool
web_head(struct conn *c)
{
	uint64_t	len = c->head[1];
	size_t		i, more = len == WEB_LENGTH_16 ? 2 :
	    len == WEB_LENGTH_64 ? 8 : 0;

	if (c->head_len < 2 || c->head_len < 2 + more)
		return false;
	if (more > 0)
		for (len = 0, i = 0; i < more; i++)
			len = len << 8 | c->head[2 + i];
	c->left = len;
	return true;
}

/* Append a part of a payload; the end of a text ends a line. */
static size_t
web_payload(struct conn *c, char *to, const char *data, size_t len)
{
	bool text = c->head[0] == WEB_TEXT;

	if (text)
		memcpy(to, data, len);
	if ((c->left -= len) > 0)
		return text ? len : 0;
	c->head_len = 0;
	if (text)
		to[len++] = '\n';
	return text ? len : 0;
}

static size_t
web_decode(struct conn *c, char *to, const char *data, size_t len)
{
	static const char	end[] = "\r\n\r\n";
	size_t			i, n, out = 0;

	for (i = 0; i < len && !c->upgraded; i++) {
		c->matched = data[i] == end[c->matched] ? c->matched + 1 :
		    data[i] == end[0];
		c->upgraded = c->matched == sizeof(end) - 1;
		to[out++] = data[i];
	}
	for (; i < len; i += n) {
		n = 1;
		if (c->left == 0) {
			c->head[c->head_len++] = (unsigned char)data[i];
			if (web_head(c) && c->left == 0)
				out += web_payload(c, to + out, data, 0);
			continue;
		}
		n = len - i < c->left ? len - i : (size_t)c->left;
		out += web_payload(c, to + out, data + i, n);
	}
	return out;
}

/* ---- servers that relay lines: ncat --broker and --chat, smallchat ---- */

static void
raw_enter(struct load *load, struct conn *c)
{
	(void)load;
	c->entered = true;
}

static void
raw_hear(struct load *load, struct conn *c, const char *line, size_t len)
{
	(void)load;
	(void)c;
	(void)line;
	(void)len;
}

/* ---- threads.py: the first line is a name ---- */

static void
named_enter(struct load *load, struct conn *c)
{
	char line[64];

	(void)load;
	(void)snprintf(line, sizeof(line), "%s\n", name_of(c));
	load_put(c, line);
}

static void
named_hear(struct load *load, struct conn *c, const char *line, size_t len)
{
	(void)load;
	if (begins(line, len, "Welcome"))
		c->entered = true;
}

/* ---- redis ---- */

static void
redis_enter(struct load *load, struct conn *c)
{
	if (c->sender)
		raw_enter(load, c);
	else
		load_put(c, "SUBSCRIBE r\r\n");
}

static void
redis_hear(struct load *load, struct conn *c, const char *line, size_t len)
{
	(void)load;
	if (begins(line, len, "-"))
		errx(1, "refused: %.*s", (int)len, line);
	/* The last line of the answer is the number of subscriptions. */
	if (begins(line, len, ":1"))
		c->entered = true;
}

/* ---- nats ---- */

static void
nats_enter(struct load *load, struct conn *c)
{
	(void)load;
	load_put(c, "CONNECT {\"verbose\":false,\"pedantic\":false}\r\n");
	load_put(c, c->sender ? "PING\r\n" : "SUB r 1\r\nPING\r\n");
}

static void
nats_hear(struct load *load, struct conn *c, const char *line, size_t len)
{
	(void)load;
	if (begins(line, len, "-ERR"))
		errx(1, "refused: %.*s", (int)len, line);
	if (begins(line, len, "PONG"))
		c->entered = true;
	else if (begins(line, len, "PING"))
		load_put(c, "PONG\r\n");
}

/* ---- irc: inspircd, ngircd ---- */

static void
irc_enter(struct load *load, struct conn *c)
{
	char line[128];

	(void)load;
	(void)snprintf(line, sizeof(line),
	    "NICK %s\r\nUSER bench 0 * :bench\r\n", name_of(c));
	load_put(c, line);
}

static void
irc_hear(struct load *load, struct conn *c, const char *line, size_t len)
{
	char answer[LOAD_CARRY + 2];

	(void)load;
	if (begins(line, len, "PING")) {
		(void)snprintf(answer, sizeof(answer), "PO%.*s\n",
		    (int)len - 2, line + 2);
		load_put(c, answer);
	} else if (begins(line, len, "ERROR"))
		errx(1, "refused: %.*s", (int)len, line);
	else if (contains(line, len, " 376 ") || contains(line, len, " 422 "))
		load_put(c, "JOIN #r\r\n");
	else if (contains(line, len, " 366 "))
		c->entered = true;
}

/* ---- postgres: the frontend messages for LISTEN and NOTIFY ---- */

#define PG_STARTUP	"\0\0\0\051\0\003\0\0user\0postgres\0" \
			"database\0postgres\0"
#define PG_LISTEN	"Q\0\0\0\015LISTEN r"
#define PG_READY	"Z\0\0\0\005"

/* Read until the server is ready for the next query. */
static void
pg_ready(struct conn *c)
{
	struct pollfd	pfd = { .fd = c->fd, .events = POLLIN };
	char		buf[4096] = "";
	size_t		have = 0, len = sizeof(PG_READY) - 1;
	ssize_t		n;

	while (have < len + 1 ||
	    memcmp(buf + have - len - 1, PG_READY, len) != 0) {
		if (poll(&pfd, 1, -1) == -1)
			err(1, "poll");
		n = read(c->fd, buf + have, sizeof(buf) - have);
		if (n <= 0)
			errx(1, "postgres said: %.*s", (int)have, buf);
		have += (size_t)n;
	}
}

static void
pg_enter(struct load *load, struct conn *c)
{
	(void)load;
	load_write(c, PG_STARTUP, sizeof(PG_STARTUP));
	pg_ready(c);
	if (!c->sender) {
		load_write(c, PG_LISTEN, sizeof(PG_LISTEN));
		pg_ready(c);
	}
	c->entered = true;
}

#define BYTES(s)	s, sizeof(s) - 1

/*
 * Queries to postgres end in a newline, so that they can be counted like the
 * other messages.  On IRC a client waits for a timer before it joins.
 */
static const struct protocol protocols[] = {
	{ "chat", 1, true, false, 64, BYTES(""), BYTES("\n"),
	    chat_enter, chat_hear, NULL },
	{ "web", 1, true, false, 64, BYTES("\x81\xc0\0\0\0\0"), BYTES(""),
	    web_enter, web_hear, web_decode },
	{ "raw", 1, false, true, 8, BYTES(""), BYTES("\n"),
	    raw_enter, raw_hear, NULL },
	{ "named", 1, true, false, 64, BYTES(""), BYTES("\n"),
	    named_enter, named_hear, NULL },
	{ "redis", 7, false, false, 64,
	    BYTES("*3\r\n$7\r\nPUBLISH\r\n$1\r\nr\r\n$64\r\n"),
	    BYTES("\r\n"), redis_enter, redis_hear, NULL },
	{ "nats", 2, false, false, 64, BYTES("PUB r 64\r\n"), BYTES("\r\n"),
	    nats_enter, nats_hear, NULL },
	{ "irc", 1, false, false, 512, BYTES("PRIVMSG #r :"), BYTES("\r\n"),
	    irc_enter, irc_hear, NULL },
	{ "postgres", 1, false, false, 64, BYTES("Q\0\0\0\124NOTIFY r, E'"),
	    BYTES("\\n'\0"), pg_enter, raw_hear, NULL },
};

const struct protocol *
protocol_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
		if (strcmp(protocols[i].name, name) == 0)
			return &protocols[i];
	errx(2, "no such protocol: %s", name);
}
