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
	    chat_enter, chat_hear },
	{ "raw", 1, false, true, 8, BYTES(""), BYTES("\n"),
	    raw_enter, raw_hear },
	{ "named", 1, true, false, 64, BYTES(""), BYTES("\n"),
	    named_enter, named_hear },
	{ "redis", 7, false, false, 64,
	    BYTES("*3\r\n$7\r\nPUBLISH\r\n$1\r\nr\r\n$64\r\n"),
	    BYTES("\r\n"), redis_enter, redis_hear },
	{ "nats", 2, false, false, 64, BYTES("PUB r 64\r\n"), BYTES("\r\n"),
	    nats_enter, nats_hear },
	{ "irc", 1, false, false, 512, BYTES("PRIVMSG #r :"), BYTES("\r\n"),
	    irc_enter, irc_hear },
	{ "postgres", 1, false, false, 64, BYTES("Q\0\0\0\124NOTIFY r, E'"),
	    BYTES("\\n'\0"), pg_enter, raw_hear },
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
