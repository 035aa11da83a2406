/* SPDX-License-Identifier: ISC */

/*
 * The terminal.
 *
 * Owns its settings: what they were before, and whether they are changed now.
 * Promises to restore them whatever ends or stops this process, save SIGKILL
 * and SIGSTOP: at exit, at a signal that kills, at a crash.  A handler does
 * only what a handler may do: restore, and let the signal have its usual
 * effect; or set a flag for the loop (another size, stop, continue).
 *
 * Uses plain termios and a few sequences that every ANSI terminal knows.
 */

#include <sys/ioctl.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "chatc/term.h"

/* Between these the terminal sends pasted text. */
#define MARK_PASTES	"\033[?2004h"
#define RESTORE		"\r\033[K\033[?2004l"

static struct termios		before;
static bool			active;	/* between start and stop */
static int			output = STDOUT_FILENO;
static bool			utf8;
static volatile sig_atomic_t	raw;
static volatile sig_atomic_t	resized, stopped, resumed;

static void
restore(void)
{
	ssize_t n;

	if (!raw)
		return;
	raw = 0;
	n = write(output, RESTORE, sizeof(RESTORE) - 1);
	(void)n;
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

static void
on_deadly(int sig)
{
	sigset_t set;

	restore();
	(void)signal(sig, SIG_DFL);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, sig);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
	(void)raise(sig);
	/* No default action ends the first process of a container. */
	_exit(128 + sig);
}

static void
on_event(int sig)
{
	switch (sig) {
	case SIGWINCH:
		resized = 1;
		break;
	case SIGTSTP:
		stopped = 1;
		break;
	case SIGCONT:
		resumed = 1;
		break;
	default:
		break;
	}
}

static void
handle(int sig, void (*handler)(int))
{
	struct sigaction sa;

	if (sigaction(sig, NULL, &sa) == -1 || sa.sa_handler == SIG_IGN)
		return;
	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = handler;
	(void)sigemptyset(&sa.sa_mask);
	(void)sigaction(sig, &sa, NULL);
}

static int
make_raw(void)
{
	struct termios	t = before;
	int		error;

	t.c_iflag &= ~(tcflag_t)(ICRNL | INLCR | IGNCR | ISTRIP);
	t.c_lflag &= ~(tcflag_t)(ICANON | ECHO | IEXTEN);
	t.c_cc[VMIN] = 1;
	t.c_cc[VTIME] = 0;
	raw = 1;
	do {
		error = tcsetattr(STDIN_FILENO, TCSANOW, &t);
	} while (error == -1 && errno == EINTR);
	if (error == -1) {
		raw = 0;
		return -1;
	}
	return write(output, MARK_PASTES, sizeof(MARK_PASTES) - 1) == -1 &&
	    errno != EAGAIN ? -1 : 0;
}

/* The room speaks UTF-8, whatever the locale says of the terminal. */
static void
set_locale(void)
{
	(void)setlocale(LC_TIME, "");
	if (setlocale(LC_CTYPE, "") != NULL)
		utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	if (!utf8)
		(void)setlocale(LC_CTYPE, "C.UTF-8");
}

void
term_init(void)
{
	static const int deadly[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
	size_t		 i;

	set_locale();
	for (i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++)
		handle(deadly[i], on_deadly);
}

bool
term_shows_utf8(void)
{
	return utf8;
}

int
term_output(void)
{
	const char	*name;
	int		 fd;

	if (output != STDOUT_FILENO || isatty(STDOUT_FILENO) != 1)
		return output;
	if ((name = ttyname(STDOUT_FILENO)) != NULL && (fd = open(name,
	    O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)) != -1)
		output = fd;
	return output;
}

bool
term_can_edit(void)
{
	const char *term = getenv("TERM");

	return isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 &&
	    term != NULL && term[0] != '\0' && strcmp(term, "dumb") != 0;
}

bool
term_has_colour(void)
{
	static const char *const coloured[] = { "xterm", "screen", "tmux",
	    "linux", "rxvt", "alacritty", "foot", "kitty", "konsole", "st-",
	    "wezterm", "wsvt", "pccon" };
	const char	*no = getenv("NO_COLOR"), *term = getenv("TERM");
	size_t		 i;

	if (isatty(STDOUT_FILENO) != 1 || term == NULL ||
	    (no != NULL && no[0] != '\0'))
		return false;
	if (strstr(term, "color") != NULL)
		return true;
	for (i = 0; i < sizeof(coloured) / sizeof(coloured[0]); i++)
		if (strncmp(term, coloured[i], strlen(coloured[i])) == 0)
			return true;
	return false;
}

int
term_start(void)
{
	static const int crash[] = { SIGILL, SIGABRT, SIGBUS, SIGFPE,
	    SIGSEGV };
	static bool	 once;
	size_t		 i;

	if (!once) {
		once = true;
		if (tcgetattr(STDIN_FILENO, &before) == -1 ||
		    atexit(restore) != 0)
			return -1;
		for (i = 0; i < sizeof(crash) / sizeof(crash[0]); i++)
			handle(crash[i], on_deadly);
		handle(SIGWINCH, on_event);
		handle(SIGTSTP, on_event);
		handle(SIGCONT, on_event);
	}
	active = true;
	return make_raw();
}

void
term_stop(void)
{
	active = false;
	restore();
}

size_t
term_columns(void)
{
	struct winsize ws;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == -1 || ws.ws_col == 0)
		return 80;
	return ws.ws_col;
}

/* Stop as if SIGTSTP had not been caught; returns when we continue. */
static void
stop_here(void)
{
	sigset_t set;

	restore();
	(void)signal(SIGTSTP, SIG_DFL);
	(void)raise(SIGTSTP);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTSTP);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	handle(SIGTSTP, on_event);
	resumed = 1;
}

struct term_news
term_news(void)
{
	struct term_news news = { false, false };

	if (stopped) {
		stopped = 0;
		stop_here();
	}
	if (resumed) {
		resumed = 0;
		news.resumed = active && make_raw() == 0;
	}
	if (resized) {
		resized = 0;
		news.resized = true;
	}
	return news;
}

void
term_block(sigset_t *set)
{
	(void)sigaddset(set, SIGWINCH);
	(void)sigaddset(set, SIGTSTP);
	(void)sigaddset(set, SIGCONT);
}
