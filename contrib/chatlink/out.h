/* SPDX-License-Identifier: ISC */

/*
 * The process out: what this room says goes to the engine.
 */
#ifndef CHATLINK_OUT_H
#define CHATLINK_OUT_H

#include "contrib/chatlink/link.h"

/* Run until the parent ends or stops it, or until it is to be begun anew. */
void	out_run(const struct link *l) __attribute__((noreturn));

#endif
