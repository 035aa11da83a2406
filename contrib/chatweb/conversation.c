/* SPDX-License-Identifier: ISC */

/*
 * A browser in the room: WebSocket on one side, TSV lines on the other.
 *
 * Each text message of the browser's is a line for the room, which receives it
 * only when it is complete; an incomplete message is dropped.  Each message to
 * the browser is one or more whole lines of the room's.
 *
 * The room greets in the plain form and may refuse in it; until it speaks TSV,
 * this file puts its lines for people into that form, so that the page can
 * show them.
 *
 * Runs in the process of one browser.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "chatserv/common/log.h"
#include "contrib/chatweb/browser.h"
#include "contrib/chatweb/seal.h"
#include "ipc/bus/bus.h"
#include "ipc/common/bsd.h"
#include "ipc/common/text.h"

#define PING_MS		25000	/* silence that some proxies end */

/* ---- the beginning ---- */

void
conversation_begin(struct browser *b)
{
	static const char	switching[] = "HTTP/1.1 101 Switching "
	    "Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
	    "Sec-WebSocket-Accept: ";
	char			text[sizeof("!from \n") + GATEWAY_ADDRESS_SIZE];
	int			error = 0, n;
	socklen_t		len = sizeof(error);

	if (getsockopt(b->room_fd, SOL_SOCKET, SO_ERROR, &error, &len) == -1 ||
	    error != 0) {
		errno = error != 0 ? error : errno;
		request_connect(b);
		return;
	}
	seal_connected(b->fd, b->room_fd);
	log_debug("%s: connected", b->address);
	browser_put(&b->out, switching, sizeof(switching) - 1);
	browser_put(&b->out, b->accept, strlen(b->accept));
	browser_put(&b->out, "\r\n\r\n", 4);
	/* This must be the first line, or the room would ignore it. */
	if (b->opt->says_address) {
		n = snprintf(text, sizeof(text), "!from %s\n", b->address);
		browser_put(&b->to_room, text, (size_t)n);
	}
	browser_put(&b->to_room, "!tsv\n", 5);
	frame_decoder_init(&b->decoder);
	b->phase = BROWSER_OPEN;
	b->deadline = 0;
	b->ping_at = bus_now() + PING_MS;
}

static void
put_frame(struct browser *b, enum frame_opcode opcode, const void *bytes,
    size_t len)
{
	unsigned char head[FRAME_HEAD_MAX];

	browser_put(&b->out, head, frame_head(head, opcode, len));
	browser_put(&b->out, bytes, len);
}

void
conversation_close(struct browser *b, unsigned int status)
{
	unsigned char code[2] = { (unsigned char)(status >> 8),
	    (unsigned char)status };

	put_frame(b, FRAME_CLOSE, code,
	    status == FRAME_NO_STATUS ? 0 : sizeof(code));
	line_out_cut(&b->to_room,
	    line_out_pending(&b->to_room) - b->unfinished);
	b->unfinished = 0;
	browser_finish(b);
}

void
conversation_ping(struct browser *b)
{
	if (line_out_left(&b->out) < BROWSER_ANSWER)
		return;
	put_frame(b, FRAME_PING, "", 0);
	b->ping_at = bus_now() + PING_MS;
}

/* ---- to the room ---- */

/* Handle what the decoder found. */
static void
take(struct browser *b, enum frame_result result, const unsigned char *bytes,
    size_t n)
{
	switch (result) {
	case FRAME_BYTES:
		browser_put(&b->to_room, bytes, n);
		b->unfinished += n;
		break;
	case FRAME_END:
		browser_put(&b->to_room, "\n", 1);
		b->unfinished = 0;
		break;
	case FRAME_PINGED:
		put_frame(b, FRAME_PONG, b->decoder.control,
		    b->decoder.control_len);
		break;
	case FRAME_CLOSED:
	case FRAME_FAILED:
		conversation_close(b, b->decoder.status);
		break;
	case FRAME_MORE:
		break;
	}
}

/*
 * Decode what the browser has sent, as far as there is space for it.  Returns
 * whether there was anything.
 */
static bool
decode(struct browser *b)
{
	enum frame_result	 result = FRAME_BYTES;
	unsigned char		*in, *bytes = NULL;
	size_t			 left, before, n = 0, start = b->in_start;

	while (b->phase == BROWSER_OPEN && result != FRAME_MORE &&
	    line_out_left(&b->to_room) > 1 &&
	    line_out_left(&b->out) >= BROWSER_ANSWER) {
		in = b->in + b->in_start;
		left = b->in_end - b->in_start;
		if (left >= line_out_left(&b->to_room))
			left = line_out_left(&b->to_room) - 1;
		before = left;
		result = frame_decode(&b->decoder, &in, &left, &bytes, &n);
		b->in_start += before - left;
		take(b, result, bytes, n);
	}
	/* It vanished; its complete messages were decoded. */
	if (b->phase == BROWSER_OPEN && b->in_over && result == FRAME_MORE &&
	    b->in_start == b->in_end)
		conversation_close(b, FRAME_GOING_AWAY);
	return b->in_start != start;
}

/* ---- to the browser ---- */

/* Pass s[0..n) on; the last LF of its whole lines is the end of the message. */
static void
put_lines(struct browser *b, const char *s, size_t n)
{
	put_frame(b, FRAME_TEXT, s, n - 1);
	b->ping_at = bus_now() + PING_MS;
}

static void
put_error(struct browser *b, const char *text, size_t len)
{
	static const char	error[] = "-\terr\t\t";
	unsigned char		head[FRAME_HEAD_MAX];

	browser_put(&b->out, head, frame_head(head, FRAME_TEXT,
	    sizeof(error) - 1 + len));
	browser_put(&b->out, error, sizeof(error) - 1);
	browser_put(&b->out, text, len);
}

/* A line of the room's before it speaks TSV, without its LF. */
static void
take_greeting(struct browser *b, const char *line, size_t len)
{
	static const char distrust[] = "the room does not trust this "
	    "gateway to speak for others: see -L of chatserv(8)";

	if (text_is(line, len, "-\tinfo\t\ttsv")) {
		b->room_tsv = true;
	} else if (b->opt->says_address &&
	    text_begins(line, len, "!! no such command")) {
		log_info("%s: refused: %s", b->address, distrust);
		put_error(b, distrust, sizeof(distrust) - 1);
		conversation_close(b, FRAME_INTERNAL);
	} else if (text_begins(line, len, "!! ")) {
		put_error(b, line + 3, len - 3);
	}
}

static void
drop_from_room(struct browser *b, size_t n)
{
	b->room_end -= n;
	memmove(b->room, b->room + n, b->room_end);
}

/*
 * Pass whole lines of the room's on, as one message.  Returns whether there
 * was one.
 */
static bool
relay(struct browser *b)
{
	const char	*lf = NULL;
	size_t		 n = 0;

	if (b->phase == BROWSER_OPEN)
		lf = b->room_tsv ? memrchr(b->room, '\n', b->room_end) :
		    memchr(b->room, '\n', b->room_end);
	if (lf != NULL)
		n = (size_t)(lf - b->room) + 1;
	if (n > 0 && line_out_left(&b->out) >= n + BROWSER_ANSWER) {
		if (b->room_tsv)
			put_lines(b, b->room, n);
		else
			take_greeting(b, b->room, n - 1);
		drop_from_room(b, n);
		return true;
	}
	if (b->phase == BROWSER_OPEN && n == 0 && b->room_over &&
	    line_out_left(&b->out) >= BROWSER_ANSWER)
		conversation_close(b, FRAME_GOING_AWAY);
	return false;
}

bool
conversation_step(struct browser *b)
{
	bool was_open = b->phase == BROWSER_OPEN, decoded = decode(b);

	return relay(b) || decoded || (was_open && b->phase != BROWSER_OPEN);
}
