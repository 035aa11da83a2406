/* SPDX-License-Identifier: ISC */

/*
 * Sessions that only speak or only listen, and the promises made to them.
 */
#ifndef SCHEDULE_HEARING_H
#define SCHEDULE_HEARING_H

#include <stdbool.h>

#include "ipc/bus/ring.h"

/* For a scenario's begin and judge. */
void	 hearing_begin(void);
void	 hearing_judge(void);

/*
 * The session of a scenario's client n: each of the first `writers` publishes
 * that many records (w0, w1 ...), the others listen (r2 ...).
 */
void	 hearing_session(struct bus *b, int n, int writers, int said,
	    bool followed);

/* A session: join as name, publish n records, then sleep. */
void	 hearing_speak(struct bus *b, const char *name, int n);

/*
 * A session: join as name, read everything and sleep.  followed: it publishes
 * its cursor, so that writers wait for it and wake it.
 */
void	 hearing_listen(struct bus *b, const char *name, bool followed);

/* The text of the record with this number; "" if nobody has read it. */
#define HEARING_RECORDS	64U
const char *hearing_text(unsigned int number);

/* How many ms speakers have waited for space; whether one is waiting. */
uint64_t hearing_waited(void);
bool	 hearing_waits(int n);

/* The steps of both. */
void	 hearing_join(struct bus *b, const char *name, struct reader *r);
void	 hearing_publish(struct bus *b, const char *name, const char *text);
void	 hearing_from(struct bus *b, const struct reader *r);
void	 hearing_read(struct bus *b, struct reader *r, bool followed);

#endif
