/* SPDX-License-Identifier: ISC */

/*
 * Addresses of IP, and networks of them, to compare.
 */
#ifndef CHATSERV_ADDRESS_H
#define CHATSERV_ADDRESS_H

#include <sys/socket.h>
#include <netinet/in.h>
#include <stdbool.h>

#define ADDRESS_BYTES	sizeof(struct in6_addr)

struct address {
	int		family;		/* AF_UNSPEC: none */
	unsigned char	bytes[ADDRESS_BYTES];
};

/*
 * Turn an IPv4 address that IPv6 maps (::ffff:192.0.2.1) into that IPv4
 * address; leave any other as it is.  Returns the new length.
 */
socklen_t address_unmap(struct sockaddr_storage *ss, socklen_t len);

/* The address in sa, unmapped; of no family if sa is not one of IP. */
struct address address_of(const struct sockaddr *sa);

/* Read a numeric address, and unmap it.  Returns whether text is one. */
bool	 address_parse(struct address *a, const char *text);

/* Write a, which has a family, as text; size is INET6_ADDRSTRLEN or more. */
void	 address_print(const struct address *a, char *text, size_t size);

/* How many bits an address of this family has. */
unsigned int address_bits(int family);

/* Whether the first bits of both are the same, and the families. */
bool	 address_is_within(const struct address *a, const struct address *net,
	    unsigned int bits);

#endif
