/* SPDX-License-Identifier: ISC */

/*
 * Lines by which a trusted peer speaks for others.
 *
 * A gateway, or a proxy for TLS, connects to the unix-domain socket as a user
 * whom the administrator has named (-L).  It says of each connection whose it
 * is, once and before anything else; from then on that connection has no more
 * rights than one from that address.  A link to other rooms says for each line
 * who said it; such a name has a host behind a slash, so no client of this
 * room can have it.
 *
 * The parent counted these clients as one.  So that -M holds for them too,
 * their session counts the clients from the same address.  Two that connect at
 * once may each see the other, and both be refused; there are never too many.
 *
 * Runs in a session.
 */

#include <stdio.h>
#include <string.h>

#include "chatserv/common/log.h"
#include "chatserv/session/behalf.h"
#include "chatserv/session/leaving.h"
#include "ipc/common/bsd.h"

#define NETWORK_BITS	64	/* of IPv6 that count as one address */
#define SPARE		2	/* clients beyond the limit; see limit.c */

/* How many clients are here from the same address, without this one. */
static uint32_t
count_from(const struct bus *b, const struct address *a)
{
	struct address	other;
	char		origin[BUS_ORIGIN_MAX + 1];
	unsigned int	bits = a->family == AF_INET6 ? NETWORK_BITS :
	    address_bits(AF_INET);
	uint32_t	high = bus_slots(b), state, i, n = 0;

	for (i = 0; i < high; i++) {
		state = atomic_load(&b->slot[i].state);
		if (i == b->me || (state != SLOT_ENTERING &&
		    state != SLOT_PRESENT))
			continue;
		memcpy(origin, b->slot[i].origin, sizeof(origin));
		origin[BUS_ORIGIN_MAX] = '\0';
		if (address_parse(&other, origin) &&
		    address_is_within(&other, a, bits))
			n++;
	}
	return n;
}

/* Become the client at address. */
static void
become(struct session *s, const char *address, unsigned int port)
{
	struct peer	*p = s->peer;
	struct address	 a;
	uint32_t	 others;

	if (!address_parse(&a, address)) {
		session_refuse(s, "that is no address to speak for");
		return;
	}
	p->address = a;
	p->local = p->trusted = false;
	address_print(&a, p->origin, sizeof(p->origin));
	(void)snprintf(p->name, sizeof(p->name), "%s port %u", p->origin,
	    port);
	setproctitle("%s", p->name);
	s->in.max = LINE_TEXT_MAX;
	roster_set_origin(s->bus, p->origin);
	if (leaving_denied(s))
		return;
	others = count_from(s->bus, &a);
	if (p->per_address > 0 && others >= p->per_address)
		p->only_takeover = "too many clients from your address";
	if (p->per_address > 0 && others >= p->per_address + SPARE)
		session_refuse(s, p->only_takeover);
	else
		log_debug("%s pid %d: a trusted peer speaks for it", p->name,
		    (int)s->bus->pid);
}

/* "PROXY TCP4 SOURCE DESTINATION PORT PORT", or "PROXY UNKNOWN ...". */
static void
take_proxy_line(struct session *s, char *line)
{
	char		*word[6], *rest = line;
	const char	*error = NULL;
	long long	 port;
	size_t		 i;

	for (i = 0; i < sizeof(word) / sizeof(word[0]); i++)
		word[i] = strsep(&rest, " ");
	if (word[1] != NULL && strcmp(word[1], "UNKNOWN") == 0) {
		/* The proxy itself checks whether we live. */
		session_refuse(s, "the proxy does not say who you are");
		return;
	}
	port = word[4] == NULL ? 0 : strtonum(word[4], 0, 65535, &error);
	if (word[5] == NULL || rest != NULL || error != NULL ||
	    strcmp(word[1], strchr(word[2], ':') == NULL ? "TCP4" : "TCP6") !=
	    0)
		session_refuse(s, "that is no line of the PROXY protocol");
	else
		become(s, word[2], (unsigned int)port);
}

bool
behalf_begins(struct session *s, const char *line, size_t len)
{
	static const char	from[] = "!from ", proxy[] = "PROXY ";
	char			copy[128];

	if (s->spoke || !s->peer->trusted || len >= sizeof(copy))
		return false;
	memcpy(copy, line, len);
	copy[len] = '\0';
	if (strncmp(copy, from, strlen(from)) == 0)
		become(s, copy + strlen(from), 0);
	else if (strncmp(copy, proxy, strlen(proxy)) == 0)
		take_proxy_line(s, copy);
	else
		return false;
	return true;
}

/* Whether all of text is visible already. */
static bool
is_visible(struct session *s, const char *text, size_t len)
{
	size_t n;

	for (; len > 0; text += n, len -= n) {
		n = text_cut(text, len, LINE_TEXT_MAX);
		if (text_visible(s->scratch, text, n) != n)
			return false;
	}
	return true;
}

const char *
behalf_say(struct session *s, enum event_kind kind, const char *arg,
    size_t len, bool *later)
{
	const char	*text = memchr(arg, ' ', len);
	char		 name[TEXT_SPEAKER_MAX + 1];
	size_t		 n = text == NULL ? len : (size_t)(text - arg);

	*later = false;
	if (n > TEXT_SPEAKER_MAX || !text_is_remote(arg, n))
		return "that is no name and host";
	if (text == NULL || len - n - 1 > BEHALF_TEXT_MAX)
		return "there is no text, or too much";
	text++;
	if (!is_visible(s, text, len - n - 1))
		return "that text is not visible";
	memcpy(name, arg, n);
	name[n] = '\0';
	*later = !session_submit_visible(s, kind, name, text, len - n - 1);
	return NULL;
}
