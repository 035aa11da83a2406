/* SPDX-License-Identifier: ISC */

/*
 * The conversation with the server, over connections that attempt.c makes.
 *
 * Lines (see enter.c and receive.c) and time move a link from phase to phase.
 * Lines leave the outbox only once the link has seen all that it missed,
 * because only then it knows which to send again.
 *
 * The server promises that an answer to a command follows everything that was
 * published when the server read the command.  So a command without effect
 * ("the probe"), and the answer to it, mark the end of a replay, settle what
 * became of lines whose echo may be lost, and tell a silent connection from a
 * dead one.
 */

#include <poll.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "chatc/attempt.h"
#include "chatc/enter.h"
#include "chatc/link.h"
#include "chatc/receive.h"
#include "ipc/common/bsd.h"

#define TOKEN_BYTES	16

static void
take_lines(struct link *l, int64_t now)
{
	enum line_state	 state;
	char		*line;
	size_t		 len;

	if (l->phase == LINK_GREET && enter_is_foreign(l, now))
		return;
	while (l->phase >= LINK_GREET && l->phase <= LINK_LIVE) {
		if (!show_has_space(l->show))
			return;
		if ((state = line_in_peek(&l->in, &line, &len)) == LINE_NONE)
			break;
		line_in_consume(&l->in);
		if (state == LINE_TOO_LONG)
			continue;
		if (l->phase == LINK_GREET || l->phase == LINK_ENTER)
			enter_line(l, line, len, now);
		else
			receive_line(l, line, len, now);
	}
	if (l->ended && l->phase == LINK_GREET)
		attempt_no_greeting(l, now, "connection lost");
	else if (l->ended && l->phase > LINK_GREET &&
	    l->phase <= LINK_LIVE)
		attempt_lost(l, now, "connection lost");
}

/* Send lines from the outbox, and a probe after them. */
static void
send_lines(struct link *l)
{
	enum said	 said;
	const char	*line;
	size_t		 len;

	while (l->phase == LINK_LIVE && !l->leaving &&
	    line_out_left(&l->out) > LINE_TEXT_MAX + 8 &&
	    outbox_next(&l->box, &said, &line, &len)) {
		link_send(l, said == SAID_TEXT && len > 0 && line[0] == '!' ?
		    "!" : "", line, len);
		outbox_sent(&l->box);
		l->leaving = said == SAID_QUIT;
	}
	if (l->want_probe && !l->probing && !l->leaving &&
	    line_out_left(&l->out) > sizeof(LINK_PROBE)) {
		link_send(l, LINK_PROBE, "", 0);
		outbox_mark(&l->box);
		l->probing = true;
		l->want_probe = false;
	}
}

/* Whether the server owes us something. */
static bool
awaits(const struct link *l)
{
	return l->phase == LINK_REPLAY || l->probing || l->leaving ||
	    l->box.start < l->box.sent;
}

/*
 * Whether silence calls for a probe.  A command's answer may not be
 * recognizable, so a link that awaits something probes, too.
 */
static bool
may_ask(const struct link *l)
{
	return !l->probing && !l->want_probe && !l->leaving &&
	    (l->opt->reconnect || awaits(l));
}

/* In the room, nothing has arrived for a while: probe, or give up. */
static void
check_silence(struct link *l, int64_t now)
{
	if (!show_has_space(l->show))
		l->heard = l->waiting = now;
	if (!awaits(l))
		l->waiting = now;
	if (may_ask(l) && now - l->heard >= l->opt->patience / 2)
		l->want_probe = true;
	if (now - l->waiting >= l->opt->patience)
		attempt_lost(l, now, "the server does not answer");
}

static void
check_time(struct link *l, int64_t now)
{
	switch (l->phase) {
	case LINK_PAUSE:
	case LINK_DIAL:
	case LINK_REAP:
		attempt_work(l, now);
		break;
	case LINK_GREET:
		if (now >= l->due)
			attempt_no_greeting(l, now,
			    "the server does not answer");
		break;
	case LINK_ENTER:
		if (now >= l->due)
			attempt_lost(l, now, "the server does not answer");
		break;
	case LINK_REPLAY:
	case LINK_LIVE:
		check_silence(l, now);
		break;
	case LINK_DONE:
		break;
	}
}

/*
 * A token of our own, which allows a takeover even if the connection was lost
 * before the server's hello arrived.
 */
static void
make_token(struct link *l)
{
	unsigned char	bytes[TOKEN_BYTES];
	size_t		i;

	arc4random_buf(bytes, sizeof(bytes));
	for (i = 0; i < sizeof(bytes); i++)
		(void)snprintf(l->token + 2 * i, 3, "%02x", bytes[i]);
}

void
link_start(struct link *l, const struct options *opt, struct show *show,
    struct names *names, int64_t now)
{
	memset(l, 0, sizeof(*l));
	l->opt = opt;
	l->show = show;
	l->names = names;
	l->outside = opt->outside;
	l->status = STATUS_NO_SERVER;
	(void)strlcpy(l->name, opt->name, sizeof(l->name));
	if (opt->reconnect)
		make_token(l);
	outbox_init(&l->box, l->box_buf, sizeof(l->box_buf));
	dial_init(&l->dial, opt);
	attempt_start(l, now);
}

short
link_events(struct link *l)
{
	short events = 0;

	if (l->phase == LINK_DIAL)
		return l->dial.looking ? POLLIN : POLLOUT;
	if (l->phase < LINK_GREET || l->phase > LINK_LIVE)
		return 0;
	if (!l->ended && !line_in_full(&l->in) && show_has_space(l->show))
		events |= POLLIN;
	if (line_out_pending(&l->out) > 0)
		events |= POLLOUT;
	return events;
}

/* Discard what cannot be sent: reading will tell why. */
static void
write_some(struct link *l)
{
	if (line_out_flush(&l->out, l->dial.fd) == -1 && errno != EAGAIN &&
	    errno != EINTR)
		line_out_init(&l->out, l->out_buf, sizeof(l->out_buf));
}

static void
read_some(struct link *l, int64_t now)
{
	ssize_t n;

	n = line_in_fill(&l->in, l->dial.fd);
	if (n > 0)
		l->heard = l->waiting = now;
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		l->ended = true;
	/* Half a line at the end of a connection is no line. */
	l->in.eof = false;
}

void
link_ready(struct link *l, short revents, int64_t now)
{
	if (l->phase == LINK_DIAL) {
		attempt_ready(l, now);
		return;
	}
	if ((revents & POLLIN) != 0 ||
	    ((revents & (POLLHUP | POLLERR)) != 0 && !line_in_full(&l->in)))
		read_some(l, now);
}

void
link_work(struct link *l, int64_t now)
{
	take_lines(l, now);
	check_time(l, now);
	send_lines(l);
	if (l->phase >= LINK_GREET && l->phase <= LINK_LIVE &&
	    line_out_pending(&l->out) > 0)
		write_some(l);
}

int64_t
link_due(const struct link *l)
{
	if (l->phase == LINK_DONE)
		return -1;
	if (l->phase == LINK_REAP && l->dial.pid == -1)
		return 0;
	if (l->phase == LINK_DIAL && l->hint != -1 && l->hint < l->due)
		return l->hint;
	if (l->phase != LINK_REPLAY && l->phase != LINK_LIVE)
		return l->due;
	if (!show_has_space(l->show))
		return -1;
	if (may_ask(l))
		return l->heard + l->opt->patience / 2;
	if (awaits(l))
		return l->waiting + l->opt->patience;
	return -1;
}

void
link_put_off(struct link *l, int64_t ms)
{
	l->due += ms;
	l->heard += ms;
	l->waiting += ms;
}

void
link_stop(struct link *l, enum status status)
{
	l->status = status;
	if (l->why[0] == '\0')
		(void)strlcpy(l->why, "the server does not answer",
		    sizeof(l->why));
	dial_close(&l->dial);
	(void)dial_reaped(&l->dial, true);
	l->phase = LINK_DONE;
}
