/* SPDX-License-Identifier: ISC */

/*
 * One segment: its parts in memory, and the object of the system that holds
 * it.
 *
 * The process that creates an object claims it, and so does a parent that
 * finds one.  Two servers may start at once, so a process removes an object
 * only while it has claimed it, and uses a claimed object only if it still has
 * its name.
 *
 * The creator reserves all its memory: on a full /dev/shm, a store to a sparse
 * object would raise SIGBUS inside the lock.
 *
 * A segment that another process wrote may be forged, or change meanwhile:
 * segment_map() checks each value that it uses, once, and b keeps its own
 * copy.
 *
 * Runs in the parent as it starts; segment_map() in viewers, too.
 */

#include <sys/mman.h>
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "ipc/common/bsd.h"
#include "ipc/bus/segment.h"

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

/* Whether the creator of p lives, as far as its pid can tell. */
static bool
maker_lives(const struct segment *p)
{
	pid_t pid = (pid_t)p->made_by;

	return pid > 1 && (kill(pid, 0) == 0 || errno != ESRCH);
}

/* Whether some process has claimed the segment of b, and its pid, if known. */
static bool
find_holder(const struct bus *b, pid_t *pid)
{
	struct flock lock;

	memset(&lock, 0, sizeof(lock));
	lock.l_type = F_WRLCK;
	lock.l_whence = SEEK_SET;
	if (fcntl(b->fd, F_GETLK, &lock) == -1) {
		*pid = (pid_t)b->segment->made_by;
		return maker_lives(b->segment);
	}
	*pid = lock.l_pid;
	return lock.l_type != F_UNLCK;
}

/*
 * A claim is a lock of fcntl(2), so that it ends with the process.  Where the
 * system has no locks on such objects, the pid of the creator must do.
 */
int
segment_claim(int fd, const struct segment *p, pid_t *holder)
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

bool
segment_is_claimed(const struct bus *b)
{
	pid_t pid;

	return find_holder(b, &pid);
}

pid_t
segment_holder(const struct bus *b)
{
	pid_t pid;

	return find_holder(b, &pid) ? pid : 0;
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
 * Create and claim an object called name.  Between these steps another server
 * that starts may mistake it for a killed one's and remove it; then create the
 * next one.  Returns the descriptor, or -1 with errno.
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
		if (segment_claim(fd, NULL, holder) == -1) {
			(void)close(fd);
			errno = EBUSY;
			return -1;
		}
		if (bsd_has_name(fd))
			return fd;
		(void)close(fd);
	}
}

int
segment_make(struct bus *b, const char *name, uint32_t slots,
    uint64_t ring_size, pid_t *holder)
{
	size_t		 size = lay_out(b, 0, slots, ring_size);
	void		*base = MAP_FAILED;
	struct stat	 st;
	int		 fd, error;

	/* A segment into which no history is copied is another room. */
	if (getentropy(&b->room, sizeof(b->room)) == -1 ||
	    (fd = make_object(name, holder)) == -1)
		return -1;
	/* This may take a while. */
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

void
segment_unmap(struct bus *b)
{
	(void)munmap(b->segment, b->size);
	(void)close(b->fd);
}

int
segment_map(struct bus *b, int fd, int prot)
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
	/*
	 * Children of a dead parent may write: check the values that are used.
	 */
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
