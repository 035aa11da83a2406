/* SPDX-License-Identifier: ISC */

/*
 * The process in: it says in this room what other rooms say.
 *
 * It follows the stream and says each line in the room by !from (see
 * chatproto(7)).  For each room of each host it keeps a mark, the ID of the
 * last event that its own room has echoed, so it can reread the stream from any
 * place and say nothing twice.
 *
 * The state file may be older than the room.  So at its start the process asks
 * the room for all events since the place in the state.  Those from other
 * rooms were said by an earlier process: while it reads the stream from the
 * state's place on, it finds them again, and says only the others.  Until it
 * has found them, it does not replace the file: the room is ahead of the marks,
 * and a successor that started from there would say again what lies between.
 *
 * It repairs no doubtful situation, such as a gap in the stream, a replaced
 * stream or a room that does not answer: it exits, and its successor starts
 * from the state.
 *
 * Runs in the process in.
 */

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "chatserv/common/log.h"
#include "contrib/chatlink/echo.h"
#include "contrib/chatlink/engine.h"
#include "contrib/chatlink/in.h"
#include "contrib/chatlink/presence.h"
#include "contrib/chatlink/room.h"
#include "ipc/bus/bus.h"
#include "ipc/common/bsd.h"

#define TEXT_MAX	16384	/* bytes that !from accepts */
#define SAVE_MS		500
#define AGAIN_MS	250	/* if that was not possible */
#define PROBE_MS	5000	/* between looks at the stream */
#define WHO_MS		1000	/* between looks at who is here, if that ... */
#define HERE_MS		10000	/* ... changes, and if not */
#define PATIENCE_MS	30000	/* for the room to answer */
#define HALF_DAY_S	43200
#define LATE_US		30000000
#define REFILL_MS	60000	/* for rooms to refill a new stream */
#define ANSWERS		10	/* lines in answer to "who" */

static struct {
	const struct link	*link;
	struct engine		*engine;
	struct state		 state;
	struct room		 room;
	struct echoes		 echoes;
	struct presence		 presence;
	struct presence_own	 own;

	/* Other rooms' lines that an earlier process said; 0: found. */
	uint64_t		*before;
	size_t			 befores, before_size, before_at;
	bool			 welcomed, entered;

	/* The state is consistent once the stream is said up to here. */
	uint64_t		 known;
	bool			 whole;		/* it is */
	bool			 another;	/* stream than before */
	uint64_t		 begun;		/* ms */

	/* The stream's message whose lines are being said. */
	struct engine_event	*message;
	struct payload		 payload;
	struct watermark		*mark;
	uint64_t		 lost;		/* to report first */
	bool			 late;		/* the room knows its span */

	uint64_t		 gone;		/* messages, at the start */
	uint64_t		 received;	/* the last number */
	uint64_t		 check;		/* its hash, 0 if not known */
	bool			 doubtful;	/* the stream may be another */
	uint64_t		 probed;	/* ... of all */
	uint64_t		 answered;	/* when the room last did */
	/* When these are due, in ms. */
	uint64_t		 save_at, probe_at, who_at, here_at;
	bool			 who_changed, who_asked;
} in;

/*
 * Whether the state is consistent.  The lines that an earlier process said were
 * in the stream when this one started, so once the stream has been read that
 * far, those not found are no longer in it.  They may return in a new stream.
 */
static bool
is_whole(void)
{
	if (in.whole)
		return true;
	if (!in.entered || in.state.seq < in.known || (in.another &&
	    in.before_at < in.befores && bus_now() < in.begun + REFILL_MS))
		return false;
	free(in.before);
	in.before = NULL;
	in.befores = in.before_at = 0;
	in.whole = true;
	return true;
}

static void
save(void)
{
	if (is_whole())
		state_save(&in.state, in.link->state);
}

static void __attribute__((noreturn, format(printf, 1, 2)))
restart(const char *fmt, ...)
{
	char	why[256];
	va_list	ap;

	va_start(ap, fmt);
	(void)vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	log_info("in: %s: restarting", why);
	save();
	_exit(1);
}

/* ---- speaking ---- */

/*
 * What the room has been told, and is to show.  How long it takes counts from
 * here if it had nothing to show before.
 */
static void
await(uint64_t hash, bool shown, struct watermark *mark, uint64_t id)
{
	if (in.echoes.count == 0)
		in.answered = bus_now();
	echoes_add(&in.echoes, hash, shown, mark, id);
}

/* Whether the room takes another line of our own, which it is to show. */
static bool
can_speak(void)
{
	return room_has_space(&in.room, LINK_LINE) &&
	    echoes_have_space(&in.echoes, 1);
}

/* Say a line of our own to all. */
static void
announce(const char *text)
{
	size_t len = strlen(text);

	if (!can_speak())
		return;
	room_say(&in.room, "%s", text);
	await(echoes_hash(&in.echoes, EVENT_MSG, LINK_NAME, strlen(LINK_NAME),
	    text, len), false, NULL, 0);
}

/* Say a line to one. */
static void
whisper(const char *name, size_t name_len, const char *text)
{
	char	both[TEXT_SPEAKER_MAX + sizeof(LINK_NAME) + 1];
	int	n = snprintf(both, sizeof(both), LINK_NAME ">%.*s",
		    (int)name_len, name);

	if (n < 0 || (size_t)n >= sizeof(both) || !can_speak())
		return;
	room_say(&in.room, "!msg %.*s %s", (int)name_len, name, text);
	await(echoes_hash(&in.echoes, EVENT_PRIV, both, (size_t)n, text,
	    strlen(text)), false, NULL, 0);
}

static void
write_time(char *text, size_t size, uint64_t id)
{
	time_t		t = (time_t)(id / 1000000), now = time(NULL);
	struct tm	tm;

	text[0] = '\0';
	if (localtime_r(&t, &tm) != NULL)
		(void)strftime(text, size, now - t < HALF_DAY_S ? "%H:%M:%S" :
		    "%Y-%m-%d %H:%M:%S", &tm);
}

/* Announce the time of lines that are not new. */
static void
tell_late(uint64_t id)
{
	char line[160], first[40], last[40];

	if (in.late || id + LATE_US > (uint64_t)time(NULL) * 1000000)
		return;
	in.late = true;
	write_time(first, sizeof(first), id);
	write_time(last, sizeof(last), in.payload.last);
	(void)snprintf(line, sizeof(line), "late from %s: said from %s to %s",
	    in.message->host, first, last);
	announce(line);
}

static void
tell_lost(void)
{
	char line[160];

	if (in.lost == 0)
		return;
	(void)snprintf(line, sizeof(line), in.lost == 1 ?
	    "%" PRIu64 " line of %s is lost" :
	    "%" PRIu64 " lines of %s are lost", in.lost, in.message->host);
	in.lost = 0;
	announce(line);
}

/* Whether an earlier process has said this line. */
static bool
was_said(uint64_t hash)
{
	size_t i;

	for (i = in.before_at; i < in.befores && in.before[i] != hash; i++)
		;
	if (i == in.befores)
		return false;
	in.before[i] = 0;
	while (in.before_at < in.befores && in.before[in.before_at] == 0)
		in.before_at++;
	return true;
}

static void
say_event(const struct event *ev)
{
	static char	text[4 * TEXT_MAX];
	char		name[PAYLOAD_SPEAKER];
	size_t		n, len;
	uint64_t	hash;
	bool		said;

	if (ev->id <= in.mark->sent) {
		in.lost = 0;
		return;
	}
	in.mark->sent = ev->id;
	if ((n = payload_speaker(name, ev, in.message->host)) == 0) {
		log_debug("in: nobody of %s can have such a name",
		    in.message->host);
		return;
	}
	len = payload_text(text, TEXT_MAX, ev);
	hash = echoes_hash(&in.echoes, ev->kind, name, n, text, len);
	said = was_said(hash);
	if (!said) {
		tell_lost();
		tell_late(ev->id);
		room_say_for(&in.room, ev->kind == EVENT_ME ? "!me-from" :
		    "!from", name, n, text, len);
	}
	await(hash, said, in.mark, ev->id);
}

/* All lines of the message were said. */
static void
end_message(void)
{
	echoes_end_message(&in.echoes, in.received, in.check);
	engine_free(in.message);
	in.message = NULL;
}

/* Say as much of the message as the room accepts now. */
static void
say_message(void)
{
	struct event ev;

	while (in.message != NULL && echoes_have_space(&in.echoes, 4) &&
	    room_has_space(&in.room, (size_t)4 * LINK_LINE)) {
		if (!payload_next(&in.payload, &ev))
			end_message();
		else if (ev.kind == EVENT_LOST)
			in.lost += payload_lost(&ev);
		else
			say_event(&ev);
	}
}

/* ---- the stream ---- */

/* The stream has dropped messages, by age, size or order, before we came. */
static void
tell_gone(uint64_t messages)
{
	char line[160];

	(void)snprintf(line, sizeof(line), "messages, of a line or more each, "
	    "that are gone from the stream: %" PRIu64, messages);
	announce(line);
}

static void
look_at_gap(uint64_t seq, uint64_t messages)
{
	struct engine_event *ev;

	switch (engine_get(in.engine, seq, &ev)) {
	case ENGINE_NONE:
		tell_gone(messages);
		return;
	case ENGINE_FOUND:
		engine_free(ev);
		break;
	case ENGINE_DOWN:
		break;
	}
	restart("message %" PRIu64 " of the stream has not come", seq);
}

/* Whether the message has lines to say. */
static bool
open_message(void)
{
	const struct engine_event *ev = in.message;

	if (strcmp(ev->host, in.link->host) == 0 || ev->host[0] == '\0')
		return false;
	if (!payload_open(&in.payload, ev->data, ev->len)) {
		log_info("in: message %" PRIu64 " of the stream makes no "
		    "sense", ev->seq);
		return false;
	}
	in.mark = state_mark(&in.state, ev->host, in.payload.identity);
	return true;
}

/* Handle ev, which is this function's from now on. */
static void
take_message(struct engine_event *ev)
{
	if (ev->seq <= in.received) {
		engine_free(ev);
		return;
	}
	if (ev->seq > in.received + 1)
		look_at_gap(in.received + 1, ev->seq - in.received - 1);
	in.received = ev->seq;
	in.check = state_hash(0, ev->data, ev->len);
	in.message = ev;
	in.late = false;
	in.lost = 0;
	if (!open_message())
		end_message();
}

static void
take_event(struct engine_event *ev)
{
	char line[PRESENCE_LINE];

	switch (ev->kind) {
	case ENGINE_MESSAGE:
		take_message(ev);
		return;
	case ENGINE_HERE:
		if (ev->host[0] != '\0' &&
		    strcmp(ev->host, in.link->host) != 0 &&
		    presence_hear(&in.presence, ev->host, ev->data, ev->len,
		    bus_now(), line)) {
			announce(line);
			in.here_at = 0;		/* it may not know us yet */
		}
		break;
	case ENGINE_NEWS:
		log_info("in: the engine: %s", ev->why);
		in.doubtful = true;
		in.probe_at = 0;
		break;
	case ENGINE_STORED:
	case ENGINE_REFUSED:
		break;
	}
	engine_free(ev);
}

/*
 * Whether message seq is still the one with this hash.  One that is deleted
 * proves nothing.
 */
static bool
is_same_message(uint64_t seq, uint64_t check)
{
	struct engine_event	*ev;
	bool			 same = true;

	if (check == 0)
		return true;
	switch (engine_get(in.engine, seq, &ev)) {
	case ENGINE_DOWN:
		restart("the stream cannot be seen");
	case ENGINE_FOUND:
		same = state_hash(0, ev->data, ev->len) == check;
		engine_free(ev);
		break;
	case ENGINE_NONE:
		break;
	}
	return same;
}

/*
 * Whether the stream is as far as we are, and still the same: it may have
 * been put back to an earlier state, and have grown beyond our place since.
 */
static void
probe_stream(void)
{
	struct engine_stream st;

	if (!engine_stream(in.engine, &st)) {
		in.doubtful = true;
		return;
	}
	if (st.created != in.state.created || st.last < in.received ||
	    !is_same_message(in.received, in.check))
		restart("the stream is another one");
	if (in.probed > in.received && in.message == NULL && !in.doubtful)
		restart("the engine keeps messages back");
	in.probed = st.last;
	/* A consumer may have died with the node where it was. */
	if (!in.doubtful || engine_follow(in.engine, in.received + 1))
		in.doubtful = false;
}

/* Where to start in the stream; at its beginning if in doubt. */
static uint64_t
find_start(void)
{
	struct engine_stream st;

	if (!engine_stream(in.engine, &st))
		restart("the stream cannot be seen");
	if (in.state.created == 0) {
		in.state.created = st.created;
		in.state.seq = st.last;
		in.state.changed = true;
	} else if (st.created != in.state.created ||
	    st.last < in.state.seq ||
	    !is_same_message(in.state.seq, in.state.check)) {
		log_info("in: the stream was replaced: rereading it");
		in.state.created = st.created;
		in.state.seq = in.state.check = 0;
		in.state.changed = true;
		in.another = true;
	}
	in.known = st.last;
	if (in.state.seq + 1 < st.first) {
		/* In another stream these may be what we have had. */
		in.gone = in.another ? 0 : st.first - 1 - in.state.seq;
		in.state.seq = st.first - 1;
		in.state.check = 0;
		in.state.changed = true;
	}
	return in.state.seq + 1;
}

/* ---- the room ---- */

static void
remember_before(uint64_t hash)
{
	if (in.befores == in.before_size) {
		in.before_size = in.before_size * 2 + 1024;
		in.before = reallocarray(in.before, in.before_size,
		    sizeof(*in.before));
		if (in.before == NULL)
			fatal("no memory");
	}
	in.before[in.befores++] = hash;
}

/* Answer a member who asks who is there. */
static void
answer_who(const struct event *ev)
{
	static const char	to_us[] = ">" LINK_NAME;
	size_t			n = ev->name_len;
	char			line[PRESENCE_LINE];
	int			i;

	if (n <= strlen(to_us) || memcmp(ev->name + n - strlen(to_us), to_us,
	    strlen(to_us)) != 0)
		return;
	n -= strlen(to_us);
	if (!text_is(ev->text, ev->text_len, "who"))
		whisper(ev->name, n, "say who, and I say which rooms are here");
	else if (!presence_answer(&in.presence, 0, line))
		whisper(ev->name, n, "no other room is here");
	else
		for (i = 0; i < ANSWERS && presence_answer(&in.presence, i,
		    line); i++)
			whisper(ev->name, n, line);
}

/* The answer to !who: a line for each who is here, and one with the number. */
static void
take_who(const struct event *ev)
{
	char	data[PRESENCE_LINE];
	size_t	n;

	if (ev->name_len > 0) {
		if (!payload_is_of_link(ev))
			presence_add(&in.own, ev->name, ev->name_len);
		return;
	}
	/* The first number is the welcome's, and history follows it. */
	if (!in.welcomed) {
		in.welcomed = true;
		presence_begin(&in.own);
		return;
	}
	in.who_asked = false;
	in.entered = true;
	n = presence_write(&in.own, data);
	(void)engine_say_here(in.engine, data, n);
	in.here_at = bus_now() + HERE_MS;
}

static void
take_said(const struct event *ev)
{
	uint64_t hash = echoes_hash(&in.echoes, ev->kind, ev->name,
	    ev->name_len, ev->text, ev->text_len);

	if (!in.entered) {
		if (text_is_remote(ev->name, ev->name_len))
			remember_before(hash);
	} else if (echoes_shown(&in.echoes, hash))
		in.answered = bus_now();
	else if (ev->kind == EVENT_PRIV)
		answer_who(ev);
}

/* In a new room no place is known yet. */
static void
take_identity(const struct event *ev)
{
	if (!payload_is_identity(ev->text, ev->text_len) ||
	    memcmp(in.state.identity, ev->text, PAYLOAD_IDENTITY) == 0)
		return;
	payload_set_identity(in.state.identity, ev->text);
	in.state.place = 0;
	in.state.changed = true;
}

static void
take_answer(const struct event *ev)
{
	switch (ev->kind) {
	case EVENT_ROOM:
		take_identity(ev);
		break;
	case EVENT_WHO:
		take_who(ev);
		break;
	case EVENT_LOST:
		if (in.entered)
			restart("the room has passed us over");
		log_info("in: %.*s events of the room are not known",
		    (int)ev->text_len, ev->text);
		break;
	case EVENT_ERR:
		log_info("in: the room: %.*s", (int)ev->text_len, ev->text);
		if (!in.entered)
			restart("the room does not let us in");
		echoes_refused(&in.echoes);
		in.answered = bus_now();
		break;
	case EVENT_BYE:
		restart("the room says goodbye (%.*s)", (int)ev->text_len,
		    ev->text);
	default:
		break;
	}
}

static void
hear_room(void)
{
	struct event ev;

	if (room_read(&in.room) == -1)
		restart("the room is gone");
	while (room_next(&in.room, &ev)) {
		if (ev.id == 0) {
			take_answer(&ev);
			continue;
		}
		if (ev.kind == EVENT_MSG || ev.kind == EVENT_ME ||
		    ev.kind == EVENT_PRIV)
			take_said(&ev);
		else
			in.who_changed = true;
		in.state.place = ev.id;
		in.state.changed = true;
	}
}

static void
ask_who(void)
{
	if (in.who_asked || !room_has_space(&in.room, LINK_LINE))
		return;
	presence_begin(&in.own);
	room_say(&in.room, "!who");
	in.who_asked = true;
	in.who_changed = false;
	in.who_at = bus_now() + WHO_MS;
}

/* ---- all of it ---- */

static void
log_figures(void)
{
	log_info("in: %" PRIu64 " of the stream is said, of at least %" PRIu64
	    "; %u lines are on their way through the room; the engine is %s; "
	    "%d other rooms are here", in.state.seq,
	    in.probed > in.received ? in.probed : in.received,
	    in.echoes.count, engine_is_up(in.engine) ? "there" : "away",
	    presence_count(&in.presence));
}

/* Do what is due; returns when to call it again. */
static uint64_t
do_what_is_due(void)
{
	char		line[PRESENCE_LINE];
	uint64_t	now = bus_now(), next;

	if (now >= in.save_at) {
		save();
		in.save_at = now + SAVE_MS;
	}
	if (now >= in.probe_at) {
		if (in.entered)
			probe_stream();
		in.probe_at = bus_now() + (in.doubtful ? AGAIN_MS : PROBE_MS);
	}
	while (presence_miss(&in.presence, now, line))
		announce(line);
	if ((in.who_changed && now >= in.who_at) || now >= in.here_at)
		ask_who();
	if ((in.echoes.count > 0 || !in.entered) &&
	    now > in.answered + PATIENCE_MS)
		restart("the room does not answer");
	next = in.probe_at;
	if (!in.who_asked && in.here_at < next)
		next = in.here_at;
	if (in.state.changed && in.save_at < next)
		next = in.save_at;
	if (in.who_changed && !in.who_asked && in.who_at < next)
		next = in.who_at;
	return next;
}

static void
wait_for_events(uint64_t until)
{
	bool		takes = in.entered && in.message == NULL &&
			    !in.doubtful;
	struct pollfd	pfd[3] = {
	    { in.link->parent_fd, POLLIN, 0 },
	    { takes ? engine_fd(in.engine) : -1, POLLIN, 0 },
	    { in.room.fd, POLLIN, 0 } };
	struct timespec	ts = link_until(until);

	if (line_out_pending(&in.room.out) > 0)
		pfd[2].events |= POLLOUT;
	if (ppoll(pfd, 3, &ts, &link_awake) <= 0)
		return;
	if (pfd[0].revents != 0)
		link_stopped = 1;
	if ((pfd[2].revents & ~POLLOUT) != 0)
		hear_room();
}

static void
take_events(void)
{
	struct engine_event *ev;

	say_message();
	while (in.message == NULL && !in.doubtful &&
	    (ev = engine_next(in.engine)) != NULL) {
		take_event(ev);
		say_message();
	}
	if (room_write(&in.room) == -1)
		restart("the room is gone");
}

/*
 * Read the history, up to where the room shows only new events.  Returns false
 * if the process is stopped before.
 */
static bool
enter(void)
{
	if (room_open(&in.room, in.link->socket, &in.state) == -1)
		_exit(1);
	in.answered = bus_now();
	ask_who();
	while (!in.entered && !link_stopped) {
		if (room_write(&in.room) == -1)
			restart("the room is gone");
		wait_for_events(do_what_is_due());
	}
	if (!in.entered)
		return false;
	log_info("in: in the room; %zu lines of other rooms since the state",
	    in.befores);
	return true;
}

/* Carry lines until the process is stopped. */
static void
serve(uint64_t start)
{
	in.received = start - 1;
	in.check = in.state.check;
	if (in.gone > 0)
		tell_gone(in.gone);
	if (!engine_follow(in.engine, start))
		restart("the stream cannot be followed");
	while (!link_stopped) {
		take_events();
		if (link_asked) {
			link_asked = 0;
			log_figures();
		}
		wait_for_events(do_what_is_due());
	}
}

void
in_run(const struct link *l)
{
	uint64_t start;

	in.link = l;
	in.begun = bus_now();
	state_load(&in.state, l->state);
	echoes_init(&in.echoes, &in.state);
	if ((in.engine = engine_open(l)) == NULL)
		_exit(1);
	start = find_start();
	state_save(&in.state, l->state);
	in.here_at = in.probe_at = bus_now() + HERE_MS;
	if (!engine_hear_here(in.engine))
		restart("the other rooms cannot be heard");
	if (enter())
		serve(start);
	save();
	_exit(0);
}
