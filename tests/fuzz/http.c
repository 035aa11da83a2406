/* SPDX-License-Identifier: ISC */

/*
 * The head of a request: of any bytes, the parsed parts lie in the head and are
 * text without control characters, and a head with more than one reading is
 * refused; an accepted Host is an address, localhost or a configured name.
 *
 * Input: the head.
 */

#include <ctype.h>
#include <strings.h>

#include "contrib/chatweb/http.h"
#include "tests/fuzz/fuzz.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static const char *const names[] = { "chat.example.org" };

static void
check_text(const char *s, const char *buf, size_t len)
{
	if (s == NULL)
		return;
	must(s >= buf && s < buf + len);
	must(memchr(s, '\0', (size_t)(buf + len - s)) != NULL);
	for (; *s != '\0'; s++)
		must((unsigned char)*s >= ' ' || *s == '\t');
}

/* No line ends except in CR LF. */
static void
check_lines(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		must((unsigned char)s[i] >= ' ' || s[i] == '\t' ||
		    s[i] == '\r' || s[i] == '\n');
		must(s[i] != '\r' || (i + 1 < len && s[i + 1] == '\n'));
		must(s[i] != '\n' || (i > 0 && s[i - 1] == '\r'));
	}
}

/* How many lines of the head s[0..len) start with this field's name. */
static unsigned
count_field(const char *s, size_t len, const char *name)
{
	size_t		at, n = strlen(name);
	unsigned	found = 0;

	for (at = 0; at + n < len; at++)
		found += at > 0 && s[at - 1] == '\n' &&
		    strncasecmp(s + at, name, n) == 0;
	return found;
}

/* Hosts accepted without configuration: addresses, by digits or colons. */
static void
check_host(const char *host)
{
	size_t n = strcspn(host, ":");

	if (!http_host_allowed(host, names, COUNT(names)))
		return;
	if (host[0] == '[') {
		must(strchr(host, ']') != NULL);
		must(strspn(host + 1, "0123456789abcdefABCDEF:.") ==
		    (size_t)(strchr(host, ']') - host - 1));
		return;
	}
	must(strspn(host, "0123456789.") == n ||
	    (n == strlen("localhost") && strncasecmp(host, "localhost", n) ==
	    0) || (n == strlen(names[0]) && strncasecmp(host, names[0], n) ==
	    0));
	must(host[n] == '\0' || isdigit((unsigned char)host[n + 1]));
}

static void
check_origin(const struct http_request *r)
{
	const char *end;

	if (r->origin == NULL || !http_same_origin(r->origin, r->host))
		return;
	must(strncmp(r->origin, "http", 4) == 0);
	end = r->origin + strlen(r->origin) - strlen(r->host);
	must(strcasecmp(end, r->host) == 0 && end[-1] == '/');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const once[] = { "Host:", "Origin:", "Upgrade:",
	    "Connection:", "Content-Length:", "Transfer-Encoding:",
	    "X-Forwarded-For:", "Sec-WebSocket-Key:" };
	static char		 buf[HTTP_HEAD_MAX + 1];
	struct http_request	 r;
	size_t			 len, i;
	int			 status;

	if (size > HTTP_HEAD_MAX)
		size = HTTP_HEAD_MAX;
	if (size > 0)
		memcpy(buf, data, size);
	buf[size] = '\0';
	if ((len = http_head_length(buf, size)) == 0)
		return 0;
	must(len >= 4 && len <= size);
	must(memcmp(buf + len - 4, "\r\n\r\n", 4) == 0);
	status = http_parse(&r, buf, len);
	must(status == 0 || status == 400 || status == 413 || status == 505);
	if (status != 0)
		return 0;
	must(r.host != NULL && r.method != NULL && r.target[0] == '/');
	check_lines((const char *)data, len);
	for (i = 0; i < COUNT(once); i++)
		must(count_field((const char *)data, len, once[i]) <= 1);
	must(count_field((const char *)data, len, "Transfer-Encoding:") == 0);
	check_text(r.method, buf, len);
	check_text(r.target, buf, len);
	check_text(r.host, buf, len);
	check_text(r.origin, buf, len);
	check_text(r.forwarded_for, buf, len);
	check_text(r.key, buf, len);
	check_host(r.host);
	check_origin(&r);
	return 0;
}
