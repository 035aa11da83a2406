/* SPDX-License-Identifier: ISC */

/*
 * An event as an object of JSON.
 */
#ifndef CHATC_JSON_H
#define CHATC_JSON_H

#include <stddef.h>

#include "ipc/common/event.h"

/* The most bytes that json_event() makes of a name and a text of n bytes. */
#define JSON_MAX(n)	(8 * (n) + 128)

/* Write ev to dst, without a LF.  Returns the bytes written. */
size_t	 json_event(char *dst, const struct event *ev);

#endif
