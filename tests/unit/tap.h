/* SPDX-License-Identifier: ISC */

/*
 * The few lines of TAP that a unit test needs: what prove(1) reads.
 */
#ifndef TESTS_UNIT_TAP_H
#define TESTS_UNIT_TAP_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int tap_run, tap_failed;

/* One test, whose name is a sentence that is true when it passes. */
static inline bool
ok(bool passed, const char *name)
{
	tap_run++;
	if (!passed)
		tap_failed++;
	(void)printf("%sok %d - %s\n", passed ? "" : "not ", tap_run, name);
	(void)fflush(stdout);
	return passed;
}

/* got and want as numbers. */
static inline bool
is_num(long long got, long long want, const char *name)
{
	if (ok(got == want, name))
		return true;
	(void)printf("#  got: %lld\n# want: %lld\n", got, want);
	return false;
}

static inline void
tap_bytes(const char *label, const char *s, size_t len)
{
	size_t i;

	(void)printf("# %s", label);
	for (i = 0; i < len; i++)
		if (s[i] >= ' ' && s[i] <= '~')
			(void)putchar(s[i]);
		else
			(void)printf("{%02x}", (unsigned char)s[i]);
	(void)putchar('\n');
}

/* got[0..len) against a string. */
static inline bool
is_bytes(const char *got, size_t len, const char *want, const char *name)
{
	size_t want_len = strlen(want);

	if (ok(len == want_len && memcmp(got, want, len) == 0, name))
		return true;
	tap_bytes(" got: ", got, len);
	tap_bytes("want: ", want, want_len);
	return false;
}

/* got and want as strings; either may be NULL. */
static inline bool
is_str(const char *got, const char *want, const char *name)
{
	if (got == NULL || want == NULL)
		return ok(got == want, name);
	return is_bytes(got, strlen(got), want, name);
}

/* The plan, at the end; what main() returns. */
static inline int
done(void)
{
	(void)printf("1..%d\n", tap_run);
	(void)fflush(stdout);
	return tap_failed == 0 ? 0 : 1;
}

#endif
