/* SPDX-License-Identifier: ISC */

/*
 * How many clients there may be in all and from one address, and how often one
 * may join.
 *
 * The server learns who a client is only from its name, and a client that
 * returns with its token adds nobody to the room.  So beyond both limits there
 * are a few spare places, two for an address, whose clients may take over
 * their older sessions and do nothing else; after that they have the older
 * session's place.  They must do so within seconds, so a client that merely
 * occupies a spare place does not keep others from it for longer.
 *
 * The table is a hash of lists, all of whose entries exist from the start:
 * there are never more addresses than clients.  An IPv6 host can connect from
 * a whole /64, so that is what counts as its address.
 *
 * Everyone receives each join and leave, so a client that connects and
 * disconnects all the time floods the room.  Each connection from an address
 * gets a time for its join, JOIN_MS after the previous one (a leaky bucket, or
 * the generic cell rate algorithm); that time has passed already, unless
 * hundreds connected at once.  So the account must outlive the connections:
 * the entry that has been unused for longest is reused first.  Connections
 * from this machine have no such account, since a gateway may pass anybody on.
 *
 * Runs in the parent.
 */

#include <string.h>

#include "chatserv/parent/limit.h"
#include "chatserv/common/log.h"
#include "chatserv/common/memory.h"
#include "ipc/common/bsd.h"

#define KEY_SIZE	8	/* an IPv4 address, a /64, or a uid */
#define SPARE_EACH	2	/* spare places for one address */
#define JOIN_MS		20	/* from one join to the next, on average */
#define AHEAD_MS	10000	/* so 500 may join at once */
#define HOLD_MS		10000	/* no join waits longer */

struct limit {
	LIST_ENTRY(limit)	 next;		/* in its bucket, if any */
	TAILQ_ENTRY(limit)	 by_age;	/* in unused, if count is 0 */
	unsigned char		 key[KEY_SIZE];
	int			 family;	/* AF_UNSPEC: never used */
	uint32_t		 count;
	uint32_t		 spare;		/* of them, in spare places */
	uint64_t		 paid;		/* its next join, in ms */
};

LIST_HEAD(bucket, limit);
TAILQ_HEAD(line, limit);

static struct bucket	*buckets;
static struct line	 unused;	/* unused for longest first */
static struct limit	*limits;
static uint32_t		 nbuckets, most;
static uint32_t		 clients, all;		/* at most, and now */
static uint32_t		 spares, all_spare;	/* likewise */

void
limit_init(uint32_t most_clients, uint32_t spare_places, uint32_t per_address)
{
	uint32_t i;

	most = per_address;
	clients = most_clients;
	spares = spare_places;
	all = all_spare = 0;
	nbuckets = clients + spares;
	buckets = memory_alone(nbuckets, sizeof(*buckets));
	limits = memory_alone(nbuckets, sizeof(*limits));
	if (buckets == NULL || limits == NULL)
		fatal("no memory for %u clients", clients);
	TAILQ_INIT(&unused);
	for (i = 0; i < nbuckets; i++) {
		LIST_INIT(&buckets[i]);
		TAILQ_INSERT_TAIL(&unused, &limits[i], by_age);
	}
}

/* Make the key of this address, or of the user; returns its family. */
static int
make_key(unsigned char *key, const struct address *address, uid_t uid)
{
	if (address->family != AF_UNSPEC) {
		memcpy(key, address->bytes, KEY_SIZE);
		return address->family;
	}
	memset(key, 0, KEY_SIZE);
	memcpy(key, &uid, sizeof(uid));
	return AF_UNIX;
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

/* The entry for this address; NULL if all entries are in use. */
static struct limit *
find(const struct address *address, uid_t uid)
{
	unsigned char	 key[KEY_SIZE];
	int		 family = make_key(key, address, uid);
	struct bucket	*bucket = bucket_of(key);
	struct limit	*l;

	LIST_FOREACH(l, bucket, next)
		if (l->family == family &&
		    memcmp(l->key, key, KEY_SIZE) == 0)
			return l;
	if ((l = TAILQ_FIRST(&unused)) == NULL)
		return NULL;
	if (l->family != AF_UNSPEC)
		LIST_REMOVE(l, next);
	memcpy(l->key, key, KEY_SIZE);
	l->family = family;
	l->paid = 0;
	LIST_INSERT_HEAD(bucket, l, next);
	return l;
}

struct limit *
limit_acquire(const struct address *address, uid_t uid, bool unlimited,
    const char **why)
{
	struct limit *l = find(address, uid);

	*why = NULL;
	if (l == NULL || all - all_spare >= clients)
		*why = "the room is full: try again later";
	else if (most > 0 && !unlimited && l->count - l->spare >= most)
		*why = "too many clients from your address";
	if (l == NULL || (*why != NULL && (all_spare >= spares ||
	    (l->spare >= SPARE_EACH && !unlimited))))
		return NULL;
	if (l->count++ == 0)
		TAILQ_REMOVE(&unused, l, by_age);
	all++;
	if (*why != NULL) {
		l->spare++;
		all_spare++;
	}
	return l;
}

void
limit_settle(struct limit *l)
{
	l->spare--;
	all_spare--;
}

uint32_t
limit_clients(void)
{
	return all - all_spare;
}

static bool
is_remote(const struct limit *l)
{
	static const unsigned char zero[KEY_SIZE];

	if (l->family == AF_INET)
		return l->key[0] != IN_LOOPBACKNET;
	/* ::1 is in the network of zeros; IPv4 addresses are of AF_INET. */
	return l->family == AF_INET6 && memcmp(l->key, zero, KEY_SIZE) != 0;
}

int
limit_hold(struct limit *l, uint64_t now)
{
	if (!is_remote(l))
		return 0;
	if (l->paid < now)
		l->paid = now;
	if (l->paid < now + AHEAD_MS + HOLD_MS)
		l->paid += JOIN_MS;
	return l->paid <= now + AHEAD_MS ? 0 :
	    (int)(l->paid - now - AHEAD_MS);
}

void
limit_release(struct limit *l, bool spare)
{
	if (spare)
		limit_settle(l);
	all--;
	if (--l->count > 0)
		return;
	TAILQ_INSERT_TAIL(&unused, l, by_age);
}
