/* SPDX-License-Identifier: ISC */

/*
 * WebSocket frames: a browser's bytes mean the same however they are cut into
 * reads, and messages are UTF-8 and within the length limit; and the decoder
 * recovers an encoder's messages, however it cuts them into fragments with
 * control frames between them.
 *
 * Input: a byte that chooses one of the two, four bytes of seed, then the
 * bytes, or the material of messages.
 */

#include "contrib/chatweb/frame.h"
#include "tests/fuzz/fuzz.h"

#define STREAM_MAX	((size_t)1 << 18)
#define LOG_MAX		(2 * STREAM_MAX)

/* The decoder's output, in one row of bytes. */
struct log {
	unsigned char	at[LOG_MAX];
	size_t		len;
	size_t		message;	/* where the last one starts */
	unsigned	status;		/* of its end, or 0 */
};

static struct log	whole, cut, wanted;
static unsigned char	stream[STREAM_MAX], copy[STREAM_MAX];

static void
note(struct log *log, const void *bytes, size_t n)
{
	must(log->len + n <= sizeof(log->at));
	memcpy(log->at + log->len, bytes, n);
	log->len += n;
}

static void
note_control(struct log *log, unsigned kind, const void *bytes, size_t n)
{
	unsigned char head[3] = { 0xFF, (unsigned char)kind,
	    (unsigned char)n };

	/* A partial message continues behind it. */
	must(n <= FRAME_CONTROL_MAX);
	note(log, head, sizeof(head));
	note(log, bytes, n);
}

/* Each message is UTF-8, which has no byte FF. */
static void
end_message(struct log *log)
{
	static char	text[STREAM_MAX];
	size_t		i, n, len = 0;

	for (i = log->message; i < log->len; i += n) {
		n = 1;
		if (log->at[i] == 0xFF)
			n = 3 + (size_t)log->at[i + 2];
		else
			text[len++] = (char)log->at[i];
	}
	must(len <= FRAME_MESSAGE_MAX);
	for (i = 0; i < len; i += n)
		must((n = utf8_length(text + i, len - i)) > 0);
	note(log, "\xFE", 1);
	log->message = log->len;
}

/* Decode bytes[0..len), most at a time; returns whether it continues. */
static bool
decode(struct frame_decoder *d, struct log *log, unsigned char *bytes,
    size_t len)
{
	unsigned char		*at = bytes, *part = NULL;
	enum frame_result	 result;
	size_t			 left = len, n = 0;

	for (;;) {
		result = frame_decode(d, &at, &left, &part, &n);
		must(at + left == bytes + len);
		switch (result) {
		case FRAME_MORE:
			must(left == 0);
			return true;
		case FRAME_BYTES:
			must(part >= bytes && part + n == at && n > 0);
			note(log, part, n);
			break;
		case FRAME_END:
			end_message(log);
			break;
		case FRAME_PINGED:
			note_control(log, FRAME_PING, d->control,
			    d->control_len);
			break;
		case FRAME_CLOSED:
		case FRAME_FAILED:
			must(d->status >= 1000 && d->status <= 4999);
			log->status = d->status;
			return false;
		}
	}
}

/* Decode the stream at once, and in pieces: the results must be equal. */
static void
decode_both(size_t len, uint32_t *seed)
{
	struct frame_decoder	d;
	size_t			at, n;

	whole.len = whole.message = cut.len = cut.message = 0;
	whole.status = cut.status = 0;
	memcpy(copy, stream, len);
	frame_decoder_init(&d);
	(void)decode(&d, &whole, copy, len);
	memcpy(copy, stream, len);
	frame_decoder_init(&d);
	for (at = 0; at < len; at += n) {
		n = 1 + dice(seed) % (dice(seed) % 4 == 0 ? 300 : 3);
		if (n > len - at)
			n = len - at;
		if (!decode(&d, &cut, copy + at, n))
			break;
	}
	/* Of a failed message, more or less may have been delivered. */
	must(whole.status == cut.status);
	must(whole.message == cut.message);
	must(memcmp(whole.at, cut.at, whole.message) == 0);
}

/* ---- an encoder's streams ---- */

/* Append a masked frame; returns the stream's new length. */
static size_t
put_frame(size_t at, unsigned opcode, bool final, const char *bytes,
    size_t len, uint32_t *seed)
{
	unsigned char	head[FRAME_HEAD_MAX], mask[4];
	size_t		i, n = frame_head(head, (enum frame_opcode)opcode,
	    len);

	must(n <= FRAME_HEAD_MAX);
	if (!final)
		head[0] &= 0x7F;
	head[1] |= 0x80;
	for (i = 0; i < sizeof(mask); i++)
		mask[i] = (unsigned char)dice(seed);
	memcpy(stream + at, head, n);
	memcpy(stream + at + n, mask, sizeof(mask));
	at += n + sizeof(mask);
	for (i = 0; i < len; i++)
		stream[at + i] = (unsigned char)bytes[i] ^ mask[i % 4];
	return at + len;
}

/* A message in fragments, with a ping or a pong between some. */
static size_t
put_message(size_t at, const char *s, size_t len, uint32_t *seed)
{
	unsigned	opcode = FRAME_TEXT;
	size_t		n;

	do {
		n = dice(seed) % 3 == 0 ? len : dice(seed) % (len + 1);
		at = put_frame(at, opcode, n == len, s, n, seed);
		note(&wanted, s, n);
		opcode = FRAME_CONTINUATION;
		s += n;
		if ((len -= n) > 0 && dice(seed) % 4 == 0) {
			n = dice(seed) % 126 % (len + 1);
			at = put_frame(at, FRAME_PING, true, s, n, seed);
			note_control(&wanted, FRAME_PING, s, n);
			at = put_frame(at, FRAME_PONG, true, s, n, seed);
		}
		/* Empty ones are valid, but must end. */
	} while (len > 0 && at < STREAM_MAX / 2);
	if (len > 0) {
		at = put_frame(at, opcode, true, s, len, seed);
		note(&wanted, s, len);
	}
	note(&wanted, "\xFE", 1);
	return at;
}

static void
encode(struct input *in, uint32_t *seed)
{
	const char	*s;
	size_t		 len, i, at = 0;

	wanted.len = 0;
	while (in->left > 0 && at < STREAM_MAX / 4) {
		s = take_bytes(in, 1 + dice(seed) % 2000, &len);
		for (i = 0; i < len && utf8_length(s + i, len - i) > 0; )
			i += utf8_length(s + i, len - i);
		at = put_message(at, s, i, seed);
	}
	decode_both(at, seed);
	must(whole.len == wanted.len);
	must(memcmp(whole.at, wanted.at, wanted.len) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input	in = { data, size };
	unsigned	how = take(&in), i;
	uint32_t	seed = 0;

	for (i = 0; i < 4; i++)
		seed = seed << 8 | take(&in);
	if (how % 2 == 0) {
		encode(&in, &seed);
	} else {
		if (in.left > STREAM_MAX)
			in.left = STREAM_MAX;
		if (in.left > 0)
			memcpy(stream, in.at, in.left);
		decode_both(in.left, &seed);
	}
	return 0;
}
