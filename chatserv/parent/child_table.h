/* SPDX-License-Identifier: ISC */

/*
 * The parent's table of its sessions.  Private to the parent.
 */
#ifndef CHATSERV_CHILD_TABLE_H
#define CHATSERV_CHILD_TABLE_H

#include <sys/types.h>
#include <stdbool.h>
#include <stdint.h>

#include "chatserv/common/peer.h"
#include "chatserv/parent/limit.h"
#include "ipc/common/bsd.h"

/* What the parent knows of a slot and of its session. */
struct child {
	LIST_ENTRY(child)	 by_pid;
	TAILQ_ENTRY(child)	 by_age;	/* if seen without a name */
	LIST_ENTRY(child)	 in_spare;	/* if it is spare */
	STAILQ_ENTRY(child)	 next;		/* for reap.c */
	pid_t			 pid;		/* 0: no session */
	uint64_t		 since;		/* in ms; 0: not in by_age */
	uint32_t		 slot;
	struct limit		*limit;
	bool			 spare;		/* its place; see limit.c */
	uint64_t		 announce_until; /* for reap.c; in ms */
	char			 peer[PEER_NAME_SIZE];
};

/* Allocate a table for n sessions.  Exits if there is no memory. */
void	 child_table_init(uint32_t n);

/* The entry of slot i, whether or not it is in use; i < n. */
struct child *child_table_at(uint32_t i);

/* The session whose pid this is; NULL if the parent has no such child. */
struct child *child_table_find(pid_t pid);

/* An entry that is not in use; NULL if there is none. */
struct child *child_table_unused(void);

/* The session pid occupies this unused entry now; it has no name yet. */
void	 child_table_insert(struct child *c, pid_t pid);

/* The session has died; its slot stays in use until it is freed. */
void	 child_table_remove(struct child *c);
void	 child_table_give_back(struct child *c);

/*
 * The session that has been without a name for longest, as far as the parent
 * knows; NULL if there is none.  Nothing tells the parent of names: the caller
 * checks, and reports a session that has one.
 */
struct child *child_table_oldest_nameless(void);
void	 child_table_is_named(struct child *c);

/*
 * The session has a spare place, or has none any more; child_table_remove()
 * does the latter, too.  Then: the first session that has one, or NULL.
 */
void	 child_table_set_spare(struct child *c, bool spare);
struct child *child_table_first_spare(void);

/* How many sessions live. */
uint32_t child_table_count(void);

#endif
