/* SPDX-License-Identifier: ISC */

/*
 * The deny list: addresses and users that may not join.
 *
 * Only a session knows its client's login name, and the address that a
 * gateway gives; so sessions look at the list themselves, and see each new
 * one, while only the parent reads the file and writes here.
 *
 * There are two tables, in memory that all share.  The parent fills the one
 * that nobody uses, and a count of versions says which one counts.  A reader
 * that is so slow that the parent begins to fill its table again sees it by
 * the count and starts anew (a seqlock).  The parent signals all sessions
 * after each change, so none of them misses the last one.
 *
 * The parent writes; all read.
 */

#include <sys/mman.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "chatserv/common/deny.h"
#include "ipc/common/bsd.h"
#include "ipc/common/text.h"

/* A network, or the login name of a user. */
struct entry {
	uint32_t		bits;
	struct address		net;		/* no family: a name */
	char			login[TEXT_NAME_MAX + 1];
};

#define WORDS	((sizeof(struct entry) + sizeof(uint64_t) - 1) /	\
		    sizeof(uint64_t))

/* An entry as it lies in shared memory. */
union words {
	struct entry	entry;
	uint64_t	word[WORDS];
};

struct table {
	_Atomic uint32_t	count;
	_Atomic uint64_t	word[DENY_MAX][WORDS];
};

struct list {
	_Atomic uint32_t	version;
	struct table		table[2];
};

static struct list	*list;		/* NULL: there is none */
static uint32_t		 added;		/* to the table that comes next */

int
deny_init(void)
{
	void *p = mmap(NULL, sizeof(*list), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANON, -1, 0);

	if (p == MAP_FAILED)
		return -1;
	list = p;
	return 0;
}

void
deny_seal(void)
{
	if (list != NULL)
		(void)mprotect(list, sizeof(*list), PROT_READ);
}

static struct table *
next_table(void)
{
	/* Relaxed: only this process stores it. */
	return &list->table[(atomic_load_explicit(&list->version,
	    memory_order_relaxed) + 1) & 1];
}

void
deny_begin(void)
{
	added = 0;
	/* Who sees a word of the next table sees that this one is over. */
	atomic_thread_fence(memory_order_release);
}

unsigned int
deny_publish(void)
{
	/* Relaxed: the version orders it. */
	atomic_store_explicit(&next_table()->count, added,
	    memory_order_relaxed);
	atomic_fetch_add(&list->version, 1);
	return added;
}

/* Take "address" or "address/bits" apart.  Returns what is wrong, or NULL. */
static const char *
parse_network(struct entry *e, char *text)
{
	char		*slash = strchr(text, '/');
	bool		 is_ipv6 = strchr(text, ':') != NULL;
	const char	*error;
	unsigned int	 most;

	if (slash != NULL)
		*slash++ = '\0';
	if (!address_parse(&e->net, text))
		return "is no address";
	most = address_bits(is_ipv6 ? AF_INET6 : AF_INET);
	e->bits = most;
	if (slash != NULL) {
		e->bits = (uint32_t)strtonum(slash, 0, most, &error);
		if (error != NULL)
			return is_ipv6 ? "has no 0 to 128 bits" :
			    "has no 0 to 32 bits";
	}
	if (!is_ipv6 || e->net.family == AF_INET6)
		return NULL;
	/* Of a mapped address, count the bits of IPv4. */
	if (e->bits < most - address_bits(AF_INET))
		return "has too few bits for an IPv4 address";
	e->bits -= most - address_bits(AF_INET);
	return NULL;
}

static const char *
parse(struct entry *e, char *text)
{
	size_t len = strlen(text);

	if (strchr(text, '/') != NULL || strchr(text, ':') != NULL ||
	    text[strspn(text, "0123456789.")] == '\0')
		return parse_network(e, text);
	if (text_name_error(text, len) != NULL)
		return "is neither an address nor a login name";
	memcpy(e->login, text, len + 1);
	return NULL;
}

/* Let text be the one word in line, if it has one before its comment. */
static const char *
find_word(char text[DENY_LINE_MAX + 1], const char *line, size_t len)
{
	static const char	blanks[] = " \t\r\f\v";
	char			*end, *begin, *next;

	if (len > DENY_LINE_MAX)
		return "is too long";
	if (memchr(line, '\0', len) != NULL)
		return "holds a NUL";
	memcpy(text, line, len);
	text[len] = '\0';
	begin = text + strspn(text, blanks);
	end = begin[0] == '#' ? begin : begin + strcspn(begin, blanks);
	next = end + strspn(end, blanks);
	if (*next != '\0' && *next != '#')
		return "has more than one word";
	*end = '\0';
	memmove(text, begin, (size_t)(end - begin) + 1);
	return NULL;
}

static void
add(const struct entry *e)
{
	union words	w;
	struct table	*t = next_table();
	size_t		 i;

	memset(&w, 0, sizeof(w));
	w.entry = *e;
	/* Relaxed, as in deny_publish(). */
	for (i = 0; i < WORDS; i++)
		atomic_store_explicit(&t->word[added][i], w.word[i],
		    memory_order_relaxed);
	added++;
}

const char *
deny_add(char why[DENY_WHY_MAX], const char *line, size_t len)
{
	char		 text[DENY_LINE_MAX + 1], shown[4 * DENY_LINE_MAX];
	struct entry	 e;
	const char	*error;
	size_t		 n;

	memset(&e, 0, sizeof(e));
	if ((error = find_word(text, line, len)) != NULL) {
		(void)snprintf(why, DENY_WHY_MAX, "it %s", error);
		return why;
	}
	if (text[0] == '\0')
		return NULL;
	n = text_visible(shown, text, strlen(text));
	error = added == DENY_MAX ? "is beyond the most that fit" :
	    parse(&e, text);
	if (error != NULL) {
		(void)snprintf(why, DENY_WHY_MAX, "\"%.*s\" %s", (int)n,
		    shown, error);
		return why;
	}
	add(&e);
	return NULL;
}

static bool
matches(const struct entry *e, const struct address *a, const char *login)
{
	if (e->net.family == AF_UNSPEC)
		return strcmp(e->login, login) == 0;
	return address_is_within(a, &e->net, e->bits);
}

/* Look in one table; what is being changed meanwhile is no answer. */
static bool
is_in(const struct table *t, const struct address *a, const char *login)
{
	union words	w;
	uint32_t	count, i;
	size_t		j;

	/* Relaxed, here and below: deny_has() orders them. */
	count = atomic_load_explicit(&t->count, memory_order_relaxed);
	for (i = 0; i < count && i < DENY_MAX; i++) {
		for (j = 0; j < WORDS; j++)
			w.word[j] = atomic_load_explicit(&t->word[i][j],
			    memory_order_relaxed);
		/* Words of two entries may not end. */
		w.entry.login[TEXT_NAME_MAX] = '\0';
		if (w.entry.bits <= address_bits(w.entry.net.family) &&
		    matches(&w.entry, a, login))
			return true;
	}
	return false;
}

bool
deny_has(const struct address *a, const char *login)
{
	uint32_t	version;
	bool		found;

	if (list == NULL)
		return false;
	do {
		version = atomic_load(&list->version);
		found = is_in(&list->table[version & 1], a, login);
		/* With that of deny_begin(). */
		atomic_thread_fence(memory_order_acquire);
	} while (atomic_load_explicit(&list->version,
	    memory_order_relaxed) != version);	/* Relaxed: the fence. */
	return found;
}
