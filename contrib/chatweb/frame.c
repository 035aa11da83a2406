/* SPDX-License-Identifier: ISC */

/*
 * WebSocket frames.
 *
 * The decoder accepts bytes as they arrive, keeps no payload except a control
 * frame's, and returns parts of a text message where they are in the input; so
 * neither a long frame nor many small ones cost memory.  It holds the browser
 * to RFC 6455: frames are masked, lengths are minimal, control frames are
 * short and whole and may lie between the fragments of a message, text is
 * UTF-8 across fragments, and a close has a code that a peer may send.
 *
 * Runs in the process of one browser.
 */

#include <string.h>

#include "contrib/chatweb/frame.h"

#define FIN		0x80
#define RESERVED	0x70
#define OPCODE		0x0F
#define MASK		0x80
#define LENGTH		0x7F
#define LENGTH_16	126	/* the length follows in two bytes */
#define LENGTH_64	127	/* or in eight */
#define MASK_SIZE	4

#define UTF8_START	0
#define UTF8_BAD	UINT32_MAX

void
frame_decoder_init(struct frame_decoder *d)
{
	memset(d, 0, sizeof(*d));
	d->head_need = 2;
}

/*
 * The validator's state holds the lower and upper bound of the next byte and
 * how many follow it: table 3-7 of the Unicode standard, byte by byte.
 */
static uint32_t
expect(unsigned char low, unsigned char high, unsigned int more)
{
	return (uint32_t)more << 16 | (uint32_t)low << 8 | high;
}

static uint32_t
utf8_lead(unsigned char c)
{
	if (c < 0x80)
		return UTF8_START;
	if (c < 0xC2 || c > 0xF4)
		return UTF8_BAD;
	if (c < 0xE0)
		return expect(0x80, 0xBF, 0);
	if (c < 0xF0)
		return expect(c == 0xE0 ? 0xA0 : 0x80,
		    c == 0xED ? 0x9F : 0xBF, 1);
	return expect(c == 0xF0 ? 0x90 : 0x80, c == 0xF4 ? 0x8F : 0xBF, 2);
}

static uint32_t
utf8_next(uint32_t state, unsigned char c)
{
	unsigned int more = state >> 16;

	if (state == UTF8_START)
		return utf8_lead(c);
	if (c < (state >> 8 & 0xFF) || c > (state & 0xFF))
		return UTF8_BAD;
	return more == 0 ? UTF8_START : expect(0x80, 0xBF, more - 1);
}

static enum frame_result
fail(struct frame_decoder *d, enum frame_status status)
{
	d->status = status;
	return FRAME_FAILED;
}

/* Decode the first two bytes of a head, which say how long the rest is. */
static enum frame_result
begin_head(struct frame_decoder *d)
{
	unsigned int	first = d->head[0], second = d->head[1];
	unsigned int	len = second & LENGTH;
	bool		control;

	d->opcode = (enum frame_opcode)(first & OPCODE);
	d->final = (first & FIN) != 0;
	control = d->opcode >= FRAME_CLOSE;
	if ((first & RESERVED) != 0 || (second & MASK) == 0 ||
	    d->opcode > FRAME_PONG ||
	    (d->opcode > FRAME_BINARY && d->opcode < FRAME_CLOSE))
		return fail(d, FRAME_PROTOCOL);
	if (control && (!d->final || len > FRAME_CONTROL_MAX))
		return fail(d, FRAME_PROTOCOL);
	if (!control && d->in_message != (d->opcode == FRAME_CONTINUATION))
		return fail(d, FRAME_PROTOCOL);
	if (d->opcode == FRAME_BINARY)
		return fail(d, FRAME_UNSUPPORTED);
	d->head_need = 2 + MASK_SIZE + (len == LENGTH_16 ? 2 :
	    len == LENGTH_64 ? 8 : 0);
	return FRAME_MORE;
}

/* The head is complete: check the length of the payload. */
static enum frame_result
end_head(struct frame_decoder *d)
{
	uint64_t	len = d->head[1] & LENGTH;
	size_t		i, bytes = d->head_need - 2 - MASK_SIZE;

	if (bytes > 0)
		for (len = 0, i = 0; i < bytes; i++)
			len = len << 8 | d->head[2 + i];
	if ((bytes == 2 && len < LENGTH_16) ||
	    (bytes == 8 && (len <= UINT16_MAX || len >> 63 != 0)))
		return fail(d, FRAME_PROTOCOL);
	d->left = len;
	d->masked = 0;
	d->in_payload = true;
	if (d->opcode >= FRAME_CLOSE) {
		d->control_len = 0;
		return FRAME_MORE;
	}
	d->in_message = true;
	d->message_len += len;
	if (len > FRAME_MESSAGE_MAX || d->message_len > FRAME_MESSAGE_MAX)
		return fail(d, FRAME_TOO_BIG);
	return FRAME_MORE;
}

/* Whether a peer may send this code in a close. */
static bool
may_send(unsigned int status)
{
	return (status >= 1000 && status <= 1014 && status != 1004 &&
	    status != FRAME_NO_STATUS && status != 1006) ||
	    (status >= 3000 && status <= 4999);
}

static enum frame_result
take_close(struct frame_decoder *d)
{
	uint32_t	utf8 = UTF8_START;
	size_t		i;

	d->status = FRAME_NO_STATUS;
	if (d->control_len == 0)
		return FRAME_CLOSED;
	if (d->control_len == 1)
		return fail(d, FRAME_PROTOCOL);
	d->status = (unsigned int)d->control[0] << 8 | d->control[1];
	if (!may_send(d->status))
		return fail(d, FRAME_PROTOCOL);
	for (i = 2; i < d->control_len && utf8 != UTF8_BAD; i++)
		utf8 = utf8_next(utf8, d->control[i]);
	return utf8 == UTF8_START ? FRAME_CLOSED : fail(d, FRAME_NOT_UTF8);
}

/* The payload is complete. */
static enum frame_result
end_frame(struct frame_decoder *d)
{
	d->in_payload = false;
	d->head_len = 0;
	d->head_need = 2;
	switch (d->opcode) {
	case FRAME_CLOSE:
		return take_close(d);
	case FRAME_PING:
		return FRAME_PINGED;
	case FRAME_PONG:
		return FRAME_MORE;
	default:
		break;
	}
	if (!d->final)
		return FRAME_MORE;
	if (d->utf8 != UTF8_START)
		return fail(d, FRAME_NOT_UTF8);
	d->in_message = false;
	d->message_len = 0;
	return FRAME_END;
}

/* Unmask s[0..len), the next bytes of the payload. */
static void
unmask(struct frame_decoder *d, unsigned char *s, size_t len)
{
	const unsigned char	*mask = d->head + d->head_need - MASK_SIZE;
	size_t			 i;

	for (i = 0; i < len; i++)
		s[i] ^= mask[d->masked++ % MASK_SIZE];
	d->left -= len;
}

/* The payload as far as it has arrived: a part of the message, or control. */
static enum frame_result
take_payload(struct frame_decoder *d, unsigned char *s, size_t len)
{
	size_t i;

	unmask(d, s, len);
	if (d->opcode >= FRAME_CLOSE) {
		memcpy(d->control + d->control_len, s, len);
		d->control_len += len;
		return FRAME_MORE;
	}
	for (i = 0; i < len; i++)
		if ((d->utf8 = utf8_next(d->utf8, s[i])) == UTF8_BAD)
			return fail(d, FRAME_NOT_UTF8);
	return FRAME_BYTES;
}

/* A byte of the head. */
static enum frame_result
take_head(struct frame_decoder *d, unsigned char c)
{
	enum frame_result result = FRAME_MORE;

	d->head[d->head_len++] = c;
	if (d->head_len == 2)
		result = begin_head(d);
	if (result == FRAME_MORE && d->head_len == d->head_need)
		result = end_head(d);
	return result;
}

enum frame_result
frame_decode(struct frame_decoder *d, unsigned char **in, size_t *len,
    unsigned char **bytes, size_t *n)
{
	enum frame_result result = FRAME_MORE;

	while (result == FRAME_MORE) {
		if (d->in_payload && d->left == 0) {
			result = end_frame(d);
			continue;
		}
		if (*len == 0)
			break;
		*bytes = *in;
		*n = 1;
		if (!d->in_payload) {
			result = take_head(d, **in);
		} else {
			if ((*n = *len) > d->left)
				*n = (size_t)d->left;
			result = take_payload(d, *bytes, *n);
		}
		*in += *n;
		*len -= *n;
	}
	return result;
}

size_t
frame_head(unsigned char head[FRAME_HEAD_MAX], enum frame_opcode opcode,
    size_t len)
{
	size_t i, bytes = len < LENGTH_16 ? 0 : len <= UINT16_MAX ? 2 : 8;

	head[0] = (unsigned char)(FIN | (unsigned int)opcode);
	head[1] = (unsigned char)(bytes == 0 ? len : bytes == 2 ? LENGTH_16 :
	    LENGTH_64);
	for (i = 0; i < bytes; i++)
		head[2 + i] = (unsigned char)((uint64_t)len >>
		    8 * (bytes - 1 - i));
	return 2 + bytes;
}
