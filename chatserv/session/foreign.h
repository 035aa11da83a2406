/* SPDX-License-Identifier: ISC */

/*
 * Other protocols, which end up here by mistake or by malice.
 */
#ifndef CHATSERV_FOREIGN_H
#define CHATSERV_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Why line[0..len), or the bytes that a line begins with, are of another
 * protocol, in words for the client; NULL if they may be of ours.  Only for
 * what comes before a name: later, such a line is a text.
 */
const char *foreign_line(const char *line, size_t len);
const char *foreign_beginning(const char *bytes, size_t len);

#endif
