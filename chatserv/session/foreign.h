/* SPDX-License-Identifier: ISC */

/*
 * Other protocols, which arrive here by mistake or by malice.
 */
#ifndef CHATSERV_FOREIGN_H
#define CHATSERV_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Why line[0..len), or the bytes that begin a line, belong to another
 * protocol, in words for the client; NULL if they may belong to ours.  Only
 * for lines before a name: later, such a line is text.
 */
const char *foreign_line(const char *line, size_t len);
const char *foreign_beginning(const char *bytes, size_t len);

#endif
