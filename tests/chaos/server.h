/* SPDX-License-Identifier: ISC */

/*
 * Starts a chatserv for a test, with a port of its own, and reads its log.
 */
#ifndef TESTS_CHAOS_SERVER_H
#define TESTS_CHAOS_SERVER_H

#include <sys/types.h>
#include <netinet/in.h>
#include <stdbool.h>

#include "ipc/common/line.h"
#include "tests/chaos/watch.h"

#define SERVER_LOG_LINE	2048

struct server {
	pid_t		 pid;		/* 0: it has exited */
	in_port_t	 port;		/* 0: not known yet */
	int		 log_fd, log_at;
	struct line_in	 log;
	char		 buf[65536];
};

/* Called for each line of the log, without the common prefix. */
typedef void	 server_logs(void *arg, const char *line);

/* Start $CHATSERV, or chatserv/chatserv, with these options. */
void	 server_start(struct server *s, const char *options);

void	 server_watch(struct server *s, struct watch *w);
void	 server_move(struct server *s, const struct watch *w,
	    server_logs *logs, void *arg);

/*
 * Whether it has exited, with all of its processes; then *why is NULL if it
 * exited in order and left nothing behind, or else says what is wrong.
 */
bool	 server_ended(struct server *s, const char **why);

/* Kill it at once, and leave nothing behind. */
void	 server_kill(struct server *s);

#endif
