/* SPDX-License-Identifier: ISC */

/*
 * Between standard input, the room and standard output: the one loop, and the
 * one place, in which chatc waits.
 *
 * Bytes go through four buffers of fixed size: standard input, the outbox, the
 * server's lines, standard output.  chatc fills each only while the next has
 * space, so a slow room slows whoever writes to chatc, a slow reader of its
 * output slows the server's sending, and its memory does not grow.
 *
 * At the end of input a last !quit enters the outbox; the server answers it
 * with a goodbye, after the echo of every line.
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

#define LATE_MS		500	/* a wait that ends later was a stop */

enum { FD_INPUT, FD_OUTPUT, FD_SERVER, FD_COUNT };

struct loop {
	const struct options	*opt;
	struct link		 link;
	struct show		 show;
	struct say		 say;
	struct window		 window;
	struct input		 input;
	bool			 edits;		/* in a window */
	bool			 has_input;
	bool			 failed;	/* it could not be read */
	int64_t			 until;		/* the end of -w, or -1 */
	int64_t			 advanced;	/* see note_progress() */
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
interrupt(int sig)
{
	(void)sig;
}

/* Signals that only inform interrupt ppoll(2) and nothing else. */
static void
set_signals(void)
{
	struct sigaction sa;
	sigset_t	 set;

	(void)signal(SIGPIPE, SIG_IGN);
	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = interrupt;
	(void)sigemptyset(&sa.sa_mask);
	(void)sigaction(SIGCHLD, &sa, NULL);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGCHLD);
	term_block(&set);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
}

static bool
in_room(const struct loop *r)
{
	return r->link.phase == LINK_REPLAY || r->link.phase == LINK_LIVE;
}

/*
 * The window opens with the room.  It stays when the connection is lost,
 * except for a command, which dials again and may ask for a password.
 */
static void
update_window(struct loop *r)
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
take_input(struct loop *r)
{
	if (r->edits)
		window_work(&r->window);
	else
		input_work(&r->input, &r->say);
	if (r->edits ? r->window.over : r->input.over)
		r->has_input = false;
}

static void
read_input(struct loop *r)
{
	ssize_t n;

	n = r->edits ? window_read(&r->window) : input_read(&r->input);
	if (n == -1 && errno != EINTR && errno != EAGAIN) {
		show_error(&r->show, "standard input: %s", strerror(errno));
		r->failed = true;
		r->has_input = false;
	}
}

/* Whether to read standard input now. */
static bool
wants_input(const struct loop *r)
{
	if (!r->has_input || r->say.over || r->link.phase == LINK_DONE)
		return false;
	if (r->edits)
		return r->show.window && window_has_space(&r->window);
	return input_wants(&r->input);
}

/*
 * Whether the end of input is not the end yet.  With -w alone, its time begins
 * when all input is confirmed.
 */
static bool
stays(struct loop *r, int64_t now)
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
 * Note progress: the input is over, or the room has echoed a line.  Joining a
 * room again is no progress, since that could go on for ever.
 */
static void
note_progress(struct loop *r, int64_t now)
{
	size_t unsaid = outbox_lines(&r->link.box);

	if (r->has_input || unsaid < r->unsaid)
		r->advanced = now;
	r->unsaid = unsaid;
}

/*
 * The time at which -w ends chatc whatever it waits for, or -1.  Where -w only
 * limits the stay, joining may take as long; with -w 0, chatc makes one
 * attempt, which may take its time.
 */
static int64_t
give_up_at(const struct loop *r)
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

/* The status of a chatc that the time of -w ends. */
static enum status
too_late(const struct loop *r)
{
	/* Why it could not enter says more than that it waited. */
	if (!r->link.entered)
		return r->link.status;
	if (r->opt->count > 0)
		return STATUS_WAITED;
	/* Either the stay is over, or it never got that far. */
	return r->until != -1 ? STATUS_OK : STATUS_LOST;
}

/* Check whether it is time to leave, or too late. */
static void
check_end(struct loop *r, int64_t now)
{
	int64_t end;

	note_progress(r, now);
	if (r->link.phase == LINK_DONE)
		return;
	if ((end = give_up_at(r)) != -1 && now >= end) {
		link_stop(&r->link, too_late(r));
		return;
	}
	if ((!r->has_input || r->link.satisfied) && !r->say.over &&
	    !stays(r, now) && say_quit(&r->say))
		r->has_input = false;
}

/* When check_end() must be called at the latest, or -1. */
static int64_t
end_due(const struct loop *r)
{
	int64_t end = give_up_at(r);

	return end == -1 && !r->say.over ? r->until : end;
}

/* Whether no input is left, so that only standard output matters. */
static bool
only_listens(const struct loop *r)
{
	return !r->has_input && !r->say.over &&
	    outbox_lines(&r->link.box) == 0;
}

static bool
done(const struct loop *r)
{
	return r->link.phase == LINK_DONE &&
	    line_out_pending(&r->show.out) == 0;
}

static void
set_fds(struct loop *r, struct pollfd fds[FD_COUNT])
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
 * Write to standard output.  If there is nothing to write, poll(2) was asked
 * for no event, and only reports that nobody reads.
 */
static void
write_output(struct loop *r)
{
	if (line_out_pending(&r->show.out) == 0)
		show_die_of_pipe();
	if (show_flush(&r->show) == -1)
		err(STATUS_LOST, "standard output");
}

/*
 * If a wait begins or ends much too late, chatc or the whole machine was
 * stopped, for which the server is not to blame.  That time does not count for
 * the connection, which gets a little more, as an answer may be about to
 * arrive.
 */
static void
wait_for_events(struct loop *r, struct pollfd fds[FD_COUNT], int64_t now)
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
work(struct loop *r)
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
	/* The end, and its reason, may be among the lines that have arrived. */
	check_end(r, now);
	link_work(&r->link, now);
	update_window(r);
	window_draw(&r->window);
}

/* The status; reports an end that is no success. */
static enum status
outcome(const struct loop *r)
{
	if (r->link.status != STATUS_OK && r->link.status != STATUS_WAITED &&
	    r->link.why[0] != '\0')
		warnx("%s", r->link.why);
	/* A person saw which line was refused, and could say it again. */
	if (r->link.status == STATUS_OK && (r->failed || (!r->say.typed &&
	    (r->say.failed || r->link.refused))))
		return STATUS_LOST;
	return r->link.status;
}

enum status
loop_run(const struct options *opt)
{
	static struct loop	r;
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
		work(&r);
	return outcome(&r);
}
