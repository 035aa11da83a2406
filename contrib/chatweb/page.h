/* SPDX-License-Identifier: ISC */

/*
 * The one page, as it is sent.
 */
#ifndef CHATWEB_PAGE_H
#define CHATWEB_PAGE_H

#include <stddef.h>

/*
 * Build the answer to GET /, once, in the parent.  Returns it, its whole
 * length in *len and that of its head in *head_len.
 */
const char *page_build(size_t *len, size_t *head_len);

#endif
