/* SPDX-License-Identifier: ISC */

/*
 * An event as an object of JSON, for languages in which TSV is awkward.
 *
 * The ID is a number, since it is less than 2^53, and null for an answer.
 * Unprintable text is first made visible, so that the object is UTF-8 whatever
 * the server sends.
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "chatc/chatc.h"
#include "chatc/json.h"
#include "ipc/common/text.h"

/* Write s[0..len) between quotes; returns the bytes written. */
static size_t
put_string(char *dst, const char *s, size_t len)
{
	static char	 visible[4 * CHATC_LINE_MAX];
	char		*d = dst;
	size_t		 i, n;

	n = text_visible(visible, s, len);
	*d++ = '"';
	for (i = 0; i < n; i++) {
		if (strchr("\"\\\t", visible[i]) != NULL)
			*d++ = '\\';
		*d++ = visible[i] == '\t' ? 't' : visible[i];
	}
	*d++ = '"';
	return (size_t)(d - dst);
}

size_t
json_event(char *dst, const struct event *ev)
{
	char *d = dst;

	if (ev->id == 0)
		d += snprintf(d, 64, "{\"id\":null");
	else
		d += snprintf(d, 64, "{\"id\":%" PRIu64, ev->id);
	d += snprintf(d, 64, ",\"kind\":\"%s\",\"name\":",
	    event_word(ev->kind));
	d += put_string(d, ev->name, ev->name_len);
	d += snprintf(d, 64, ",\"text\":");
	d += put_string(d, ev->text, ev->text_len);
	*d++ = '}';
	return (size_t)(d - dst);
}
