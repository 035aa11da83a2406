/* SPDX-License-Identifier: ISC */

/*
 * The accesses of the source.
 *
 * The linker puts all sites into one array.  So a program can list the accesses
 * that a scenario's schedules make and those that they never reach, and can
 * weaken one of them without compiling anything.  The script mutants does that
 * to each in turn: if no schedule fails then, either the order is stronger than
 * necessary, or a test is missing.
 */

#include <stdatomic.h>
#include <string.h>

#include "tests/schedule/site.h"
#include "tests/schedule/trace.h"

#define NAME	256

/* NOLINTBEGIN: the linker's own names for the section's bounds */
extern struct site __start_sites[], __stop_sites[];
/* NOLINTEND */

const char *const site_order_name[] = {
	"relaxed", "consume", "acquire", "release", "acq_rel", "seq_cst"
};

/* Whether it is production's, not a litmus test's. */
static bool
is_shipped(const struct site *site)
{
	return strncmp(trace_file(site->file), "tests/", 6) != 0;
}

/*
 * FILE FUNCTION ACCESS, which stays the same when lines are added elsewhere;
 * with #2 and so on if a function repeats it.
 */
static void
name_site(char *name, size_t size, const struct site *site)
{
	const struct site	*other;
	char			 number[16] = "";
	int			 n = 1;

	for (other = __start_sites; other != __stop_sites; other++)
		n += other->line < site->line &&
		    strcmp(other->file, site->file) == 0 &&
		    strcmp(other->function, site->function) == 0 &&
		    strcmp(other->how, site->how) == 0 &&
		    strcmp(other->what, site->what) == 0 &&
		    (site->operand == NULL ||
		    strcmp(other->operand, site->operand) == 0);
	if (n > 1)
		(void)snprintf(number, sizeof(number), " #%d", n);
	(void)snprintf(name, size, "%s %s %s(%s%s%s)%s",
	    trace_file(site->file), site->function, site->how, site->what,
	    site->operand == NULL ? "" : ", ",
	    site->operand == NULL ? "" : site->operand, number);
}

void
site_list(FILE *to)
{
	const struct site	*site;
	char			 name[NAME];

	for (site = __start_sites; site != __stop_sites; site++) {
		if (!is_shipped(site))
			continue;
		name_site(name, sizeof(name), site);
		(void)fprintf(to, "%s %s%s: %s\n", site->reached ? "made" :
		    "not made", site_order_name[site->order],
		    site->reached && !site->unlocked ? " with the lock" : "",
		    name);
	}
}

/* Acquire and release are one step above relaxed, seq_cst is two. */
static int
weaker(const struct site *site)
{
	if (site->order != memory_order_seq_cst)
		return memory_order_relaxed;
	if (strcmp(site->how, "load") == 0)
		return memory_order_acquire;
	if (strcmp(site->how, "store") == 0)
		return memory_order_release;
	return memory_order_acq_rel;
}

/* Production has no acq_rel, which could become either of two. */
static bool
weaken(struct site *site)
{
	int was = site->order;

	if (was == memory_order_acq_rel)
		return false;
	site->order = weaker(site);
	site->failed = site->failed == memory_order_seq_cst ?
	    memory_order_acquire : memory_order_relaxed;
	return site->order != was;
}

static bool
drop(struct site *site)
{
	if (strcmp(site->how, "fence") != 0)
		return false;
	site->order = SITE_NO_FENCE;
	return true;
}

bool
site_weaken(const char *name)
{
	struct site	*site;
	char		 its_name[NAME];
	size_t		 len;

	for (site = __start_sites; site != __stop_sites; site++) {
		if (!is_shipped(site))
			continue;
		name_site(its_name, sizeof(its_name), site);
		len = strlen(its_name);
		if (strcmp(name, its_name) == 0)
			return weaken(site);
		if (strncmp(name, its_name, len) == 0 &&
		    strcmp(name + len, " away") == 0)
			return drop(site);
	}
	return false;
}
