/* SPDX-License-Identifier: ISC */

/*
 * The connection to the room, over its unix-domain socket.
 *
 * Runs in the process in.
 */

#include <sys/socket.h>
#include <sys/un.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "chatserv/common/log.h"
#include "contrib/chatlink/link.h"
#include "contrib/chatlink/room.h"
#include "ipc/common/bsd.h"

static int
connect_to(const char *path)
{
	struct sockaddr_un	sun;
	int			fd = socket(AF_UNIX, SOCK_STREAM, 0);

	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	if (strlcpy(sun.sun_path, path, sizeof(sun.sun_path)) >=
	    sizeof(sun.sun_path))
		fatalx("%s is too long for a socket", path);
	if (fd == -1 || connect(fd, (struct sockaddr *)&sun, sizeof(sun)) ==
	    -1 || fcntl(fd, F_SETFL, O_NONBLOCK) == -1) {
		log_warn("in: cannot connect to the room at %s", path);
		if (fd != -1)
			(void)close(fd);
		return -1;
	}
	return fd;
}

int
room_open(struct room *r, const char *path, const struct state *s)
{
	if ((r->fd = connect_to(path)) == -1)
		return -1;
	line_in_init(&r->in, r->in_buf, sizeof(r->in_buf), LINK_LINE, false);
	line_out_init(&r->out, r->out_buf, sizeof(r->out_buf));
	room_say(r, "!tsv");
	room_say(r, "!token %s", s->token);
	if (s->identity[0] != '\0')
		room_say(r, "!since %" PRIu64 " %s", s->place, s->identity);
	room_say(r, LINK_NAME);
	return 0;
}

int
room_read(struct room *r)
{
	ssize_t n;

	if (line_in_full(&r->in))
		return 0;
	n = line_in_fill(&r->in, r->fd);
	return n == 0 || (n == -1 && errno != EINTR && errno != EAGAIN) ? -1 :
	    0;
}

int
room_write(struct room *r)
{
	if (line_out_pending(&r->out) > 0 &&
	    line_out_flush(&r->out, r->fd) == -1 && errno != EINTR &&
	    errno != EAGAIN)
		return -1;
	return 0;
}

/* The latest line is consumed by the next call. */
bool
room_next(struct room *r, struct event *ev)
{
	char		*line;
	size_t		 len;
	enum line_state	 state;

	while ((state = line_in_peek(&r->in, &line, &len)) != LINE_NONE) {
		line_in_consume(&r->in);
		if (state == LINE_OK && event_parse(ev, line, len) == 0)
			return true;
	}
	return false;
}

bool
room_has_space(const struct room *r, size_t len)
{
	return line_out_left(&r->out) > len;
}

void
room_say(struct room *r, const char *fmt, ...)
{
	char	line[LINK_LINE];
	va_list	ap;
	int	n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(line))
		return;
	line[n++] = '\n';
	memcpy(line_out_space(&r->out, (size_t)n), line, (size_t)n);
	line_out_added(&r->out, (size_t)n);
}

static char *
add(char *at, const char *bytes, size_t n)
{
	memcpy(at, bytes, n);
	return at + n;
}

void
room_say_for(struct room *r, const char *command, const char *name,
    size_t name_len, const char *text, size_t text_len)
{
	size_t	 n = strlen(command) + name_len + text_len + 3;
	char	*at = line_out_space(&r->out, n);

	at = add(at, command, strlen(command));
	at = add(at, " ", 1);
	at = add(at, name, name_len);
	at = add(at, " ", 1);
	at = add(at, text, text_len);
	(void)add(at, "\n", 1);
	line_out_added(&r->out, n);
}
