/* SPDX-License-Identifier: ISC */

/*
 * Sessions as shipped, from their client's bytes to their client's bytes:
 * some talk, one leaves or dies, and a new client gets its slot while a
 * private message to it may still be on its way.
 *
 * All clients see the same records under the same IDs, and each sees all
 * since its own join.  Only sender and recipient see a private message.
 * Nobody's last line is lost.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/schedule/client.h"
#include "tests/schedule/kernel.h"
#include "tests/schedule/scenario.h"

#define RECORDS	64
#define LINE	80
#define ANN	0
#define CAT	1
#define DAN	3

/* All that any client saw. */
static struct {
	unsigned long long	id;
	char			text[LINE];
} seen[RECORDS];
static int	 nseen;
static bool	 dan_came;

static void
begin(void)
{
	dan_came = false;
}

/* When the first has gone, one more client connects. */
static void
died(const struct process *p)
{
	(void)p;
	if (dan_came)
		return;
	dan_came = true;
	client_begin(&connection[DAN], "!tsv\ndan\n\fhey\n");
	client_go_on(&connection[DAN]);
	files_connect(&connection[DAN]);
}

static void
see(int client, const char *line)
{
	unsigned long long	id;
	char			text[LINE];
	int			i;

	if (sscanf(line, "%llu\t%79[^\n]", &id, text) != 2)
		return;
	if (strstr(text, "secret") != NULL) {
		if (client != ANN && client != CAT)
			schedule_fail("client %d sees what is private",
			    client);
		return;
	}
	for (i = 0; i < nseen; i++) {
		if (seen[i].id != id)
			continue;
		if (strcmp(seen[i].text, text) != 0)
			schedule_fail("client %d sees \"%s\", others \"%s\"",
			    client, text, seen[i].text);
		return;
	}
	seen[nseen].id = id;
	(void)snprintf(seen[nseen++].text, LINE, "%s", text);
}

/* The lines of a client, each with see() or against the rest. */
static void
each_line(int client, void (*look)(int, const char *))
{
	const struct connection	*c = &connection[client];
	const char		*at = c->bytes, *end;
	char			 line[2 * LINE];

	for (; (end = memchr(at, '\n', c->got - (size_t)(at - c->bytes))) !=
	    NULL; at = end + 1) {
		(void)snprintf(line, sizeof(line), "%.*s", (int)(end - at),
		    at);
		look(client, line);
	}
}

static unsigned long long	first_id, last_id;
static int			count, lost;

static void
look(int client, const char *line)
{
	unsigned long long id;

	if (strncmp(line, "-\tlost", 6) == 0)
		lost++;
	if (sscanf(line, "%llu\t", &id) != 1)
		return;
	if (id <= last_id)
		schedule_fail("client %d sees IDs that do not grow", client);
	if (first_id == 0)
		first_id = id;
	last_id = id;
	count += strstr(line, "secret") == NULL;
}

static void
judge_client(int client)
{
	int i, n = 0;

	first_id = last_id = 0;
	count = lost = 0;
	each_line(client, look);
	if (connection[client].said < connection[client].saying)
		schedule_fail("nobody sees what client %d says", client);
	for (i = 0; i < nseen; i++)
		n += seen[i].id >= first_id;
	if (first_id != 0 && n != count && lost == 0)
		schedule_fail("client %d sees %d of %d", client, count, n);
}

static void
judge(void)
{
	const struct process	*p;
	int			 i;

	nseen = 0;
	for (i = 0; i <= DAN; i++)
		each_line(i, see);
	for (p = process; p < process + PROCESSES; p++)
		if (p->state == PROCESS_ASLEEP && files_client(p) != NULL &&
		    !files_client(p)->closed)
			judge_client((int)(files_client(p) - connection));
}

const struct scenario scenario_talk = {
	.name = "talk",
	.about = "whole sessions, a private message, and a reused slot",
	.slots = 4,
	.ring = 8192,
	.clients = 3,
	.says = { "!tsv\nann\n\fone\n!msg cat secret\ntwo\n",
	    "!tsv\ncat\n\fhi\n!quit\n", "!tsv\nben\n" },
	.kills = 1,
	.mortals = SESSIONS | WAKER,
	.steps = 100000,
	.begin = begin,
	.died = died,
	.judge = judge
};
