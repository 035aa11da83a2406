/* SPDX-License-Identifier: ISC */

/*
 * The head of one HTTP/1.1 request, and answers to it.
 */
#ifndef CHATWEB_HTTP_H
#define CHATWEB_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#define HTTP_HEAD_MAX	8192	/* bytes of a head, its blank line included */

/*
 * What a head contains.  Each string lies in the buffer that http_parse() got,
 * ends with NUL, and is NULL if the field is missing.
 */
struct http_request {
	const char	*method;
	const char	*target;	/* a path */
	const char	*host;		/* of the target, or the field's */
	const char	*origin;
	const char	*forwarded_for;
	const char	*key;		/* Sec-WebSocket-Key */
	bool		 upgrade;	/* to WebSocket, version 13 */
	bool		 bad_version;	/* to another one */
};

/* The length of the head in buf[0..len), or 0 if it is incomplete. */
size_t	 http_head_length(const char *buf, size_t len);

/*
 * Parse the head in buf[0..len), which http_head_length() has measured, and
 * write to buf.  Returns 0, or the status to refuse it with: 400 if it is
 * malformed or ambiguous, 413 if it announces a body, 505 if it is not
 * HTTP/1.1.
 */
int	 http_parse(struct http_request *r, char *buf, size_t len);

/*
 * Whether host, as in the Host field, names this machine in a way that nobody
 * else's DNS can: an address, "localhost", or one of names[0..n), each with or
 * without a port.
 */
bool	 http_host_allowed(const char *host, const char *const *names,
	    size_t n);

/* Whether origin is a page of host, over http or https. */
bool	 http_same_origin(const char *origin, const char *host);

/* The words for a status. */
const char *http_reason(int status);

#endif
