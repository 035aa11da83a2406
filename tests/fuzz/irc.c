/* SPDX-License-Identifier: ISC */

/*
 * IRC's lines: any bytes are parsed into parts that lie in them; and what IRC
 * clients are sent of any record, even of one that was overwritten while it was
 * read, is bounded and consists of whole lines.  tests/fuzz/session has whole
 * IRC sessions.
 *
 * Input: a byte of choices, then a line, or, if its first bit is set, a
 * record's text.
 */

#include "chatserv/session/irc/irc.h"
#include "chatserv/session/irc/outgoing.h"
#include "ipc/common/line.h"
#include "tests/fuzz/fuzz.h"

#define TEXT_MAX	4096

/* Whether p lies in line[0..len), or is empty. */
static bool
lies_in(struct irc_param p, const char *line, size_t len)
{
	return p.len == 0 || (p.s >= line && p.len <= len &&
	    p.s + p.len <= line + len);
}

static void
take_apart(const char *line, size_t len)
{
	static char		text[TEXT_MAX + 1];
	struct irc_message	m;
	struct irc_param	list, one;
	uint64_t		us;
	size_t			n;
	int			i;

	if (irc_parse(&m, line, len)) {
		must(m.command.len > 0 && lies_in(m.command, line, len));
		must(memchr(m.command.s, ' ', m.command.len) == NULL);
	}
	must(m.n >= 0 && m.n <= IRC_PARAMS && m.len <= len);
	for (i = 0; i < m.n; i++) {
		must(lies_in(m.param[i], line, len));
		/* Only the last may contain blanks. */
		must(i == m.n - 1 || (m.param[i].len > 0 &&
		    memchr(m.param[i].s, ' ', m.param[i].len) == NULL));
		for (list = m.param[i]; irc_next(&list, &one);)
			must(one.len > 0 && lies_in(one, line, len) &&
			    memchr(one.s, ',', one.len) == NULL);
		if (irc_parse_time(&us, m.param[i])) {
			irc_time(text, us);
			must(strlen(text) == IRC_TIME_SIZE - 1);
		}
	}
	n = irc_strip(text, line, len);
	must(n <= len);
	must(irc_strip(text, text, n) <= n);
	irc_copy(text, 32, (struct irc_param){ line, len });
	must(strlen(text) < 32);
}

static void
send_record(const char *bytes, size_t len, unsigned int choices)
{
	static struct session	s;
	static struct bus	bus;
	static char		out[64 << 10];
	struct record		rec = { .kind = EVENT_MSG, .from = 1,
	    .to = RECORD_TO_ALL, .seq = 1 };
	const char		*line = out, *lf;
	size_t			 most;

	s.bus = &bus;
	s.irc.caps = choices & 127;
	s.irc.in_channel = true;
	line_out_init(&s.out, out, sizeof(out));
	rec.text_len = (uint16_t)len;
	most = irc_event_most(&s, &rec);
	irc_write_event(&s, &rec, bytes, choices);
	must(line_out_pending(&s.out) <= most);
	for (; line < out + s.out.end; line = lf + 1) {
		lf = memchr(line, '\n', (size_t)(out + s.out.end - line));
		must(lf != NULL);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input	 in = { data, size };
	unsigned int	 choices = take(&in);
	const char	*bytes;
	size_t		 len;

	bytes = take_bytes(&in, TEXT_MAX, &len);
	if ((choices & 1) == 0)
		take_apart(bytes, len);
	else
		send_record(bytes, len, choices >> 1);
	return 0;
}
