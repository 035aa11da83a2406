/* SPDX-License-Identifier: ISC */

/*
 * The roster: who is here.
 *
 * Only the parent assigns and frees slots, one for each client.  A session
 * checks and claims a name, and publishes the record that says so, in one
 * hold of the lock, so no two clients have one name, and the place of the
 * record in the ring is the moment at which it happened.  change.c makes each
 * such change a transaction, for a session may be killed within it.
 *
 * A reader of the roster acquires the lock for a few rows at a time, and only
 * the count needs no lock.  The hash array makes a search for a name one scan
 * of adjacent words, 40 KB for 10,000 clients.
 *
 * Runs in sessions; in the parent, to open, recover and close slots.
 */

#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "ipc/common/bsd.h"
#include "ipc/bus/change.h"
#include "ipc/bus/flow.h"
#include "ipc/bus/lock.h"
#include "ipc/bus/roster.h"
#include "ipc/bus/wake.h"

/* The slot of the client called name, or BUS_NOBODY.  Under the lock. */
static uint32_t
find(const struct bus *b, const char *name)
{
	uint32_t hash = change_hash(name), high = bus_slots(b), i;

	/* Relaxed: the lock orders all stores save roster_close()'s. */
	for (i = 0; i < high; i++)
		if (atomic_load_explicit(&b->hash[i], memory_order_relaxed) ==
		    hash && strncasecmp(b->slot[i].name, name,
		    TEXT_NAME_MAX) == 0)
			return i;
	return BUS_NOBODY;
}

void
roster_open(struct bus *b, uint32_t slot, const char *origin)
{
	struct slot *s = &b->slot[slot];

	atomic_store(&s->cursor, BUS_NOT_READING);
	atomic_store(&s->held_back, 0);
	atomic_store(&s->messages_in, 0);
	atomic_store(&s->messages_out, 0);
	atomic_store(&s->lost, 0);
	atomic_store(&s->dialect, DIALECT_PLAIN);
	atomic_store(&s->waits, 0);
	atomic_store(&s->change, CHANGE_NONE);
	atomic_fetch_add(&s->generation, 1);
	(void)strlcpy(s->origin, origin, sizeof(s->origin));
	s->name[0] = '\0';
	atomic_store(&s->state, SLOT_ENTERING);
	if (atomic_load(&b->segment->high) <= slot)
		atomic_store(&b->segment->high, slot + 1);
}

void
roster_set_origin(struct bus *b, const char *origin)
{
	if (!lock_acquire(b))
		return;
	(void)strlcpy(b->slot[b->me].origin, origin,
	    sizeof(b->slot[b->me].origin));
	lock_release(b);
}

void
roster_enter(struct bus *b, uint32_t slot)
{
	b->me = slot;
	b->pid = getpid();
	atomic_store(&b->slot[slot].pid, b->pid);
}

/* Compare in a time that does not tell where they differ. */
static bool
same_token(const unsigned char *a, const unsigned char *b)
{
	unsigned char	differ = 0;
	size_t		i;

	for (i = 0; i < BUS_TOKEN_SIZE; i++)
		differ = (unsigned char)(differ | (a[i] ^ b[i]));
	return differ == 0;
}

enum bus_result
roster_join(struct bus *b, const char *name, const unsigned char *token,
    const unsigned char *my_token, const struct reader *start,
    struct reader *r, struct reader *live, int *wait_ms)
{
	struct slot	*me = &b->slot[b->me];
	enum bus_result	 result;
	uint32_t	 other;
	uint64_t	 end;
	pid_t		 older;

	if (!change_begin(b))
		return BUS_GONE;
	ring_seek_head(b, live);
	*r = *live;
	memcpy(me->token, my_token != NULL ? my_token : token, BUS_TOKEN_SIZE);
	if ((other = find(b, name)) == BUS_NOBODY && my_token != NULL) {
		result = change_publish(b, b->me, CHANGE_JOIN, EVENT_JOIN,
		    name, me->origin, &end, wait_ms);
	} else if (other != BUS_NOBODY && token != NULL &&
	    same_token(token, b->slot[other].token)) {
		change_take_over(b, other);
		result = BUS_TAKEN_OVER;
	} else {
		result = BUS_TAKEN;
	}
	if (start != NULL && (result == BUS_OK || result == BUS_TAKEN_OVER))
		*r = *start;
	if (result == BUS_OK)
		flow_follow(b, r);
	else if (result == BUS_TAKEN_OVER)
		flow_succeed(b, other, r);
	(void)change_end(b, result);
	if (result != BUS_TAKEN_OVER)
		return result;
	/* Writers wait for it no longer, although it may be stopped. */
	wake_writers(b);
	/* It may have died just now; 0 would be our process group. */
	if ((older = atomic_load(&b->slot[other].pid)) > 1)
		(void)kill(older, WAKE_SIGNAL);
	return result;
}

void
roster_spelling(const struct bus *b, char name[TEXT_NAME_MAX + 1])
{
	char known[TEXT_NAME_MAX + 1];

	memcpy(known, b->slot[b->me].name, sizeof(known));
	known[TEXT_NAME_MAX] = '\0';
	/* Trust nothing else in the slot. */
	if (strcasecmp(known, name) == 0)
		memcpy(name, known, sizeof(known));
}

enum bus_result
roster_stay_outside(struct bus *b, struct reader *live)
{
	if (!change_begin(b))
		return BUS_GONE;
	ring_seek_head(b, live);
	flow_follow(b, live);
	atomic_store(&b->slot[b->me].state, SLOT_OUTSIDE);
	return change_end(b, BUS_OK);
}

enum bus_result
roster_rename(struct bus *b, const char *name, int *wait_ms)
{
	struct slot	*me = &b->slot[b->me];
	uint32_t	 other;
	uint64_t	 end;

	if (!change_begin(b))
		return BUS_GONE;
	other = find(b, name);
	if (other != BUS_NOBODY && other != b->me)
		return change_end(b, BUS_TAKEN);
	return change_end(b, change_publish(b, b->me, CHANGE_RENAME,
	    EVENT_NAME, me->name, name, &end, wait_ms));
}

enum bus_result
roster_leave(struct bus *b, const char *reason, struct reader *end,
    int *wait_ms)
{
	if (!change_begin(b))
		return BUS_GONE;
	ring_seek_head(b, end);
	return change_end(b, change_publish(b, b->me, CHANGE_LEAVE,
	    EVENT_LEAVE, b->slot[b->me].name, reason, &(uint64_t){ 0 },
	    wait_ms));
}

bool
roster_recover(struct bus *b, uint32_t slot, pid_t pid, bool clean)
{
	struct slot *s = &b->slot[slot];

	if (lock_held_by(b, pid)) {
		change_recover(b, slot);
		lock_recover(b, pid);
	}
	atomic_store(&s->pid, 0);
	atomic_store(&s->cursor, BUS_NOT_READING);
	wake_clear(b->sleepers, slot);
	wake_clear(b->blocked, slot);
	wake_writers(b);
	if (!clean)
		wake_recover(b);
	return atomic_load(&s->state) == SLOT_PRESENT;
}

/* Under the lock. */
static enum bus_result
announce_death(struct bus *b, uint32_t slot, const char *reason)
{
	char		name[TEXT_NAME_MAX + 1];
	uint64_t	end;
	int		wait_ms;

	if (atomic_load(&b->slot[slot].state) != SLOT_PRESENT)
		return BUS_GONE;	/* taken over meanwhile */
	memcpy(name, b->slot[slot].name, sizeof(name));
	name[TEXT_NAME_MAX] = '\0';
	if (text_name_error(name, strlen(name)) != NULL)
		return BUS_GONE;
	return change_publish(b, slot, CHANGE_LEAVE, EVENT_LEAVE, name,
	    reason, &end, &wait_ms);
}

enum bus_result
roster_announce_death(struct bus *b, uint32_t slot, const char *reason)
{
	enum bus_result result;

	if (!lock_try(b))
		return BUS_WAIT;
	result = change_end(b, announce_death(b, slot, reason));
	/*
	 * A writer that began to wait meanwhile is owed a post, whatever the
	 * result, and the parent does not post itself.
	 */
	if (atomic_load(&b->segment->waiting) > 0)
		wake_recover(b);
	return result;
}

void
roster_close(struct bus *b, uint32_t slot)
{
	atomic_store(&b->hash[slot], 0);
	atomic_store(&b->slot[slot].state, SLOT_FREE);
}

void
roster_copy_end(struct bus *b, struct bus *old, uint64_t head)
{
	struct slot	*s, *mine = &b->slot[0];
	char		 name[sizeof(s->name)];
	uint32_t	 i;

	for (i = 0; i < bus_slots(old); i++) {
		s = &old->slot[i];
		if (s->change_end <= head)
			change_redo(old, i);
		memcpy(name, s->name, sizeof(name));
		if (atomic_load(&s->state) != SLOT_PRESENT ||
		    text_name_error(name, strnlen(name, sizeof(name))) != NULL)
			continue;
		memcpy(mine->name, name, sizeof(mine->name));
		atomic_store(&mine->state, SLOT_PRESENT);
		(void)roster_announce_death(b, 0, "connection lost");
		roster_close(b, 0);
	}
	atomic_store(&b->hash[0], 0);
}

uint32_t
roster_count(const struct bus *b)
{
	uint32_t high = bus_slots(b), i, n = 0;

	/* Relaxed: the count belongs to no one instant, and orders nothing. */
	for (i = 0; i < high; i++)
		if (atomic_load_explicit(&b->hash[i], memory_order_relaxed))
			n++;
	return n;
}

uint32_t
roster_count_entering(const struct bus *b)
{
	uint32_t high = bus_slots(b), i, n = 0;

	/* Relaxed, as above. */
	for (i = 0; i < high; i++)
		if (atomic_load_explicit(&b->slot[i].state,
		    memory_order_relaxed) == SLOT_ENTERING)
			n++;
	return n;
}

static void
copy_row(const struct bus *b, uint32_t slot, struct roster_row *row)
{
	const struct slot *s = &b->slot[slot];

	row->slot = slot;
	row->generation = atomic_load(&s->generation);
	memcpy(row->name, s->name, sizeof(row->name));
	row->name[sizeof(row->name) - 1] = '\0';
	memcpy(row->origin, s->origin, sizeof(row->origin));
	row->origin[sizeof(row->origin) - 1] = '\0';
}

uint32_t
roster_list(struct bus *b, uint32_t *from, struct roster_row *row,
    uint32_t n)
{
	uint32_t high, got = 0;

	if (!lock_acquire(b))
		return 0;
	for (high = bus_slots(b); *from < high && got < n; ++*from)
		if (atomic_load(&b->hash[*from]) != 0)
			copy_row(b, *from, &row[got++]);
	lock_release(b);
	return got;
}

bool
roster_find(struct bus *b, const char *name, struct roster_row *row)
{
	uint32_t slot;

	if (!lock_acquire(b))
		return false;
	if ((slot = find(b, name)) != BUS_NOBODY)
		copy_row(b, slot, row);
	lock_release(b);
	return slot != BUS_NOBODY;
}
