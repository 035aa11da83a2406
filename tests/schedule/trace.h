/* SPDX-License-Identifier: ISC */

/*
 * A schedule for people: each step with its place in the source.
 */
#ifndef SCHEDULE_TRACE_H
#define SCHEDULE_TRACE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "tests/schedule/access.h"

extern bool trace_on;

/* Start or stop recording events. */
void	 trace_begin(bool on);

/* A source file's name, without the folder that all share. */
const char *trace_file(const char *file);

/* Record what process_now did, or what happened to a process. */
#define trace(...)	(trace_on ? trace_add(NULL, __VA_ARGS__) : (void)0)
void	 trace_add(const struct site *site, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
void	 trace_clock(uint64_t ns);

/* As a table; as a sequence diagram in Mermaid's language. */
void	 trace_table(FILE *to);
void	 trace_mermaid(FILE *to);

#endif
