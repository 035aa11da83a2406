/*
 * Copyright (c) 2026 The chatserv authors
 *
 * Permission to use, copy, modify, and distribute this software for any
 * purpose with or without fee is hereby granted, provided that the above
 * copyright notice and this permission notice appear in all copies.
 *
 * THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES
 * WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF
 * MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR
 * ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES
 * WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN
 * ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF
 * OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.
 */

/*
 * The conversation with the server.
 *
 * Owns the connection, the name and its token, the place in the stream and
 * the outbox; moves from phase to phase as lines arrive and time passes.
 * Nothing is sent before the server has said its first line, so that a
 * refusal is never lost to a reset; no line goes to the room before all
 * that was missed has been seen, so that what needs to be sent again is
 * known by then.
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
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "chatc/link.h"
#include "ipc/bsd.h"
#include "ipc/event.h"
#include "ipc/text.h"

#define PROBE		"!me"		/* answered by one error, "!me ..." */
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

static void
fail(struct link *l, int64_t now, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void
fail(struct link *l, int64_t now, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(l->why, sizeof(l->why), fmt, ap);
	va_end(ap);
	l->status = STATUS_FAILED;
	hang_up(l, PHASE_DONE, now);
}

static void
succeed(struct link *l, int64_t now)
{
	l->status = l->refused ? STATUS_FAILED : STATUS_OK;
	hang_up(l, PHASE_DONE, now);
}

/*
 * The connection is lost, or was not made: the end, a new attempt, or of no
 * importance because everything is said and nothing more was wanted.
 */
static void
lost(struct link *l, int64_t now, const char *why)
{
	if (l->leaving && outbox_lines(&l->box) == 0) {
		succeed(l, now);
		return;
	}
	if (!l->opt->reconnect) {
		fail(l, now, "%s", why);
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
	l->probing = l->want_probe = false;
	dialled(l, dial_start(&l->dial), now);
}

static void
dialled(struct link *l, enum dialled how, int64_t now)
{
	if (how == DIAL_FAILED) {
		lost(l, now, l->dial.why);
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

static void
send_line(struct link *l, const char *before, const char *line, size_t len)
{
	put(l, before, strlen(before));
	put(l, line, len);
	put(l, "\n", 1);
}

/* The server has greeted: ask for the form, the place and the name. */
static void
introduce(struct link *l)
{
	char text[64];

	send_line(l, "!tsv", "", 0);
	if (l->last != 0 || l->opt->since != 0) {
		(void)snprintf(text, sizeof(text), "%" PRIu64,
		    l->last != 0 ? l->last : l->opt->since);
		send_line(l, "!since ", text, strlen(text));
	} else if (l->opt->history >= 0) {
		(void)snprintf(text, sizeof(text), "%d", l->opt->history);
		send_line(l, "!last ", text, strlen(text));
	}
	if (l->token[0] != '\0')
		send_line(l, "!token ", l->token, strlen(l->token));
	send_line(l, l->name, "", 0);
	l->phase = PHASE_ENTER;
}

/* The server will not have us: final, unless we have been in before. */
static void
turned_away(struct link *l, const char *text, size_t len, int64_t now)
{
	char why[512], clean[4 * 120];

	len = text_visible(clean, text, len < 120 ? len : 120);
	(void)snprintf(why, sizeof(why), "%.*s", (int)len, clean);
	if (!l->entered && (l->phase != PHASE_GREET || !l->opt->reconnect)) {
		fail(l, now, "%s", why);
		return;
	}
	if (l->away && !l->barred && !l->opt->raw)
		show_notice(l->show, "%s; trying again", why);
	l->barred = true;
	lost(l, now, why);
}

static bool
is_text(const struct event *ev, const char *text)
{
	return ev->text_len == strlen(text) &&
	    memcmp(ev->text, text, ev->text_len) == 0;
}

/* Whether ev is from us; a private message's name is "from>to". */
static bool
is_own(const struct link *l, const struct event *ev)
{
	size_t len = strlen(l->name);

	if (ev->name_len < len || memcmp(ev->name, l->name, len) != 0)
		return false;
	return ev->name_len == len ||
	    (ev->kind == EVENT_PRIV && ev->name[len] == '>');
}

static void
keep_string(char *dst, size_t size, const char *s, size_t len)
{
	if (len < size) {
		memcpy(dst, s, len);
		dst[len] = '\0';
	}
}

static void
welcome(struct link *l, const struct event *ev)
{
	keep_string(l->name, sizeof(l->name), ev->name, ev->name_len);
	keep_string(l->token, sizeof(l->token), ev->text, ev->text_len);
	l->phase = PHASE_REPLAY;
	l->want_probe = l->again;
	l->entered = true;
	l->failures = 0;
}

/* All that was missed has been seen; what has no echo was not published. */
static void
go_live(struct link *l)
{
	l->phase = PHASE_LIVE;
	if (l->away)
		show_notice(l->show, "connected again");
	l->away = l->barred = false;
}

static void
probe_answered(struct link *l)
{
	size_t n;

	l->probing = false;
	outbox_confirm(&l->box);
	if (l->phase != PHASE_REPLAY)
		return;
	go_live(l);
	if ((n = outbox_doubtful(&l->box)) > 0)
		show_notice(l->show, "the server cannot tell whether %zu "
		    "line%s arrived: sent again", n, n == 1 ? "" : "s");
}

/* The last line: as we wished, or the server's own wish. */
static void
goodbye(struct link *l, const struct event *ev, int64_t now)
{
	char why[128];

	if (l->leaving && ev->text_len >= 4 && memcmp(ev->text, "quit", 4) ==
	    0) {
		succeed(l, now);
		return;
	}
	if (is_text(ev, "replaced")) {
		fail(l, now, "replaced by another connection with this token");
		return;
	}
	(void)snprintf(why, sizeof(why), "the server ended the connection: "
	    "%.*s", ev->text_len < 64 ? (int)ev->text_len : 64, ev->text);
	lost(l, now, why);
}

/* Whether ev, which is not an echo, is one of the messages asked for. */
static bool
counts(const struct link *l, const struct event *ev)
{
	char text[LINK_LINE_MAX + 1];

	if (ev->kind != EVENT_MSG && ev->kind != EVENT_ME &&
	    ev->kind != EVENT_PRIV)
		return false;
	if (l->opt->pattern == NULL)
		return l->opt->count > 0;
	memcpy(text, ev->text, ev->text_len);
	text[ev->text_len] = '\0';
	return regexec(l->opt->pattern, text, 0, NULL, 0) == 0;
}

/* Something that happened in the room.  False: it was seen before. */
static bool
happened(struct link *l, const struct event *ev)
{
	/* Once live, what comes is new, also if a clock was set back. */
	if (l->phase == PHASE_REPLAY && ev->id <= l->last)
		return false;
	l->last = ev->id;
	if (is_own(l, ev)) {
		if (ev->kind == EVENT_NAME)
			keep_string(l->name, sizeof(l->name), ev->text,
			    ev->text_len);
		if (ev->kind == EVENT_JOIN && l->phase == PHASE_REPLAY &&
		    !l->want_probe && !l->probing)
			go_live(l);
		if (outbox_echo(&l->box, ev))
			return true;
	}
	if (counts(l, ev) && ++l->count >= l->opt->count)
		l->satisfied = true;
	return true;
}

/* Who is here: counted once after hello, and named if we asked. */
static bool
who(struct link *l, const struct event *ev)
{
	if (!l->welcomed && ev->name_len == 0) {
		l->welcomed = true;
		/* Who comes to a crowd does not call the roll. */
		l->learning = l->names != NULL && ev->text_len < 4;
		if (l->learning)
			send_line(l, "!who", "", 0);
		return l->opt->raw || l->names != NULL;
	}
	if (!l->learning)
		return true;
	l->learning = ev->name_len != 0;
	return false;
}

/* An answer to us alone.  False: it is not to be shown. */
static bool
answered(struct link *l, const struct event *ev)
{
	switch (ev->kind) {
	case EVENT_ERR:
		if (l->probing && ev->text_len > strlen(PROBE) &&
		    memcmp(ev->text, PROBE, strlen(PROBE)) == 0) {
			probe_answered(l);
			return false;
		}
		l->refused = true;
		show_error(l->show, "%.*s", (int)ev->text_len, ev->text);
		return l->opt->raw;
	case EVENT_LOST:
		outbox_gap(&l->box);
		l->want_probe = true;
		return true;
	case EVENT_WHO:
		return who(l, ev);
	case EVENT_BYE:
		return l->opt->raw || l->names != NULL;
	default:
		return true;
	}
}

/* A line before we are in: greeting, settings' answers, hello or refusal. */
static void
at_the_door(struct link *l, const char *line, size_t len, int64_t now)
{
	struct event	ev;
	bool		parsed;

	if (len >= 3 && memcmp(line, "!! ", 3) == 0) {
		turned_away(l, line + 3, len - 3, now);
		return;
	}
	if (l->phase == PHASE_GREET) {
		introduce(l);
		return;
	}
	parsed = event_parse(&ev, line, len) == 0;
	if (!l->tsv) {
		l->tsv = parsed && ev.kind == EVENT_INFO && is_text(&ev, "tsv");
		return;
	}
	if (parsed && (ev.kind == EVENT_ERR || ev.kind == EVENT_BYE)) {
		turned_away(l, ev.text, ev.text_len, now);
	} else if (parsed && ev.kind == EVENT_HELLO) {
		welcome(l, &ev);
		if (l->names != NULL)
			names_learn(l->names, &ev);
		if (l->opt->raw || l->names != NULL)
			show_event(l->show, &ev, line, len);
	}
}

static void
in_the_room(struct link *l, const char *line, size_t len, int64_t now)
{
	struct event	ev;
	bool		over = l->satisfied;

	if (event_parse(&ev, line, len) == -1)
		return;
	if (l->names != NULL)
		names_learn(l->names, &ev);
	if (!(ev.id != 0 ? happened(l, &ev) : answered(l, &ev)))
		over = true;
	if (!over)
		show_event(l->show, &ev, line, len);
	if (ev.kind == EVENT_BYE)
		goodbye(l, &ev, now);
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
		line_in_take(&l->in);
		if (state == LINE_TOO_LONG)
			continue;
		if (l->phase <= PHASE_ENTER)
			at_the_door(l, line, len, now);
		else
			in_the_room(l, line, len, now);
	}
	if (l->ended && l->phase >= PHASE_GREET && l->phase <= PHASE_LIVE)
		lost(l, now, "connection lost");
}

/* Move lines from the outbox onto their way, and a probe behind them. */
static void
send_lines(struct link *l)
{
	enum said	 said;
	const char	*line;
	size_t		 len;

	while (l->phase == PHASE_LIVE && !l->leaving &&
	    line_out_room(&l->out) > LINE_TEXT_MAX + 8 &&
	    outbox_next(&l->box, &said, &line, &len)) {
		send_line(l, said == SAID_TEXT && len > 0 && line[0] == '!' ?
		    "!" : "", line, len);
		outbox_sent(&l->box);
		l->leaving = said == SAID_QUIT;
	}
	if (l->want_probe && !l->probing && !l->leaving &&
	    line_out_room(&l->out) > sizeof(PROBE)) {
		send_line(l, PROBE, "", 0);
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
	    l->status == STATUS_FAILED))
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
		lost(l, now, "the server does not answer");
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
			lost(l, now, "the server does not answer");
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
link_stop(struct link *l, enum status status)
{
	l->status = status;
	dial_close(&l->dial);
	(void)dial_reaped(&l->dial, true);
	l->phase = PHASE_DONE;
}
