/* SPDX-License-Identifier: ISC */

/*
 * The TSV reader of chatc: whatever a server sends, and wherever its bytes are
 * cut, chatc survives, sends and shows only whole lines, and with -r shows only
 * lines that the server sent, in their order.
 *
 * Input: a byte of options, a byte for the size of the reads, then the server's
 * bytes; with ADMITTED, after lines that admit chatc.
 */

#include <sys/socket.h>
#include <errno.h>
#include <poll.h>

#include "chatc/link.h"
#include "tests/fuzz/fuzz.h"

#define RAW		1
#define QUIET		2
#define NAMES		4
#define RECONNECT	8
#define COUNT		16
#define ADMITTED	32

#define SAID_SIZE	((size_t)1 << 21)

static const char admission[] = "-- what is your name?\n-\tinfo\t\ttsv\n"
    "-\thello\tme\t0123456789abcdef\n-\twho\t\t2\n"
    "5\tjoin\tme\t127.0.0.1\n";

static int	ours = -1, theirs = -1;	/* the ends of the connection */
static char	said[SAID_SIZE];
static size_t	said_len, shown_to;	/* chatc has shown up to here */

/* ---- replacements of dial.c's functions ---- */

void
dial_init(struct dial *d, const struct options *opt)
{
	memset(d, 0, sizeof(*d));
	d->opt = opt;
	d->fd = d->pid = -1;
}

enum dialled
dial_start(struct dial *d)
{
	int fd[2];

	if (theirs != -1)
		(void)close(theirs);
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == 0);
	must(fcntl(fd[0], F_SETFL, O_NONBLOCK) == 0);
	must(fcntl(fd[1], F_SETFL, O_NONBLOCK) == 0);
	d->fd = ours = fd[0];
	theirs = fd[1];
	return DIAL_DONE;
}

int
dial_fd(const struct dial *d)
{
	return d->fd;
}

bool
dial_has_next(const struct dial *d)
{
	(void)d;
	return false;
}

enum dialled
dial_go_on(struct dial *d)
{
	(void)d;
	return DIAL_FAILED;
}

enum dialled
dial_give_up(struct dial *d)
{
	(void)d;
	return DIAL_FAILED;
}

void
dial_close(struct dial *d)
{
	if (d->fd != -1)
		(void)close(d->fd);
	d->fd = ours = -1;
}

bool
dial_reaped(struct dial *d, bool force)
{
	(void)d;
	(void)force;
	return true;
}

/* ---- promises ---- */

/* The next line of the server's, without its end; NULL if there is none. */
static const char *
next_said(size_t *at, size_t *len)
{
	const char	*line = said + *at, *lf;
	size_t		 n;

	if (*at >= said_len)
		return NULL;
	lf = memchr(line, '\n', said_len - *at);
	n = lf == NULL ? said_len - *at : (size_t)(lf - line);
	*at += n + 1;
	if (n >= 1 && line[n - 1] == '\r')
		n--;
	else if (n >= 2 && line[n - 2] == '\r' && line[n - 1] == '\0')
		n -= 2;
	*len = n;
	return line;
}

static void
check_raw(const char *shown, size_t len)
{
	const char	*line;
	size_t		 n;

	do
		must((line = next_said(&shown_to, &n)) != NULL);
	while (n != len || memcmp(line, shown, n) != 0);
}

static void
check_shown(struct show *show, bool raw)
{
	const char	*at = show->buf + show->out.start, *lf;
	size_t		 left = line_out_pending(&show->out);

	for (; left > 0; left -= (size_t)(lf + 1 - at), at = lf + 1) {
		must((lf = memchr(at, '\n', left)) != NULL);
		if (raw)
			check_raw(at, (size_t)(lf - at));
	}
	line_out_drop(&show->out);
}

/* Read what chatc sends, which must be whole lines. */
static void
check_sent(const struct link *l)
{
	static char	buf[1 << 16];
	ssize_t		n = -1;

	if (theirs != -1)
		n = read(theirs, buf, sizeof(buf));
	must(n <= 0 || buf[n - 1] == '\n' || line_out_pending(&l->out) > 0);
	must(memchr(l->name, '\0', sizeof(l->name)) != NULL);
	must(memchr(l->token, '\0', sizeof(l->token)) != NULL);
}

/* ---- the run ---- */

static void
hear(struct link *l, struct show *show, const char *s, size_t n, int64_t now)
{
	ssize_t wrote;

	if (ours == -1 || l->phase >= LINK_REAP)
		return;
	wrote = write(theirs, s, n);
	must(wrote == (ssize_t)n || errno == EAGAIN || errno == EPIPE);
	if (wrote > 0) {
		memcpy(said + said_len, s, (size_t)wrote);
		said_len += (size_t)wrote;
	}
	link_ready(l, POLLIN, now);
	link_work(l, now);
	check_shown(show, l->opt->raw);
	check_sent(l);
}

static void
handle_end(struct link *l, struct show *show, int64_t now)
{
	if (theirs != -1)
		(void)close(theirs);
	theirs = -1;
	if (ours != -1 && l->phase < LINK_REAP)
		link_ready(l, POLLIN | POLLHUP, now);
	if (l->phase != LINK_DONE && ours != -1)
		link_work(l, now);
	check_shown(show, l->opt->raw);
	link_stop(l, STATUS_OK);
}

/* Discard chatc's messages to its user, or restore where they went. */
static void
silence(bool on)
{
	static int keep = -1, null;

	if (keep == -1) {
		must((keep = dup(STDERR_FILENO)) != -1);
		must((null = open("/dev/null", O_WRONLY)) != -1);
	}
	if (on)
		fuzz_stderr(null, keep);
	else
		fuzz_stderr(keep, -1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct link	l;
	static struct show	show;
	static struct names	names;
	static const char	greeting[] = "-- this is chatserv\n";
	struct input		in = { data, size };
	struct options		o = { .host = "h", .port = "1", .name = "me",
	    .since = -1, .history = -1, .wait = WAIT_FOREVER,
	    .patience = 60000 };
	unsigned		bits = take(&in);
	size_t			piece = 1 + take(&in), n;
	const char		*s;
	int64_t			now = 1000;

	silence(true);
	o.raw = (bits & RAW) != 0;
	o.quiet = (bits & QUIET) != 0;
	o.reconnect = (bits & RECONNECT) != 0;
	o.count = (bits & COUNT) != 0 ? 2 : 0;
	said_len = shown_to = 0;
	memset(&names, 0, sizeof(names));
	memset(&l, 0, sizeof(l));
	show_init(&show, &o);
	link_start(&l, &o, &show, (bits & NAMES) != 0 ? &names : NULL, now);
	/* A server must greet before chatc shows anything. */
	hear(&l, &show, greeting, sizeof(greeting) - 1, ++now);
	if ((bits & ADMITTED) != 0)
		hear(&l, &show, admission, sizeof(admission) - 1, ++now);
	while (in.left > 0 && said_len + piece < SAID_SIZE) {
		s = take_bytes(&in, piece, &n);
		hear(&l, &show, s, n, ++now);
	}
	handle_end(&l, &show, ++now);
	silence(false);
	return 0;
}
