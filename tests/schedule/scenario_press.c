/* SPDX-License-Identifier: ISC */

/*
 * Back-pressure among whole sessions, as shipped, in a ring that holds three
 * of the lines that one client says.  One reads them; one takes over its
 * place, and reads history from an ID on; one joins with the last lines of the
 * history; one leaves, and one never has a name, and both stay connected.
 *
 * Everyone in the room reads at once, so no writer waits until a timer ends
 * the wait: neither for a client that has left, nor for one without a name.
 */

#include <stdio.h>
#include <string.h>

#include "tests/schedule/client.h"
#include "tests/schedule/kernel.h"
#include "tests/schedule/scenario.h"

#define LINE	160
#define RECORDS	64
#define ANN	0
#define DAN	2
#define NAMELESS 5
#define LONG	"this is a line of forty bytes, or so it is"

/* All that any client saw. */
static struct {
	unsigned long long	id;
	char			text[LINE];
} seen[RECORDS];
static int	 nseen;

static void
begin(void)
{
	nseen = 0;
}

/* Nobody can run unless the clock moves. */
static void
quiet(void)
{
	const struct process	*p;
	uint64_t		 blocked;
	uint32_t		 i;

	blocked = memory_newest(&scenario_bus.blocked[0], 8);
	for (i = 0; i < scenario->slots; i++) {
		p = kernel_find((pid_t)memory_newest(
		    &scenario_bus.slot[i].pid, sizeof(pid_t)));
		if ((blocked >> i & 1) != 0 && p != NULL &&
		    p->state == PROCESS_ASLEEP)
			schedule_fail("%s waits for space, and all who are "
			    "here have read", p->name);
	}
}

/* Clients see of the talker exactly what she says, and it is printable. */
static void
judge_text(int client, const char *text)
{
	static const char	 hers[] = "msg\tann\t";
	const char		*at;

	for (at = text; *at != '\0'; at++)
		if ((unsigned char)*at < ' ' && *at != '\t')
			schedule_fail("client %d is sent a control character",
			    client);
	if (strncmp(text, hers, sizeof(hers) - 1) != 0)
		return;
	at = text + sizeof(hers) - 1;
	if (*at < '1' || *at > '5' || strncmp(at + 1, " " LONG,
	    sizeof(LONG)) != 0)
		schedule_fail("client %d sees \"%s\"", client, text);
}

/* Everybody sees the same under one ID, and the IDs grow. */
static void
see(int client, const char *line, unsigned long long *last)
{
	unsigned long long	id;
	char			text[LINE];
	int			i;

	if (sscanf(line, "%llu\t%159[^\n]", &id, text) != 2)
		return;
	judge_text(client, text);
	if (id <= *last)
		schedule_fail("client %d sees IDs that do not grow", client);
	*last = id;
	for (i = 0; i < nseen && seen[i].id != id; i++)
		continue;
	if (i < nseen && strcmp(seen[i].text, text) != 0)
		schedule_fail("client %d sees \"%s\", others \"%s\"", client,
		    text, seen[i].text);
	if (i == nseen && nseen < RECORDS) {
		seen[nseen].id = id;
		(void)snprintf(seen[nseen++].text, LINE, "%s", text);
	}
}

/* A session that was taken over tells its client so, and closes. */
static void
judge_replaced(void)
{
	const struct slot	*s;
	const struct process	*p;
	uint32_t		 i;

	for (i = 0; i < scenario->slots; i++) {
		s = &scenario_bus.slot[i];
		p = kernel_find((pid_t)memory_newest(&s->pid, sizeof(pid_t)));
		if (memory_newest(&s->state, 4) == SLOT_REPLACED &&
		    p != NULL && p->state == PROCESS_ASLEEP &&
		    files_client(p) != NULL && !files_client(p)->closed)
			schedule_fail("%s continues, although another has "
			    "taken over its place", p->name);
	}
}

static void
judge(void)
{
	const struct connection	*c;
	const struct process	*p;
	const char		*at, *end;
	char			 line[2 * LINE];
	unsigned long long	 last;
	int			 i;

	judge_replaced();
	for (i = 0; i < scenario->clients; i++) {
		c = &connection[i];
		last = 0;
		for (at = c->bytes; (end = memchr(at, '\n', c->got -
		    (size_t)(at - c->bytes))) != NULL; at = end + 1) {
			(void)snprintf(line, sizeof(line), "%.*s",
			    (int)(end - at), at);
			see(i, line, &last);
		}
	}
	for (p = process; p < process + PROCESSES; p++)
		if (p->state == PROCESS_ASLEEP &&
		    files_client(p) == &connection[ANN] &&
		    connection[ANN].says[connection[ANN].said] != '\0')
			schedule_fail("nobody sees what client %d says", ANN);
}

const struct scenario scenario_press = {
	.name = "press",
	.about = "whole sessions in a small ring, of all kinds",
	.slots = 6,
	.ring = 512,
	.clients = 6,
	/* One line arrives in two parts, one has control characters. */
	.says = {
		"!tsv\nann\n\f1 " LONG "\n\v2 \f" LONG "\n\v3 " LONG "\n\v4 "
		    LONG "\a\n\v5 " LONG "\n",
		"!tsv\nben\n",
		"!tsv\ndan\n\f!quit\n",
		/* Its token is the random number of ben's session. */
		"!tsv\n\f!token 04040404040404040404040404040404\n"
		    "!since 2\nben\n",
		"!tsv\n\f!last 2\nfay\n",
		"!tsv\n\f!quit\n",
	},
	.stays = { [DAN] = true, [NAMELESS] = true },
	.kills = 1,
	.mortals = SESSIONS | WAKER,
	.steps = 100000,
	.begin = begin,
	.quiet = quiet,
	.judge = judge
};
