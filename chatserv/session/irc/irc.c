/* SPDX-License-Identifier: ISC */

/*
 * The dialect of IRC clients.
 *
 * The room is one channel, which a client is in as soon as it is registered.
 * A session of IRC works as all others: its messages return from the ring in
 * the room's order, a slow client slows the room or learns how much it lost,
 * and a client that floods is slowed down and not killed.
 *
 * This file has the answers that the others send.  dispatch.c receives lines
 * and passes commands on to registration.c, channel.c, query.c and
 * chathistory.c; outgoing.c words events, and message.c needs no session.
 *
 * Runs in a session.
 */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "chatserv/session/irc/irc.h"
#include "ipc/common/bsd.h"

struct irc_config irc_config = { "chatserv", "#chat", 0 };

/* ---- answers ---- */

/*
 * Send line, cut between characters if it is too long.  A part that repeats
 * the client's words may have a CR in it, which ends a line for some clients.
 */
static void
send_line(struct session *s, const char *line)
{
	size_t	 n = text_cut(line, strlen(line), IRC_LINE_MAX), i;
	char	*dst = line_out_space(&s->out, n + 2);

	for (i = 0; i < n; i++)
		dst[i] = ((unsigned char)line[i] < ' ' && line[i] != '\t') ||
		    line[i] == 0x7F ? '?' : line[i];
	memcpy(dst + n, "\r\n", 2);
	line_out_added(&s->out, n + 2);
}

static void __attribute__((format(printf, 3, 0)))
send_behind(struct session *s, char line[2 * IRC_LINE_MAX], const char *fmt,
    va_list ap)
{
	size_t n = strlen(line);

	(void)vsnprintf(line + n, (size_t)2 * IRC_LINE_MAX - n, fmt, ap);
	send_line(s, line);
}

void
irc_error(struct session *s, const char *text)
{
	char line[2 * IRC_LINE_MAX];

	(void)snprintf(line, sizeof(line), "ERROR :%s", text);
	send_line(s, line);
}

void
irc_send(struct session *s, const char *fmt, ...)
{
	char	line[2 * IRC_LINE_MAX];
	va_list	ap;

	(void)snprintf(line, sizeof(line), ":%s ", irc_config.server);
	va_start(ap, fmt);
	send_behind(s, line, fmt, ap);
	va_end(ap);
}

void
irc_send_own(struct session *s, const char *fmt, ...)
{
	char	line[2 * IRC_LINE_MAX];
	va_list	ap;

	(void)snprintf(line, sizeof(line), ":%s!%s@%s ", s->name, IRC_USER,
	    irc_config.server);
	va_start(ap, fmt);
	send_behind(s, line, fmt, ap);
	va_end(ap);
}

void
irc_numeric(struct session *s, const char *number, const char *fmt, ...)
{
	char	line[2 * IRC_LINE_MAX];
	va_list	ap;

	(void)snprintf(line, sizeof(line), ":%s %s %s ", irc_config.server,
	    number, s->name[0] == '\0' ? "*" : s->name);
	va_start(ap, fmt);
	send_behind(s, line, fmt, ap);
	va_end(ap);
}

void
irc_fail(struct session *s, const char *command, const char *code,
    const char *text)
{
	irc_send(s, "FAIL %s %s :%s", command, code, text);
}

void
irc_notice(struct session *s, const char *text)
{
	irc_send(s, "NOTICE %s :%s", s->name[0] == '\0' ? "*" : s->name,
	    text);
}

bool
irc_is_channel(struct irc_param p)
{
	return irc_is(p, irc_config.channel);
}
