/* SPDX-License-Identifier: ISC */

/*
 * Who is at the other end of a connection.
 *
 * The server knows only the address of a TCP client.  On a unix-domain socket
 * the kernel vouches for the user, so the name in the room is the login name,
 * and no user can take another's; only users that the administrator names (-L)
 * may speak for others, as gateways do.
 *
 * Runs in the parent; peer_find_login() and peer_owns() in sessions.
 */

#include <netdb.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "chatserv/helper/privsep.h"
#include "chatserv/common/log.h"
#include "chatserv/common/peer.h"
#include "ipc/common/bsd.h"
#include "ipc/common/text.h"

#define TRUSTED_MAX	16

static uid_t	trusted[TRUSTED_MAX];	/* who may speak for others */
static int	n_trusted;

void
peer_trust(const char *users)
{
	const struct passwd	*pw;
	char			*list = strdup(users), *rest = list, *name;

	if (list == NULL)
		fatal("no memory");
	while ((name = strsep(&rest, ",")) != NULL) {
		if ((pw = getpwnam(name)) == NULL)
			fatalx("-L: no such user: %s", name);
		if (n_trusted == TRUSTED_MAX)
			fatalx("-L: more than %d users", TRUSTED_MAX);
		trusted[n_trusted++] = pw->pw_uid;
	}
	free(list);
}

static bool
is_trusted(uid_t uid)
{
	int i;

	for (i = 0; i < n_trusted; i++)
		if (trusted[i] == uid)
			return true;
	return false;
}

int
peer_init(struct peer *p, int fd, const struct sockaddr *sa, socklen_t len)
{
	char	host[NI_MAXHOST], port[NI_MAXSERV];
	gid_t	gid;

	memset(p, 0, sizeof(*p));
	if (sa->sa_family == AF_UNIX) {
		p->local = true;
		(void)strlcpy(p->origin, "local", sizeof(p->origin));
		if (getpeereid(fd, &p->uid, &gid) == -1 ||
		    !bsd_is_one_user(p->uid))
			return -1;
		p->trusted = is_trusted(p->uid);
		(void)snprintf(p->name, sizeof(p->name), "local uid %lu",
		    (unsigned long)p->uid);
		return 0;
	}
	if (getnameinfo(sa, len, host, sizeof(host), port, sizeof(port),
	    NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
		(void)strlcpy(host, "unknown", sizeof(host));
		(void)strlcpy(port, "0", sizeof(port));
	}
	p->address = address_of(sa);
	(void)strlcpy(p->origin, host, sizeof(p->origin));
	(void)snprintf(p->name, sizeof(p->name), "%s port %s", p->origin,
	    port);
	return 0;
}

void
peer_find_login(struct peer *p)
{
	if (!p->local)
		return;
	if (!privsep_find_login(p->uid, p->login, sizeof(p->login)) ||
	    strchr(p->login, '/') != NULL ||
	    text_name_error(p->login, strlen(p->login)) != NULL)
		(void)snprintf(p->login, sizeof(p->login), "uid%lu",
		    (unsigned long)p->uid);
}

bool
peer_owns(const struct peer *p, const char *name)
{
	size_t len = strlen(p->login);

	if (strncasecmp(name, p->login, len) != 0)
		return false;
	name += len;
	return *name == '\0' || (name[0] == '/' && name[1] != '\0' &&
	    name[1 + strspn(name + 1, "0123456789")] == '\0');
}
