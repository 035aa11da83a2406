/* SPDX-License-Identifier: ISC */

/*
 * The one page, as it is sent.
 *
 * The page contains its style and its script, so that one request fetches it
 * all, and the browser runs no other script: the Content-Security-Policy names
 * both by their hashes and allows nothing else, no other site, no frame around
 * it, and no connection except to the host of the page.
 *
 * Runs in the parent, at its start; its children inherit the result.
 */

#include <sha2.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "chatserv/common/log.h"
#include "contrib/chatweb/handshake.h"
#include "contrib/chatweb/page.h"
#include "contrib/chatweb/page_data.h"
#include "ipc/common/bsd.h"

#define HASH_SIZE	(4 * ((SHA256_DIGEST_LENGTH + 2) / 3) + 1)
#define HEAD_SIZE	1024

static const char	open_style[] = "<style>", close_style[] = "</style>",
    open_script[] = "<script>", close_script[] = "</script>";

/* The text between a tag and its end, in the form in which CSP names it. */
static void
hash(char text[HASH_SIZE], const unsigned char *src, size_t len)
{
	unsigned char	digest[SHA256_DIGEST_LENGTH];
	SHA2_CTX	ctx;

	SHA256Init(&ctx);
	SHA256Update(&ctx, src, len);
	SHA256Final(digest, &ctx);
	handshake_base64(text, digest, sizeof(digest));
}

static int
write_head(char *head, size_t size, size_t body_len)
{
	char style[HASH_SIZE], script[HASH_SIZE];

	hash(style, page_style, sizeof(page_style));
	hash(script, page_script, sizeof(page_script));
	return snprintf(head, size, "HTTP/1.1 200 OK\r\n"
	    "Content-Type: text/html; charset=utf-8\r\n"
	    "Content-Length: %zu\r\n"
	    "Content-Security-Policy: default-src 'none'; "
	    "style-src 'sha256-%s'; "
	    "script-src 'sha256-%s'; connect-src 'self'; img-src data:; "
	    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
	    "require-trusted-types-for 'script'; trusted-types 'none'\r\n"
	    "X-Content-Type-Options: nosniff\r\n"
	    "Referrer-Policy: no-referrer\r\n"
	    "Cross-Origin-Opener-Policy: same-origin\r\n"
	    "Cross-Origin-Resource-Policy: same-origin\r\n"
	    "Cache-Control: no-cache\r\n"
	    "Connection: close\r\n\r\n", body_len, style, script);
}

const char *
page_build(size_t *len, size_t *head_len)
{
	const struct {
		const void	*bytes;
		size_t		 len;
	} part[] = {
		{ page_before, sizeof(page_before) },
		{ open_style, sizeof(open_style) - 1 },
		{ page_style, sizeof(page_style) },
		{ close_style, sizeof(close_style) - 1 },
		{ page_between, sizeof(page_between) },
		{ open_script, sizeof(open_script) - 1 },
		{ page_script, sizeof(page_script) },
		{ close_script, sizeof(close_script) - 1 },
		{ page_after, sizeof(page_after) }
	};
	size_t	 body = 0, i;
	char	*page, head[HEAD_SIZE];
	int	 n;

	for (i = 0; i < sizeof(part) / sizeof(part[0]); i++)
		body += part[i].len;
	n = write_head(head, sizeof(head), body);
	*head_len = (size_t)n;
	*len = *head_len + body;
	if ((page = malloc(*len)) == NULL)
		fatal("no memory for the page");
	memcpy(page, head, *head_len);
	body = *head_len;
	for (i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
		memcpy(page + body, part[i].bytes, part[i].len);
		body += part[i].len;
	}
	return page;
}
