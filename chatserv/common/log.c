/* SPDX-License-Identifier: ISC */

/*
 * The log: standard error, the system's in the background, or a file that a
 * process of its own writes (logger.c).
 *
 * Parent and children write to the same descriptor, each line by a single
 * call, so that lines stay whole.  No process waits for a reader of the log
 * that is stopped, or for a full disk: a line that cannot be written at once
 * is lost, and the number of lost lines precedes the next one.  Message texts
 * are never logged.
 *
 * Other programs may share our terminal or pipe, so it must not become
 * non-blocking for them: where the system can, we open it again for ourselves.
 * syslog(3) would wait, and would need a new descriptor to reach a restarted
 * logger, which a session cannot open.  So this file sends lines to its
 * socket, which all processes share: when the parent connects it again, at
 * SIGHUP or as it notices, it does so for all of them.
 *
 * The names are those of OpenBSD's daemons.  Runs in all processes.
 */

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "chatserv/common/log.h"
#include "ipc/common/bsd.h"

#define LINE_SIZE	512
#define TAG_SIZE	(sizeof("<000>") - 1)
#define MYSELF		"/proc/self/fd/2"
#define END_MS		3000	/* to wait for the logger */

static bool		verbose;
static bool		child;
static bool		is_socket;	/* standard error was one at first */
static bool		may_block;	/* writing to it */
static bool		is_system;	/* and leads to the system's log */
static bool		is_file;	/* or that to the logger */
static int		system_fd = -1;	/* to which lines go as well */
static pid_t		self;
static unsigned int	lost;		/* lines of this process */

/*
 * O_APPEND: after somebody truncates the file, the log continues at its end,
 * and leaves no hole before it.
 */
static void
append_always(void)
{
	int flags = fcntl(STDERR_FILENO, F_GETFL);

	if (flags != -1)
		(void)fcntl(STDERR_FILENO, F_SETFL, flags | O_APPEND);
}

/*
 * If standard error is a terminal or a pipe, replace it by an open file
 * description of our own that does not block.  If that is impossible (another
 * user's terminal, a system without such files), poll before each write.
 */
static void
open_anew(void)
{
	struct stat	st;
	int		fd;

	if (fstat(STDERR_FILENO, &st) == -1)
		return;
	is_socket = S_ISSOCK(st.st_mode);
	if (S_ISREG(st.st_mode))
		append_always();
	if (!S_ISFIFO(st.st_mode) && !isatty(STDERR_FILENO))
		return;
	fd = open(MYSELF, O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY);
	may_block = fd == -1 || dup2(fd, STDERR_FILENO) == -1;
	if (fd != -1)
		(void)close(fd);
}

void
log_init(bool is_verbose)
{
	verbose = is_verbose;
	self = getpid();
	open_anew();
}

static int
connect_system(int fd)
{
	struct sockaddr_un sun;

	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	(void)strlcpy(sun.sun_path, _PATH_LOG, sizeof(sun.sun_path));
	return connect(fd, (struct sockaddr *)&sun, sizeof(sun));
}

void
log_system(void)
{
	self = getpid();
	if ((system_fd = socket(AF_UNIX, SOCK_DGRAM, 0)) == -1)
		fatal("cannot make a socket for the log");
	if (connect_system(system_fd) == -1)
		log_warn("cannot reach the system's log");
}

void
log_file(int fd)
{
	self = getpid();
	system_fd = fd;
	is_file = true;
}

void
log_end(void)
{
	struct pollfd pfd = { .fd = system_fd, .events = POLLIN };

	if (!is_file)
		return;
	if (pfd.fd == -1)
		pfd.fd = STDERR_FILENO;
	(void)shutdown(pfd.fd, SHUT_WR);
	/* Nothing arrives there but the end. */
	(void)poll(&pfd, 1, END_MS);
}

bool
log_reopen_file(void)
{
	if (is_file)
		(void)send(system_fd != -1 ? system_fd : STDERR_FILENO, "\n",
		    1, MSG_DONTWAIT | MSG_NOSIGNAL);
	return is_file;
}

void
log_detach(void)
{
	if (system_fd == -1 || dup2(system_fd, STDERR_FILENO) == -1)
		return;
	(void)close(system_fd);
	system_fd = -1;
	is_system = true;
}

void
log_reopen(void)
{
	if (is_system)
		(void)connect_system(STDERR_FILENO);
}

void
log_child(void)
{
	child = true;
	self = getpid();
	lost = 0;
}

/* Whether a line of len bytes was written, at once and whole. */
static bool
taken(int fd, bool by_socket, const char *line, size_t len)
{
	static const struct timespec	at_once = { 0, 0 };
	struct pollfd			pfd = { fd, POLLOUT, 0 };
	ssize_t				n = -1;

	if (by_socket)
		n = send(fd, line, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	else if (!may_block || ppoll(&pfd, 1, &at_once, NULL) != 0)
		n = write(fd, line, len);
	return n == (ssize_t)len;
}

/* tagged is the line, after the tag that the system's log expects. */
static bool
deliver(const char *tagged)
{
	size_t		 len = strlen(tagged);
	const char	*line = strchr(tagged, '>') + 1;

	if (system_fd != -1)
		(void)taken(system_fd, true, tagged, len);
	if (!is_system)
		return taken(STDERR_FILENO, is_socket, line, strlen(line));
	if (taken(STDERR_FILENO, true, tagged, len))
		return true;
	/* Another logger may have replaced it. */
	return !child && !is_file && errno != EAGAIN && errno != EWOULDBLOCK &&
	    connect_system(STDERR_FILENO) == 0 &&
	    taken(STDERR_FILENO, true, tagged, len);
}

static bool
deliver_lost(void)
{
	char text[LINE_SIZE];

	(void)snprintf(text, sizeof(text), "<%d>%s: pid %d: %u %s of "
	    "the log lost here\n", LOG_DAEMON | LOG_WARNING, getprogname(),
	    (int)self, lost, lost == 1 ? "line" : "lines");
	return deliver(text);
}

static void
deliver_or_count(const char *tagged)
{
	if (lost > 0 && deliver_lost())
		lost = 0;
	if (!deliver(tagged) && lost < UINT_MAX)
		lost++;
}

static void __attribute__((format(printf, 3, 0)))
put(int priority, int error, const char *fmt, va_list ap)
{
	char	text[TAG_SIZE + LINE_SIZE];
	size_t	at, size = sizeof(text);
	int	saved = errno;

	at = (size_t)snprintf(text, size, "<%d>", LOG_DAEMON | priority);
	size = at + LINE_SIZE;
	(void)strlcat(text, getprogname(), size);
	(void)strlcat(text, ": ", size);
	at = strlen(text);
	(void)vsnprintf(text + at, size - at, fmt, ap);
	if (error != 0) {
		(void)strlcat(text, ": ", size);
		(void)strlcat(text, strerror(error), size);
	}
	if (strlcat(text, "\n", size) >= size)
		text[size - 2] = '\n';
	deliver_or_count(text);
	errno = saved;
}

void
log_info(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(LOG_INFO, 0, fmt, ap);
	va_end(ap);
}

void
log_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(LOG_WARNING, errno, fmt, ap);
	va_end(ap);
}

void
log_debug(const char *fmt, ...)
{
	va_list ap;

	if (!verbose)
		return;
	va_start(ap, fmt);
	put(LOG_DEBUG, 0, fmt, ap);
	va_end(ap);
}

void
fatal(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(LOG_ERR, errno, fmt, ap);
	va_end(ap);
	exit(1);
}

void
fatalx(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(LOG_ERR, 0, fmt, ap);
	va_end(ap);
	exit(1);
}
