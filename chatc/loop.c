/* SPDX-License-Identifier: ISC */

/*
 * Between standard input, the room and standard output: the one loop, and
 * the one place, in which chatc waits.
 *
 * Bytes go through four buffers of fixed size: standard input, the outbox,
 * the server's lines, standard output.  Each is read only while the next
 * has room, so a slow room slows whoever writes to us, a slow reader of our
 * output slows the server's sending, and memory stays as it was.
 *
 * At the end of input a last !quit goes into the outbox; what leaves it is
 * what the server answers with its goodbye, after the echo of every line.
 */

#include <poll.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "chatc/input.h"
#include "chatc/link.h"
#include "chatc/loop.h"
#include "chatc/submit.h"
#include "chatc/show.h"
#include "chatc/term.h"
#include "chatc/window.h"
#include "ipc/common/bsd.h"

#define LATE_MS		500	/* no wait ends so late where we run */

enum { FD_INPUT, FD_OUTPUT, FD_SERVER, FD_COUNT };

struct relay {
	const struct options	*opt;
	struct link		 link;
	struct show		 show;
	struct say		 say;
	struct window		 window;
	struct input		 input;
	bool			 edits;		/* in a window */
	bool			 has_input;
	int64_t			 until;		/* end of -w, or -1 */
	int64_t			 advanced;	/* see mind_progress() */
	size_t			 unsaid;	/* lines, at that time */
	int64_t			 woken;		/* when events last came */
};

static int64_t
now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void
wake_cancel(int sig)
{
	(void)sig;
}

/* Signals that are only news interrupt ppoll(2) and nothing else. */
static void
set_signals(void)
{
	struct sigaction sa;
	sigset_t	 set;

	(void)signal(SIGPIPE, SIG_IGN);
	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = wake_cancel;
	(void)sigemptyset(&sa.sa_mask);
	(void)sigaction(SIGCHLD, &sa, NULL);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGCHLD);
	term_block(&set);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
}

static bool
in_room(const struct relay *r)
{
	return r->link.phase == LINK_REPLAY || r->link.phase == LINK_LIVE;
}

/*
 * The window opens in the room.  It stays when the connection is lost, but
 * not for a command that dials again and may ask for a password.
 */
static void
mind_window(struct relay *r)
{
	bool wanted;

	wanted = in_room(r) || (r->show.window && r->opt->command == NULL &&
	    r->link.phase != LINK_DONE);
	if (!r->edits || wanted == r->show.window)
		return;
	if (wanted)
		window_open(&r->window);
	else
		window_close(&r->window);
}

static void
take_input(struct relay *r)
{
	if (r->edits)
		window_work(&r->window);
	else
		input_work(&r->input, &r->say);
	if (r->edits ? r->window.over : r->input.over)
		r->has_input = false;
}

static void
read_input(struct relay *r)
{
	ssize_t n;

	n = r->edits ? window_read(&r->window) : input_read(&r->input);
	if (n == -1 && errno != EINTR && errno != EAGAIN) {
		show_error(&r->show, "standard input: %s", strerror(errno));
		r->say.failed = true;
		r->has_input = false;
	}
}

/* Whether to read standard input now. */
static bool
wants_input(const struct relay *r)
{
	if (!r->has_input || r->say.over || r->link.phase == LINK_DONE)
		return false;
	if (r->edits)
		return r->show.window && window_has_room(&r->window);
	return input_wants(&r->input);
}

/*
 * Whether the end of input is not the end: something is to come yet.  With -w
 * alone its time begins when all that was to be said has been.
 */
static bool
stays(struct relay *r, int64_t now)
{
	if (r->link.satisfied)
		return false;
	if (r->opt->count > 0 || r->opt->wait == WAIT_FOREVER)
		return true;
	if (r->opt->wait == WAIT_NONE)
		return r->opt->no_input;
	if (r->until == -1) {
		if (r->link.phase != LINK_LIVE ||
		    outbox_lines(&r->link.box) > 0)
			return true;
		r->until = now + (int64_t)r->opt->wait * 1000;
	}
	return now < r->until;
}

/*
 * Note when there is less to wait for than before: the input is over, a line
 * of ours has come back.  That we are in a room again is no such thing, for
 * it could be for ever.
 */
static void
mind_progress(struct relay *r, int64_t now)
{
	size_t unsaid = outbox_lines(&r->link.box);

	if (r->has_input || unsaid < r->unsaid)
		r->advanced = now;
	r->unsaid = unsaid;
}

/*
 * The time at which -w ends chatc whatever it waits for, or -1.  Where it was
 * only to stay a while, an attempt to come in may take as long; for 0 seconds
 * one attempt may take its time, but there is no other.
 */
static int64_t
give_up_at(const struct relay *r)
{
	if (r->opt->wait < 0 || r->link.phase == LINK_DONE)
		return -1;
	if (r->opt->count > 0)
		return r->link.satisfied ? -1 : r->until;
	if (r->has_input || in_room(r))
		return -1;
	if (r->until != -1)
		return r->until;
	if (r->opt->wait == 0 && r->link.phase != LINK_PAUSE)
		return -1;
	return r->advanced + (int64_t)r->opt->wait * 1000;
}

/* See whether it is time to leave, or too late. */
static void
mind_end(struct relay *r, int64_t now)
{
	int64_t end;

	mind_progress(r, now);
	if (r->link.phase == LINK_DONE)
		return;
	if ((end = give_up_at(r)) != -1 && now >= end) {
		/* Whether all was said, or what was to come did not. */
		link_stop(&r->link, r->opt->count == 0 && r->until != -1 ?
		    STATUS_OK : STATUS_WAITED);
		return;
	}
	if ((!r->has_input || r->link.satisfied) && !r->say.over &&
	    !stays(r, now) && say_quit(&r->say))
		r->has_input = false;
}

/* When mind_end() has to look again at the latest, or -1. */
static int64_t
end_due(const struct relay *r)
{
	int64_t end = give_up_at(r);

	return end == -1 && !r->say.over ? r->until : end;
}

/* Whether nothing is left to be said: then all is for standard output. */
static bool
only_listens(const struct relay *r)
{
	return !r->has_input && !r->say.over &&
	    outbox_lines(&r->link.box) == 0;
}

static bool
done(const struct relay *r)
{
	return r->link.phase == LINK_DONE &&
	    line_out_pending(&r->show.out) == 0;
}

static void
set_fds(struct relay *r, struct pollfd fds[FD_COUNT])
{
	short events;

	memset(fds, 0, FD_COUNT * sizeof(fds[0]));
	events = link_events(&r->link);
	fds[FD_SERVER].fd = events != 0 ? dial_fd(&r->link.dial) : -1;
	fds[FD_SERVER].events = events;
	fds[FD_INPUT].fd = wants_input(r) ? STDIN_FILENO : -1;
	fds[FD_INPUT].events = POLLIN;
	events = line_out_pending(&r->show.out) > 0 ? POLLOUT : 0;
	fds[FD_OUTPUT].fd = events != 0 || only_listens(r) ? r->show.fd : -1;
	fds[FD_OUTPUT].events = events;
}

/*
 * Standard output takes something.  Where there is nothing, poll(2) was
 * asked for nothing, so that its answer can only be that nobody is there.
 */
static void
write_output(struct relay *r)
{
	if (line_out_pending(&r->show.out) == 0)
		show_die_of_pipe();
	if (show_flush(&r->show) == -1)
		err(STATUS_LOST, "standard output");
}

/*
 * Where a wait begins or ends much too late, we were stopped, or the whole
 * machine was, and a server cannot be blamed for that time.  For the connection
 * it does not count, and a little more is granted, for an answer may be about
 * to come.
 */
static void
wait_for_events(struct relay *r, struct pollfd fds[FD_COUNT], int64_t now)
{
	struct timespec	 ts, *timeout = NULL;
	sigset_t	 none;
	int64_t		 due, end, late;

	if (now - r->woken > LATE_MS)
		link_put_off(&r->link, now - r->woken);
	due = link_due(&r->link);
	end = end_due(r);
	if (end != -1 && (due == -1 || end < due))
		due = end;
	if (due != -1) {
		due = due > now ? due : now;
		ts.tv_sec = (time_t)((due - now) / 1000);
		ts.tv_nsec = (long)((due - now) % 1000 * 1000000);
		timeout = &ts;
	}
	(void)sigemptyset(&none);
	if (ppoll(fds, FD_COUNT, timeout, &none) == -1) {
		if (errno != EINTR)
			err(STATUS_LOST, "ppoll");
		fds[FD_INPUT].revents = fds[FD_OUTPUT].revents =
		    fds[FD_SERVER].revents = 0;
	}
	r->woken = now_ms();
	if (due != -1 && (late = r->woken - due) > LATE_MS)
		link_put_off(&r->link, late + (due - now < LATE_MS ?
		    due - now : LATE_MS));
}

static void
turn(struct relay *r)
{
	struct pollfd	fds[FD_COUNT];
	int64_t		now = now_ms();

	set_fds(r, fds);
	wait_for_events(r, fds, now);
	now = now_ms();
	if (fds[FD_OUTPUT].revents != 0)
		write_output(r);
	if (fds[FD_SERVER].revents != 0)
		link_ready(&r->link, fds[FD_SERVER].revents, now);
	if (fds[FD_INPUT].revents != 0)
		read_input(r);
	take_input(r);
	link_work(&r->link, now);
	/* What has come may be the end, which is then to be said. */
	mind_end(r, now);
	link_work(&r->link, now);
	mind_window(r);
	window_draw(&r->window);
}

/* How it ended, in a line if it did not end well. */
static enum status
outcome(const struct relay *r)
{
	if (r->link.status != STATUS_OK && r->link.status != STATUS_WAITED &&
	    r->link.why[0] != '\0')
		warnx("%s", r->link.why);
	return r->link.status == STATUS_OK && r->say.failed ? STATUS_LOST :
	    r->link.status;
}

enum status
relay_run(const struct options *opt)
{
	static struct relay	r;
	int64_t			now = now_ms();

	set_signals();
	r.opt = opt;
	r.until = opt->count > 0 && opt->wait >= 0 ? now +
	    (int64_t)opt->wait * 1000 : -1;
	r.advanced = r.woken = now;
	r.has_input = opt->message != NULL || !opt->no_input;
	r.edits = opt->message == NULL && r.has_input && term_can_edit();
	r.say.box = &r.link.box;
	r.say.show = &r.show;
	r.say.typed = opt->message == NULL && isatty(STDIN_FILENO) == 1;
	r.say.commands = opt->commands || r.say.typed;
	input_init(&r.input, opt->message);
	show_init(&r.show, opt);
	window_init(&r.window, &r.show, &r.say);
	link_start(&r.link, opt, &r.show, r.edits ? &r.window.names : NULL,
	    now);
	while (!done(&r))
		turn(&r);
	return outcome(&r);
}
