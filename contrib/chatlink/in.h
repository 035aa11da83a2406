/* SPDX-License-Identifier: ISC */

/*
 * The process in: it says in this room what other rooms say.
 */
#ifndef CHATLINK_IN_H
#define CHATLINK_IN_H

#include "contrib/chatlink/link.h"

/* Run until the parent exits or stops it, or until a restart is needed. */
void	in_run(const struct link *l) __attribute__((noreturn));

#endif
