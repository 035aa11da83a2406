/* SPDX-License-Identifier: ISC */

/*
 * The conversation with the server: its connections, and its time.
 *
 * Moves from phase to phase as connections are made and lost, lines are
 * heard (hear.c says what they mean) and time passes; lines go out of the
 * outbox only when all that was missed has been seen, so that what needs to
 * be sent again is known by then.
 *
 * The server promises that an answer to a command comes after everything
 * that was published when it read the command.  So a command without effect
 * ("the probe"), and the answer to it, mark the end of a replay, settle what
 * became of lines whose echo may be lost, and tell a silent connection from
 * a dead one.
 */

#include <poll.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "chatc/receive.h"
#include "chatc/link.h"
#include "ipc/common/bsd.h"

#define PAUSE_LEAST	100U		/* milliseconds between attempts */
#define PAUSE_MOST	30000U
#define TOKEN_BYTES	16
#define REAP_PATIENCE	1000

static void	dialled(struct link *, enum dialled, int64_t);

/* The connection is over; what was waited for is decided in next. */
static void
hang_up(struct link *l, enum phase next, int64_t now)
{
	dial_close(&l->dial);
	l->phase = PHASE_REAP;
	l->after = next;
	l->due = now + REAP_PATIENCE;
}

void
link_fail(struct link *l, int64_t now, enum status status, const char *why)
{
	(void)strlcpy(l->why, why, sizeof(l->why));
	l->status = status;
	hang_up(l, PHASE_DONE, now);
}

void
link_succeed(struct link *l, int64_t now)
{
	l->status = l->refused ? STATUS_LOST : STATUS_OK;
	hang_up(l, PHASE_DONE, now);
}

void
link_lost(struct link *l, int64_t now, const char *why)
{
	if (l->leaving && outbox_lines(&l->box) == 0) {
		link_succeed(l, now);
		return;
	}
	if (!l->opt->reconnect) {
		link_fail(l, now, l->entered ? STATUS_LOST : STATUS_NO_SERVER,
		    why);
		return;
	}
	(void)strlcpy(l->why, why, sizeof(l->why));
	l->again = true;
	hang_up(l, PHASE_PAUSE, now);
}

/*
 * Say why and that we try again: once, as long as a person reads it, and
 * before each pause to a program, which may want to show how long it is.
 */
static void
tell_pause(struct link *l, int64_t pause)
{
	if (l->opt->raw)
		show_notice(l->show, "%s; trying again in %" PRId64 ".%" PRId64
		    " s", l->why, pause / 1000, pause % 1000 / 100);
	else if (!l->away)
		show_notice(l->show, "%s; trying again", l->why);
}

/* A pause that doubles with each failure, of which half is chance. */
static void
begin_pause(struct link *l, int64_t now)
{
	uint32_t pause = PAUSE_MOST;

	if (l->failures < 9 && PAUSE_LEAST << l->failures < PAUSE_MOST)
		pause = PAUSE_LEAST << l->failures;
	pause = pause / 2 + arc4random_uniform(pause / 2 + 1);
	tell_pause(l, pause);
	l->away = true;
	l->failures++;
	l->phase = PHASE_PAUSE;
	l->due = now + pause;
}

static void
begin_dial(struct link *l, int64_t now)
{
	line_in_init(&l->in, l->in_buf, sizeof(l->in_buf), LINK_LINE_MAX,
	    false);
	line_out_init(&l->out, l->out_buf, sizeof(l->out_buf));
	l->tsv = l->ended = l->leaving = l->welcomed = l->learning = false;
	l->probing = l->want_probe = l->numbering = false;
	l->room[0] = '\0';
	dialled(l, dial_start(&l->dial), now);
}

static void
dialled(struct link *l, enum dialled how, int64_t now)
{
	if (how == DIAL_FAILED) {
		link_lost(l, now, l->dial.why);
		return;
	}
	l->phase = how == DIAL_WAIT ? PHASE_DIAL : PHASE_GREET;
	l->due = now + l->opt->patience;
	l->heard = l->waiting = now;
}

static void
put(struct link *l, const char *bytes, size_t len)
{
	memcpy(line_out_space(&l->out, len), bytes, len);
	line_out_added(&l->out, len);
}

void
link_send(struct link *l, const char *before, const char *line, size_t len)
{
	put(l, before, strlen(before));
	put(l, line, len);
	put(l, "\n", 1);
}

static void
take_lines(struct link *l, int64_t now)
{
	enum line_state	 state;
	char		*line;
	size_t		 len;

	while (l->phase >= PHASE_GREET && l->phase <= PHASE_LIVE) {
		if (!show_has_room(l->show))
			return;
		if ((state = line_in_peek(&l->in, &line, &len)) == LINE_NONE)
			break;
		line_in_consume(&l->in);
		if (state == LINE_TOO_LONG)
			continue;
		hear_line(l, line, len, now);
	}
	if (l->ended && l->phase >= PHASE_GREET && l->phase <= PHASE_LIVE)
		link_lost(l, now, "connection lost");
}

/* Move lines from the outbox onto their way, and a probe behind them. */
static void
send_lines(struct link *l)
{
	enum said	 said;
	const char	*line;
	size_t		 len;

	while (l->phase == PHASE_LIVE && !l->leaving &&
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

/* The outbox as a new connection needs it; begin to wait for one. */
static void
start_again(struct link *l, int64_t now)
{
	size_t n;

	if ((n = outbox_rewind(&l->box)) > 0)
		show_error(l->show, "not sent again: %zu command%s", n,
		    n == 1 ? "" : "s");
	begin_pause(l, now);
}

static void
reap(struct link *l, int64_t now)
{
	if (!dial_reaped(&l->dial, now >= l->due))
		return;
	if (l->dial.why[0] != '\0' && (l->after != PHASE_DONE ||
	    l->status != STATUS_OK))
		(void)strlcpy(l->why, l->dial.why, sizeof(l->why));
	l->dial.why[0] = '\0';
	if (l->after == PHASE_DONE)
		l->phase = PHASE_DONE;
	else
		start_again(l, now);
}

/* Whether the server owes us something. */
static bool
awaits(const struct link *l)
{
	return l->phase == PHASE_REPLAY || l->probing || l->leaving ||
	    l->box.start < l->box.sent;
}

/*
 * Whether silence is worth a question.  A command may have no answer that is
 * known as one, so who awaits something asks as well.
 */
static bool
may_ask(const struct link *l)
{
	return !l->probing && !l->want_probe && !l->leaving &&
	    (l->opt->reconnect || awaits(l));
}

/* In the room, nothing has come for a while: ask, or give it up. */
static void
mind_silence(struct link *l, int64_t now)
{
	if (!show_has_room(l->show))
		l->heard = l->waiting = now;
	if (!awaits(l))
		l->waiting = now;
	if (may_ask(l) && now - l->heard >= l->opt->patience / 2)
		l->want_probe = true;
	if (now - l->waiting >= l->opt->patience)
		link_lost(l, now, "the server does not answer");
}

static void
mind_time(struct link *l, int64_t now)
{
	switch (l->phase) {
	case PHASE_PAUSE:
		if (now >= l->due)
			begin_dial(l, now);
		break;
	case PHASE_DIAL:
		if (now >= l->due)
			dialled(l, dial_give_up(&l->dial), now);
		break;
	case PHASE_GREET:
	case PHASE_ENTER:
		if (now >= l->due)
			link_lost(l, now, "the server does not answer");
		break;
	case PHASE_REPLAY:
	case PHASE_LIVE:
		mind_silence(l, now);
		break;
	case PHASE_REAP:
		reap(l, now);
		break;
	case PHASE_DONE:
		break;
	}
}

/*
 * A token of our own, so that a name can be taken back also if the
 * connection was lost before the server's hello arrived.
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
	(void)strlcpy(l->name, opt->name, sizeof(l->name));
	if (opt->reconnect)
		make_token(l);
	outbox_init(&l->box, l->box_buf, sizeof(l->box_buf));
	dial_init(&l->dial, opt);
	begin_dial(l, now);
}

short
link_events(struct link *l)
{
	short events = 0;

	if (l->phase == PHASE_DIAL)
		return POLLOUT;
	if (l->phase < PHASE_GREET || l->phase > PHASE_LIVE)
		return 0;
	if (!l->ended && !line_in_full(&l->in) && show_has_room(l->show))
		events |= POLLIN;
	if (line_out_pending(&l->out) > 0)
		events |= POLLOUT;
	return events;
}

/* What cannot be sent is forgotten: reading will tell why. */
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
	/* Half a line at the end of a connection is none. */
	l->in.eof = false;
}

void
link_ready(struct link *l, short revents, int64_t now)
{
	if (l->phase == PHASE_DIAL) {
		dialled(l, dial_go_on(&l->dial), now);
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
	mind_time(l, now);
	send_lines(l);
	if (l->phase >= PHASE_GREET && l->phase <= PHASE_LIVE &&
	    line_out_pending(&l->out) > 0)
		write_some(l);
}

int64_t
link_due(const struct link *l)
{
	if (l->phase == PHASE_DONE)
		return -1;
	if (l->phase == PHASE_REAP && l->dial.pid == -1)
		return 0;
	if (l->phase != PHASE_REPLAY && l->phase != PHASE_LIVE)
		return l->due;
	if (!show_has_room(l->show))
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
	dial_close(&l->dial);
	(void)dial_reaped(&l->dial, true);
	l->phase = PHASE_DONE;
}
