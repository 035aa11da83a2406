/* SPDX-License-Identifier: ISC */

/*
 * What goes out to the server.
 *
 * A line is only queued here; link_run.c sends it when the connection has
 * space for it.  The files that handle the server's lines reply through this
 * one, and know nothing of the loop that calls them.
 */

#include <string.h>

#include "chatc/link.h"

static void
put(struct link *l, const char *bytes, size_t len)
{
	memcpy(line_out_space(&l->out, len), bytes, len);
	line_out_added(&l->out, len);
}

void
link_send(struct link *l, const char *before, const char *line, size_t len)
{
	put(l, before, strlen(before));
	put(l, line, len);
	put(l, "\n", 1);
}
