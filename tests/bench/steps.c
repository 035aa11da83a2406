/* SPDX-License-Identifier: ISC */

/*
 * Count the instructions of a process.
 *
 *	steps pid
 *
 * Traces the process, which may be stopped, and runs it one instruction at a
 * time until it exits; then prints their number.  Times on a busy machine mean
 * nothing; these counts do not depend on it.
 */

#include <sys/types.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "ipc/common/bsd.h"

static int
wait_for(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, __WALL) == -1)
		err(1, "waitpid");
	return status;
}

/*
 * Make the first step of a process, which PTRACE_ATTACH stops, whether or not
 * it was stopped before, and continues.
 */
static void
attach(pid_t pid)
{
	if (ptrace(PTRACE_ATTACH, pid, NULL, NULL) == -1)
		err(1, "process %d", (int)pid);
	(void)wait_for(pid);
	(void)kill(pid, SIGCONT);
}

int
main(int argc, char *argv[])
{
	unsigned long long	n = 0;
	const char		*error;
	pid_t			pid;
	int			status, sig = 0;

	if (argc != 2)
		errx(2, "usage: steps pid");
	pid = (pid_t)strtonum(argv[1], 1, INT_MAX, &error);
	if (error != NULL)
		errx(2, "%s: %s", argv[1], error);
	attach(pid);
	for (;;) {
		/* Linux takes the signal as a number in place of a pointer. */
		if (ptrace(PTRACE_SINGLESTEP, pid, NULL, (long)sig) == -1)
			err(1, "ptrace");
		status = wait_for(pid);
		if (!WIFSTOPPED(status))
			break;
		sig = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
		n += sig == 0;
	}
	(void)printf("%llu\n", n);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
