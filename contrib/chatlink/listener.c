/* SPDX-License-Identifier: ISC */

/*
 * The process out listens through chatc(1), which reconnects, resumes and
 * counts lost lines, so that nothing here need do so.
 *
 * chatc's input is a pipe to which nothing is ever written.  The pipe closes
 * when the process out exits, and chatc exits at the end of its input.
 *
 * Runs in the process out.
 */

#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

#include "chatserv/common/log.h"
#include "contrib/chatlink/listener.h"
#include "contrib/chatlink/payload.h"
#include "ipc/common/bsd.h"

#define PLACE_SIZE	(EVENT_ID_DIGITS + 8 + PAYLOAD_IDENTITY)

static void __attribute__((noreturn))
run_chatc(const struct link *l, int input, int output, const char *place)
{
	sigset_t none;

	if (dup2(input, STDIN_FILENO) == -1 ||
	    dup2(output, STDOUT_FILENO) == -1)
		_exit(127);
	closefrom(STDERR_FILENO + 1);
	(void)signal(SIGTERM, SIG_DFL);
	(void)signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)execlp(l->chatc, "chatc", "-r", "-R", "-n", LINK_EAR, "-s",
	    place, "-u", l->socket, (char *)NULL);
	_exit(127);
}

static void
set_place(char place[PLACE_SIZE], uint64_t last, const char *identity)
{
	(void)snprintf(place, PLACE_SIZE, "%" PRIu64 "%s%s", last,
	    last == 0 ? "" : "@", last == 0 ? "" : identity);
}

int
listener_start(struct listener *t, const struct link *l, uint64_t last,
    const char *identity)
{
	char	place[PLACE_SIZE];
	int	input[2] = { -1, -1 }, output[2] = { -1, -1 };

	set_place(place, last, identity);
	if (pipe(input) == -1 || pipe(output) == -1 ||
	    fcntl(output[0], F_SETFL, O_NONBLOCK) == -1 ||
	    (t->pid = fork()) == -1) {
		log_warn("cannot start chatc");
		(void)close(input[0]);
		(void)close(input[1]);
		(void)close(output[0]);
		(void)close(output[1]);
		t->pid = 0;
		return -1;
	}
	if (t->pid == 0)
		run_chatc(l, input[0], output[1], place);
	(void)close(input[0]);
	(void)close(output[1]);
	t->leash = input[1];
	t->fd = output[0];
	line_in_init(&t->in, t->buf, sizeof(t->buf), LINK_LINE, false);
	log_debug("out: chatc listens from %s on", place);
	return 0;
}

int
listener_stop(struct listener *t)
{
	int status = 0;

	if (t->pid == 0)
		return 0;
	(void)kill(t->pid, SIGTERM);
	(void)close(t->leash);
	(void)close(t->fd);
	while (waitpid(t->pid, &status, 0) == -1 && errno == EINTR)
		;
	t->pid = 0;
	return status;
}
