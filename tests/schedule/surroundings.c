/* SPDX-License-Identifier: ISC */

/*
 * The server's surroundings that execute no step of the bus's protocol: the
 * listener, privilege separation, the log.  Here they do nothing, or report to
 * the harness.
 */

#include <sys/socket.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "chatserv/parent/admit.h"
#include "chatserv/parent/background.h"
#include "chatserv/parent/children.h"
#include "chatserv/parent/deny_file.h"
#include "chatserv/helper/logger.h"
#include "chatserv/helper/privsep.h"
#include "chatserv/parent/listen.h"
#include "chatserv/parent/local.h"
#include "chatserv/common/deny.h"
#include "chatserv/common/log.h"
#include "chatserv/parent/notify.h"
#include "chatserv/parent/pid_file.h"
#include "chatserv/parent/privilege.h"
#include "chatserv/parent/segment_watch.h"
#include "chatserv/session/irc/irc.h"
#include "chatserv/session/irc/motd.h"
#include "tests/schedule/client.h"
#include "tests/schedule/kernel.h"
#include "tests/schedule/scenario.h"
#include "tests/schedule/system.h"

/* ---- clients connect ---- */

void
admit_init(const struct parent_options *o)
{
	(void)o;
}

void
admit_end(void)
{
}

bool
admit_clients(int listener)
{
	struct connection	*c;
	struct peer		 peer;
	int			 fd;

	(void)listener;
	while ((c = files_accept(&fd)) != NULL) {
		memset(&peer, 0, sizeof(peer));
		peer.address.family = AF_INET;
		(void)snprintf(peer.name, sizeof(peer.name), "client %d",
		    (int)(c - connection));
		(void)snprintf(peer.origin, sizeof(peer.origin), "here");
		if (children_start(fd, &peer) != NULL)
			(void)sys_close(fd);
	}
	return true;
}

void
listen_announce(const int *fd, int n, const char *local)
{
	(void)fd;
	(void)n;
	(void)local;
}

void
peer_find_login(struct peer *p)
{
	(void)p;
}

bool
peer_owns(const struct peer *p, const char *name)
{
	(void)p;
	(void)name;
	return true;
}

/* Nobody here speaks IRC. */
const struct dialect dialect_irc;

bool
irc_begins(const struct session *s, const char *line, size_t len)
{
	(void)s;
	(void)line;
	(void)len;
	return false;
}

void
irc_motd_again(void)
{
}

void
irc_motd_leave(void)
{
}

/* ---- the deny list: there is none ---- */

void
deny_seal(void)
{
}

bool
deny_has(const struct address *a, const char *login)
{
	(void)a;
	(void)login;
	return false;
}

bool
deny_file_is_used(void)
{
	return false;
}

void
deny_file_leave(void)
{
}

int
privsep_answer_fd(void)
{
	return -1;
}

int
privsep_take_deny(void)
{
	return -1;
}

/* Nobody removes the segment. */
uint64_t
segment_watch(const struct bus *b)
{
	(void)b;
	return 0;
}

/* ---- the log ---- */

void
logger_leave(void)
{
}

bool
logger_died(pid_t pid)
{
	(void)pid;
	return false;
}

static void __attribute__((format(printf, 1, 0)))
log_line(const char *fmt, va_list ap)
{
	char line[256];

	(void)vsnprintf(line, sizeof(line), fmt, ap);
	scenario_log(line);
}

#define LOGS(name)							\
	void								\
	name(const char *fmt, ...)					\
	{								\
		va_list ap;						\
									\
		va_start(ap, fmt);					\
		log_line(fmt, ap);					\
		va_end(ap);						\
	}

LOGS(log_info)
LOGS(log_warn)
LOGS(log_debug)

void
fatal(const char *fmt, ...)
{
	schedule_fail("fatal: %s", fmt);
}

void
log_child(void)
{
}

void
log_reopen(void)
{
}

/* ---- the rest ---- */

/* The table of steps shows what ps(1) would. */
void
sys_setproctitle(const char *fmt, ...)
{
	va_list ap;

	if (process_now->pid == KERNEL_FIRST_PID)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(process_now->name, sizeof(process_now->name), fmt, ap);
	va_end(ap);
}

void
privsep_close(void)
{
}

bool
privsep_died(pid_t pid)
{
	(void)pid;
	return false;
}

bool
privsep_is_helper(pid_t pid)
{
	(void)pid;
	return false;
}

void
privsep_leave(void)
{
}

bool
privsep_reopen_log(void)
{
	return false;
}

void
notify_ready(void)
{
}

void
notify_stopping(void)
{
}

void
notify_end(void)
{
}


void
background_ready(void)
{
}

void
pid_file_leave(void)
{
}

void
pid_file_unlock(void)
{
}

void
local_leave(void)
{
}

const char *
local_path(void)
{
	return NULL;
}

void
privilege_child(int client)
{
	(void)client;
}
