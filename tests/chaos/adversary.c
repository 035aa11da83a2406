/* SPDX-License-Identifier: ISC */

/*
 * Searches for clients whose behaviour makes a room wait longest.
 *
 *	adversary [-i ms] [-l ms] [-s seed] [-t seconds] [script ...]
 *
 * Each trial runs a script (script.h) against a server of its own for some
 * seconds (room.h); LANES trials run at once.  The given scripts come first;
 * then, for -t seconds (60, or 0 if there are scripts), the program invents
 * others, and keeps and varies the worst by each of two measures: the longest
 * wait, and the longest silence for which no client can be blamed.  A wait of
 * -l ms (1100) or more, such a silence of -i ms (500), or any other failure
 * ends the search.  But a time can be chance: it must recur HITS times in RUNS
 * runs, and does not count where the machine stalled the calm room too.  A
 * seed repeats the sequence of scripts as far as the machine lets trials end
 * alike.
 *
 * Prints its findings as scripts with comments.  Exits 0 if all is well, 1 if
 * not, 2 on errors.
 */

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/chaos/clients.h"
#include "tests/chaos/grammar.h"
#include "tests/chaos/room.h"

#define LANES		6
#define TRIAL_S		2.5
#define RUNS		4	/* of a script whose waits are too long ... */
#define HITS		2	/* ... of which so many must be */
#define ELITE		12
#define LENGTH_COSTS	0.003	/* s an action: of equals keep the shorter */
#define TOTAL_COUNTS	0.4	/* many waits lead to long ones */
#define STALLED_S	0.25
#define TICK_MS		5

enum measure { LONGEST, SILENCE, MEASURES };

struct best {
	struct script	script;
	struct finding	found;
	double		score;
};

struct lane {
	struct room	 room;
	struct script	 script;
	struct finding	 mean;		/* of its runs */
	int		 runs;		/* 0: the lane is idle */
	int		 hits;		/* runs with too long a wait */
	const char	*file;		/* NULL: it was invented */
};

static struct room	 calm;
static struct lane	 lane[LANES];
static struct best	 best[MEASURES][ELITE];
static double		 limit[MEASURES] = { 1.1, 0.5 };
static double		 begun, seconds;
static char		**files;	/* scripts to start with */
static unsigned int	 trials;
static volatile sig_atomic_t interrupted;

static void
on_signal(int sig)
{
	(void)sig;
	interrupted = 1;
}

static void
kill_all(void)
{
	int i;

	for (i = 0; i < LANES; i++)
		room_kill(&lane[i].room);
	room_kill(&calm);
}

/* ---- trials ---- */

static void
round_of_all(void)
{
	static struct watch	w;
	int			i;

	w.n = 0;
	room_watch(&calm, &w);
	for (i = 0; i < LANES; i++)
		if (lane[i].runs > 0)
			room_watch(&lane[i].room, &w);
	(void)poll(w.pfd, w.n, TICK_MS);
	room_move(&calm, &w);
	for (i = 0; i < LANES; i++)
		if (lane[i].runs > 0)
			room_move(&lane[i].room, &w);
	if (interrupted)
		exit(2);
	if (calm.found.fault[0] != '\0')
		errx(2, "in the calm room %s", calm.found.fault);
}

static void
run(struct lane *l)
{
	l->runs++;
	trials++;
	room_start(&l->room, &l->script, TRIAL_S, &calm);
}

static double
score(const struct best *b, enum measure m)
{
	return (m == LONGEST ? b->found.longest + TOTAL_COUNTS *
	    b->found.total : b->found.silence) -
	    LENGTH_COSTS * (double)b->script.len;
}

static bool
too_long(const struct finding *f)
{
	return f->stall < STALLED_S && (f->longest >= limit[LONGEST] ||
	    f->silence >= limit[SILENCE]);
}

static void
take_mean(struct lane *l)
{
	const struct finding	*f = &l->room.found;
	struct finding		*m = &l->mean;

	if (l->runs == 1) {
		memset(m, 0, sizeof(*m));
		l->hits = 0;
	}
	m->longest += (f->longest - m->longest) / l->runs;
	m->silence += (f->silence - m->silence) / l->runs;
	m->total += (f->total - m->total) / l->runs;
	m->stall += (f->stall - m->stall) / l->runs;
	if (f->fault[0] != '\0')
		(void)strlcpy(m->fault, f->fault, sizeof(m->fault));
	if (too_long(f))
		l->hits++;
}

static void
tell(const struct finding *f, const char *name)
{
	(void)printf("# %s: waits %.2f s, %.2f s in all, silence of %.2f s "
	    "with nobody to blame; the calm room %.2f s\n", name, f->longest,
	    f->total, f->silence, f->stall);
	if (f->fault[0] != '\0')
		(void)printf("# %s\n", f->fault);
}

/* ---- the search ---- */

/* Keep it if it beats the worst one kept; true if it is the best. */
static bool
keep(const struct lane *l, enum measure m)
{
	struct best	 b = { l->script, l->mean, 0 }, *worst = best[m];
	double		 most = 0;
	int		 i;

	b.score = score(&b, m);
	for (i = 0; i < ELITE; i++) {
		if (best[m][i].score < worst->score)
			worst = &best[m][i];
		if (best[m][i].score > most)
			most = best[m][i].score;
	}
	if (b.score <= worst->score)
		return false;
	if (b.score > most && l->runs == 1)
		return true;
	*worst = b;
	return b.score > most;
}

static const struct best *
parent(void)
{
	enum measure		 m = (enum measure)grammar_choose(MEASURES);
	const struct best	*a = &best[m][grammar_choose(ELITE)];
	const struct best	*b = &best[m][grammar_choose(ELITE)];

	return a->score > b->score ? a : b;
}

static void
next_trial(struct lane *l)
{
	const struct best *a = parent(), *b = parent();

	l->runs = 0;
	if ((l->file = *files) != NULL)
		script_load(&l->script, *files++);
	else if (now() > begun + seconds)
		return;
	else if (a->script.len == 0 || grammar_choose(4) == 0)
		grammar_invent(&l->script);
	else
		grammar_vary(&l->script, &a->script, &b->script);
	run(l);
}

/* Take the finding of a finished trial; false if that ends the search. */
static bool
judge(struct lane *l)
{
	bool longest, silence;

	take_mean(l);
	if (l->mean.fault[0] != '\0' || l->hits >= HITS) {
		tell(&l->mean, l->file != NULL ? l->file : "found");
		script_print(&l->script, stdout);
		return false;
	}
	if (l->hits > 0 && RUNS - l->runs >= HITS - l->hits) {
		run(l);
		return true;
	}
	longest = keep(l, LONGEST);
	silence = keep(l, SILENCE);
	if ((longest || silence) && l->runs == 1 && l->file == NULL) {
		run(l);
		return true;
	}
	if (l->file != NULL)
		tell(&l->mean, l->file);
	else if (longest || silence)
		tell(&l->mean, "longest so far");
	next_trial(l);
	return true;
}

static void
print_best(enum measure m)
{
	const struct best	*b = best[m];
	int			 i;

	for (i = 1; i < ELITE; i++)
		if (best[m][i].score > b->score)
			b = &best[m][i];
	tell(&b->found, m == LONGEST ? "the longest wait" :
	    "the longest silence with nobody to blame");
	script_print(&b->script, stdout);
}

static int
search(void)
{
	int i, busy, status = 0;

	for (i = 0; i < LANES; i++)
		next_trial(&lane[i]);
	do {
		round_of_all();
		for (i = busy = 0; i < LANES; i++) {
			if (lane[i].runs > 0 && status == 0 &&
			    lane[i].room.state == ROOM_OVER)
				status = judge(&lane[i]) ? 0 : 1;
			busy += lane[i].runs;
		}
	} while (busy > 0 && status == 0);
	(void)printf("# %u trials in %.0f s\n", trials, now() - begun);
	if (status == 0 && seconds > 0)
		for (i = 0; i < MEASURES; i++)
			print_best((enum measure)i);
	return status;
}

static void
usage(void)
{
	errx(2, "usage: adversary [-i ms] [-l ms] [-s seed] [-t seconds] "
	    "[script ...]");
}

int
main(int argc, char *argv[])
{
	int ch, status;

	grammar_seed(1);
	while ((ch = getopt(argc, argv, "i:l:s:t:")) != -1)
		switch (ch) {
		case 'i':
			limit[SILENCE] = (double)number(optarg, 60000) / 1000;
			break;
		case 'l':
			limit[LONGEST] = (double)number(optarg, 60000) / 1000;
			break;
		case 's':
			grammar_seed((uint64_t)number(optarg, INT64_MAX));
			break;
		case 't':
			seconds = (double)number(optarg, 1000000);
			break;
		default:
			usage();
		}
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGINT, on_signal);
	(void)signal(SIGTERM, on_signal);
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	if (atexit(kill_all) != 0)
		errx(2, "atexit");
	files = argv + optind;
	if (seconds <= 0 && *files == NULL)
		seconds = 60;
	room_start(&calm, NULL, 0, NULL);
	while (calm.state != ROOM_IN_USE)
		round_of_all();
	begun = now();
	status = search();
	room_stop(&calm);
	while (calm.state != ROOM_OVER)
		round_of_all();
	return status;
}
