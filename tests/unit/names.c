/* SPDX-License-Identifier: ISC */

/*
 * The names in the room: which are known, and how they complete.
 */

#include <stdio.h>
#include <string.h>

#include "chatc/names.h"
#include "tests/unit/tap.h"

static struct names names;

static void
learn(enum event_kind kind, const char *name, const char *text)
{
	struct event ev = { 1, kind, name, strlen(name), text, strlen(text) };

	names_learn(&names, &ev);
}

static void
completes(const char *start, const char *to, size_t found, const char *name)
{
	char	got[NAMES_SIZE];
	size_t	n, how_many;

	how_many = names_complete(&names, start, strlen(start), got, &n);
	if (is_num((long long)how_many, (long long)found, name) && found > 0)
		is_bytes(got, n, to, "... namely so");
}

int
main(void)
{
	char	name[32], list[64];
	int	i;

	learn(EVENT_WHO, "alice", "127.0.0.1");
	learn(EVENT_JOIN, "Alan", "local");
	learn(EVENT_MSG, "bob", "hi");
	learn(EVENT_MSG, "bob", "again");
	learn(EVENT_WHO, "", "3");
	completes("b", "bob", 1, "a speaker is known, once");
	completes("AL", "al", 2, "either case will do");
	completes("x", "", 0, "nobody is nobody");
	completes("", "", 3, "every name matches nothing typed");
	names_list(&names, "al", 2, list, sizeof(list));
	is_str(list, "alice Alan", "matching names can be listed");
	names_list(&names, "", 0, list, 10);
	is_str(list, "alice Ala", "as far as there is space");
	learn(EVENT_NAME, "bob", "bert");
	completes("bo", "", 0, "a new name replaces the old");
	completes("be", "bert", 1, "and is known");
	learn(EVENT_LEAVE, "alice", "quit");
	completes("a", "Alan", 1, "a client that leaves is forgotten");
	learn(EVENT_HELLO, "me", "token");
	completes("", "", 0, "each welcome restarts the list");
	for (i = 0; i < 2 * NAMES_MAX; i++) {
		(void)snprintf(name, sizeof(name), "name%d", i);
		learn(EVENT_JOIN, name, "local");
	}
	is_num((long long)names.count, NAMES_MAX,
	    "a crowd is known in part, and no more");
	return done();
}
