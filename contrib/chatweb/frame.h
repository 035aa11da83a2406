/* SPDX-License-Identifier: ISC */

/*
 * WebSocket frames (RFC 6455, sections 5 to 8): a browser's are decoded as
 * their bytes arrive, ours are encoded whole.
 */
#ifndef CHATWEB_FRAME_H
#define CHATWEB_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_HEAD_MAX		10	/* bytes before our payload */
#define FRAME_CONTROL_MAX	125	/* bytes of a control frame's payload */
#define FRAME_MESSAGE_MAX	16384	/* bytes of a browser's message */

enum frame_opcode {
	FRAME_CONTINUATION = 0x0, FRAME_TEXT = 0x1, FRAME_BINARY = 0x2,
	FRAME_CLOSE = 0x8, FRAME_PING = 0x9, FRAME_PONG = 0xA
};

/* Why a connection is closed: section 7.4.1. */
enum frame_status {
	FRAME_NORMAL = 1000, FRAME_GOING_AWAY = 1001, FRAME_PROTOCOL = 1002,
	FRAME_UNSUPPORTED = 1003, FRAME_NO_STATUS = 1005,
	FRAME_NOT_UTF8 = 1007, FRAME_TOO_BIG = 1009, FRAME_INTERNAL = 1011
};

/* What frame_decode() has found. */
enum frame_result {
	FRAME_MORE,		/* all was consumed: nothing to report */
	FRAME_BYTES,		/* bytes of a text message */
	FRAME_END,		/* the text message is complete */
	FRAME_PINGED,		/* answer the control payload by a pong */
	FRAME_CLOSED,		/* the browser closes; see status */
	FRAME_FAILED		/* close with status; decode no more */
};

struct frame_decoder {
	/* of the frame that is being read */
	unsigned char	 head[14];
	size_t		 head_len, head_need;
	uint64_t	 left;		/* bytes of payload that are missing */
	unsigned int	 masked;	/* which byte of the mask is next */
	bool		 in_payload;
	enum frame_opcode opcode;
	bool		 final;
	/* of the message */
	bool		 in_message;
	uint64_t	 message_len;
	uint32_t	 utf8;		/* state of the validator */
	/* of the last control frame */
	unsigned char	 control[FRAME_CONTROL_MAX];
	size_t		 control_len;
	unsigned int	 status;	/* enum frame_status, or another code */
};

void	 frame_decoder_init(struct frame_decoder *d);

/*
 * Decode from *in, *len bytes, which it unmasks in place and advances over.
 * At FRAME_BYTES, *bytes and *n are the part of a message that it found; they
 * lie in the input.
 */
enum frame_result frame_decode(struct frame_decoder *d, unsigned char **in,
	    size_t *len, unsigned char **bytes, size_t *n);

/* Write the head of an unmasked frame; returns its length. */
size_t	 frame_head(unsigned char head[FRAME_HEAD_MAX],
	    enum frame_opcode opcode, size_t len);

#endif
