/* SPDX-License-Identifier: ISC */

/*
 * The answer to a browser's WebSocket key.
 */
#ifndef CHATWEB_HANDSHAKE_H
#define CHATWEB_HANDSHAKE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Write the answer to a Sec-WebSocket-Key to accept; false if key is not 16
 * bytes in base64.
 */
#define HANDSHAKE_ACCEPT_SIZE	29	/* with its NUL */
bool	 handshake_accept(char accept[HANDSHAKE_ACCEPT_SIZE], const char *key);

/* Write len bytes in base64, with a NUL: 4 for each 3 or part of 3, and 1. */
void	 handshake_base64(char *dst, const unsigned char *src, size_t len);

#endif
