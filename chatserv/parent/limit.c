/* SPDX-License-Identifier: ISC */

/*
 * How many clients from one address.
 *
 * A hash of lists, all of whose entries are made at the start: there are
 * never more addresses than clients.  An IPv6 host has a whole /64 to call
 * from, so that is what counts there.
 */

#include <netinet/in.h>
#include <string.h>

#include "chatserv/parent/limit.h"
#include "chatserv/common/log.h"
#include "chatserv/common/memory.h"
#include "ipc/common/bsd.h"

#define KEY_SIZE	8	/* an IPv4 address, a /64, or a uid */

struct limit {
	LIST_ENTRY(limit)	 next;
	unsigned char		 key[KEY_SIZE];
	sa_family_t		 family;
	uint32_t		 count;
};

LIST_HEAD(bucket, limit);

static struct bucket	*buckets, unused;
static struct limit	*limits;
static uint32_t		 nbuckets, most;

void
limit_init(uint32_t clients, uint32_t per_address)
{
	uint32_t i;

	most = per_address;
	nbuckets = clients;
	buckets = memory_alone(clients, sizeof(*buckets));
	limits = memory_alone(clients, sizeof(*limits));
	if (buckets == NULL || limits == NULL)
		fatal("no memory for %u clients", clients);
	LIST_INIT(&unused);
	for (i = 0; i < clients; i++) {
		LIST_INIT(&buckets[i]);
		LIST_INSERT_HEAD(&unused, &limits[i], next);
	}
}

static void
make_key(unsigned char *key, const struct sockaddr *sa, uid_t uid)
{
	struct sockaddr_in	sin;
	struct sockaddr_in6	sin6;

	memset(key, 0, KEY_SIZE);
	if (sa->sa_family == AF_INET) {
		memcpy(&sin, sa, sizeof(sin));
		memcpy(key, &sin.sin_addr, sizeof(sin.sin_addr));
	} else if (sa->sa_family == AF_INET6) {
		memcpy(&sin6, sa, sizeof(sin6));
		memcpy(key, &sin6.sin6_addr, KEY_SIZE);
	} else {
		memcpy(key, &uid, sizeof(uid));
	}
}

static struct bucket *
bucket_of(const unsigned char *key)
{
	uint32_t	h = 2166136261U;	/* FNV-1a */
	int		i;

	for (i = 0; i < KEY_SIZE; i++)
		h = (h ^ key[i]) * 16777619U;
	return &buckets[h % nbuckets];
}

struct limit *
limit_acquire(const struct sockaddr *sa, uid_t uid, bool unlimited)
{
	unsigned char	 key[KEY_SIZE];
	struct bucket	*bucket;
	struct limit	*l;

	make_key(key, sa, uid);
	bucket = bucket_of(key);
	LIST_FOREACH(l, bucket, next)
		if (l->family == sa->sa_family &&
		    memcmp(l->key, key, KEY_SIZE) == 0)
			break;
	if (l == NULL) {
		if ((l = LIST_FIRST(&unused)) == NULL)
			return NULL;
		LIST_REMOVE(l, next);
		memcpy(l->key, key, KEY_SIZE);
		l->family = sa->sa_family;
		l->count = 0;
		LIST_INSERT_HEAD(bucket, l, next);
	} else if (most > 0 && !unlimited && l->count >= most) {
		return NULL;
	}
	l->count++;
	return l;
}

void
limit_release(struct limit *l)
{
	if (--l->count > 0)
		return;
	LIST_REMOVE(l, next);
	LIST_INSERT_HEAD(&unused, l, next);
}
