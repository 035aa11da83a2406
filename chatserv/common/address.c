/* SPDX-License-Identifier: ISC */

/*
 * Addresses of IP, and networks of them, to compare.
 *
 * A socket that serves both versions of IP shows an IPv4 client as
 * ::ffff:192.0.2.1.  To people, limits and lists that is 192.0.2.1, so such
 * addresses are converted to IPv4 (unmapped) on input.
 *
 * Pure functions: any process may call them.
 */

#include <arpa/inet.h>
#include <string.h>

#include "chatserv/common/address.h"

#define MAPPED_AT	12	/* where IPv4 begins in a mapped address */

/* Keep only the IPv4 address, if that is what IPv6 maps. */
static void
unmap(struct address *a)
{
	struct in6_addr in6;

	memcpy(&in6, a->bytes, sizeof(in6));
	if (a->family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&in6))
		return;
	memset(a, 0, sizeof(*a));
	a->family = AF_INET;
	memcpy(a->bytes, (const char *)&in6 + MAPPED_AT,
	    sizeof(struct in_addr));
}

struct address
address_of(const struct sockaddr *sa)
{
	struct address		a;
	struct sockaddr_in	sin;
	struct sockaddr_in6	sin6;

	memset(&a, 0, sizeof(a));
	if (sa->sa_family == AF_INET) {
		memcpy(&sin, sa, sizeof(sin));
		memcpy(a.bytes, &sin.sin_addr, sizeof(sin.sin_addr));
	} else if (sa->sa_family == AF_INET6) {
		memcpy(&sin6, sa, sizeof(sin6));
		memcpy(a.bytes, &sin6.sin6_addr, sizeof(sin6.sin6_addr));
	} else {
		return a;
	}
	a.family = sa->sa_family;
	unmap(&a);
	return a;
}

socklen_t
address_unmap(struct sockaddr_storage *ss, socklen_t len)
{
	struct address		a = address_of((struct sockaddr *)ss);
	struct sockaddr_in	sin;
	struct sockaddr_in6	sin6;

	if (ss->ss_family != AF_INET6 || a.family != AF_INET)
		return len;
	memcpy(&sin6, ss, sizeof(sin6));
	memset(&sin, 0, sizeof(sin));
#if defined(SIN6_LEN)
	sin.sin_len = sizeof(sin);
#endif
	sin.sin_family = AF_INET;
	sin.sin_port = sin6.sin6_port;
	memcpy(&sin.sin_addr, a.bytes, sizeof(sin.sin_addr));
	memset(ss, 0, sizeof(*ss));
	memcpy(ss, &sin, sizeof(sin));
	return sizeof(sin);
}

bool
address_parse(struct address *a, const char *text)
{
	memset(a, 0, sizeof(*a));
	a->family = strchr(text, ':') == NULL ? AF_INET : AF_INET6;
	if (inet_pton(a->family, text, a->bytes) != 1) {
		a->family = AF_UNSPEC;
		return false;
	}
	unmap(a);
	return true;
}

void
address_print(const struct address *a, char *text, size_t size)
{
	if (inet_ntop(a->family, a->bytes, text, (socklen_t)size) == NULL)
		text[0] = '\0';
}

unsigned int
address_bits(int family)
{
	return 8 * (unsigned int)(family == AF_INET ? sizeof(struct in_addr) :
	    sizeof(struct in6_addr));
}

bool
address_is_within(const struct address *a, const struct address *net,
    unsigned int bits)
{
	unsigned int whole = bits / 8, rest = bits % 8;

	return a->family == net->family && a->family != AF_UNSPEC &&
	    memcmp(a->bytes, net->bytes, whole) == 0 && (rest == 0 ||
	    ((a->bytes[whole] ^ net->bytes[whole]) >> (8 - rest)) == 0);
}
