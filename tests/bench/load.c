/* SPDX-License-Identifier: ISC */

/*
 * Clients of one room, held by one thread: see load.h.
 */

#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ipc/common/bsd.h"
#include "tests/bench/load.h"

#define ADDRESSES	8	/* one address has too few ports for all */
#define PATIENCE	30.0	/* seconds until all must have joined */
#define PROBE_MS	20
#define GOODBYE		5.0	/* seconds until all must have left */
#define EVENTS		256
#define BLOCK		64
#define FILES		65536
#define READ_SIZE	((size_t)256 << 10)

static cpu_set_t	 everywhere;	/* the CPUs at the start */

double
load_now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

double
load_cpu(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

void
load_prepare(int cpu)
{
	struct rlimit	files;
	cpu_set_t	set;

	if (getrlimit(RLIMIT_NOFILE, &files) == -1)
		err(1, "getrlimit");
	/* Root may ask for more than it was given. */
	if (files.rlim_max < FILES) {
		files.rlim_cur = files.rlim_max = FILES;
		if (setrlimit(RLIMIT_NOFILE, &files) == -1)
			(void)getrlimit(RLIMIT_NOFILE, &files);
	}
	files.rlim_cur = files.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &files);
	if (sched_getaffinity(0, sizeof(everywhere), &everywhere) == -1)
		err(1, "sched_getaffinity");
	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) == -1)
		err(1, "CPU %d", cpu);
}

void
load_unpin(void)
{
	if (sched_setaffinity(0, sizeof(everywhere), &everywhere) == -1)
		err(1, "sched_setaffinity");
}

int
load_number(const char *text, long long min, long long max)
{
	const char	*error;
	int		 n = (int)strtonum(text, min, max, &error);

	if (error != NULL)
		errx(2, "%s: %s", text, error);
	return n;
}

double
load_seconds(const char *text)
{
	char	*end;
	double	 seconds = strtod(text, &end);

	if (end == text || *end != '\0' || !(seconds > 0 && seconds < 1e5))
		errx(2, "%s: no number of seconds", text);
	return seconds;
}

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

double
load_part(double *x, size_t n, double part)
{
	if (n == 0)
		return 0;
	qsort(x, n, sizeof(*x), by_size);
	return x[(size_t)((double)(n - 1) * part + 0.5)];
}

/* ---- receiving ---- */

/* Blocks have a fixed size, for which compilers generate fast code. */
uint64_t
load_count(const char *data, size_t len)
{
	unsigned char	 sums[BLOCK];
	uint64_t	 count = 0;
	size_t		 blocks, i, j;

	while (len >= BLOCK) {
		blocks = len / BLOCK < 255 ? len / BLOCK : 255;
		memset(sums, 0, sizeof(sums));
		for (i = 0; i < blocks; i++, data += BLOCK)
			for (j = 0; j < BLOCK; j++)
				sums[j] = (unsigned char)(sums[j] +
				    (data[j] == '\n'));
		for (j = 0; j < BLOCK; j++)
			count += sums[j];
		len -= blocks * BLOCK;
	}
	for (i = 0; i < len; i++)
		count += data[i] == '\n';
	return count;
}

void
load_lines(struct load *load, struct conn *c, const char *data, size_t len,
    load_line *line)
{
	const char	*lf, *end = data + len;
	size_t		 n;

	for (; data < end; data = lf + 1) {
		lf = memchr(data, '\n', (size_t)(end - data));
		n = (size_t)((lf != NULL ? lf : end) - data);
		if (lf != NULL && c->carried == 0) {
			line(load, c, data, n);
			continue;
		}
		/* Nobody looks at longer lines. */
		if (n > sizeof(c->carry) - c->carried)
			n = sizeof(c->carry) - c->carried;
		memcpy(c->carry + c->carried, data, n);
		c->carried += n;
		if (lf == NULL)
			break;
		n = c->carried;
		c->carried = 0;
		line(load, c, c->carry, n);
	}
}

/* A text: its kind, three digits of the sender, ten of the number, dots. */
static void
write_text(char *text, enum load_text kind, int sender, uint64_t number)
{
	int i;

	memset(text, '.', LOAD_TEXT);
	text[0] = (char)kind;
	for (i = 3; i > 0; i--, sender /= 10)
		text[i] = (char)('0' + sender % 10);
	for (i = 14; i > 4; i--, number /= 10)
		text[i] = (char)('0' + number % 10);
}

bool
load_text(const char *line, size_t len, enum load_text *kind, int *sender,
    uint64_t *number)
{
	const char	*text;
	int		 i;

	if (len > 0 && line[len - 1] == '\r')
		len--;
	if (len < LOAD_TEXT)
		return false;
	text = line + len - LOAD_TEXT;
	if ((text[0] != LOAD_READY && text[0] != LOAD_BEGIN &&
	    text[0] != LOAD_SAID) || text[4] != '.' ||
	    text[LOAD_TEXT - 1] != '.')
		return false;
	*kind = (enum load_text)text[0];
	for (*sender = 0, i = 1; i < 4; i++)
		*sender = *sender * 10 + (text[i] - '0');
	for (*number = 0, i = 5; i < 15; i++)
		*number = *number * 10 + (uint64_t)(text[i] - '0');
	return true;
}

/* ---- sending ---- */

void
load_write(struct conn *c, const void *data, size_t len)
{
	if (write(c->fd, data, len) != (ssize_t)len)
		err(1, "write");
}

void
load_put(struct conn *c, const char *line)
{
	load_write(c, line, strlen(line));
}

static void
watch(struct load *load, struct conn *c, int op)
{
	struct epoll_event ev = { 0 };

	ev.events = EPOLLIN | (c->out_waits ? EPOLLOUT : 0u);
	ev.data.ptr = c;
	if (epoll_ctl(load->queue, op, c->fd, &ev) == -1)
		err(1, "epoll_ctl");
}

static void
flush(struct load *load, struct conn *c)
{
	ssize_t	n;
	bool	waits;

	n = write(c->fd, c->out + c->out_start, c->out_end - c->out_start);
	if (n == -1 && errno != EAGAIN && errno != EINTR)
		err(1, "write");
	if (n > 0)
		c->out_start += (size_t)n;
	if (c->out_start == c->out_end)
		c->out_start = c->out_end = 0;
	waits = c->out_end > 0;
	if (waits != c->out_waits) {
		c->out_waits = waits;
		watch(load, c, EPOLL_CTL_MOD);
	}
}

static void
append(struct load *load, struct conn *c, enum load_text kind,
    uint64_t number)
{
	const struct protocol	*p = load->protocol;
	size_t			 len = p->before_len + LOAD_TEXT +
				    p->after_len;
	char			*at;

	if (c->out_end + len > load->out_size) {
		memmove(c->out, c->out + c->out_start,
		    c->out_end - c->out_start);
		c->out_end -= c->out_start;
		c->out_start = 0;
	}
	at = c->out + c->out_end;
	memcpy(at, p->before, p->before_len);
	at += p->before_len;
	write_text(at, kind, c->number, number);
	memcpy(at + LOAD_TEXT, p->after, p->after_len);
	c->out_end += len;
}

void
load_say(struct load *load, struct conn *c, uint64_t n)
{
	for (; n > 0; n--)
		append(load, c, LOAD_SAID, c->said++);
	flush(load, c);
}

/* ---- waiting ---- */

int
load_wait(struct load *load, int ms, load_got *got)
{
	static char		 buf[READ_SIZE], lines[READ_SIZE + 1];
	const struct protocol	*protocol = load->protocol;
	struct epoll_event	 ev[EVENTS];
	struct conn		*c;
	ssize_t			 len;
	int			 i, n;

	n = epoll_wait(load->queue, ev, EVENTS, ms);
	for (i = 0; i < n; i++) {
		c = ev[i].data.ptr;
		if (ev[i].events & EPOLLOUT)
			flush(load, c);
		if ((ev[i].events & ~(uint32_t)EPOLLOUT) == 0)
			continue;
		len = recv(c->fd, buf, sizeof(buf),
		    c->weighed && protocol->decode == NULL ? MSG_TRUNC : 0);
		if (len == -1 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (len <= 0)
			errx(1, "%s %d: the server closed",
			    c->sender ? "sender" : "listener", c->number);
		if (protocol->decode == NULL)
			got(load, c, buf, (size_t)len);
		else
			got(load, c, lines,
			    protocol->decode(c, lines, buf, (size_t)len));
	}
	return n;
}

/* ---- joining ---- */

void
load_hear_entering(struct load *load, struct conn *c, const char *line,
    size_t len)
{
	enum load_text	kind;
	uint64_t	number;
	int		sender;

	if (!load_text(line, len, &kind, &sender, &number))
		load->protocol->hear(load, c, line, len);
	else if (kind == LOAD_READY)
		c->heard = true;
	else if (kind == LOAD_BEGIN)
		c->starts++;
}

static void
got_entering(struct load *load, struct conn *c, const char *data, size_t len)
{
	load_lines(load, c, data, len, load_hear_entering);
}

/* How many of the listeners, or of the senders, still wait. */
enum lack { ENTRY, READINESS, STARTS };

static int
lacking(const struct load *load, const struct conn *c, int n, enum lack what)
{
	int i, lack = 0;

	if (what != ENTRY && n > 0 && c->sender && !load->protocol->echo)
		return 0;
	for (i = 0; i < n; i++)
		lack += what == ENTRY ? !c[i].entered : what == READINESS ?
		    !c[i].heard : c[i].starts < load->senders;
	return lack;
}

static void
wait_entered(struct load *load, int listeners, int left)
{
	double limit = load_now() + PATIENCE;

	while (lacking(load, load->listener, listeners, ENTRY) +
	    lacking(load, load->sender, load->senders, ENTRY) > left) {
		(void)load_wait(load, 1000, got_entering);
		if (load_now() > limit)
			errx(1, "some clients do not join");
	}
}

/* Probe until all hear it: a client that joins silently may not be in yet. */
static void
wait_ready(struct load *load, int listeners)
{
	double limit = load_now() + PATIENCE;

	while (lacking(load, load->listener, listeners, READINESS) > 0) {
		append(load, &load->sender[0], LOAD_READY, 0);
		flush(load, &load->sender[0]);
		while (lacking(load, load->listener, listeners, READINESS) >
		    0 && load_wait(load, PROBE_MS, got_entering) > 0)
			;
		if (load_now() > limit)
			errx(1, "some clients hear nothing");
	}
}

void
load_dial(struct load *load, struct conn *c, int number)
{
	struct sockaddr_in	from = { 0 }, to = { 0 };
	int			 on = 1;

	from.sin_family = to.sin_family = AF_INET;
	from.sin_addr.s_addr =
	    htonl(INADDR_LOOPBACK + (uint32_t)(number % ADDRESSES));
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	to.sin_port = htons((in_port_t)load->port);
	if ((c->fd = socket(AF_INET, SOCK_STREAM, 0)) == -1)
		err(1, "socket");
	c->number = number;
	/* The kernel chooses the port when it knows the destination. */
	(void)setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on,
	    sizeof(on));
	if (bind(c->fd, (struct sockaddr *)&from, sizeof(from)) == -1)
		err(1, "bind");
	if (connect(c->fd, (struct sockaddr *)&to, sizeof(to)) == -1)
		err(1, "connect to port %d", load->port);
	if (fcntl(c->fd, F_SETFL, O_NONBLOCK) == -1 ||
	    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == -1)
		err(1, "socket");
	watch(load, c, EPOLL_CTL_ADD);
	load->protocol->enter(load, c);
}

void
load_drop(struct conn *c)
{
	(void)close(c->fd);
	memset(c, 0, sizeof(*c));
}

static struct conn *
allocate(int n)
{
	struct conn *c = calloc((size_t)n, sizeof(*c));

	if (c == NULL)
		err(1, "calloc");
	return c;
}

void
load_open(struct load *load, const struct protocol *protocol, int port,
    int listeners, int senders, size_t window)
{
	int i;

	load->protocol = protocol;
	load->port = port;
	load->listener = allocate(listeners);
	load->sender = allocate(senders);
	load->listeners = listeners;
	load->senders = senders;
	load->out_size = (window + 2) * LOAD_MESSAGE;
	if ((load->queue = epoll_create1(0)) == -1)
		err(1, "epoll_create1");
	for (i = 0; i < senders; i++) {
		load->sender[i].sender = true;
		if ((load->sender[i].out = malloc(load->out_size)) == NULL)
			err(1, "malloc");
		load_dial(load, &load->sender[i], i);
	}
	for (i = 0; i < listeners; i++) {
		load_dial(load, &load->listener[i], i);
		if ((i + 1) % protocol->at_once != 0)
			continue;
		wait_entered(load, i + 1, protocol->at_once / 2);
		if (protocol->silent)
			wait_ready(load, i + 1);
	}
	wait_entered(load, listeners, 0);
}

void
load_start(struct load *load)
{
	double	limit = load_now() + PATIENCE;
	int	i;

	wait_ready(load, load->listeners);
	for (i = 0; i < load->senders; i++) {
		append(load, &load->sender[i], LOAD_BEGIN, 0);
		flush(load, &load->sender[i]);
	}
	while (lacking(load, load->listener, load->listeners, STARTS) +
	    lacking(load, load->sender, load->senders, STARTS) > 0) {
		(void)load_wait(load, 1000, got_entering);
		if (load_now() > limit)
			errx(1, "some listeners do not hear the start");
	}
}

/* ---- leaving ---- */

/* Discard input until the server has closed the connection too. */
static void
wait_closed(struct conn *c, double limit)
{
	static char	buf[READ_SIZE];
	struct pollfd	p = { .fd = c->fd, .events = POLLIN };
	ssize_t		n;
	double		left;

	do {
		left = limit - load_now();
		if (left <= 0 || poll(&p, 1, (int)(left * 1e3) + 1) == 0)
			return;
		n = recv(c->fd, buf, sizeof(buf), MSG_TRUNC | MSG_DONTWAIT);
	} while (n > 0 || (n == -1 && (errno == EAGAIN || errno == EINTR)));
}

void
load_leave(struct load *load)
{
	double	limit = load_now() + GOODBYE;
	int	i;

	for (i = 0; i < load->senders; i++)
		(void)shutdown(load->sender[i].fd, SHUT_WR);
	for (i = 0; i < load->listeners; i++)
		(void)shutdown(load->listener[i].fd, SHUT_WR);
	for (i = 0; i < load->senders; i++)
		wait_closed(&load->sender[i], limit);
	for (i = 0; i < load->listeners; i++)
		wait_closed(&load->listener[i], limit);
}
