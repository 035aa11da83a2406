/* SPDX-License-Identifier: ISC */

/*
 * The view for a lecture: who sleeps, and for what, and the ring as it lies
 * in memory.
 *
 * The bar is the ring from its first byte to its last: O is where the oldest
 * record begins, H is head, = are the records from one to the other, which go
 * on at the left where the ring ends at the right.  Below it each session's
 * letter stands where its cursor is, or how many cursors are there.
 */

#include <stdio.h>
#include <string.h>

#include "contrib/chatstat/chatstat.h"
#include "ipc/bus/lock.h"
#include "ipc/bus/ring.h"
#include "ipc/bus/wake.h"
#include "ipc/common/text.h"

#define BAR_MIN		16
#define BAR_MAX		512
#define NAME_WIDTH	16

static const char letters[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/* What a session waits for, if it is asleep. */
static const char *
activity(const struct bus *b, uint32_t i)
{
	const struct slot *s = &b->slot[i];

	if (lock_held_by(b, atomic_load(&s->pid)))
		return "holds the lock";
	if (atomic_load(&s->waits))
		return "waits for the lock";
	if (wake_is_marked(b->blocked, i))
		return "blocked, ring full";
	switch (atomic_load(&s->state)) {
	case SLOT_ENTERING:
		return "waits for a name";
	case SLOT_LEFT:
	case SLOT_REPLACED:
		return "ends";
	default:
		break;
	}
	if (wake_is_marked(b->sleepers, i))
		return "asleep";
	return atomic_load(&s->held_back) > 0 ? "waits for its client" :
	    "awake";
}

static unsigned int
cell_of(const struct bus *b, uint64_t position, unsigned int width)
{
	return (unsigned int)((position & (b->ring_size - 1)) * width /
	    b->ring_size);
}

static void
show_ring(const struct bus *b, uint64_t oldest, uint64_t head,
    unsigned int width)
{
	char		bar[BAR_MAX + 1];
	unsigned int	cell, n;

	memset(bar, '.', width);
	bar[width] = '\0';
	cell = cell_of(b, oldest, width);
	n = (unsigned int)((head - oldest) * width / b->ring_size);
	for (; n > 0; n--, cell = (cell + 1) % width)
		bar[cell] = '=';
	bar[cell_of(b, oldest, width)] = 'O';
	bar[cell_of(b, head, width)] = 'H';
	put_line("[%s]", bar);
}

/* Put a session's letter into the cell, or say how many there are. */
static void
mark(char *cell, char letter)
{
	if (*cell == ' ')
		*cell = letter;
	else if (*cell >= '2' && *cell < '9')
		++*cell;
	else
		*cell = *cell == '9' || *cell == '+' ? '+' : '2';
}

static char
letter_of(unsigned int row)
{
	return row < sizeof(letters) - 1 ? letters[row] : '.';
}

static void
show_cursors(const struct bus *b, uint64_t oldest, uint64_t head,
    unsigned int width)
{
	char		line[BAR_MAX + 1];
	unsigned int	row = 0;
	uint64_t	cursor;
	uint32_t	i;

	memset(line, ' ', width);
	line[width] = '\0';
	for (i = 0; i < b->slots; i++) {
		if (atomic_load(&b->slot[i].pid) == 0)
			continue;
		cursor = atomic_load(&b->slot[i].cursor);
		if (cursor >= oldest && cursor <= head)
			mark(&line[cell_of(b, cursor, width)],
			    letter_of(row));
		row++;
	}
	put_line(" %s", line);
}

static void
show_session(const struct bus *b, uint32_t i, char letter, uint64_t oldest,
    uint64_t head)
{
	const struct slot	*s = &b->slot[i];
	uint64_t		 cursor = atomic_load(&s->cursor);
	char			 name[4 * TEXT_NAME_MAX + 1], does[40];

	(void)snprintf(does, sizeof(does), "%s%s", activity(b, i),
	    cursor < oldest ? ", lapped" :
	    atomic_load(&s->lagging) ? ", lagging" : "");
	put_line("%c %5u %7d %-16s %-28s %9llu %8llu", letter, i,
	    (int)atomic_load(&s->pid),
	    fit(visible(name, s->name, TEXT_NAME_MAX), NAME_WIDTH), does,
	    cursor < head ? (unsigned long long)(head - cursor) : 0,
	    (unsigned long long)atomic_load(&s->held_back));
}

void
lecture_show(const struct bus *b, const char *name, unsigned int columns,
    unsigned int rows)
{
	uint64_t	oldest = ring_oldest(b), head = ring_head(b);
	unsigned int	width, row = 0;
	uint32_t	i;

	width = columns < BAR_MIN + 2 ? BAR_MIN :
	    columns > BAR_MAX + 2 ? BAR_MAX : columns - 2;
	put_line("room %s: ring of %llu bytes, oldest %llu, head %llu", name,
	    (unsigned long long)b->ring_size, (unsigned long long)oldest,
	    (unsigned long long)head);
	show_ring(b, oldest, head, width);
	show_cursors(b, oldest, head, width);
	show_lock(b);
	if (rows > 0) {
		put_line("%s", "");
		put_line("  %5s %7s %-16s %-28s %9s %8s", "SLOT", "PID",
		    "NAME", "DOES", "LAG", "HELD");
	}
	for (i = 0; i < b->slots && row < rows; i++)
		if (atomic_load(&b->slot[i].pid) != 0) {
			show_session(b, i, letter_of(row), oldest, head);
			row++;
		}
}
