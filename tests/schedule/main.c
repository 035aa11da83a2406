/* SPDX-License-Identifier: ISC */

/*
 * schedule [-adp] [-b bound] [-n schedules] [-r list] [-s seed] [-t seconds]
 *	[-w access] [scenario ...]
 * schedule -l
 *
 *	-a		list at the end which accesses of the source were made
 *	-b bound	search all schedules with at most so many special
 *			choices, instead of random ones
 *	-d		show a failure as a diagram in Mermaid's language
 *			instead of a table
 *	-l		run the litmus tests of the memory
 *	-n schedules	run so many of each scenario
 *	-p		with -b, count only preemptions among the choices
 *	-r list		run this schedule of the one scenario, and show it
 *	-s seed		start with this seed (default: 1)
 *	-t seconds	run each scenario for so long
 *	-w access	weaken this access, as -a names it, by one step,
 *			or, with "away" behind the name of a fence, remove it;
 *			may be given more than once
 *
 * Exits 0 if nothing was found, 1 if a schedule fails, 2 on wrong usage.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipc/common/bsd.h"
#include "tests/schedule/litmus.h"
#include "tests/schedule/process.h"
#include "tests/schedule/search.h"
#include "tests/schedule/site.h"

struct options {
	unsigned int	 bound;
	bool		 every, accesses, diagram, litmus, preemptions;
	unsigned long	 n;
	const char	*list;
	uint64_t	 seed;
	double		 seconds;
};

static void
usage(void)
{
	const struct scenario *const *s;

	(void)fprintf(stderr, "usage: schedule [-adp] [-b bound] "
	    "[-n schedules] [-r list] [-s seed]\n\t[-t seconds] [-w access] "
	    "[scenario ...]\n"
	    "       schedule -l\nscenarios:\n");
	for (s = scenarios; *s != NULL; s++)
		(void)fprintf(stderr, "\t%-12s %s\n", (*s)->name, (*s)->about);
	exit(2);
}

static long long
number(const char *text)
{
	const char	*error;
	long long	 n = strtonum(text, 0, INT64_MAX, &error);

	if (error != NULL) {
		(void)fprintf(stderr, "schedule: %s is %s\n", text, error);
		exit(2);
	}
	return n;
}

static const struct scenario *
named(const char *name)
{
	const struct scenario *const *s;

	for (s = scenarios; *s != NULL; s++)
		if (strcmp((*s)->name, name) == 0)
			return *s;
	(void)fprintf(stderr, "schedule: no scenario %s\n", name);
	exit(2);
}

static void
report(const struct scenario *s, const struct search *r,
    const struct options *o)
{
	(void)printf("%s: %lu schedules, %lu steps", s->name, r->schedules,
	    r->steps);
	if (o->every)
		(void)printf(", %s with bound %u%s", r->whole ? "all" :
		    "not all", o->bound, o->preemptions ? ", preemptions" : "");
	(void)printf(", %.1f s, %.0f a second\n", r->seconds,
	    (double)r->schedules / (r->seconds > 0 ? r->seconds : 1));
	(void)fflush(stdout);
}

/* Search one scenario; false if it fails. */
static bool
run(const struct scenario *s, const struct options *o)
{
	struct search	 r;
	const char	*list;
	char		 why[256];

	if (o->list != NULL)
		return !search_show(s, o->list, o->diagram);
	if (o->every)
		search_every(&r, s, o->bound, o->preemptions, o->seconds);
	else
		search_seeds(&r, s, o->seed, o->n, o->seconds);
	if (!r.failed) {
		report(s, &r, o);
		return true;
	}
	(void)strlcpy(why, schedule_failure(), sizeof(why));
	if (o->every)
		(void)printf("%s: %s\n", s->name, why);
	else
		(void)printf("%s: seed %llu: %s\n", s->name,
		    (unsigned long long)r.seed, why);
	report(s, &r, o);
	list = search_shrink();
	(void)printf("-r '%s' %s\n", list, s->name);
	(void)search_show(s, list, o->diagram);
	return false;
}

static void
weaken(const char *name)
{
	if (!site_weaken(name)) {
		(void)fprintf(stderr, "schedule: no access to weaken: %s\n",
		    name);
		exit(2);
	}
}

static void
parse(struct options *o, int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "ab:dln:pr:s:t:w:")) != -1) {
		switch (c) {
		case 'a':
			o->accesses = true;
			break;
		case 'b':
			o->every = true;
			o->bound = (unsigned int)number(optarg);
			break;
		case 'd':
			o->diagram = true;
			break;
		case 'l':
			o->litmus = true;
			break;
		case 'n':
			o->n = (unsigned long)number(optarg);
			break;
		case 'p':
			o->preemptions = true;
			break;
		case 'r':
			o->list = optarg;
			break;
		case 's':
			o->seed = (uint64_t)number(optarg);
			break;
		case 't':
			o->seconds = (double)number(optarg);
			break;
		case 'w':
			weaken(optarg);
			break;
		default:
			usage();
		}
	}
}

int
main(int argc, char **argv)
{
	struct options	 o = { .seed = 1 };
	const struct scenario *const *s;
	bool		 well = true;

	parse(&o, argc, argv);
	argv += optind;
	if (o.n == 0 && o.seconds <= 0 && !o.every)
		o.seconds = 5;
	process_init();
	if (o.litmus)
		return litmus_run(false) != 0;
	if (o.list != NULL && (argv[0] == NULL || argv[1] != NULL))
		usage();
	if (*argv == NULL)
		for (s = scenarios; *s != NULL; s++)
			well = run(*s, &o) && well;
	for (; *argv != NULL; argv++)
		well = run(named(*argv), &o) && well;
	if (o.accesses)
		site_list(stdout);
	return well ? 0 : 1;
}
