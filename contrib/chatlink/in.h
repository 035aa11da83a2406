/* SPDX-License-Identifier: ISC */

/*
 * The process in: what other rooms say comes into this one.
 */
#ifndef CHATLINK_IN_H
#define CHATLINK_IN_H

#include "contrib/chatlink/link.h"

/* Run until the parent ends or stops it, or until it is to be begun anew. */
void	in_run(const struct link *l) __attribute__((noreturn));

#endif
