/* SPDX-License-Identifier: ISC */

/*
 * The head of one HTTP/1.1 request.
 *
 * Request smuggling needs a gateway that parses a head differently from the
 * proxy before it, so this parser refuses what is ambiguous: a relevant field
 * that occurs twice, a blank before a colon, a continued line, a control
 * character, a body.  Each connection carries one request, and is closed after
 * the answer; so nothing that follows a head is ever mistaken for another one.
 *
 * Runs in the process of one browser, before it knows anything else of it.
 */

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "contrib/chatweb/http.h"
#include "ipc/common/bsd.h"

#define PORT_DIGITS	5

size_t
http_head_length(const char *buf, size_t len)
{
	const char *end = memmem(buf, len, "\r\n\r\n", 4);

	return end == NULL ? 0 : (size_t)(end - buf) + 4;
}

/* Whether s[0..len) has a byte that no head may have. */
static bool
has_control(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (((unsigned char)s[i] < ' ' && s[i] != '\t') ||
		    s[i] == 0x7F)
			return true;
	return false;
}

/* Whether list, of words between commas, has this one. */
static bool
lists(const char *list, const char *word)
{
	size_t n, len = strlen(word);

	for (;;) {
		list += strspn(list, " \t,");
		if (*list == '\0')
			return false;
		n = strcspn(list, " \t,");
		if (n == len && strncasecmp(list, word, len) == 0)
			return true;
		list += n;
	}
}

/*
 * Take "http://HOST/PATH" apart, which a server must accept (RFC 9112, 3.2.2)
 * although only proxies are sent it.  Returns the host, which then counts
 * instead of the field Host; NULL if target is no such address.
 */
static const char *
take_host(const char **target, char *s)
{
	static const char	http[] = "http://", https[] = "https://";
	size_t			n = 0, len;
	char			*host;

	if (strncasecmp(s, http, strlen(http)) == 0)
		n = strlen(http);
	else if (strncasecmp(s, https, strlen(https)) == 0)
		n = strlen(https);
	*target = s;
	if (n == 0)
		return NULL;
	len = strcspn(s + n, "/");
	if (s[n + len] == '/')
		*target = s + n + len;
	else
		(void)memcpy(s, "/", sizeof("/"));
	/* To the left, where there is space for its end. */
	host = memmove(s + n - 1, s + n, len);
	host[len] = '\0';
	return host;
}

/* The request line "METHOD TARGET HTTP/1.1"; *host as by take_host(). */
static int
parse_request(struct http_request *r, const char **host, char *line)
{
	char *target, *version;

	r->method = strsep(&line, " ");
	target = strsep(&line, " ");
	version = line;
	if (version == NULL || *r->method == '\0')
		return 400;
	*host = take_host(&r->target, target);
	if (r->target[0] != '/')
		return 400;
	return strcmp(version, "HTTP/1.1") == 0 ? 0 :
	    strncmp(version, "HTTP/", 5) == 0 ? 505 : 400;
}

/* Fields that are interpreted rather than kept. */
struct upgrade {
	const char	*connection, *upgrade, *version, *length, *encoding;
};

static int
parse_field(struct http_request *r, struct upgrade *u, char *line)
{
	const struct {
		const char	 *name;
		const char	**value;
	} fields[] = {
		{ "Host", &r->host }, { "Origin", &r->origin },
		{ "X-Forwarded-For", &r->forwarded_for },
		{ "Sec-WebSocket-Key", &r->key },
		{ "Sec-WebSocket-Version", &u->version },
		{ "Connection", &u->connection }, { "Upgrade", &u->upgrade },
		{ "Content-Length", &u->length },
		{ "Transfer-Encoding", &u->encoding },
	};
	char	*value = strchr(line, ':');
	size_t	 i, n;

	if (value == NULL || value == line ||
	    strcspn(line, " \t") < (size_t)(value - line))
		return 400;
	*value++ = '\0';
	value += strspn(value, " \t");
	for (n = strlen(value); n > 0 && strchr(" \t", value[n - 1]); n--)
		value[n - 1] = '\0';
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (strcasecmp(line, fields[i].name) != 0)
			continue;
		if (*fields[i].value != NULL)
			return 400;
		*fields[i].value = value;
	}
	return 0;
}

/*
 * The next line of *rest, without its CR LF; NULL after the last, or at one
 * that no head may have.
 */
static char *
next_line(char **rest)
{
	char *line = *rest, *end = strstr(line, "\r\n");

	if (end == NULL || end == line ||
	    has_control(line, (size_t)(end - line)))
		return NULL;
	*end = '\0';
	*rest = end + 2;
	return line;
}

int
http_parse(struct http_request *r, char *buf, size_t len)
{
	struct upgrade	 u = { NULL, NULL, NULL, NULL, NULL };
	const char	*host = NULL;
	char		*line, *rest = buf;
	int		 status;

	memset(r, 0, sizeof(*r));
	/* The blank line's LF becomes the end of the text. */
	buf[len - 1] = '\0';
	if (strlen(buf) != len - 1 || (line = next_line(&rest)) == NULL)
		return 400;
	if ((status = parse_request(r, &host, line)) != 0)
		return status;
	while ((line = next_line(&rest)) != NULL)
		if ((status = parse_field(r, &u, line)) != 0)
			return status;
	if (strcmp(rest, "\r") != 0 || r->host == NULL)
		return 400;
	if (host != NULL)
		r->host = host;
	if (u.encoding != NULL || (u.length != NULL &&
	    strcmp(u.length, "0") != 0))
		return 413;
	if (u.upgrade != NULL && lists(u.upgrade, "websocket") &&
	    u.connection != NULL && lists(u.connection, "Upgrade")) {
		r->upgrade = u.version != NULL && strcmp(u.version, "13") == 0;
		r->bad_version = !r->upgrade;
	}
	return 0;
}

/* The length of the host in "HOST:PORT" or "[HOST]:PORT"; 0 if it is none. */
static size_t
host_length(const char *host)
{
	size_t		 n = host[0] == '[' ? strcspn(host, "]") + 1 :
	    strcspn(host, ":");
	const char	*port = host + n;

	if (n > strlen(host))
		return 0;
	if (*port == '\0')
		return n;
	if (*port++ != ':' || *port == '\0' ||
	    strspn(port, "0123456789") != strlen(port) ||
	    strlen(port) > PORT_DIGITS)
		return 0;
	return n;
}

/* Whether s[0..len) is an address; an IPv6 one is in brackets. */
static bool
is_address(const char *s, size_t len)
{
	char			text[INET6_ADDRSTRLEN];
	unsigned char		address[sizeof(struct in6_addr)];
	int			family = s[0] == '[' ? AF_INET6 : AF_INET;

	if (family == AF_INET6) {
		s++;
		len -= 2;
	}
	if (len >= sizeof(text))
		return false;
	memcpy(text, s, len);
	text[len] = '\0';
	return inet_pton(family, text, address) == 1;
}

bool
http_host_allowed(const char *host, const char *const *names, size_t n)
{
	size_t len = host_length(host), i;

	if (len == 0)
		return false;
	if (is_address(host, len) || (len == strlen("localhost") &&
	    strncasecmp(host, "localhost", len) == 0))
		return true;
	for (i = 0; i < n; i++)
		if (strlen(names[i]) == len &&
		    strncasecmp(host, names[i], len) == 0)
			return true;
	return false;
}

bool
http_same_origin(const char *origin, const char *host)
{
	static const char	http[] = "http://", https[] = "https://";
	size_t			n = strncmp(origin, https, strlen(https)) ==
	    0 ? strlen(https) : strlen(http);

	if (strncmp(origin, http, strlen(http)) != 0 && n == strlen(http))
		return false;
	return strcasecmp(origin + n, host) == 0;
}

const char *
http_reason(int status)
{
	switch (status) {
	case 200:
		return "OK";
	case 400:
		return "Bad Request";
	case 403:
		return "Forbidden";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 408:
		return "Request Timeout";
	case 413:
		return "Content Too Large";
	case 421:
		return "Misdirected Request";
	case 426:
		return "Upgrade Required";
	case 431:
		return "Request Header Fields Too Large";
	case 502:
		return "Bad Gateway";
	case 503:
		return "Service Unavailable";
	default:
		return "HTTP Version Not Supported";
	}
}
