/* SPDX-License-Identifier: ISC */

/*
 * Lines that await their echo from the room.
 *
 * Runs in the process in.
 */

#include <string.h>

#include "contrib/chatlink/echo.h"
#include "ipc/common/bsd.h"

void
echoes_init(struct echoes *e, struct state *s)
{
	memset(e, 0, sizeof(*e));
	/* Nobody can make a line that has another's hash. */
	arc4random_buf(&e->basis, sizeof(e->basis));
	e->state = s;
}

bool
echoes_have_space(const struct echoes *e, unsigned int n)
{
	return e->count + n <= ECHO_MAX;
}

uint64_t
echoes_hash(const struct echoes *e, enum event_kind kind, const char *name,
    size_t name_len, const char *text, size_t len)
{
	uint64_t h = state_hash(e->basis + (uint64_t)kind, name, name_len);

	return state_hash(h, text, len);
}

static void
end_message(struct state *s, uint64_t seq, uint64_t check)
{
	s->seq = seq;
	s->check = check;
	s->changed = true;
}

static void
pop(struct echoes *e)
{
	const struct echo *next = &e->echo[e->first];

	if (next->mark != NULL && next->mark->last < next->id) {
		next->mark->last = next->id;
		e->state->changed = true;
	}
	if (next->seq != 0)
		end_message(e->state, next->seq, next->check);
	e->first = (e->first + 1) % ECHO_MAX;
	e->count--;
}

static void
pop_shown(struct echoes *e)
{
	while (e->count > 0 && e->echo[e->first].shown)
		pop(e);
}

void
echoes_add(struct echoes *e, uint64_t hash, bool shown, struct watermark *mark,
    uint64_t id)
{
	struct echo *last = &e->echo[(e->first + e->count++) % ECHO_MAX];

	memset(last, 0, sizeof(*last));
	last->hash = hash;
	last->shown = shown;
	last->mark = mark;
	last->id = id;
	pop_shown(e);
}

void
echoes_end_message(struct echoes *e, uint64_t seq, uint64_t check)
{
	struct echo *last;

	if (e->count == 0) {
		end_message(e->state, seq, check);
		return;
	}
	last = &e->echo[(e->first + e->count - 1) % ECHO_MAX];
	last->seq = seq;
	last->check = check;
}

bool
echoes_shown(struct echoes *e, uint64_t hash)
{
	if (e->count == 0 || e->echo[e->first].hash != hash)
		return false;
	pop(e);
	pop_shown(e);
	return true;
}

void
echoes_refused(struct echoes *e)
{
	if (e->count == 0)
		return;
	pop(e);
	pop_shown(e);
}
