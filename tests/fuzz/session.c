/* SPDX-License-Identifier: ISC */

/*
 * A session: a client sends arbitrary bytes while others talk, join and leave,
 * the parent dies, tokens are used and sockets break.  This runs the real
 * session_run() over a socketpair; its one place of waiting, ppoll(2), drives
 * the simulated world, so that everything happens in one process and repeats in
 * the same order.
 *
 * Whatever happens: every line that the client gets is well-formed and
 * printable; what it is shown as said was said, in order; it misses nothing
 * that others said without being told how much; it ends with a goodbye; and the
 * log has only harmless lines.
 *
 * Input: a byte of choices, then the client's bytes.  A byte 0xFF with the one
 * after it, and sometimes a third, is an event in between (enum op).
 */

/* Its inline functions would hide our ppoll() and kill(). */
#undef _FORTIFY_SOURCE

#include <sys/mman.h>
#include <sys/socket.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>

#include "chatserv/session/irc/irc.h"
#include "chatserv/session/session.h"
#include "ipc/common/bsd.h"
#include "ipc/bus/lock.h"
#include "ipc/bus/publish.h"
#include "ipc/bus/shm.h"
#include "tests/fuzz/fuzz.h"

#ifdef ppoll
/* Where bsd.h brings a ppoll() of its own, ours cannot replace it. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	(void)data;
	(void)size;
	return 0;
}
#else

#define OTHERS		24		/* more than fit a line of !who */
#define SLOTS		32
#define EVENTS_MAX	1024
#define FLOODS_MAX	96		/* they are long, and fill the ring */
#define SEEN_SIZE	((size_t)4 << 20)
#define TURNS_MAX	20000
#define OP		0xFF

enum op {
	OP_NOTHING,		/* but a turn */
	OP_DEAF,		/* the client stops reading */
	OP_HEARS,		/* and reads again */
	OP_TALK,		/* arg: which of the others, how often */
	OP_FLOOD,		/* arg: which; it says much */
	OP_COME,		/* arg: how many others join */
	OP_GO,			/* arg: which leaves */
	OP_RENAME,
	OP_WHISPER,		/* to the client */
	OP_WHISPER_PAST,	/* among others */
	OP_IMPATIENT,		/* writers no longer wait for the client */
	OP_REST,		/* time passes */
	OP_PARENT_DIES,
	OP_TERM,		/* arg: 1 if the server is stopping */
	OP_CLOSE_SEGMENT,
	OP_REPLACE,		/* someone has the client's token */
	OP_RESET,		/* the connection breaks */
	OP_HALF_CLOSE,
	OPS
};

/* What one of the others published. */
struct said {
	enum event_kind	kind;
	char		name[2 * TEXT_NAME_MAX + 2];
	char		text[64];
	bool		for_client;	/* present, and may know it */
};

static struct {
	struct input	 script;
	struct bus	*bus;		/* the session's */
	struct bus	 other[OTHERS];
	bool		 here[OTHERS];
	unsigned	 names;		/* so far, so that all differ */
	struct said	 said[EVENTS_MAX];
	size_t		 said_count;
	unsigned	 floods;
	int		 fd;		/* the client's end */
	int		 parent;	/* the write end of the parent's pipe */
	bool		 deaf, over, reset, stopping, unordered;
	size_t		 turns;
	char		*heard;		/* what the client has sent */
	size_t		 heard_len;
	char		*seen;		/* what it has got */
	size_t		 seen_len;
	struct sigaction alarm;		/* the engine's */
	bool		 running;
} world;

static const char pad[] = "................................................";

/* ---- the others ---- */

static bool
client_here(void)
{
	return atomic_load(&world.bus->slot[0].state) == SLOT_PRESENT;
}

static void
note(enum event_kind kind, const char *name, const char *text,
    bool for_client)
{
	struct said *s = &world.said[world.said_count++];

	s->kind = kind;
	(void)strlcpy(s->name, name, sizeof(s->name));
	(void)strlcpy(s->text, text, sizeof(s->text));
	s->for_client = for_client && client_here() && !world.unordered;
}

static bool
may_speak(unsigned who)
{
	return world.here[who] && world.said_count < EVENTS_MAX - OTHERS &&
	    atomic_load(&world.other[who].slot[who + 1].state) ==
	    SLOT_PRESENT;
}

/* One of the others speaks, if it may: to everyone, or to a slot. */
static bool
speak(unsigned who, enum event_kind kind, uint16_t to, const char *to_name,
    size_t padding)
{
	static uint64_t	 buf[BATCH_MAX / sizeof(uint64_t)];
	static char	 text[64 + LINE_TEXT_MAX];
	struct batch	 batch = { (char *)buf, sizeof(buf), 0 };
	struct bus	*b = &world.other[who];
	char		 name[2 * TEXT_NAME_MAX + 2];
	struct event	 ev = { 0, kind, name, 0, text, 0 };
	bool		 heard = to == RECORD_TO_ALL || to == 0;
	int		 wait_ms;

	if (!may_speak(who))
		return false;
	(void)snprintf(name, sizeof(name), "%s%s%s", b->slot[who + 1].name,
	    to_name == NULL ? "" : ">", to_name == NULL ? "" : to_name);
	ev.name_len = strlen(name);
	ev.text_len = (size_t)snprintf(text, sizeof(text), "n=%zu",
	    world.said_count);
	while (ev.text_len < padding) {
		memcpy(text + ev.text_len, pad, sizeof(pad) - 1);
		ev.text_len += sizeof(pad) - 1;
	}
	must(ring_compose(&batch, &ev, b->me, to, atomic_load(
	    &b->slot[to == RECORD_TO_ALL ? 0 : to].generation)));
	if (publish_batch(b, &batch, &wait_ms) != BUS_OK)
		return false;
	text[ev.text_len] = '\0';
	note(kind, name, text, heard);
	return true;
}

static void
come(unsigned who)
{
	static const unsigned char	token[BUS_TOKEN_SIZE];
	struct bus			*b = &world.other[who];
	struct reader			 r, live;
	char				 name[TEXT_NAME_MAX + 1];
	int				 wait_ms;

	if (world.here[who] || world.said_count >= EVENTS_MAX - OTHERS)
		return;
	*b = *world.bus;
	roster_open(b, who + 1, "fuzz");
	roster_enter(b, who + 1);
	(void)snprintf(name, sizeof(name), "o%u", world.names++);
	if (roster_join(b, name, NULL, token, NULL, &r, &live, &wait_ms) !=
	    BUS_OK)
		return;
	/* It reads so fast that nobody need wait for it. */
	atomic_store(&b->slot[who + 1].cursor, BUS_NOT_READING);
	world.here[who] = true;
	note(EVENT_JOIN, name, "fuzz", true);
}

static void
go(unsigned who)
{
	struct reader	end;
	char		name[TEXT_NAME_MAX + 1];
	int		wait_ms;

	if (!may_speak(who))
		return;
	(void)strlcpy(name, world.other[who].slot[who + 1].name,
	    sizeof(name));
	if (roster_leave(&world.other[who], "quit", &end, &wait_ms) != BUS_OK)
		return;
	note(EVENT_LEAVE, name, "quit", !world.stopping);
	world.here[who] = false;
}

static void
rename_other(unsigned who)
{
	char	old[TEXT_NAME_MAX + 1], name[TEXT_NAME_MAX + 1];
	int	wait_ms;

	if (!may_speak(who))
		return;
	(void)strlcpy(old, world.other[who].slot[who + 1].name, sizeof(old));
	(void)snprintf(name, sizeof(name), "o%u", world.names++);
	if (roster_rename(&world.other[who], name, &wait_ms) == BUS_OK)
		note(EVENT_NAME, old, name, true);
}

/* Another client proves by the token to be this one. */
static void
replace(void)
{
	struct slot	*s = &world.bus->slot[0];
	unsigned char	 token[BUS_TOKEN_SIZE];
	char		 name[TEXT_NAME_MAX + 1];
	struct bus	 b = *world.bus;
	struct reader	 r, live;
	int		 wait_ms;

	if (!client_here() || atomic_load(&b.segment->closed))
		return;
	memcpy(token, s->token, sizeof(token));
	memcpy(name, s->name, sizeof(name));
	roster_open(&b, OTHERS + 1, "fuzz");
	roster_enter(&b, OTHERS + 1);
	must(roster_join(&b, name, token, token, NULL, &r, &live, &wait_ms) ==
	    BUS_TAKEN_OVER);
	atomic_store(&b.slot[OTHERS + 1].cursor, BUS_NOT_READING);
	world.unordered = true;
}

/* ---- the client ---- */

static void
send_to_session(const char *s, size_t len)
{
	ssize_t n;

	if (world.over || len == 0)
		return;
	n = send(world.fd, s, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n <= 0)
		return;
	memcpy(world.heard + world.heard_len, s, (size_t)n);
	world.heard_len += (size_t)n;
}

static void
hear_session(void)
{
	ssize_t n;

	while (!world.reset && world.seen_len < SEEN_SIZE) {
		n = recv(world.fd, world.seen + world.seen_len,
		    SEEN_SIZE - world.seen_len, MSG_DONTWAIT);
		if (n <= 0)
			break;
		world.seen_len += (size_t)n;
	}
	must(world.seen_len < SEEN_SIZE);
}

static void
half_close(void)
{
	if (!world.over && !world.reset)
		(void)shutdown(world.fd, SHUT_WR);
	world.over = true;
}

static void
reset(void)
{
	if (!world.reset)
		(void)close(world.fd);
	world.reset = world.over = world.unordered = true;
}

/* ---- its turns ---- */

static void
impatient(void)
{
	struct slot *s = &world.bus->slot[0];

	atomic_store(&s->counted, atomic_load(&s->cursor));
	atomic_store(&s->credit, 0);
}

static void
term(bool stopping, const sigset_t *awake)
{
	sigset_t old;

	world.unordered = true;
	world.stopping = world.stopping || stopping;
	atomic_store(&world.bus->segment->stopping, world.stopping);
	must(raise(SIGTERM) == 0);
	(void)sigprocmask(SIG_SETMASK, awake, &old);
	(void)sigprocmask(SIG_SETMASK, &old, NULL);
}

static void
end_parent(void)
{
	if (world.parent != -1)
		(void)close(world.parent);
	world.parent = -1;
	world.unordered = true;
}

static void
of_others(enum op op, unsigned arg)
{
	unsigned i, who = arg % OTHERS;

	switch (op) {
	case OP_TALK:
		for (i = 0; i <= arg / OTHERS; i++)
			(void)speak(who, arg % 2 ? EVENT_MSG : EVENT_ME,
			    RECORD_TO_ALL, NULL, 0);
		break;
	case OP_FLOOD:
		for (i = 0; i < 8 && world.floods < FLOODS_MAX &&
		    speak(who, EVENT_MSG, RECORD_TO_ALL, NULL,
		    LINE_TEXT_MAX - 64); i++)
			world.floods++;
		break;
	case OP_COME:
		for (i = 0; i <= who; i++)
			come(i);
		break;
	case OP_GO:
		go(who);
		break;
	case OP_RENAME:
		rename_other(who);
		break;
	case OP_WHISPER:
		if (client_here())
			(void)speak(who, EVENT_PRIV, 0,
			    world.bus->slot[0].name, 0);
		break;
	default:
		(void)speak(who, EVENT_PRIV, (uint16_t)(2 + who), "o", 0);
		break;
	}
}

static void
happen(enum op op, const sigset_t *awake)
{
	switch (op) {
	case OP_NOTHING:
	case OP_REST:
		break;
	case OP_DEAF:
	case OP_HEARS:
		world.deaf = op == OP_DEAF;
		break;
	case OP_IMPATIENT:
		impatient();
		break;
	case OP_PARENT_DIES:
		end_parent();
		break;
	case OP_TERM:
		term(take(&world.script) & 1, awake);
		break;
	case OP_CLOSE_SEGMENT:
		atomic_store(&world.bus->segment->closed, 1);
		world.unordered = true;
		break;
	case OP_REPLACE:
		replace();
		break;
	case OP_RESET:
		reset();
		break;
	case OP_HALF_CLOSE:
		half_close();
		break;
	default:
		of_others(op, take(&world.script));
		break;
	}
}

/* The client sends its bytes until the next event. */
static enum op
turn(const sigset_t *awake)
{
	const char	*s = (const char *)world.script.at, *op;
	size_t		 n;
	enum op		 what;

	if (world.script.left == 0) {
		half_close();
		world.deaf = false;
		impatient();
		return OP_REST;
	}
	op = memchr(s, OP, world.script.left);
	n = op == NULL ? world.script.left : (size_t)(op - s);
	s = take_bytes(&world.script, n, &n);
	send_to_session(s, n);
	(void)take(&world.script);
	what = (enum op)(take(&world.script) % OPS);
	happen(what, awake);
	return what;
}

/* Replaces the system's: the world advances while the session waits. */
int
ppoll(struct pollfd *fds, nfds_t n, const struct timespec *limit,
    const sigset_t *awake)
{
	bool	ending = world.script.left == 0;
	enum op	what;
	int	ready;

	must(world.running && world.turns++ < TURNS_MAX);
	(void)sigaction(SIGALRM, &world.alarm, NULL);
	what = turn(awake);
	if (!world.deaf)
		hear_session();
	if ((ready = poll(fds, n, 0)) != 0)
		return ready;
	/* At the end only the time-out is left to wait for. */
	must(!ending || limit != NULL);
	if (limit != NULL && (what == OP_REST ||
	    (limit->tv_sec == 0 && limit->tv_nsec == 0)))
		return 0;
	errno = EINTR;
	return -1;
}

/* Replaces the system's: the only process to wake is this one. */
int
kill(pid_t pid, int sig)
{
	must(pid == getpid() && (sig == SIGURG || sig == 0));
	return 0;
}

/* Replaces the system's, which would rename this process. */
void
setproctitle(const char *fmt, ...)
{
	char	title[256];
	va_list	ap;

	va_start(ap, fmt);
	(void)vsnprintf(title, sizeof(title), fmt, ap);
	va_end(ap);
	must(is_printable(title, strlen(title)));
}

/* ---- what must hold afterwards ---- */

/* What the lines so far have said. */
struct audit {
	bool		 tsv, irc;
	char		 name[TEXT_NAME_MAX + 1];
	uint64_t	 id;		/* of the last event */
	size_t		 said;		/* of the others, seen up to here */
	size_t		 got;		/* of what was for the client */
	uint64_t	 lost;
	size_t		 heard;		/* of the client, seen up to here */
	bool		 bye, quit, err;	/* the last line was */
};

static bool
equals(const char *s, size_t len, const char *string)
{
	return len == strlen(string) && memcmp(s, string, len) == 0;
}

/* Is it what one of the others said, after the last seen of that? */
static bool
is_others(struct audit *a, const struct event *ev)
{
	const struct said	*s;
	size_t			 i, len;

	for (i = a->said; i < world.said_count; i++) {
		s = &world.said[i];
		len = strlen(s->text);
		if (s->kind != ev->kind ||
		    !equals(ev->name, ev->name_len, s->name) ||
		    ev->text_len < len || memcmp(ev->text, s->text, len) != 0)
			continue;
		if (ev->text_len > len && len < sizeof(s->text) - 1)
			continue;
		a->said = i + 1;
		a->got += s->for_client;
		return true;
	}
	return false;
}

/* Does the client's line s[0..len) end with this text that all saw? */
static bool
ends_with(const char *s, size_t len, const char *text, size_t text_len)
{
	static char	seen[4 * LINE_TEXT_MAX];
	size_t		n;

	if (len > 0 && s[len - 1] == '\r')
		len--;
	else if (len > 1 && s[len - 2] == '\r' && s[len - 1] == '\0')
		len -= 2;
	if (len > LINE_TEXT_MAX)
		return false;
	n = text_visible(seen, s, len);
	return n >= text_len && memcmp(seen + n - text_len, text,
	    text_len) == 0;
}

/* Is it what the client said, after the last that it was shown of that? */
static bool
is_own(struct audit *a, const struct event *ev)
{
	const char	*s, *lf, *end = world.heard + world.heard_len;
	size_t		 len = strlen(a->name);
	bool		 found;

	if (ev->name_len < len || memcmp(ev->name, a->name, len) != 0)
		return false;
	if (ev->kind == EVENT_PRIV ? ev->name_len == len ||
	    ev->name[len] != '>' : ev->name_len != len)
		return false;
	do {
		s = world.heard + a->heard;
		if (s >= end)
			return false;
		lf = memchr(s, '\n', (size_t)(end - s));
		if (lf == NULL)
			lf = end;
		found = ends_with(s, (size_t)(lf - s), ev->text, ev->text_len);
		a->heard += (size_t)(lf - s) + 1;
	} while (!found);
	return true;
}

static bool
is_name(const char *s, size_t len)
{
	return len > 0 && len <= TEXT_NAME_MAX && is_printable(s, len) &&
	    memchr(s, ' ', len) == NULL && memchr(s, '\t', len) == NULL;
}

static void
set_name(struct audit *a, const char *s, size_t len)
{
	must(is_name(s, len));
	memcpy(a->name, s, len);
	a->name[len] = '\0';
}

/* An event of the room. */
static void
check_event(struct audit *a, const struct event *ev)
{
	switch (ev->kind) {
	case EVENT_MSG:
	case EVENT_ME:
	case EVENT_PRIV:
		must(is_others(a, ev) || is_own(a, ev));
		return;
	case EVENT_NAME:
		if (equals(ev->name, ev->name_len, a->name))
			set_name(a, ev->text, ev->text_len);
		else
			must(is_others(a, ev));
		return;
	case EVENT_JOIN:
	case EVENT_LEAVE:
		must(is_others(a, ev) || equals(ev->name, ev->name_len,
		    a->name));
		return;
	default:
		must(ev->kind <= EVENT_NAME);
	}
}

/* An answer to the client alone. */
static void
check_answer(struct audit *a, const struct event *ev)
{
	char digits[24] = "";

	switch (ev->kind) {
	case EVENT_HELLO:
		set_name(a, ev->name, ev->name_len);
		break;
	case EVENT_LOST:
		must(ev->text_len > 0 && ev->text_len < sizeof(digits));
		memcpy(digits, ev->text, ev->text_len);
		must(strspn(digits, "0123456789") == ev->text_len);
		a->lost += strtoull(digits, NULL, 10);
		break;
	case EVENT_WHO:
		must(ev->name_len == 0 || is_name(ev->name, ev->name_len));
		break;
	case EVENT_BYE:
		a->bye = true;
		a->quit = ev->text_len >= 4 && memcmp(ev->text, "quit", 4) ==
		    0;
		break;
	case EVENT_ERR:
		a->err = true;
		break;
	default:
		must(ev->kind == EVENT_INFO && ev->name_len == 0);
	}
}

static void
check_tsv(struct audit *a, const char *line, size_t len)
{
	struct event ev;

	must(event_parse(&ev, line, len) == 0);
	if (ev.id == 0) {
		must(line[0] == '-');
		check_answer(a, &ev);
		return;
	}
	must(line[EVENT_ID_DIGITS] == '\t' && ev.id > a->id);
	a->id = ev.id;
	check_event(a, &ev);
}

static bool
begins(const char *line, size_t len, const char *with)
{
	size_t n = strlen(with);

	return len >= n && memcmp(line, with, n) == 0;
}

/* "<name> text" or "* name text". */
static void
check_saying(struct audit *a, const char *line, size_t len, bool action)
{
	struct event	 ev = { 0, action ? EVENT_ME : EVENT_MSG, NULL, 0,
	    NULL, 0 };
	const char	*end;

	ev.name = line + (action ? 2 : 1);
	for (end = ev.name; end < line + len && *end != ' '; end++)
		if (*end == '>' && end[1] != ' ')
			ev.kind = EVENT_PRIV;
	must(end < line + len);
	ev.name_len = (size_t)(end - ev.name) - (action ? 0 : 1);
	ev.text = end + 1;
	ev.text_len = (size_t)(line + len - ev.text);
	check_event(a, &ev);
}

/* Of a notice, only what is needed to understand the rest. */
static void
check_notice(struct audit *a, const char *line, size_t len)
{
	struct event	 ev = { 0, EVENT_INFO, "", 0, line + 3, len - 3 };
	const char	*s = line + 11;
	size_t		 n = strlen(a->name);

	if (begins(line, len, "-- goodbye (")) {
		ev.kind = EVENT_BYE;
		ev.text = line + 12;
		ev.text_len = len - 12;
		check_answer(a, &ev);
	} else if (begins(line, len, "-- welcome ")) {
		for (n = 0; s[n] != ','; n++)
			must(s + n < line + len);
		set_name(a, s, n);
	} else if (n > 0 && begins(line + 3, len - 3, a->name) &&
	    begins(line + 3 + n, len - 3 - n, " is now ")) {
		set_name(a, line + 11 + n, len - 11 - n);
	} else if (len > 3 && line[3] >= '0' && line[3] <= '9' &&
	    memmem(line, len, " messages lost: ", 16) != NULL) {
		a->lost += strtoull(line + 3, NULL, 10);
	}
}

static void
check_plain(struct audit *a, const char *line, size_t len)
{
	a->err = begins(line, len, "!! ");
	if (a->err)
		return;
	if (begins(line, len, "-- "))
		check_notice(a, line, len);
	else
		check_saying(a, line, len, begins(line, len, "* "));
}

/* ---- IRC, besides numerics and notices ---- */

static bool
was_heard(const char *word)
{
	size_t i, n = strlen(word);

	for (i = 0; i + n <= world.heard_len; i++)
		if (strncasecmp(world.heard + i, word, n) == 0)
			return true;
	return false;
}

/* What one of the others said, or a later part of it. */
static void
check_irc_text(struct audit *a, struct event *ev,
    const struct irc_message *m)
{
	static const char	action[] = "\001ACTION ";
	char			names[2 * TEXT_SPEAKER_MAX + 2];
	size_t			n = sizeof(action) - 1;

	ev->kind = EVENT_MSG;
	if (begins(ev->text, ev->text_len, action)) {
		ev->kind = EVENT_ME;
		ev->text += n;
		ev->text_len -= n + 1;
		must(ev->text[ev->text_len] == '\001');
	}
	must(is_printable(ev->text, ev->text_len));
	if (!equals(m->param[0].s, m->param[0].len, "#chat")) {
		ev->kind = EVENT_PRIV;
		(void)snprintf(names, sizeof(names), "%.*s>%.*s",
		    (int)ev->name_len, ev->name, (int)m->param[0].len,
		    m->param[0].s);
		ev->name = names;
		ev->name_len = strlen(names);
	}
	if (begins(ev->text, ev->text_len, "n=") &&
	    !was_heard("CHATHISTORY"))
		must(is_others(a, ev));
}

static void
check_irc_message(struct audit *a, struct event *ev,
    const struct irc_message *m)
{
	bool own = equals(ev->name, ev->name_len, a->name);

	if (irc_is(m->command, "001")) {
		set_name(a, m->param[0].s, m->param[0].len);
	} else if (irc_is(m->command, "PRIVMSG") && !own) {
		check_irc_text(a, ev, m);
	} else if (irc_is(m->command, "NICK")) {
		ev->kind = EVENT_NAME;
		if (own)
			set_name(a, ev->text, ev->text_len);
		else
			must(is_others(a, ev));
	} else if (irc_is(m->command, "QUIT")) {
		ev->kind = EVENT_LEAVE;
		must(is_others(a, ev));
	} else if (irc_is(m->command, "JOIN") && !own) {
		ev->kind = EVENT_JOIN;
		ev->text = "fuzz";	/* IRC's events have no address */
		ev->text_len = 4;
		must(is_others(a, ev));
	} else if (irc_is(m->command, "NOTICE") && memmem(ev->text,
	    ev->text_len, " messages were lost", 19) != NULL) {
		a->lost += strtoull(ev->text, NULL, 10);
	}
}

static void
check_irc(struct audit *a, const char *line, size_t len)
{
	struct irc_message	 m;
	struct event		 ev;
	const char		*end;

	must(len > 0 && line[--len] == '\r');
	must(irc_is_utf8(line, len) && memchr(line, '\r', len) == NULL);
	must(irc_parse(&m, line, len) && m.len <= IRC_LINE_MAX);
	if (irc_is(m.command, "ERROR")) {
		a->bye = true;
		a->quit = memmem(line, len, "(quit", 5) != NULL;
		return;
	}
	line += len - m.len;		/* the tags */
	must(line[0] == ':' && m.n > 0);
	memset(&ev, 0, sizeof(ev));
	ev.name = line + 1;
	end = memchr(line, ' ', m.len);
	ev.name_len = strcspn(ev.name, "! ");
	must(ev.name + ev.name_len <= end);
	ev.text = m.param[m.n - 1].s;
	ev.text_len = m.param[m.n - 1].len;
	check_irc_message(a, &ev, &m);
}

static void
check_line(struct audit *a, const char *line, size_t len)
{
	must(!a->bye);
	if (begins(line, len, ":") || begins(line, len, "@") ||
	    begins(line, len, "ERROR "))
		a->irc = !a->tsv;
	if (a->irc) {
		check_irc(a, line, len);
		return;
	}
	must(is_printable(line, len));
	a->err = false;
	if (equals(line, len, "-\tinfo\t\ttsv"))
		a->tsv = true;
	if (a->tsv)
		check_tsv(a, line, len);
	else
		check_plain(a, line, len);
}

/* The client got everything for it, or was told how much it missed. */
static void
check_completeness(const struct audit *a)
{
	size_t i, due = 0;

	if (!a->quit || world.unordered)
		return;
	if (a->irc && (was_heard("PART") || was_heard("CHATHISTORY")))
		return;
	for (i = 0; i < world.said_count; i++)
		if (world.said[i].for_client && (a->tsv ||
		    world.said[i].kind <= EVENT_PRIV))
			due++;
	must(a->got + a->lost >= due);
}

static void
check_seen(void)
{
	struct audit	 a;
	char		*s = world.seen, *end = s + world.seen_len, *lf;

	memset(&a, 0, sizeof(a));
	for (; s < end; s = lf + 1) {
		lf = memchr(s, '\n', (size_t)(end - s));
		if (world.reset && lf == NULL)
			return;
		must(lf != NULL);
		check_line(&a, s, (size_t)(lf - s));
	}
	if (world.reset)
		return;
	must(a.bye || a.err);
	check_completeness(&a);
}

static void
check_log(int fd)
{
	static char	log[1 << 16];
	ssize_t		n;
	char		*s, *lf;

	must((n = pread(fd, log, sizeof(log), 0)) >= 0);
	for (s = log; s < log + n; s = lf + 1) {
		must((lf = memchr(s, '\n', (size_t)(log + n - s))) != NULL);
		must(begins(s, (size_t)(lf - s), getprogname()));
		must(is_printable(s, (size_t)(lf - s)));
	}
	must(ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0);
}

/* ---- one run ---- */

/* A room in its initial state, made once. */
static struct bus *
fresh_room(void)
{
	static struct bus	 bus;
	static void		*fresh;
	char			 name[SHM_NAME_MAX];
	pid_t			 holder;

	if (fresh == NULL) {
		setprogname("chatserv");
		(void)snprintf(name, sizeof(name), "/chatfuzz.%ld",
		    (long)getpid());
		must(shm_create(&bus, name, SLOTS, BUS_RING_MIN, &holder) ==
		    0);
		shm_remove(&bus, name);
		must(lock_create(&bus) == 0);
		must((fresh = malloc(bus.size)) != NULL);
		memcpy(fresh, bus.segment, bus.size);
	}
	memcpy((void *)bus.segment, fresh, bus.size);
	bus.pid = bus.parent = getpid();
	return &bus;
}

static struct peer
who_it_is(unsigned how)
{
	static const char *const logins[] = { "carol", "uid4294967295" };
	struct peer		 p;

	memset(&p, 0, sizeof(p));
	p.local = how & 1;
	p.trusted = p.local && (how & 2);
	(void)strlcpy(p.name, p.local ? "local uid 7" :
	    "192.0.2.1 port 4242", sizeof(p.name));
	(void)strlcpy(p.origin, p.local ? "local" : "192.0.2.1",
	    sizeof(p.origin));
	if (p.local)
		(void)strlcpy(p.login, logins[how >> 2 & 1],
		    sizeof(p.login));
	return p;
}

/* The others were here before, and have said something. */
static void
past(unsigned how)
{
	unsigned i;

	for (i = 0; i < (how & 3) * 7; i++)
		come(i);
	for (i = 0; i < (how >> 2 & 3) * 9; i++)
		(void)speak(i % 7, EVENT_MSG, RECORD_TO_ALL, NULL, how & 16 ?
		    LINE_TEXT_MAX - 64 : 0);
}

/* Meanwhile the session logs to a file of its own. */
static void
live(struct bus *bus, int fd, int parent_fd, struct peer *peer)
{
	static int	log = -1;
	int		err;
	sigset_t	mask;

	if (log == -1)
		must((log = memfd_create("log", 0)) != -1);
	must((err = dup(STDERR_FILENO)) != -1);
	(void)sigprocmask(SIG_SETMASK, NULL, &mask);
	(void)sigaction(SIGALRM, NULL, &world.alarm);
	(void)signal(SIGPIPE, SIG_IGN);		/* as main() does */
	world.running = true;
	fuzz_stderr(log, err);
	session_run(bus, fd, parent_fd, peer, 60000);
	fuzz_stderr(err, -1);
	world.running = false;
	(void)sigaction(SIGALRM, &world.alarm, NULL);
	(void)sigprocmask(SIG_SETMASK, &mask, NULL);
	(void)close(err);
	if (!world.reset)
		hear_session();
	check_log(log);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char	 seen[SEEN_SIZE];
	struct peer	 peer;
	unsigned	 how;
	int		 pair[2], parent[2];

	memset(&world, 0, sizeof(world));
	world.script = (struct input){ data, size };
	world.seen = seen;
	must((world.heard = malloc(size + 1)) != NULL);
	how = take(&world.script);
	peer = who_it_is(how);
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	must(fcntl(pair[0], F_SETFL, O_NONBLOCK) == 0);
	must(pipe(parent) == 0);
	world.fd = pair[1];
	world.parent = parent[1];
	world.bus = fresh_room();
	roster_open(world.bus, 0, peer.origin);
	past(how >> 3);
	roster_enter(world.bus, 0);
	live(world.bus, pair[0], parent[0], &peer);
	check_seen();
	(void)close(parent[0]);
	end_parent();
	if (!world.reset)
		(void)close(world.fd);
	free(world.heard);
	return 0;
}

#endif
