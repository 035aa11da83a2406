/* SPDX-License-Identifier: ISC */

/*
 * The TELNET protocol (RFC 854), as far as people need it who talk with
 * telnet(1) or PuTTY.
 *
 * Such a client is a terminal, and its commands begin with IAC, a byte that
 * no UTF-8 text contains.  PuTTY offers options when it connects, and both
 * send commands for keys such as ^C.  None of them means anything here, so
 * they are removed before a line is looked for, because an argument may be a
 * line feed.  Silence is a valid answer to an offer, but not to DO
 * TIMING-MARK: after ^C telnet discards all output until the answer arrives.
 *
 * The server asks for nothing, so a client that follows the protocol begins
 * no subnegotiation.  One that has no end after SUB_MAX bytes is none: it
 * must not hide what follows.
 *
 * Runs in a session.
 */

#include <string.h>

#include "chatserv/session/telnet.h"

#define SUB_MAX		512

#define SE		0xF0	/* end of a subnegotiation */
#define SB		0xFA	/* its begin */
#define WILL		0xFB
#define WONT		0xFC
#define DO		0xFD
#define DONT		0xFE
#define IAC		0xFF
#define COMMAND_MIN	0xEC		/* end of file, the lowest command */
#define TIMING_MARK	6

/*
 * The byte after IAC; true if it is text.  IAC IAC stands for one byte 0xFF.
 * The command after an IAC may be missing: a client sends DATA MARK as urgent
 * data, which TCP takes out of the stream.
 */
static bool
begin_command(struct telnet *t, unsigned char c)
{
	t->state = TELNET_TEXT;
	if (c == DO)
		t->state = TELNET_DO;
	else if (c == WILL || c == WONT || c == DONT)
		t->state = TELNET_OPTION;
	else if (c == SB)
		t->state = TELNET_SUB;
	t->sub_len = 0;
	return c == IAC || c < COMMAND_MIN;
}

/* After one more byte of a subnegotiation, which IAC IAC stands for, too. */
static enum telnet_state
after_sub_byte(struct telnet *t)
{
	return ++t->sub_len == SUB_MAX ? TELNET_TEXT : TELNET_SUB;
}

/* The next byte of a client; true if it is text. */
static bool
is_text(struct telnet *t, unsigned char c)
{
	switch (t->state) {
	case TELNET_TEXT:
		if (c != IAC)
			return true;
		t->state = TELNET_COMMAND;
		break;
	case TELNET_COMMAND:
		return begin_command(t, c);
	case TELNET_DO:
		if (c == TIMING_MARK)
			t->marks++;
		/* FALLTHROUGH */
	case TELNET_OPTION:
		t->state = TELNET_TEXT;
		break;
	case TELNET_SUB:
		if (c == IAC)
			t->state = TELNET_SUB_COMMAND;
		else
			t->state = after_sub_byte(t);
		break;
	case TELNET_SUB_COMMAND:
		if (c == IAC)
			t->state = after_sub_byte(t);
		else if (c == SE)
			t->state = TELNET_TEXT;
		else
			return begin_command(t, c);
		break;
	}
	return false;
}

static void
strip_line(struct telnet *t, struct line_in *in)
{
	char	*from = in->buf + in->scan, *end = in->buf + in->end;
	char	*at, *to, *start, *lf;

	lf = memchr(from, '\n', (size_t)(end - from));
	if (t->state == TELNET_TEXT &&
	    memchr(from, IAC, (size_t)((lf != NULL ? lf : end) - from)) == NULL)
		return;
	for (at = to = from; at < end; at++) {
		if (!is_text(t, (unsigned char)*at))
			continue;
		*to++ = *at;
		if (*at == '\n') {
			at++;
			break;
		}
	}
	/* Close the gap from the side that has less to move. */
	start = in->buf + in->start;
	memmove(at - (to - start), start, (size_t)(to - start));
	in->start += (size_t)(at - to);
	in->scan += (size_t)(at - to);
}

void
telnet_strip(struct telnet *t, struct line_in *in)
{
	strip_line(t, in);
	if (line_in_skip(in))
		strip_line(t, in);
}

void
telnet_answer(struct telnet *t, struct line_out *out)
{
	static const unsigned char no[] = { IAC, WONT, TIMING_MARK };

	for (; t->marks > 0 && line_out_left(out) >= sizeof(no); t->marks--) {
		memcpy(line_out_space(out, sizeof(no)), no, sizeof(no));
		line_out_added(out, sizeof(no));
	}
}
