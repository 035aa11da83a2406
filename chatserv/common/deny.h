/* SPDX-License-Identifier: ISC */

/*
 * The deny list: addresses and users that may not join.
 */
#ifndef CHATSERV_DENY_H
#define CHATSERV_DENY_H

#include <stdbool.h>
#include <stddef.h>

#include "chatserv/common/address.h"

#define DENY_MAX	4096		/* entries */
#define DENY_LINE_MAX	512		/* bytes in a line of the file */
#define DENY_WHY_MAX	(4 * DENY_LINE_MAX + 64)

/*
 * Make an empty list, which all children of this process will see as it is
 * at each moment.  For the parent, before its first fork.  Returns 0, or -1
 * with errno.  Without it nobody is on the list, and it stays so.
 */
int	 deny_init(void);

/*
 * For the parent: begin a new list, add line[0..len) of its file to that, and
 * put it in the place of the list that all see.  deny_add() returns what is
 * wrong with the line, which why has space for, or NULL.  deny_publish()
 * returns how many entries the list has now.
 */
void		 deny_begin(void);
const char	*deny_add(char why[DENY_WHY_MAX], const char *line,
		    size_t len);
unsigned int	 deny_publish(void);

/* In a child: it may no longer write to the list. */
void	 deny_seal(void);

/*
 * Whether this address, or this login name, is on the list; an address of no
 * family and the name "" are not.
 */
bool	 deny_has(const struct address *a, const char *login);

#endif
