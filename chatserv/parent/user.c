/* SPDX-License-Identifier: ISC */

/*
 * Becoming another user.
 *
 * Programs that are started as root differ in what they keep: chatserv and
 * chatweb lose sight of all files too (privilege.c), chatlink keeps the groups
 * of its user.  So the callers set the groups.
 *
 * Runs in the parent of chatserv, chatweb and chatlink.
 */

#include <pwd.h>

#include "chatserv/common/log.h"
#include "chatserv/parent/user.h"
#include "ipc/common/bsd.h"

const struct passwd *
user_find(const char *name)
{
	const struct passwd *pw = getpwnam(name);

	if (pw == NULL)
		fatalx("no such user: %s", name);
	if (geteuid() != 0 && geteuid() != pw->pw_uid)
		fatalx("only root can run as another user: %s", name);
	return pw;
}

void
user_become(uid_t uid, gid_t gid)
{
	if (bsd_become(uid, gid) == -1)
		fatal("cannot give up root: setuid");
	if (getuid() != uid || geteuid() != uid || getgid() != gid ||
	    getegid() != gid || setuid(0) != -1 || seteuid(0) != -1)
		fatalx("gave up root, but could regain it");
}
