/* SPDX-License-Identifier: ISC */

/*
 * The parent was killed, and a new one copies the old segment while its
 * sessions, which do not know yet, still write to it and show their clients
 * what they read.
 *
 * Every record that any client is shown is in the new segment.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/bus/history.h"
#include "ipc/bus/shm.h"
#include "tests/schedule/client.h"
#include "tests/schedule/scenario.h"
#include "tests/schedule/statics.h"

#define RECORDS	16
#define LINE	160
#define NEW_PID	1000

static struct bus	 copied;
static bool		 came, done;

/* The lines of all its records. */
static char		 line[RECORDS][LINE];
static int		 lines;

/* The next parent. */
static void
new_parent(void)
{
	struct bus	*b = statics_alloc(sizeof(*b));
	pid_t		 holder;

	if (shm_create(b, "/room", scenario->slots, scenario->ring,
	    &holder) == -1)
		schedule_fail("the old segment cannot be copied");
	copied = *b;
	done = true;
	for (;;)
		scenario_sleep(-1);
}

static void
begin(void)
{
	came = done = false;
}

static void
died(const struct process *old)
{
	struct process *p;

	if (came || old->number != 0)
		return;
	came = true;
	p = process_new(new_parent);
	p->pid = NEW_PID;
	p->parent = 1;
	(void)snprintf(p->name, sizeof(p->name), "new parent");
	memory_fork(p->number, old->number);
}

static void
read_copy(void)
{
	struct reader		 r = { 0, 1, UINT64_MAX };
	uint64_t		 buf[256], missed;
	const struct record	*rec;
	size_t			 len, at;

	lines = 0;
	while ((len = ring_read(&copied, &r, (char *)buf, sizeof(buf),
	    &missed)) > 0) {
		for (at = 0; at < len; at += rec->size) {
			rec = (struct record *)(void *)((char *)buf + at);
			(void)snprintf(line[lines++], LINE, "%.*s",
			    rec->text_len - 1, rec->text);
		}
	}
}

static bool
is_known(const char *shown)
{
	int i;

	for (i = 0; i < lines; i++)
		if (strcmp(line[i], shown) == 0)
			return true;
	return false;
}

static void
judge_client(const struct connection *c)
{
	const char	*at = c->bytes, *end;
	char		 shown[LINE];

	for (; (end = memchr(at, '\n', c->got - (size_t)(at - c->bytes))) !=
	    NULL; at = end + 1) {
		(void)snprintf(shown, sizeof(shown), "%.*s",
		    (int)(end - at), at);
		if (*shown >= '0' && *shown <= '9' && !is_known(shown))
			schedule_fail("client %d was shown \"%s\", which is "
			    "not in the copy", (int)(c - connection), shown);
	}
}

static void
judge(void)
{
	int i;

	if (!came)
		return;
	if (!done)
		schedule_fail("the copy is not complete");
	scenario_alone(read_copy);
	for (i = 0; i < scenario->clients; i++)
		judge_client(&connection[i]);
}

const struct scenario scenario_copy = {
	.name = "copy",
	.about = "a new parent copies the segment while orphans write to it",
	.slots = 2,
	.ring = BUS_RING_MIN,
	.clients = 2,
	.says = { "!tsv\nann\n\fone\n", "!tsv\nben\n\ftwo\n" },
	.kills = 1,
	.mortals = PARENT,
	.steps = 100000,
	.begin = begin,
	.died = died,
	.judge = judge
};
