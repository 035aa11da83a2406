/* SPDX-License-Identifier: ISC */

/*
 * A room under attack.
 *
 * Its states follow from what its honest clients receive and its log says.
 * The log also says who is in the room, identifying each client by its port.
 * At the end the probe and the witness must have received the same events, or
 * have been told how many they missed, and the server must exit in order.
 */

#include <fnmatch.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tests/chaos/clients.h"
#include "tests/chaos/measure.h"

#define PATIENCE_S	15.0		/* for what takes no time */
#define FIGURES_S	2.0		/* until the log tells them */
#define AGAIN_S		0.25		/* until the end is said again */
#define PAUSE_S		0.01		/* of the probe */
#define VISIT_S		0.05		/* between newcomers */
#define AWAITED_S	0.02		/* longer is a wait */
#define STALLED_S	0.2		/* then readers may be too slow */
#define IDLE_PART	0.5		/* an attack without effect ends */

/* Log lines that are normal, whatever clients do. */
static const char *const expected[] = {
	"version *", "listening on *", "* joined as *", "* is now *",
	"* left (*)",
	"* lapped, lost * events", "*: refused: *", "stopping", "stopped",
	"room *: history of an earlier server copied",
	"pid *: * lines of the log lost here"
};

static void __attribute__((format(printf, 2, 3)))
fault(struct room *r, const char *fmt, ...)
{
	va_list ap;

	if (r->found.fault[0] != '\0')
		return;
	va_start(ap, fmt);
	(void)vsnprintf(r->found.fault, sizeof(r->found.fault), fmt, ap);
	va_end(ap);
}

static void
enter_state(struct room *r, enum room_state state)
{
	r->state = state;
	r->until = now() + PATIENCE_S;
}

void
room_start(struct room *r, const struct script *script, double seconds,
    const struct room *calm)
{
	memset(r, 0, sizeof(*r));
	honest_init(&r->probe);
	honest_init(&r->witness);
	honest_init(&r->newcomer);
	r->script = script;
	r->seconds = seconds;
	r->calm = calm;
	server_start(&r->server, script == NULL ? "" : script->server);
	enter_state(r, ROOM_STARTING);
}

/* Learn from the log who is in the room. */
static void
take_names(struct room *r, const char *line)
{
	char	name[36] = "", verb[36] = "", third[36] = "", fourth[36] = "";
	int	port;

	if (sscanf(line, "%*s port %d pid %*d: %35s %35s %35s %35s", &port,
	    name, verb, third, fourth) < 3)
		return;
	if (strcmp(name, "joined") == 0)
		attack_named(&r->attack, (in_port_t)port, third);
	else if (strcmp(verb, "is") == 0)
		attack_named(&r->attack, (in_port_t)port, fourth);
	else if (strcmp(verb, "left") == 0)
		attack_left(&r->attack, (in_port_t)port);
}

static bool
is_expected(const char *line)
{
	size_t i;

	if (fnmatch("127.0.0.1 *: refused: *", line, 0) == 0)
		return false;
	for (i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		if (fnmatch(expected[i], line, 0) == 0)
			return true;
	return false;
}

static void
hears_log(void *arg, const char *line)
{
	struct room *r = arg;

	if (r->asked)
		(void)printf("# %s\n", line);
	else if (!is_expected(line))
		fault(r, "the log says: %s", line);
	if (r->state == ROOM_STARTING && r->server.port != 0) {
		honest_come(&r->probe, "probe", r->server.port);
		honest_come(&r->witness, "witness", r->server.port);
		enter_state(r, ROOM_ENTERING);
	} else if (r->state == ROOM_IN_USE && r->script != NULL) {
		take_names(r, line);
	}
}

void
room_stop(struct room *r)
{
	attack_end(&r->attack);
	honest_go(&r->probe);
	honest_go(&r->witness);
	honest_go(&r->newcomer);
	(void)kill(r->server.pid, SIGTERM);
	enter_state(r, ROOM_STOPPING);
}

void
room_kill(struct room *r)
{
	server_kill(&r->server);
	r->state = ROOM_OVER;
}

/* ---- the honest clients ---- */

/* The probe's lines tell those who count to start and to stop. */
static void
mark(struct room *r, struct honest *h, const char *text)
{
	if (strcmp(text, "begin") == 0) {
		honest_count(h, true);
		h->next = now();
	} else if (strcmp(text, "end") == 0) {
		honest_count(h, false);
		h->next = 0;
	}
	if (h == &r->probe && h->since > 0) {
		if (r->state == ROOM_IN_USE)
			measure_wait(r, h->since);
		h->since = 0;
		if (h->next > 0)
			h->next = now() + PAUSE_S;
	}
}

static void
hears(void *arg, struct honest *h, const struct heard *l)
{
	struct room *r = arg;

	if (strcmp(l->kind, "err") == 0)
		fault(r, "%s is told: %s", h->name, l->text);
	if (h == &r->newcomer) {
		if (h->here && h->since > 0) {
			measure_wait(r, h->since);
			honest_say(h, "!quit");
			h->since = 0;
		}
		return;
	}
	if (h == &r->probe && l->id[0] != '-') {
		measure_silence(r);
		(void)strlcpy(r->attack.id, l->id, sizeof(r->attack.id));
	}
	if (strcmp(l->kind, "msg") == 0 && strcmp(l->name, "probe") == 0)
		mark(r, h, l->text);
}

static void
act(struct room *r)
{
	char	line[32];
	double	t = now();

	if (r->probe.since <= 0 && t >= r->probe.next) {
		(void)snprintf(line, sizeof(line), "line %u",
		    ++r->probe.number);
		honest_say(&r->probe, line);
	}
	if (r->newcomer.fd == -1 && t >= r->newcomer.next) {
		(void)snprintf(line, sizeof(line), "new%u", ++r->newcomers);
		honest_come(&r->newcomer, line, r->server.port);
		r->newcomer.next = t + VISIT_S;
	}
}

/* Two clients that read at once received the same, or were told of losses. */
static void
compare(struct room *r)
{
	const struct honest *p = &r->probe, *w = &r->witness;

	if (p->lost == 0 && w->lost == 0) {
		if (p->events != w->events || p->sum != w->sum)
			fault(r, "of two readers one received %llu events, the "
			    "other %llu", (unsigned long long)p->events,
			    (unsigned long long)w->events);
	} else if (r->found.stall < STALLED_S) {
		fault(r, "one who reads at once lost %llu lines, another "
		    "%llu", (unsigned long long)p->lost,
		    (unsigned long long)w->lost);
	}
	if ((p->lost == 0 && w->events + w->lost < p->events) ||
	    (w->lost == 0 && p->events + p->lost < w->events))
		fault(r, "a reader that lost lines was not told of all");
}

/* ---- the states ---- */

static void
begin_use(struct room *r)
{
	enter_state(r, ROOM_IN_USE);
	r->begun = r->innocent_since = now();
	r->until = r->begun + r->seconds;
	if (r->script != NULL)
		attack_begin(&r->attack, r->script, r->server.port);
}

static void
end_use(struct room *r)
{
	measure_silence(r);
	if (honest_waits(&r->probe) > 0)
		measure_wait(r, r->probe.since);
	if (honest_waits(&r->newcomer) > 0)
		measure_wait(r, r->newcomer.since);
	r->found.stall = measure_stall(r->calm, r->begun, now());
	attack_end(&r->attack);
	honest_go(&r->newcomer);
	enter_state(r, ROOM_EMPTYING);
	r->again = now() + AGAIN_S;
	honest_say(&r->probe, "end");
}

/* An attack without effect so far will hardly have any. */
static bool
is_vain(const struct room *r)
{
	return now() > r->begun + IDLE_PART * r->seconds &&
	    r->found.total <= 0 && honest_waits(&r->probe) < AWAITED_S &&
	    honest_waits(&r->newcomer) < AWAITED_S;
}

/* State changes that no event announces. */
static void
look(struct room *r)
{
	const char	*why;
	bool		 late = now() > r->until;

	switch (r->state) {
	case ROOM_ENTERING:
		if (r->probe.here && r->witness.here && r->probe.number == 0) {
			r->probe.number = 1;
			honest_say(&r->probe, "begin");
		}
		if (r->probe.next > 0 && r->witness.next > 0)
			begin_use(r);
		break;
	case ROOM_IN_USE:
		if (r->script != NULL) {
			measure_blame(r);
			attack_act(&r->attack);
			if (late || is_vain(r)) {
				end_use(r);
				return;
			}
		}
		act(r);
		return;
	case ROOM_EMPTYING:
		/* The witness may have lost that line, too. */
		if (r->probe.next <= 0 && r->probe.since <= 0 &&
		    now() > r->again) {
			r->again = now() + AGAIN_S;
			honest_say(&r->probe, "end");
		}
		if (r->probe.next <= 0 && r->witness.next <= 0) {
			compare(r);
			room_stop(r);
		}
		break;
	case ROOM_STOPPING:
		if (!server_ended(&r->server, &why))
			break;
		if (why != NULL)
			fault(r, "%s", why);
		r->state = ROOM_OVER;
		break;
	default:
		break;
	}
	if (late && r->state != ROOM_OVER && !r->asked) {
		/* Ask who is in the way, for the log. */
		r->asked = true;
		r->until += FIGURES_S;
		(void)kill(r->server.pid, SIGUSR2);
	} else if (late && r->state != ROOM_OVER) {
		fault(r, "after %.0f s the room is still in state %d: the "
		    "probe %s, the witness %s", PATIENCE_S, (int)r->state,
		    r->probe.fd == -1 ? "is out" : r->probe.next > 0 ?
		    "waits" : "is done", r->witness.fd == -1 ? "is out" :
		    r->witness.next > 0 ? "waits" : "is done");
		room_kill(r);
	}
}

void
room_watch(struct room *r, struct watch *w)
{
	if (r->state == ROOM_OVER)
		return;
	server_watch(&r->server, w);
	honest_watch(&r->probe, w);
	honest_watch(&r->witness, w);
	honest_watch(&r->newcomer, w);
	if (r->state == ROOM_IN_USE && r->script != NULL)
		attack_watch(&r->attack, w);
}

void
room_move(struct room *r, const struct watch *w)
{
	if (r->state == ROOM_OVER)
		return;
	server_move(&r->server, w, hears_log, r);
	honest_move(&r->probe, w, hears, r);
	honest_move(&r->witness, w, hears, r);
	honest_move(&r->newcomer, w, hears, r);
	if (r->state == ROOM_IN_USE && r->script != NULL)
		attack_move(&r->attack, w);
	look(r);
}
