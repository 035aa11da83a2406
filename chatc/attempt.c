/* SPDX-License-Identifier: ISC */

/*
 * Connections: made, given up, lost, and made again.
 *
 * Owns the phases of a link that has no connection, or not yet one.  Every
 * connection ends by way of LINK_REAP, since chatc must reap a command that
 * spoke for it; then chatc ends, or pauses and tries again.
 */

#include <inttypes.h>
#include <string.h>

#include "chatc/attempt.h"
#include "ipc/common/bsd.h"

#define PAUSE_LEAST	100U		/* milliseconds between attempts */
#define PAUSE_MOST	30000U
#define REAP_PATIENCE	1000
#define HINT_MS		1000	/* show no hint before that */

static void	dialled(struct link *, enum dialled, int64_t);

/* The connection is over; next says what follows the reaping. */
static void
hang_up(struct link *l, enum link_phase next, int64_t now)
{
	dial_close(&l->dial);
	l->phase = LINK_REAP;
	l->after = next;
	l->due = now + REAP_PATIENCE;
}

void
attempt_fail(struct link *l, int64_t now, enum status status, const char *why)
{
	(void)strlcpy(l->why, why, sizeof(l->why));
	l->status = status;
	hang_up(l, LINK_DONE, now);
}

void
attempt_succeed(struct link *l, int64_t now)
{
	l->status = STATUS_OK;
	hang_up(l, LINK_DONE, now);
}

void
attempt_lost(struct link *l, int64_t now, const char *why)
{
	if (l->leaving && outbox_lines(&l->box) == 0) {
		attempt_succeed(l, now);
		return;
	}
	attempt_fail(l, now, l->entered ? STATUS_LOST : STATUS_NO_SERVER, why);
	if (l->opt->reconnect) {
		l->again = true;
		l->after = LINK_PAUSE;
	}
}

/*
 * Report why, and that we try again.  A person sees that once; a program sees
 * it before each pause, because it may want to show how long that lasts.
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

/* A pause that doubles with each failure; half of it is random. */
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
	l->phase = LINK_PAUSE;
	l->due = now + pause;
}

void
attempt_start(struct link *l, int64_t now)
{
	l->hint = l->names != NULL && !l->away ? now + HINT_MS : -1;
	dialled(l, dial_start(&l->dial), now);
}

static void
dialled(struct link *l, enum dialled how, int64_t now)
{
	if (how == DIAL_FAILED) {
		attempt_lost(l, now, l->dial.why);
		return;
	}
	line_in_init(&l->in, l->in_buf, sizeof(l->in_buf), CHATC_LINE_MAX,
	    false);
	line_out_init(&l->out, l->out_buf, sizeof(l->out_buf));
	l->tsv = l->ended = l->leaving = l->welcomed = l->learning = false;
	l->probing = l->want_probe = l->numbering = false;
	l->room[0] = '\0';
	l->phase = how == DIAL_WAIT ? LINK_DIAL : LINK_GREET;
	l->due = now + l->opt->patience;
	/*
	 * A server that accepts and is silent may have a neighbour that
	 * answers.
	 */
	if (l->phase == LINK_GREET && dial_has_next(&l->dial))
		l->due = now + l->opt->patience / 2;
	l->heard = l->waiting = now;
}

void
attempt_no_greeting(struct link *l, int64_t now, const char *why)
{
	if (dial_has_next(&l->dial))
		dialled(l, dial_give_up(&l->dial), now);
	else
		attempt_lost(l, now, why);
}

/* The server takes long: tell whoever watches a terminal. */
static void
check_dial(struct link *l, int64_t now)
{
	if (now >= l->due) {
		dialled(l, dial_give_up(&l->dial), now);
	} else if (l->hint != -1 && now >= l->hint) {
		l->hint = -1;
		show_notice(l->show, "%s %s ...", l->dial.looking ?
		    "looking up" : "connecting to", l->opt->host);
	}
}

/* Prepare the outbox for a new connection, and begin to wait for one. */
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
	if (l->dial.why[0] != '\0' && (l->after != LINK_DONE ||
	    l->status != STATUS_OK))
		(void)strlcpy(l->why, l->dial.why, sizeof(l->why));
	l->dial.why[0] = '\0';
	if (l->after == LINK_DONE)
		l->phase = LINK_DONE;
	else
		start_again(l, now);
}

void
attempt_ready(struct link *l, int64_t now)
{
	dialled(l, dial_go_on(&l->dial), now);
}

void
attempt_work(struct link *l, int64_t now)
{
	if (l->phase == LINK_PAUSE && now >= l->due)
		attempt_start(l, now);
	else if (l->phase == LINK_DIAL)
		check_dial(l, now);
	else if (l->phase == LINK_REAP)
		reap(l, now);
}
