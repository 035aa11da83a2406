/* SPDX-License-Identifier: ISC */

/*
 * Sessions that only speak or only listen, and the promises made to them.
 *
 * Everybody reads the same: the first reader of a number writes down what it
 * got, and every later reader of that number must get the same.  Nothing is
 * lost without notice: the records that a reader got and those that it was
 * told it missed add up to all that were published since it started.  And
 * each record that a writer was told it had published is there, once, in the
 * order of that writer's calls.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/bus/flow.h"
#include "ipc/bus/publish.h"
#include "ipc/bus/roster.h"
#include "ipc/bus/wake.h"
#include "tests/schedule/hearing.h"
#include "tests/schedule/scenario.h"

#define TEXT		64
#define LOOKS		3

/* What was read, by number; "" if nobody has read it. */
static char		 heard[HEARING_RECORDS][TEXT];

/* By slot: what it has surely said, and as a reader got and missed. */
static struct {
	int		 said;
	bool		 reads, waits;
	uint64_t	 first, got, missed;
	pid_t		 pid;
} member[PROCESSES];

static uint64_t	 waited;

void
hearing_begin(void)
{
	memset(heard, 0, sizeof(heard));
	memset(member, 0, sizeof(member));
	waited = 0;
}

const char *
hearing_text(unsigned int number)
{
	return heard[number];
}

uint64_t
hearing_waited(void)
{
	return waited;
}

bool
hearing_waits(int n)
{
	return member[n].waits && scenario_lives(member[n].pid) &&
	    !scenario_stopped(member[n].pid);
}

void
hearing_join(struct bus *b, const char *name, struct reader *r)
{
	static const unsigned char	token[BUS_TOKEN_SIZE];
	struct reader			live;
	int				ms;

	if (roster_join(b, name, NULL, token, NULL, r, &live, &ms) != BUS_OK)
		schedule_fail("cannot join");
}

void
hearing_publish(struct bus *b, const char *name, const char *text)
{
	uint64_t	buf[64];
	struct batch	batch = { (char *)buf, sizeof(buf), 0 };
	struct event	ev = { 0, EVENT_MSG, name, strlen(name), text,
	    strlen(text) };
	enum bus_result	result;
	uint64_t	begun;
	int		ms;

	if (!ring_compose(&batch, &ev, b->me, RECORD_TO_ALL, 0))
		abort();
	while ((result = publish_batch(b, &batch, &ms)) == BUS_WAIT) {
		begun = schedule_idle();
		member[b->me].waits = true;
		scenario_sleep(ms);
		member[b->me].waits = false;
		waited += (schedule_idle() - begun) / SCHEDULE_MS;
	}
	if (result == BUS_OK)
		member[b->me].said++;
}

void
hearing_speak(struct bus *b, const char *name, int n)
{
	struct reader	r = { BUS_NOT_READING, 1, UINT64_MAX };
	struct reader	live;
	char		text[12];
	int		i;

	hearing_join(b, name, &live);
	flow_passed(b, &r);
	scenario_gate(name);
	member[b->me].pid = b->pid;
	for (i = 0; i < n; i++) {
		(void)snprintf(text, sizeof(text), "%d", i);
		hearing_publish(b, name, text);
	}
	for (;;)
		scenario_sleep(-1);
}

static void
hear(const struct record *rec)
{
	char		*known = heard[rec->seq % HEARING_RECORDS], text[TEXT];
	uint64_t	 foot;

	memcpy(&foot, (const char *)rec + rec->size - RECORD_FOOT,
	    RECORD_FOOT);
	if (foot != rec->size || rec->text_len == 0 ||
	    rec->text_len >= TEXT || rec->text[rec->text_len - 1] != '\n')
		schedule_fail("%s reads half a record", process_now->name);
	memcpy(text, rec->text, rec->text_len);
	text[rec->text_len - 1] = '\0';
	if (*known == '\0')
		(void)snprintf(known, TEXT, "%s", text);
	else if (strcmp(known, text) != 0)
		schedule_fail("%s reads \"%s\" where others read \"%s\"",
		    process_now->name, text, known);
}

/* The reader starts here. */
void
hearing_from(struct bus *b, const struct reader *r)
{
	member[b->me].pid = b->pid;
	member[b->me].first = r->seq;
}

void
hearing_read(struct bus *b, struct reader *r, bool followed)
{
	uint64_t		 buf[128], missed, next;
	const struct record	*rec;
	size_t			 len, at;

	for (;;) {
		next = r->seq;
		len = ring_read(b, r, (char *)buf, sizeof(buf), &missed);
		if (len == 0)
			return;
		for (at = 0; at < len; at += rec->size) {
			rec = (struct record *)(void *)((char *)buf + at);
			if (rec->size < RECORD_MIN || rec->size > len - at ||
			    rec->seq < next)
				schedule_fail("%s reads an invalid record, "
				    "or an old one", process_now->name);
			next = rec->seq + 1;
			member[b->me].got++;
			hear(rec);
		}
		member[b->me].missed += missed;
		if (member[b->me].first + member[b->me].got +
		    member[b->me].missed != r->seq)
			schedule_fail("%s got %llu and missed %llu",
			    process_now->name,
			    (unsigned long long)member[b->me].got,
			    (unsigned long long)member[b->me].missed);
		if (followed)
			flow_passed(b, r);
	}
}

/* As a reader for whom nobody waits and whom nobody wakes. */
static void
look_in(struct bus *b, struct reader *r)
{
	int i;

	for (i = 0; i < LOOKS; i++) {
		hearing_read(b, r, false);
		scenario_sleep(1);
	}
	for (;;)
		scenario_sleep(-1);
}

void
hearing_listen(struct bus *b, const char *name, bool followed)
{
	struct reader	r, nobody = { BUS_NOT_READING, 1, UINT64_MAX };

	hearing_join(b, name, &r);
	if (!followed)
		flow_passed(b, &nobody);
	scenario_gate(name);
	member[b->me].reads = followed;
	hearing_from(b, &r);
	if (!followed)
		look_in(b, &r);
	for (;;) {
		hearing_read(b, &r, true);
		if (wake_prepare(b, &r))
			scenario_sleep(-1);
		wake_cancel(b);
	}
}

void
hearing_session(struct bus *b, int n, int writers, int said, bool followed)
{
	char name[] = { n < writers ? 'w' : 'r', (char)('0' + n), '\0' };

	if (n < writers)
		hearing_speak(b, name, said);
	else
		hearing_listen(b, name, followed);
}

/* All that speaker n has surely said was read, once and in order. */
static void
judge_speaker(int n)
{
	char		 want[TEXT];
	const char	*at;
	unsigned int	 i;
	int		 next = 0;

	(void)snprintf(want, sizeof(want), "\tmsg\tw%d\t", n);
	for (i = 0; i < HEARING_RECORDS; i++) {
		if ((at = strstr(heard[i], want)) == NULL)
			continue;
		if (strtol(at + strlen(want), NULL, 10) != next)
			schedule_fail("w%d was read twice, or out of order", n);
		next++;
	}
	if (next < member[n].said)
		schedule_fail("w%d said %d records, and %d were read", n,
		    member[n].said, next);
}

void
hearing_judge(void)
{
	int i, n;

	for (i = 0; i < PROCESSES; i++) {
		if (!member[i].reads || member[i].missed > 0 ||
		    !scenario_lives(member[i].pid))
			continue;
		/* A reader has read all. */
		for (n = 0; n < PROCESSES; n++)
			if (member[n].said > 0)
				judge_speaker(n);
	}
}
