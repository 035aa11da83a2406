/* SPDX-License-Identifier: ISC */

/*
 * What a link gets from the engine and says in its room: of any bytes, a
 * payload yields events that lie in it, speakers whom nobody in the room can
 * be taken for, and text that a room could have sent; what a host says of
 * itself becomes a short line.  And of any lines of a room, the batches of the
 * queue are payloads that hold all its own lines, in order.
 *
 * Input: a byte of choices, then a payload, lines of a room, or, after a byte
 * for the host, what it says.
 */

#include "contrib/chatlink/link.h"
#include "contrib/chatlink/payload.h"
#include "contrib/chatlink/presence.h"
#include "contrib/chatlink/queue.h"
#include "tests/fuzz/fuzz.h"

#define INPUT_MAX	(64 << 10)
#define LINES_MAX	4096	/* of an input */
#define ID_MAX		9999999999999999	/* of EVENT_ID_DIGITS */
#define ROOM		"-\troom\t\t0123456789abcdef"

static const char *const hosts[] = { "a", "hostb", "ninth--9" };

static bool
ends_in(const char *s, size_t len, const char *end)
{
	size_t n = strlen(end);

	return len >= n && memcmp(s + len - n, end, n) == 0;
}

static void
check_speaker(const struct event *ev, const char *host)
{
	char	name[PAYLOAD_SPEAKER];
	size_t	n = payload_speaker(name, ev, host);

	if (n == 0)
		return;
	must(n <= TEXT_SPEAKER_MAX && text_is_remote(name, n));
	must(is_printable(name, n) && memchr(name, ' ', n) == NULL);
	must(memchr(name, '\t', n) == NULL && ends_in(name, n, host));
	must(name[n - strlen(host) - 1] == '/');
}

static void
check_text(const struct event *ev, size_t max)
{
	static char	text[4 * INPUT_MAX], again[4 * INPUT_MAX];
	struct event	second = *ev;
	size_t		n = payload_text(text, max, ev);

	must(n <= max && is_printable(text, n));
	must(memchr(text, '\n', n) == NULL);
	if (ev->text_len <= max && is_printable(ev->text, ev->text_len))
		must(n == ev->text_len && memcmp(text, ev->text, n) == 0);
	second.text = text;
	second.text_len = n;
	must(payload_text(again, max, &second) == n);
	must(memcmp(text, again, n) == 0);
}

static void
read_payload(const char *data, size_t len, const char *host, size_t max)
{
	struct payload	p;
	struct event	ev;

	if (!payload_open(&p, data, len))
		return;
	must(strlen(p.identity) == PAYLOAD_IDENTITY);
	must(payload_is_identity(p.identity, PAYLOAD_IDENTITY));
	while (payload_next(&p, &ev)) {
		must(ev.name >= data && ev.name + ev.name_len <= data + len);
		must(ev.text >= data && ev.text + ev.text_len <= data + len);
		must(payload_lost(&ev) <= INT64_MAX);
		if (ev.kind == EVENT_LOST)
			continue;
		must(ev.id != 0 && payload_lost(&ev) == 0);
		must(ev.kind == EVENT_MSG || ev.kind == EVENT_ME);
		check_speaker(&ev, host);
		check_text(&ev, max);
	}
	must(p.at <= p.end && memchr(p.at, '\n', (size_t)(p.end - p.at)) ==
	    NULL);
}

/* Whether a room can have sent the line, apart from what it says. */
static bool
is_line(const char *line, size_t len)
{
	struct event ev;

	return len <= LINK_LINE && (event_parse(&ev, line, len) == -1 ||
	    ev.id <= ID_MAX);
}

/* Put all lines into the queue, and those that others are to have into own. */
static unsigned int
fill_queue(struct queue *q, const char *data, size_t len, struct event *own)
{
	const char	*lf, *end = data + len;
	struct event	 ev;
	unsigned int	 n = 0;

	must(queue_add(q, ROOM, strlen(ROOM)));
	for (; n < LINES_MAX && data < end && (lf = memchr(data, '\n',
	    (size_t)(end - data))) != NULL; data = lf + 1) {
		if (!is_line(data, (size_t)(lf - data)))
			continue;
		must(queue_add(q, data, (size_t)(lf - data)));
		if (event_parse(&ev, data, (size_t)(lf - data)) == 0 &&
		    payload_is_ours(&ev))
			own[n++] = ev;
	}
	return n;
}

static void
queue_lines(const char *data, size_t len)
{
	static struct event	own[LINES_MAX];
	static struct queue	q;
	static char		dst[PAYLOAD_MAX];
	struct payload		p;
	struct event		ev;
	unsigned int		at = 0, all;
	size_t			n;

	if (q.buf == NULL)
		queue_init(&q);
	queue_drop_all(&q);
	all = fill_queue(&q, data, len, own);
	while ((n = queue_batch(&q, dst)) > 0) {
		must(n <= PAYLOAD_MAX && queue_bytes(&q) > 0);
		must(payload_open(&p, dst, n) && p.last == q.batch_last);
		must(strcmp(p.identity, q.identity) == 0);
		while (payload_next(&p, &ev)) {
			must(at < all && own[at].kind == ev.kind);
			must(own[at].id == ev.id && own[at].text_len ==
			    ev.text_len && memcmp(own[at].text, ev.text,
			    ev.text_len) == 0);
			at++;
		}
		queue_done(&q);
	}
	/* A loss waits for the event after it. */
	for (; at < all; at++)
		must(own[at].kind == EVENT_LOST);
}

static void
hear_host(const char *data, size_t len, const char *host, unsigned int times)
{
	static struct presence	p;
	char			line[PRESENCE_LINE];
	unsigned int		now;
	int			i;

	memset(&p, 0, sizeof(p));
	for (now = 0; now < times; now++)
		if (presence_hear(&p, host, data, len, now, line))
			must(strlen(line) < PRESENCE_LINE &&
			    is_printable(line, strlen(line)));
	for (i = 0; presence_answer(&p, i, line); i++)
		must(strlen(line) < PRESENCE_LINE &&
		    is_printable(line, strlen(line)));
	must(i == presence_count(&p) && i <= 1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input	 in = { data, size };
	unsigned int	 choices = take(&in);
	const char	*bytes, *host = hosts[(choices >> 2) % 3];
	size_t		 len;

	bytes = take_bytes(&in, INPUT_MAX, &len);
	switch (choices & 3) {
	case 0:
	case 1:
		read_payload(bytes, len, host, (choices & 1) == 0 ? INPUT_MAX :
		    choices);
		break;
	case 2:
		queue_lines(bytes, len);
		break;
	default:
		hear_host(bytes, len, host, choices >> 4);
	}
	return 0;
}
