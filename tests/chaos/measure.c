/* SPDX-License-Identifier: ISC */

/*
 * Measures how long honest clients wait in a room under attack.
 *
 * A client in the room that does not read can hold the room up for a second;
 * that is the server's promise.  No other client can at all: none that reads,
 * none without a name, none that has said goodbye or was taken over.  So there
 * are two measures: the longest wait, and the longest silence of the whole
 * room for which no such client can be blamed.
 */

#include "tests/chaos/clients.h"
#include "tests/chaos/measure.h"

#define NOTABLE_S	0.02		/* shorter waits do not count */

double
measure_stall(const struct room *calm, double from, double to)
{
	const struct wait	*w;
	double			 most, one;

	if (calm == NULL)
		return 0;
	most = honest_waits(&calm->probe);
	if ((one = honest_waits(&calm->newcomer)) > most)
		most = one;
	for (w = calm->wait; w < calm->wait + ROOM_STALLS; w++)
		if (w->to > from && w->from < to && w->to - w->from > most)
			most = w->to - w->from;
	return most;
}

void
measure_wait(struct room *r, double from)
{
	double to = now(), extra = to - from - measure_stall(r->calm, from, to);

	if (to - from < NOTABLE_S)
		return;
	if (r->script == NULL)
		r->wait[r->waits++ % ROOM_STALLS] = (struct wait){ from, to };
	if (extra > r->found.longest)
		r->found.longest = extra;
	if (extra > 0)
		r->found.total += extra;
}

void
measure_silence(struct room *r)
{
	double to = now(), from = r->probe.since, extra;

	if (r->heard > from)
		from = r->heard;
	if (r->innocent_since > from)
		from = r->innocent_since;
	r->heard = to;
	if (r->probe.since <= 0 || r->innocent_since <= 0 ||
	    to - from < NOTABLE_S)
		return;
	extra = to - from - measure_stall(r->calm, from, to);
	if (extra > r->found.silence)
		r->found.silence = extra;
}

void
measure_blame(struct room *r)
{
	if (attack_someone_lags(&r->attack))
		r->innocent_since = 0;
	else if (r->innocent_since <= 0)
		r->innocent_since = now();
}
