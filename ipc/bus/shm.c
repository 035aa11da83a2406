/* SPDX-License-Identifier: ISC */

/*
 * The shared segment as an object of the system.
 *
 * The parent creates it before its first fork, so that all children inherit
 * the mapping and none opens it by name.  The parent reserves its memory: on
 * a full /dev/shm, a store to a sparse object would raise SIGBUS inside the
 * lock.
 *
 * A new parent only copies a segment that a dead parent left, for children of
 * the latter may live on for a moment and write to it.  First it marks the
 * old segment closed.  A session sends nothing of a closed segment: it loads
 * the mark after it has copied and before it sends.  So whatever a client was
 * shown was committed before the mark, and is in the copy.
 *
 * Two servers may start at once.  So a process removes an object only while
 * it has claimed it, and uses a claimed object only if it still has its name.
 *
 * There are two names, the room's and a spare, because a parent may be killed
 * here too: old -> spare -> new, each copy marked complete before its source
 * is removed.  At any moment one complete segment has a name, and the higher
 * generation is the one to trust.
 *
 * Runs in the parent as it starts and ends; shm_view() in viewers.
 */

#include <sys/mman.h>
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ipc/common/bsd.h"
#include "ipc/bus/history.h"
#include "ipc/bus/ring.h"
#include "ipc/bus/roster.h"
#include "ipc/bus/shm.h"

#define SPARE		"~"		/* after the room's name */
#define MARK_BYTES	32		/* of the ring for each mark */

/*
 * Set the pointers to the parts of a segment of this geometry that begins at
 * base.  Returns its size, for which base may be 0.
 */
static size_t
lay_out(struct bus *b, uintptr_t base, uint32_t slots, uint64_t ring_size)
{
	size_t	at = sizeof(struct segment);
	size_t	words = (slots + 63) / 64 * sizeof(uint64_t);

	b->slots = slots;
	b->ring_size = ring_size;
	b->marks = ring_size / MARK_BYTES;
	b->segment = (struct segment *)base;
	b->sleepers = (_Atomic uint64_t *)(base + at);
	at += words;
	b->blocked = (_Atomic uint64_t *)(base + at);
	at += words;
	b->hash = (_Atomic uint32_t *)(base + at);
	at += slots * sizeof(uint32_t);
	at = (at + BUS_LINE - 1) & ~(size_t)(BUS_LINE - 1);
	b->slot = (struct slot *)(base + at);
	at += slots * sizeof(struct slot);
	b->index = (struct mark *)(base + at);
	at += b->marks * sizeof(struct mark);
	at = (at + BUS_LINE - 1) & ~(size_t)(BUS_LINE - 1);
	b->ring = (_Atomic uint64_t *)(base + at);
	b->size = at + ring_size;
	return b->size;
}

static bool
sound_geometry(uint32_t slots, uint64_t ring_size)
{
	return slots > 0 && slots <= BUS_SLOTS_MAX &&
	    ring_size >= BUS_RING_MIN && ring_size <= BUS_RING_MAX &&
	    (ring_size & (ring_size - 1)) == 0;
}

/* Whether the process that created p lives, as far as a pid can tell. */
static bool
maker_lives(const struct segment *p)
{
	pid_t pid = (pid_t)p->made_by;

	return pid > 1 && (kill(pid, 0) == 0 || errno != ESRCH);
}

/*
 * Claim the object: lock it with fcntl(2), so that the lock ends with the
 * process.  Where the system has no locks on such objects, the pid of the
 * creator must do.  Returns 0, or -1 with EBUSY and the holder.
 */
static int
claim(int fd, const struct segment *p, pid_t *holder)
{
	struct flock lock;

	memset(&lock, 0, sizeof(lock));
	lock.l_type = F_WRLCK;
	lock.l_whence = SEEK_SET;
	if (fcntl(fd, F_SETLK, &lock) == 0)
		return 0;
	if (errno == EACCES || errno == EAGAIN) {
		*holder = fcntl(fd, F_GETLK, &lock) == 0 ? lock.l_pid : 0;
	} else {
		if (p == NULL || !maker_lives(p))
			return 0;
		*holder = (pid_t)p->made_by;
	}
	errno = EBUSY;
	return -1;
}

/* Set the size of the object, and reserve memory for all of it. */
static int
reserve(int fd, size_t size)
{
	int error;

	if (ftruncate(fd, (off_t)size) == -1)
		return -1;
	do
		error = bsd_reserve_space(fd, (off_t)size);
	while (error == EINTR);
	errno = error;
	return error == 0 ? 0 : -1;
}

/*
 * Create and claim an object called name.  Between the two steps another
 * start may think that a killed one has left the object, and remove it; then
 * create the next one.  Returns the descriptor, or -1 with errno.
 */
static int
make_object(const char *name, pid_t *holder)
{
	int fd;

	for (;;) {
		fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
		if (fd == -1) {
			if (errno == EEXIST)
				errno = EBUSY;
			return -1;
		}
		if (claim(fd, NULL, holder) == -1) {
			(void)close(fd);
			errno = EBUSY;
			return -1;
		}
		if (bsd_has_name(fd))
			return fd;
		(void)close(fd);
	}
}

/* Create a segment called name, all zero save its geometry. */
static int
make(struct bus *b, const char *name, uint32_t slots, uint64_t ring_size,
    pid_t *holder)
{
	size_t		 size = lay_out(b, 0, slots, ring_size);
	void		*base = MAP_FAILED;
	struct stat	 st;
	int		 fd, error;

	/* Unless a history is copied into it, it is another room. */
	if (getentropy(&b->room, sizeof(b->room)) == -1 ||
	    (fd = make_object(name, holder)) == -1)
		return -1;
	/* This may take long. */
	if (reserve(fd, size) == -1 || fstat(fd, &st) == -1 ||
	    (base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
	    0)) == MAP_FAILED) {
		error = errno;
		(void)shm_unlink(name);
		(void)close(fd);
		errno = error;
		return -1;
	}
	(void)lay_out(b, (uintptr_t)base, slots, ring_size);
	b->fd = fd;
	b->dev = st.st_dev;
	b->ino = st.st_ino;
	b->segment->ring_size = ring_size;
	b->segment->slots = slots;
	b->segment->made_by = (uint32_t)getpid();
	atomic_store(&b->segment->first_seq, 1);
	b->segment->room = b->room;
	b->segment->magic = BUS_MAGIC;
	return 0;
}

static void
unmap(struct bus *b)
{
	(void)munmap(b->segment, b->size);
	(void)close(b->fd);
}

/* Map the object of fd, if it is a whole segment. */
static int
map(struct bus *b, int fd, int prot)
{
	struct segment	*p;
	struct stat	 st;
	uint64_t	 ring_size;
	uint32_t	 slots;
	size_t		 size;
	bool		 sound;

	if (fstat(fd, &st) == -1)
		return -1;
	if ((size_t)st.st_size < sizeof(*p)) {
		errno = EINVAL;
		return -1;
	}
	size = (size_t)st.st_size;
	if ((p = mmap(NULL, size, prot, MAP_SHARED, fd, 0)) == MAP_FAILED)
		return -1;
	/* Children of a dead parent may write: check the values in use. */
	slots = *(volatile uint32_t *)&p->slots;
	ring_size = *(volatile uint64_t *)&p->ring_size;
	sound = p->magic == BUS_MAGIC && sound_geometry(slots, ring_size) &&
	    lay_out(b, (uintptr_t)p, slots, ring_size) <= size;
	b->size = size;
	b->fd = fd;
	if (!sound) {
		(void)munmap(p, size);
		errno = EINVAL;
		return -1;
	}
	return 0;
}

enum found { NONE = 0, OLD = 1, AGAIN = 2 };

/*
 * Claim the object of fd, and map it if it is of use.  AGAIN: another process
 * had removed it; -1: this process may not use it, see errno.
 */
static int
claim_old(struct bus *old, int fd, pid_t *holder)
{
	struct stat	st;
	int		result, error;

	if (fstat(fd, &st) == -1 || st.st_uid != geteuid() ||
	    (st.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
		errno = EPERM;
		return -1;
	}
	if (map(old, fd, PROT_READ | PROT_WRITE) == -1)
		return claim(fd, NULL, holder) == -1 ? -1 :
		    bsd_has_name(fd) ? NONE : AGAIN;
	if (claim(fd, old->segment, holder) == -1)
		result = -1;
	else if (!bsd_has_name(fd))
		result = AGAIN;
	else
		result = atomic_load(&old->segment->complete) ? OLD : NONE;
	error = errno;
	if (result != OLD)
		(void)munmap(old->segment, old->size);
	errno = error;
	return result;
}

/*
 * Find and map the segment that an earlier parent left under name.  Returns
 * OLD; NONE if there is none, or only a useless one, which is removed; -1
 * with errno EBUSY or EPERM if this process may not use it.
 */
static int
find_old(struct bus *old, const char *name, pid_t *holder)
{
	int fd, result, error;

	do {
		fd = shm_open(name, O_RDWR | BSD_SHM_FLAGS, 0);
		if (fd == -1)
			return errno == ENOENT ? NONE : -1;
		result = claim_old(old, fd, holder);
		error = errno;
		if (result == NONE)
			(void)shm_unlink(name);
		if (result != OLD) {
			old->segment = NULL;
			(void)close(fd);
		}
		errno = error;
	} while (result == AGAIN);
	return result;
}

/* Copy old to a new segment called name, and remove old, called old_name. */
static int
copy(struct bus *b, const char *name, uint32_t slots, uint64_t ring_size,
    struct bus *old, const char *old_name, pid_t *holder)
{
	uint64_t copied;

	if (make(b, name, slots, ring_size, holder) == -1)
		return -1;
	atomic_store(&old->segment->closed, 1);
	/* With that of relay_news(): we see its head, or it sees this. */
	atomic_thread_fence(memory_order_seq_cst);
	copied = history_copy(b, old);
	roster_copy_end(b, old, copied);
	b->segment->generation = old->segment->generation + 1;
	atomic_store(&b->segment->complete, 1);
	(void)shm_unlink(old_name);
	unmap(old);
	return 0;
}

/* Of two complete segments, remove the one that was copied. */
static void
keep_newer(struct bus *old, int *has_old, const char *name,
    struct bus *spare, int *has_spare, const char *spare_name)
{
	if (old->segment == NULL || spare->segment == NULL)
		return;
	if (old->segment->generation > spare->segment->generation) {
		(void)shm_unlink(spare_name);
		unmap(spare);
		*has_spare = 0;
	} else {
		(void)shm_unlink(name);
		unmap(old);
		*has_old = 0;
	}
}

int
shm_create(struct bus *b, const char *name, uint32_t slots,
    uint64_t ring_size, pid_t *holder)
{
	struct bus	old, spare;
	char		spare_name[SHM_NAME_MAX + 2];
	int		has_old, has_spare;

	*holder = 0;
	memset(b, 0, sizeof(*b));
	old = spare = *b;
	b->parent = b->pid = spare.pid = getpid();
	b->me = spare.me = BUS_NOBODY;
	(void)snprintf(spare_name, sizeof(spare_name), "%s%s", name, SPARE);
	if ((has_old = find_old(&old, name, holder)) == -1 ||
	    (has_spare = find_old(&spare, spare_name, holder)) == -1)
		return -1;
	keep_newer(&old, &has_old, name, &spare, &has_spare, spare_name);
	if (has_old == 1) {
		if (copy(&spare, spare_name, slots, ring_size, &old,
		    name, holder) == -1)
			return -1;
		has_spare = 1;
	}
	if (has_spare == 1)
		return copy(b, name, slots, ring_size, &spare, spare_name,
		    holder);
	if (make(b, name, slots, ring_size, holder) == -1)
		return -1;
	atomic_store(&b->segment->complete, 1);
	return 0;
}

bool
shm_has_history(const struct bus *b)
{
	return ring_head(b) > 0;
}

void
shm_remove(const struct bus *b, const char *name)
{
	struct stat	st;
	int		fd;

	if ((fd = shm_open(name, O_RDONLY | BSD_SHM_FLAGS, 0)) == -1)
		return;
	if (fstat(fd, &st) == 0 && st.st_dev == b->dev &&
	    st.st_ino == b->ino)
		(void)shm_unlink(name);
	/* Not before: closing it ends the claim of this process. */
	(void)close(fd);
}

pid_t
shm_holder(const char *name)
{
	struct flock	lock;
	struct bus	b;
	pid_t		holder = 0;

	if (shm_view(&b, name) == -1)
		return 0;
	memset(&lock, 0, sizeof(lock));
	lock.l_type = F_WRLCK;
	lock.l_whence = SEEK_SET;
	if (fcntl(b.fd, F_GETLK, &lock) == -1)
		holder = maker_lives(b.segment) ? (pid_t)b.segment->made_by : 0;
	else if (lock.l_type != F_UNLCK)
		holder = lock.l_pid;
	shm_view_end(&b);
	return holder;
}

int
shm_view(struct bus *b, const char *name)
{
	int fd;

	memset(b, 0, sizeof(*b));
	b->me = BUS_NOBODY;
	if ((fd = shm_open(name, O_RDONLY | BSD_SHM_FLAGS, 0)) == -1)
		return -1;
	if (map(b, fd, PROT_READ) == -1) {
		(void)close(fd);
		return -1;
	}
	return 0;
}

void
shm_view_end(struct bus *b)
{
	unmap(b);
}
