/* SPDX-License-Identifier: ISC */

/*
 * Invents and varies scripts at random.
 *
 * The grammar knows kinds of clients (one that talks, one that connects with
 * settings and reads at random, one that leaves in any possible way) but no
 * attack.  The search has to find which of them together hold a room up.
 */

#include <string.h>

#include "ipc/common/bsd.h"
#include "tests/chaos/grammar.h"

#define POOL	8		/* choices for a number, 0 after the last */

/* A value that is twice in a pool is chosen twice as often. */
static const int pools[VERBS][SCRIPT_NUMBERS][POOL] = {
	[VERB_OPEN] = { { 2, 3, 4, 5 }, { 2048, 2048, 16384, 1 << 20 },
	    { 1, 1, 1, 2, 8, 20 } },
	[VERB_SAY] = { { 1, 1, 10, 50, 100, 200, 400 } },
	[VERB_FILL] = { { 100, 1000, 1000, 10000 },
	    { 1, 30, 200, 1000, 4000 } },
	[VERB_SIP] = { { 100, 4096, 20000, 100000 }, { 10, 100, 300, 900 } },
	[VERB_WAIT] = { { 10, 50, 100, 400, 400, 900 } }
};

#define TOKEN	"!token 0123456789abcdef0123456789abcdef"

static const char *const settings[] = {
	TOKEN, TOKEN, "!since 0", "!since 0", "!since @", "!last 10",
	"!last 1000000", "!tsv", "!help", "!who", "!quit", "!bogus"
};
static const char *const names[] = { "m%", "m%", "mallory", "eve", "probe" };
static const char *const words[] = {
	"!help", "!who", "!quit", "!quit why", "!name eve", "!name m%x",
	"!msg probe psst", "!msg eve psst", "!me waves", "!bogus", "!",
	"hello", "!!", "\001\377\033[2J"
};
/* No -M: an address that fills the room is another matter. */
static const char *const servers[] = {
	"-r 64k -M 40", "-r 64k -M 40", "-r 64k -M 40", "-r 128k -M 40",
	"-r 64k -M 40 -t 3", "-r 64k -M 8"
};

#define ONE_OF(list)	\
	((list)[grammar_choose(sizeof(list) / sizeof((list)[0]))])

static uint64_t seed;

void
grammar_seed(uint64_t s)
{
	seed = s;
}

/* SplitMix64, whose period is all of its state. */
uint32_t
grammar_choose(uint32_t n)
{
	uint64_t x = seed += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)((x ^ x >> 31) >> 32) % n;
}

/* ---- inventing ---- */

static int
draw(enum verb verb, int number)
{
	const int	*pool = pools[verb][number];
	uint32_t	 n = 0;

	while (n < POOL - 1 && pool[n + 1] != 0)
		n++;
	return pool[grammar_choose(n + 1)];
}

/* One more action, if there is space; its text is empty. */
static struct action *
add(struct script *s, enum verb verb, int who)
{
	static struct action	 nowhere;
	struct action		*a = s->len < SCRIPT_ACTIONS ?
	    &s->action[s->len++] : &nowhere;
	int			 i;

	memset(a, 0, sizeof(*a));
	a->verb = verb;
	a->who = who;
	for (i = 0; i < script_kinds[verb].numbers; i++)
		a->n[i] = draw(verb, i);
	return a;
}

static void
say(struct script *s, int who, int times, const char *text)
{
	struct action *a = add(s, VERB_SAY, who);

	a->n[0] = times;
	(void)strlcpy(a->text, text, sizeof(a->text));
}

static void
come(struct script *s, int who)
{
	uint32_t n = grammar_choose(5);

	(void)add(s, VERB_OPEN, who);
	while (n-- > 0)
		say(s, who, draw(VERB_SAY, 0), ONE_OF(settings));
}

/* A client that joins, says much, and reads everything. */
static void
talker(struct script *s, int who)
{
	(void)add(s, VERB_OPEN, who);
	say(s, who, 1, ONE_OF(names));
	(void)add(s, VERB_READ, who);
	(void)add(s, VERB_FILL, who);
}

/* A client that sends settings, mostly a name, and reads at random. */
static void
visitor(struct script *s, int who)
{
	static const enum verb reading[] = { VERB_READ, VERB_DEAF, VERB_SIP };

	come(s, who);
	if (grammar_choose(4) > 0)
		say(s, who, 1, ONE_OF(names));
	(void)add(s, ONE_OF(reading), who);
}

static void
leaver(struct script *s, int who)
{
	static const enum verb end[] = { VERB_HALF, VERB_CLOSE, VERB_RESET };

	if (grammar_choose(2) > 0)
		say(s, who, 1, "!quit");
	else
		(void)add(s, ONE_OF(end), who);
}

static void
anything(struct script *s, int who)
{
	enum verb	 verb = (enum verb)grammar_choose(VERBS);
	struct action	*a = add(s, verb, who);

	if (verb == VERB_SAY)
		(void)strlcpy(a->text, grammar_choose(2) > 0 ? ONE_OF(words) :
		    ONE_OF(settings), sizeof(a->text));
}

static void
phrase(struct script *s)
{
	static void (*const phrases[])(struct script *, int) =
	    { talker, visitor, visitor, leaver, anything };

	ONE_OF(phrases)(s, (int)grammar_choose(SCRIPT_WHO));
	if (grammar_choose(3) == 0)
		(void)add(s, VERB_WAIT, 0);
}

void
grammar_invent(struct script *s)
{
	uint32_t n = 2 + grammar_choose(5);

	memset(s, 0, sizeof(*s));
	(void)strlcpy(s->server, ONE_OF(servers), sizeof(s->server));
	while (n-- > 0)
		phrase(s);
}

/* ---- varying ---- */

static void
append(struct script *s, const struct action *a, size_t n)
{
	while (n-- > 0 && s->len < SCRIPT_ACTIONS)
		s->action[s->len++] = *a++;
}

/* Another number, or a similar one; or another client does it. */
static void
turn_a_knob(struct action *a)
{
	int i, numbers = script_kinds[a->verb].numbers;

	if (numbers == 0 || grammar_choose(5) == 0) {
		a->who = (int)grammar_choose(SCRIPT_WHO);
		return;
	}
	i = (int)grammar_choose((uint32_t)numbers);
	if (a->verb == VERB_OPEN || grammar_choose(2) > 0)
		a->n[i] = draw(a->verb, i);
	else
		a->n[i] = 1 + (int)grammar_choose(2 * (uint32_t)a->n[i]);
}

/* a's first actions, then something else in place of n, then a's rest. */
static void
replace_part(struct script *s, const struct script *a, const struct script *b)
{
	uint32_t at = grammar_choose((uint32_t)a->len + 1), n = 0, from;

	append(s, a->action, at);
	switch (grammar_choose(5)) {
	case 0:
		n = 1 + grammar_choose(2);
		break;
	case 1:
		phrase(s);
		break;
	case 2:
		anything(s, (int)grammar_choose(SCRIPT_WHO));
		n = grammar_choose(2);
		break;
	case 3:
		(void)add(s, VERB_WAIT, 0);
		break;
	default:
		from = grammar_choose((uint32_t)b->len + 1);
		append(s, b->action + from, b->len - from);
		break;
	}
	if (at + n < a->len)
		append(s, a->action + at + n, a->len - at - n);
}

void
grammar_vary(struct script *s, const struct script *a, const struct script *b)
{
	uint32_t n = 1 + grammar_choose(3);

	memset(s, 0, sizeof(*s));
	(void)strlcpy(s->server, grammar_choose(10) == 0 ? ONE_OF(servers) :
	    a->server, sizeof(s->server));
	if (grammar_choose(2) > 0)
		replace_part(s, a, b);
	else
		append(s, a->action, a->len);
	while (n-- > 1 && s->len > 0)
		turn_a_knob(&s->action[grammar_choose((uint32_t)s->len)]);
	if (s->len == 0)
		phrase(s);
}
