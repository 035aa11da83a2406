/* SPDX-License-Identifier: ISC */

/*
 * The answer to a browser's WebSocket key (RFC 6455, section 4.2.2), and
 * base64, in which it is written.
 *
 * The answer proves that a server speaks WebSocket and was not tricked into
 * answering; it authenticates nobody, so SHA-1 is good enough.  It comes from
 * libmd, and this file is apart because the others need no libmd.
 */

#include <sha1.h>
#include <string.h>

#include "contrib/chatweb/handshake.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "abcdefghijklmnopqrstuvwxyz0123456789+/";

void
handshake_base64(char *dst, const unsigned char *src, size_t len)
{
	unsigned int	bits;
	size_t		i, left;

	for (i = 0; i < len; i += 3, dst += 4) {
		left = len - i;
		bits = (unsigned int)src[i] << 16 |
		    (left > 1 ? (unsigned int)src[i + 1] << 8 : 0) |
		    (left > 2 ? src[i + 2] : 0);
		dst[0] = digits[bits >> 18];
		dst[1] = digits[bits >> 12 & 63];
		dst[2] = left > 1 ? digits[bits >> 6 & 63] : '=';
		dst[3] = left > 2 ? digits[bits & 63] : '=';
	}
	*dst = '\0';
}

bool
handshake_accept(char accept[HANDSHAKE_ACCEPT_SIZE], const char *key)
{
	static const char	guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
	unsigned char		hash[SHA1_DIGEST_LENGTH];
	SHA1_CTX		ctx;

	/* 16 bytes are 22 digits, the last of which has two bits. */
	if (strlen(key) != 24 || strspn(key, digits) != 22 ||
	    strcmp(key + 22, "==") != 0 || strchr("AQgw", key[21]) == NULL)
		return false;
	SHA1Init(&ctx);
	SHA1Update(&ctx, (const uint8_t *)key, strlen(key));
	SHA1Update(&ctx, (const uint8_t *)guid, strlen(guid));
	SHA1Final(hash, &ctx);
	handshake_base64(accept, hash, sizeof(hash));
	return true;
}
