/* SPDX-License-Identifier: ISC */

/*
 * The process out: it sends what this room says to the engine.
 */
#ifndef CHATLINK_OUT_H
#define CHATLINK_OUT_H

#include "contrib/chatlink/link.h"

/* Run until the parent exits or stops it, or until a restart is needed. */
void	out_run(const struct link *l) __attribute__((noreturn));

#endif
