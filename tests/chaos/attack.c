/* SPDX-License-Identifier: ISC */

/*
 * The connections by which a script attacks a room.
 *
 * One poll loop drives them all, so the text that a script wants to send waits
 * in a queue of its connection until the socket accepts it, and an allowance
 * limits what it reads.
 */

#include <sys/socket.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/chaos/attack.h"
#include "tests/chaos/clients.h"

#define CHUNK		((size_t)64 << 10)
#define ROUND_S		0.05	/* a script takes at least so long */

static char	chunk[CHUNK];

/* ---- opening and closing ---- */

static void
attacker_close(struct attacker *a, bool hard)
{
	struct linger linger = { 1, 0 };

	if (a->fd == -1)
		return;
	if (hard)
		(void)setsockopt(a->fd, SOL_SOCKET, SO_LINGER, &linger,
		    sizeof(linger));
	(void)close(a->fd);
	a->fd = -1;
	a->name[0] = '\0';
	a->queued = 0;
}

/* A free connection, or else the oldest that the script has left alone. */
static struct attacker *
unused(struct attack *at)
{
	struct attacker *a, *oldest = NULL;

	for (a = at->a; a < at->a + ATTACK_MAX; a++) {
		if (a->fd == -1)
			return a;
		if (a->who == -1 && (oldest == NULL ||
		    a->order < oldest->order))
			oldest = a;
	}
	if (oldest != NULL)
		attacker_close(oldest, false);
	return oldest;
}

/* False if the system is out of resources; that is no fault of a room. */
static bool
dial(struct attacker *a, const struct action *act, in_port_t port)
{
	struct sockaddr_in	from = { 0 }, to = { 0 };
	socklen_t		len = sizeof(from);
	int			one = 1;

	from.sin_family = to.sin_family = AF_INET;
	from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + (in_addr_t)act->n[0] -
	    1);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	to.sin_port = htons(port);
	if ((a->fd = socket(AF_INET, SOCK_STREAM, 0)) == -1)
		return false;
	(void)setsockopt(a->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	(void)setsockopt(a->fd, SOL_SOCKET, SO_RCVBUF, &act->n[1],
	    sizeof(act->n[1]));
	if (fcntl(a->fd, F_SETFL, O_NONBLOCK) == -1 ||
	    bind(a->fd, (struct sockaddr *)&from, sizeof(from)) == -1 ||
	    (connect(a->fd, (struct sockaddr *)&to, sizeof(to)) == -1 &&
	    errno != EINPROGRESS) || getsockname(a->fd,
	    (struct sockaddr *)&from, &len) == -1) {
		attacker_close(a, false);
		return false;
	}
	a->port = ntohs(from.sin_port);
	return true;
}

/* Earlier connections of this name stay open, and continue as before. */
static void
open_group(struct attack *at, const struct action *act)
{
	struct attacker	*a;
	int		 i;

	for (a = at->a; a < at->a + ATTACK_MAX; a++)
		if (a->who == act->who)
			a->who = -1;
	for (i = 0; i < act->n[2] && i < SCRIPT_GROUP; i++) {
		if ((a = unused(at)) == NULL || !dial(a, act, at->port))
			return;
		a->who = act->who;
		a->order = at->order++;
		a->name[0] = '\0';
		a->eof = a->left = false;
		a->reading = READING_NONE;
		a->may_read = a->queued = 0;
	}
}

/* ---- sending ---- */

/* Copy text with its % and @ replaced; returns the length. */
static size_t
expand(char *dst, size_t size, const char *text, uint64_t order,
    const char *id)
{
	size_t len = 0;

	for (; *text != '\0' && len + ATTACK_ID < size; text++)
		if (*text == '%')
			len += (size_t)snprintf(dst + len, size - len, "%llu",
			    (unsigned long long)order);
		else if (*text == '@')
			len += strlcpy(dst + len, id, size - len);
		else
			dst[len++] = *text;
	return len;
}

static void
queue_lines(struct attack *at, struct attacker *a, int times,
    const char *text, size_t more)
{
	struct lines *l = &a->queue[a->queued];

	if (a->queued == ATTACK_QUEUE || a->fd == -1)
		return;
	l->text_len = expand(l->text, sizeof(l->text), text, a->order,
	    at->id);
	l->len = l->text_len + more + 1;
	l->size = (uint64_t)times * l->len;
	l->sent = 0;
	a->queued++;
}

/* Fill the next bytes of l, as many as fit a chunk. */
static size_t
render(const struct lines *l)
{
	size_t	n = 0, at;

	for (; n < CHUNK && l->sent + n < l->size; n++) {
		at = (size_t)((l->sent + n) % l->len);
		chunk[n] = at < l->text_len ? l->text[at] :
		    at == l->len - 1 ? '\n' : 'y';
	}
	return n;
}

/* Write what the socket accepts, up to a chunk: the others get a turn too. */
static void
push(struct attacker *a)
{
	struct lines	*l = &a->queue[0];
	ssize_t		 n = write(a->fd, chunk, render(l));

	if (n == -1 && errno != EAGAIN && errno != EINTR)
		a->queued = 0;
	if (n <= 0 || a->queued == 0)
		return;
	l->sent += (uint64_t)n;
	if (l->sent < l->size)
		return;
	a->queued--;
	memmove(&a->queue[0], &a->queue[1], a->queued * sizeof(a->queue[0]));
}

/* ---- the script ---- */

static void
set_reading(struct attacker *a, const struct action *act)
{
	a->reading = act->verb == VERB_READ ? READING_ALL :
	    act->verb == VERB_DEAF ? READING_NONE : READING_SOME;
	a->sip = act->n[0];
	a->sip_s = act->n[1] / 1000.0;
	a->sip_at = now();
	a->may_read = 0;
}

static void
act_one(struct attack *at, struct attacker *a, const struct action *act)
{
	switch (act->verb) {
	case VERB_SAY:
		queue_lines(at, a, act->n[0], act->text, 0);
		break;
	case VERB_FILL:
		queue_lines(at, a, act->n[0], "", (size_t)act->n[1]);
		break;
	case VERB_READ:
	case VERB_DEAF:
	case VERB_SIP:
		set_reading(a, act);
		break;
	case VERB_HALF:
		(void)shutdown(a->fd, SHUT_WR);
		a->queued = 0;
		break;
	case VERB_URGENT:
		(void)send(a->fd, "!", 1, MSG_OOB);
		break;
	case VERB_CLOSE:
	case VERB_RESET:
		attacker_close(a, act->verb == VERB_RESET);
		break;
	default:
		break;
	}
	/* A line before a close is sent, if the socket accepts it. */
	if (a->fd != -1 && a->queued > 0)
		push(a);
}

static void
act(struct attack *at, const struct action *act)
{
	struct attacker *a;

	if (act->verb == VERB_OPEN)
		open_group(at, act);
	else if (act->verb == VERB_WAIT)
		at->due += act->n[0] / 1000.0;
	else
		for (a = at->a; a < at->a + ATTACK_MAX; a++)
			if (a->fd != -1 && a->who == act->who)
				act_one(at, a, act);
}

void
attack_begin(struct attack *at, const struct script *script, in_port_t port)
{
	struct attacker *a;

	memset(at, 0, sizeof(*at));
	at->script = script;
	at->port = port;
	at->due = at->begun = now();
	(void)strlcpy(at->id, "0", sizeof(at->id));
	for (a = at->a; a < at->a + ATTACK_MAX; a++)
		a->fd = -1;
}

void
attack_act(struct attack *at)
{
	double t = now();

	while (at->due <= t) {
		act(at, &at->script->action[at->next]);
		if (++at->next < at->script->len)
			continue;
		at->next = 0;
		if (at->due < at->begun + ROUND_S)
			at->due = at->begun + ROUND_S;
		at->begun = at->due = at->due > t ? at->due : t;
	}
}

/* ---- the loop ---- */

static short
wanted(struct attacker *a, double t)
{
	if (a->eof || a->reading == READING_NONE)
		return 0;
	if (a->reading == READING_ALL)
		a->may_read = CHUNK;
	if (a->reading == READING_SOME && a->sip_at <= t) {
		a->may_read = (size_t)a->sip;
		a->sip_at = t + a->sip_s;
	}
	return a->may_read > 0 ? POLLIN : 0;
}

void
attack_watch(struct attack *at, struct watch *w)
{
	struct attacker	*a;
	double		 t = now();

	for (a = at->a; a < at->a + ATTACK_MAX; a++)
		a->at = a->fd == -1 ? -1 : watch_add(w, a->fd,
		    (short)(wanted(a, t) | (a->queued > 0 ? POLLOUT : 0)));
}

static void
take(struct attacker *a)
{
	ssize_t n = read(a->fd, chunk, a->may_read < CHUNK ? a->may_read :
	    CHUNK);

	if (n > 0)
		a->may_read -= (size_t)n;
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		a->eof = true;
}

void
attack_move(struct attack *at, const struct watch *w)
{
	struct attacker	*a;
	short		 got;

	for (a = at->a; a < at->a + ATTACK_MAX; a++) {
		if (a->fd == -1 || (got = watch_got(w, a->at)) == 0)
			continue;
		if (a->queued > 0 && (got & (POLLOUT | POLLERR | POLLHUP)))
			push(a);
		if (a->may_read > 0 && (got & (POLLIN | POLLERR | POLLHUP)))
			take(a);
		else if (got & POLLERR)
			a->eof = true;
	}
}

void
attack_named(struct attack *at, in_port_t port, const char *name)
{
	struct attacker *a;

	for (a = at->a; a < at->a + ATTACK_MAX; a++) {
		if (a->fd == -1)
			continue;
		if (a->port == port)
			(void)strlcpy(a->name, name, sizeof(a->name));
		else if (!a->left && strcasecmp(a->name, name) == 0)
			a->name[0] = '\0';	/* it was taken over */
	}
}

void
attack_left(struct attack *at, in_port_t port)
{
	struct attacker *a;

	for (a = at->a; a < at->a + ATTACK_MAX; a++)
		if (a->fd != -1 && a->port == port)
			a->left = true;
}

bool
attack_someone_lags(const struct attack *at)
{
	const struct attacker *a;

	for (a = at->a; a < at->a + ATTACK_MAX; a++)
		if (a->fd != -1 && a->name[0] != '\0' &&
		    a->reading != READING_ALL)
			return true;
	return false;
}

void
attack_end(struct attack *at)
{
	struct attacker *a;

	for (a = at->a; a < at->a + ATTACK_MAX; a++)
		attacker_close(a, false);
}
