/* SPDX-License-Identifier: ISC */

/*
 * The layout of the shared segment, and one process's handle to it.
 *
 *	struct segment	the words that all processes share
 *	sleepers	one bit for each slot: wake me for news
 *	blocked		one bit for each slot: wake me for space
 *	hash		one word for each slot: the hash of its name, or 0
 *	slot		struct slot, one for each client
 *	index		struct mark, where the latest records begin
 *	ring		the records
 *
 * Only the processes that its comment names write to a field.  "Under the
 * lock" means: by the process that segment.owner names.  No process trusts
 * what it reads here: it checks every length and index before it uses it.
 */
#ifndef IPC_BUS_H
#define IPC_BUS_H

#include <sys/types.h>
#include <semaphore.h>
#include <signal.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "ipc/common/text.h"
#include "ipc/common/version.h"

/* clang allows for a long long that crosses a cache line on an i386. */
#if ATOMIC_LLONG_LOCK_FREE != 2 && \
    !(defined(__clang__) && defined(__GCC_HAVE_SYNC_COMPARE_AND_SWAP_8))
#error "64-bit atomics that hide a lock do not work between processes"
#endif

/* "chatbus" and the digit of the layout, as bytes of a little-endian word */
#define BUS_MAGIC	(UINT64_C(0x0073756274616863) | \
    (((uint64_t)'0' + VERSION_SEGMENT) << 56))
#define BUS_SLOTS_MAX	65535U
#define BUS_RING_MIN	(UINT64_C(64) << 10)
#define BUS_RING_MAX	(UINT64_C(1) << 30)
#define BUS_LINE	64		/* bytes of a processor's cache line */
#define BUS_ORIGIN_MAX	55
#define BUS_TOKEN_SIZE	16
#define BUS_CREDIT_MS	1000		/* the most time that a reader saves */
#define BUS_NOT_READING	UINT64_MAX	/* no writer waits for this cursor */
#define BUS_NOBODY	UINT32_MAX	/* no slot */

enum bus_result {
	BUS_OK,
	BUS_WAIT,		/* no space yet, or lock held (parent) */
	BUS_TAKEN,		/* another client has that name */
	BUS_TAKEN_OVER,		/* joined in place of its older session */
	BUS_GONE		/* this slot or the whole room is closed */
};

enum slot_state {
	SLOT_FREE,
	SLOT_ENTERING,		/* a client without a name */
	SLOT_OUTSIDE,		/* it speaks, but is not in the room */
	SLOT_PRESENT,		/* its name and its join are published */
	SLOT_LEFT,		/* its leave is published */
	SLOT_REPLACED		/* another slot has taken its name */
};

/* What its client speaks. */
enum slot_dialect { DIALECT_PLAIN, DIALECT_TSV, DIALECT_IRC };

/* For an intent record: what a slot is about to change; see change.c. */
enum slot_change {
	CHANGE_NONE, CHANGE_JOIN, CHANGE_TAKEOVER, CHANGE_RENAME, CHANGE_LEAVE
};

struct slot {
	/* by its session */
	alignas(BUS_LINE) _Atomic uint64_t cursor;
	_Atomic uint64_t held_back;	/* bytes its client has not accepted */
	_Atomic uint64_t messages_in;	/* from its client */
	_Atomic uint64_t messages_out;	/* to its client */
	_Atomic uint64_t lost;		/* its client was told of them */
	/* by publishers, under the lock */
	_Atomic uint64_t counted;	/* the cursor at the last scan */
	_Atomic uint64_t credit;	/* bytes; FLOW_RATE are worth a ms */
	_Atomic uint64_t unproven;	/* bytes a newcomer must still read */
	_Atomic uint64_t since;		/* when it joined or moved, in ms */
	_Atomic uint32_t lagging;	/* not 0: see flow.c */
	/* by the parent, between two clients */
	_Atomic uint32_t generation;
	_Atomic pid_t	 pid;		/* and by its session, at its start */
	char		 origin[BUS_ORIGIN_MAX + 1];
	/* under the lock */
	_Atomic uint32_t state;
	_Atomic uint32_t change;	/* written last, cleared last */
	uint32_t	 change_other;	/* the slot that it replaces */
	uint64_t	 change_end;	/* head, if the change is committed */
	char		 change_name[TEXT_NAME_MAX + 1];
	char		 name[TEXT_NAME_MAX + 1];
	unsigned char	 token[BUS_TOKEN_SIZE];
	/* by its session, only for people to read */
	_Atomic uint32_t dialect;	/* enum slot_dialect */
	_Atomic uint32_t waits;		/* for the lock */
};

/* Where the record numbered id begins. */
struct mark {
	_Atomic uint64_t id;
	_Atomic uint64_t position;
};

struct segment {
	/* by the parent that creates it, before another process maps it */
	uint64_t	 magic;
	uint64_t	 ring_size;
	uint32_t	 slots;
	uint32_t	 made_by;	/* the parent's pid */
	uint64_t	 generation;	/* incremented by each copy */
	uint64_t	 room;		/* identifies the history */
	_Atomic uint32_t complete;	/* the history has been copied, too */
	/* by the parent */
	_Atomic uint32_t closed;	/* by a new parent, which copies it */
	_Atomic uint32_t stopping;
	_Atomic uint32_t high;		/* slots ever used */
	uint32_t	 clients;	/* at most; for viewers only */
	/* the lock: see lock.c */
	alignas(BUS_LINE) _Atomic uint64_t owner;
	_Atomic uint32_t waiting;
	_Atomic uint32_t posted;
	sem_t		 lock_sem;	/* where the system allows it */
	/* the ring: under the lock; see ring.c */
	alignas(BUS_LINE) _Atomic uint64_t head;
	_Atomic uint64_t oldest;
	_Atomic uint64_t first_seq;	/* the oldest that the index knows */
	_Atomic uint64_t low_water;
	_Atomic uint64_t space_at;
	_Atomic uint64_t flow_seen;	/* when a writer last scanned, in ms */
	_Atomic uint64_t stall_at;	/* when the budget was last charged */
	_Atomic uint64_t stall_spent;	/* ms of the budget; see flow.c */
	_Atomic uint32_t held;		/* whether writers wait, and for what */
	/* the waker: see wake.c */
	alignas(BUS_LINE) _Atomic pid_t waker;
	_Atomic uint32_t waker_sleeps;
	_Atomic uint32_t waker_busy;	/* signal fewer sleepers yourself */
	_Atomic uint32_t waker_late;	/* publishers wake everyone */
	_Atomic uint32_t doorbell;	/* presses since its last round */
	_Atomic uint32_t wake_all;
	_Atomic uint64_t doorbell_since;	/* by the first, in ms */
};

/* Where a reader stands.  Private to its process. */
struct reader {
	uint64_t	 cursor;	/* position of the next record */
	uint64_t	 seq;		/* its number, if none is missed */
	uint64_t	 limit;		/* it ends here */
};

/*
 * One process's handle to the segment.  segment.c sets it up; fork(2) copies
 * it.
 */
struct bus {
	struct segment		*segment;
	_Atomic uint64_t	*sleepers;
	_Atomic uint64_t	*blocked;
	_Atomic uint32_t	*hash;
	struct slot		*slot;
	struct mark		*index;
	_Atomic uint64_t	*ring;
	/* copies of values in the segment, which no other process can spoil */
	uint64_t		 room;
	size_t			 size;
	uint64_t		 ring_size;
	uint64_t		 marks;
	uint32_t		 slots;
	/* this process */
	sem_t			*lock_sem;	/* in the segment, or outside */
	int			 fd;		/* its lock is the claim */
	dev_t			 dev;		/* of the object */
	ino_t			 ino;
	pid_t			 parent;
	pid_t			 pid;
	uint32_t		 me;		/* its slot, or BUS_NOBODY */
	/*
	 * in the parent, which trusts no pid in the segment: whether it is its
	 * child's
	 */
	bool			(*is_ours)(pid_t pid);
};

/* Milliseconds on the monotonic clock. */
uint64_t bus_now(void);

/* How many slots were ever used: no scan need go further. */
uint32_t bus_slots(const struct bus *b);

#endif
