/* SPDX-License-Identifier: ISC */

/*
 * One request of a browser's, and its answer: the page, the connection to the
 * room, or a refusal.
 *
 * A page of another site can make its visitor's browser connect here, but it
 * cannot choose the fields Host and Origin; see http_host_allowed().  Each
 * connection carries one request.
 *
 * Runs in the process of one browser.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "chatserv/common/address.h"
#include "chatserv/common/log.h"
#include "contrib/chatweb/browser.h"
#include "contrib/chatweb/http.h"
#include "ipc/bus/bus.h"
#include "ipc/common/bsd.h"

#define CONNECT_MS	10000	/* for the room to accept the connection */

_Static_assert(BROWSER_IN_SIZE >= HTTP_HEAD_MAX + 1, "no space for a head");

void
request_refuse(struct browser *b, int status, const char *why)
{
	char	text[BROWSER_ANSWER];
	int	n;

	n = snprintf(text, sizeof(text), "HTTP/1.1 %d %s\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Length: %zu\r\n%s%s"
	    "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
	    "%s\n", status, http_reason(status), strlen(why) + 1,
	    status == 405 ? "Allow: GET, HEAD\r\n" : "",
	    status == 426 ? "Sec-WebSocket-Version: 13\r\n" : "", why);
	browser_put(&b->out, text, (size_t)n);
	log_info("%s: refused: %s", b->address, why);
	browser_finish(b);
}

/*
 * A proxy that the administrator named says whose request it passes on: it
 * added the last address of the list itself.
 */
static void
believe_proxy(struct browser *b, const char *list)
{
	struct address	 a;
	const char	*last;

	if (b->opt->proxy == NULL || list == NULL ||
	    strcmp(b->address, b->opt->proxy) != 0)
		return;
	last = strrchr(list, ',');
	last = last == NULL ? list : last + 1;
	last += strspn(last, " \t");
	if (address_parse(&a, last)) {
		address_print(&a, b->address, sizeof(b->address));
		setproctitle("%s", b->address);
	}
}

void
request_connect(struct browser *b)
{
	const struct gateway_room *to;

	while (b->at < b->ways) {
		b->room_fd = b->way[b->at].fd;
		to = b->way[b->at++].to;
		b->room_open = connect(b->room_fd, (const struct sockaddr *)
		    &to->address, to->len) == 0 || errno == EINPROGRESS;
		if (b->room_open)
			return;
	}
	b->room_open = false;
	log_warn("%s: cannot connect to the room", b->address);
	request_refuse(b, 502, "the room is not open");
}

static void
begin_to_connect(struct browser *b)
{
	b->phase = BROWSER_CONNECTING;
	b->deadline = bus_now() + CONNECT_MS;
	request_connect(b);
}

/* Give r what it asks for, or refuse it. */
static void
answer_request(struct browser *b, const struct http_request *r)
{
	bool head = strcmp(r->method, "HEAD") == 0;

	if (!http_host_allowed(r->host, b->opt->names, b->opt->n_names)) {
		request_refuse(b, 421,
		    "this host does not have that name");
	} else if (!head && strcmp(r->method, "GET") != 0) {
		request_refuse(b, 405, "only GET is understood");
	} else if (r->bad_version) {
		request_refuse(b, 426,
		    "only version 13 of WebSocket is understood");
	} else if (r->upgrade && !head) {
		if (strcmp(r->target, "/room") != 0)
			request_refuse(b, 404, "the room is at /room");
		else if (r->origin == NULL ||
		    !http_same_origin(r->origin, r->host))
			request_refuse(b, 403,
			    "only the page of this host may talk");
		else if (r->key == NULL || !handshake_accept(b->accept, r->key))
			request_refuse(b, 400,
			    "the WebSocket key is malformed");
		else
			begin_to_connect(b);
	} else if (strcmp(r->target, "/") != 0) {
		request_refuse(b, 404, "there is only one page: /");
	} else {
		b->page = b->opt->page;
		b->page_left = head ? b->opt->page_head_len :
		    b->opt->page_len;
		browser_finish(b);
	}
}

void
request_read(struct browser *b)
{
	static const char	unclear[] = "the request is malformed";
	struct http_request	 r;
	char			*buf = (char *)b->in;
	size_t			 len = http_head_length(buf, b->in_end);
	int			 status;

	/*
	 * A client that begins with TLS waits for an answer, and sends no
	 * more.
	 */
	if (b->in_end > 0 && (buf[0] < 'A' || buf[0] > 'Z')) {
		request_refuse(b, 400, unclear);
		return;
	}
	if (len == 0 && b->in_end < HTTP_HEAD_MAX)
		return;
	if (len == 0 || len > HTTP_HEAD_MAX) {
		request_refuse(b, 431, "the head is longer than 8192 bytes");
		return;
	}
	b->in_start = len;
	if ((status = http_parse(&r, buf, len)) != 0) {
		request_refuse(b, status, unclear);
		return;
	}
	believe_proxy(b, r.forwarded_for);
	answer_request(b, &r);
}
