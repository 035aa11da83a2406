/* SPDX-License-Identifier: ISC */

/*
 * The answer to a browser's WebSocket key.
 */
#ifndef CHATWEB_HANDSHAKE_H
#define CHATWEB_HANDSHAKE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Write to accept the answer to a Sec-WebSocket-Key; false if key is not
 * 16 bytes in base64.
 */
#define HANDSHAKE_ACCEPT_SIZE	29	/* with its NUL */
bool	 handshake_accept(char accept[HANDSHAKE_ACCEPT_SIZE], const char *key);

/* Write len bytes in base64, ended by NUL: 4 for each 3 begun, and 1. */
void	 handshake_base64(char *dst, const unsigned char *src, size_t len);

#endif
