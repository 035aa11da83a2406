/* SPDX-License-Identifier: ISC */

/*
 * The room's segment: which one it is, and how it outlives its parent.
 *
 * The parent creates it before its first fork, so that all children inherit
 * the mapping and none opens it by name.
 *
 * A new parent only copies a segment that a dead parent left, because children
 * of the latter may live on for a moment and write to it.  First it marks the
 * old segment closed.  A session sends nothing of a closed segment: it loads
 * the mark after it has copied and before it sends.  So whatever a client was
 * shown was committed before the mark, and is in the copy.
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
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ipc/common/bsd.h"
#include "ipc/bus/history.h"
#include "ipc/bus/ring.h"
#include "ipc/bus/roster.h"
#include "ipc/bus/segment.h"
#include "ipc/bus/shm.h"

#define SPARE		"~"		/* after the room's name */

enum found { NONE = 0, OLD = 1, AGAIN = 2 };

/*
 * Claim the object of fd, and map it if it holds a complete segment.  AGAIN:
 * another process removed it meanwhile.  -1: this process may not use it, see
 * errno.
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
	if (segment_map(old, fd, PROT_READ | PROT_WRITE) == -1)
		return segment_claim(fd, NULL, holder) == -1 ? -1 :
		    bsd_has_name(fd) ? NONE : AGAIN;
	if (segment_claim(fd, old->segment, holder) == -1)
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

	if (segment_make(b, name, slots, ring_size, holder) == -1)
		return -1;
	atomic_store(&old->segment->closed, 1);
	/* With the fence in relay_news(): we see its head, or it sees this. */
	atomic_thread_fence(memory_order_seq_cst);
	copied = history_copy(b, old);
	roster_copy_end(b, old, copied);
	b->segment->generation = old->segment->generation + 1;
	atomic_store(&b->segment->complete, 1);
	(void)shm_unlink(old_name);
	segment_unmap(old);
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
		segment_unmap(spare);
		*has_spare = NONE;
	} else {
		(void)shm_unlink(name);
		segment_unmap(old);
		*has_old = NONE;
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
	if (has_old == OLD) {
		if (copy(&spare, spare_name, slots, ring_size, &old,
		    name, holder) == -1)
			return -1;
		has_spare = OLD;
	}
	if (has_spare == OLD)
		return copy(b, name, slots, ring_size, &spare, spare_name,
		    holder);
	if (segment_make(b, name, slots, ring_size, holder) == -1)
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

bool
shm_exists(const char *name)
{
	static const char *const	spare[] = { "", SPARE };
	char				object[SHM_NAME_MAX + 2];
	size_t				i;
	int				fd;

	for (i = 0; i < sizeof(spare) / sizeof(spare[0]); i++) {
		(void)snprintf(object, sizeof(object), "%s%s", name, spare[i]);
		fd = shm_open(object, O_RDONLY | BSD_SHM_FLAGS, 0);
		if (fd != -1)
			(void)close(fd);
		if (fd != -1 || errno != ENOENT)
			return true;
	}
	return false;
}

pid_t
shm_holder(const char *name)
{
	struct bus	b;
	pid_t		holder;

	if (shm_view(&b, name) == -1)
		return 0;
	holder = segment_holder(&b);
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
	if (segment_map(b, fd, PROT_READ) == -1) {
		(void)close(fd);
		return -1;
	}
	return 0;
}

void
shm_view_end(struct bus *b)
{
	segment_unmap(b);
}
