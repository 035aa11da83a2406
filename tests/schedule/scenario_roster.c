/* SPDX-License-Identifier: ISC */

/*
 * The roster: two sessions want one name, one takes over another's place by
 * its token while that one renames itself and leaves, and one of them may be
 * killed at any step.
 *
 * One session listens to everything.  The records say, from the first on, who
 * is here, and so do the slots: so of a change and its record both happened,
 * or neither.  No name is in two slots.
 */

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "ipc/bus/roster.h"
#include "tests/schedule/hearing.h"
#include "tests/schedule/scenario.h"

#define NAMES	8

/* Who is here according to the records. */
static struct {
	char	name[NAMES][TEXT_NAME_MAX + 1];
	int	n;
} here;

static enum bus_result
join(struct bus *b, const char *name, unsigned char token)
{
	unsigned char	bytes[BUS_TOKEN_SIZE];
	struct reader	r = { BUS_NOT_READING, 1, UINT64_MAX }, live, start;
	enum bus_result	result;
	int		ms;

	start = r;
	memset(bytes, token, sizeof(bytes));
	result = roster_join(b, name, bytes, bytes, &start, &r, &live, &ms);
	if (result == BUS_WAIT)
		schedule_fail("no space in the ring");
	return result;
}

static void
alice(struct bus *b)
{
	struct reader	end;
	int		ms;

	if (join(b, "alice", 'A') != BUS_OK)
		schedule_fail("alice cannot join");
	scenario_gate("alice");
	if (roster_rename(b, "carol", &ms) == BUS_OK)
		(void)roster_leave(b, "quit", &end, &ms);
}

static void
bob(struct bus *b)
{
	scenario_gate("bob");
	(void)join(b, "bob", 'B');
	for (;;)
		scenario_sleep(-1);
}

static void
taker(struct bus *b)
{
	scenario_gate("taker");
	if (join(b, "BOB", 'T') == BUS_TAKEN)
		(void)join(b, "Alice", 'A');
	for (;;)
		scenario_sleep(-1);
}

static void
session(struct bus *b, int n)
{
	switch (n) {
	case 0:
		hearing_listen(b, "listener", true);
		break;
	case 1:
		alice(b);
		break;
	case 2:
		bob(b);
		break;
	default:
		taker(b);
		break;
	}
}

static int
find(const char *name)
{
	int i;

	for (i = 0; i < here.n; i++)
		if (strcasecmp(here.name[i], name) == 0)
			return i;
	return -1;
}

/* A record as it was read: ID, kind, name and text. */
static void
follow(const char *line)
{
	char	kind[8], name[TEXT_NAME_MAX + 1], text[TEXT_NAME_MAX + 1];
	int	at;

	if (sscanf(line, "%*s\t%7s\t%32s\t%32s", kind, name, text) != 3)
		return;
	at = find(name);
	if (strcmp(kind, "join") == 0) {
		if (at != -1)
			schedule_fail("%s joins twice", name);
		(void)snprintf(here.name[here.n++], sizeof(here.name[0]),
		    "%s", name);
		return;
	}
	if (at == -1)
		schedule_fail("%s, who is not here: %s", name, kind);
	if (strcmp(kind, "leave") == 0)
		memmove(here.name[at], here.name[--here.n],
		    sizeof(here.name[0]));
	else if (strcmp(kind, "name") == 0)
		(void)snprintf(here.name[at], sizeof(here.name[0]), "%s",
		    text);
}

static void
judge(void)
{
	const struct slot	*s = scenario_bus.slot;
	uint32_t		 i, k, present = 0;
	const char		*line;

	if (!scenario_lives((pid_t)memory_newest(&s[0].pid, sizeof(pid_t))))
		return;		/* the listener was killed */
	here.n = 0;
	for (i = 0; i < HEARING_RECORDS; i++)
		if (*(line = hearing_text(i)) != '\0')
			follow(line);
	for (i = 0; i < scenario->slots; i++) {
		if (memory_newest(&s[i].state, 4) != SLOT_PRESENT)
			continue;
		present++;
		if (find(s[i].name) == -1)
			schedule_fail("%s is here, and no record says so",
			    s[i].name);
		for (k = 0; k < i; k++)
			if (memory_newest(&s[k].state, 4) == SLOT_PRESENT &&
			    strcasecmp(s[k].name, s[i].name) == 0)
				schedule_fail("%s is here twice", s[i].name);
	}
	if (present != (uint32_t)here.n)
		schedule_fail("%u are here, %d by the records", present,
		    here.n);
}

const struct scenario scenario_roster = {
	.name = "roster",
	.about = "one name for two, a takeover, a rename and a leave",
	.slots = 5,
	.ring = 8192,
	.clients = 4,
	.kills = 1,
	.mortals = SESSIONS,
	.steps = 50000,
	.begin = hearing_begin,
	.session = session,
	.judge = judge
};
