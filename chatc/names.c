/* SPDX-License-Identifier: ISC */

/*
 * The names in the room, for completion.
 *
 * Learnt from the events that everyone sees, and from the answer to a !who.
 * If there are more names than this table holds, some cannot be completed;
 * nothing else depends on it.
 */

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "chatc/grapheme.h"
#include "chatc/names.h"
#include "ipc/common/text.h"

static size_t
find(const struct names *names, const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < names->count; i++)
		if (strlen(names->name[i]) == len &&
		    memcmp(names->name[i], name, len) == 0)
			break;
	return i;
}

static void
add(struct names *names, const char *name, size_t len)
{
	/* The terminal would obey what cannot be a name. */
	if (len >= NAMES_SIZE || names->count == NAMES_MAX ||
	    text_name_error(name, len) != NULL ||
	    find(names, name, len) < names->count)
		return;
	memcpy(names->name[names->count], name, len);
	names->name[names->count++][len] = '\0';
}

static void
drop(struct names *names, const char *name, size_t len)
{
	size_t i = find(names, name, len);

	if (i < names->count && i != --names->count)
		memcpy(names->name[i], names->name[names->count], NAMES_SIZE);
}

void
names_learn(struct names *names, const struct event *ev)
{
	switch (ev->kind) {
	case EVENT_HELLO:
		names->count = 0;
		break;
	case EVENT_LEAVE:
		drop(names, ev->name, ev->name_len);
		break;
	case EVENT_NAME:
		drop(names, ev->name, ev->name_len);
		add(names, ev->text, ev->text_len);
		break;
	case EVENT_MSG:
	case EVENT_ME:
	case EVENT_JOIN:
	case EVENT_WHO:
		add(names, ev->name, ev->name_len);
		break;
	default:
		break;
	}
}

size_t
names_complete(const struct names *names, const char *start, size_t len,
    char *dst, size_t *n)
{
	size_t i, whole = 0, found = 0;

	*n = 0;
	for (i = 0; i < names->count; i++) {
		if (strncasecmp(names->name[i], start, len) != 0)
			continue;
		if (found++ == 0) {
			*n = whole = strlen(names->name[i]);
			memcpy(dst, names->name[i], *n + 1);
		}
		while (*n > len && strncasecmp(names->name[i], dst, *n) != 0)
			--*n;
	}
	/* Do not cut a character in half. */
	if (*n < whole)
		*n = grapheme_before(dst, whole, *n + 1);
	return found;
}

void
names_list(const struct names *names, const char *start, size_t len,
    char *dst, size_t size)
{
	size_t	i, at = 0;
	int	n;

	dst[0] = '\0';
	for (i = 0; i < names->count && at < size; i++) {
		if (strncasecmp(names->name[i], start, len) != 0)
			continue;
		n = snprintf(dst + at, size - at, at == 0 ? "%s" : " %s",
		    names->name[i]);
		at += n > 0 ? (size_t)n : 0;
	}
}
