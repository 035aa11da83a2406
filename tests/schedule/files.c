/* SPDX-License-Identifier: ISC */

/*
 * A kernel for processes that are coroutines: descriptors.
 *
 * There are the listener, the pipe that tells children of their parent's
 * death, connections to clients, and shared memory objects, which are the
 * segments.  A process's descriptors are numbers of such objects; an object is
 * closed when no living process has it open.
 */

#include <sys/mman.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/schedule/client.h"
#include "tests/schedule/kernel.h"
#include "tests/schedule/schedule.h"
#include "tests/schedule/statics.h"
#include "tests/schedule/system.h"
#include "tests/schedule/trace.h"

#define SEGMENTS	3
#define SEGMENT_SIZE	((size_t)128 << 10)
#define FIRST_FD	3

enum kind { LISTENER, PIPE_OUT, PIPE_IN, CLIENT, SEGMENT };

struct file {
	enum kind	 kind;
	char		 name[40];		/* of a segment; "" if gone */
	char		*memory;
	size_t		 size;
	struct connection *client;
};

/* They never move, and belong to the state in which a schedule starts. */
static struct file listener = { LISTENER, "", NULL, 0, NULL },
    pipe_out = { PIPE_OUT, "", NULL, 0, NULL },
    pipe_in = { PIPE_IN, "", NULL, 0, NULL };
static struct file client[CONNECTIONS];
static struct file segment[SEGMENTS];
static char memory[SEGMENTS][SEGMENT_SIZE] __attribute__((aligned(4096)));

static struct {
	struct connection	*waiting[CONNECTIONS];
	int			 nwaiting;
	int			 segments;
} files, kept_files;
static struct file	 kept_segment[SEGMENTS];
static char		*kept_memory[SEGMENTS];

void
files_begin(void)
{
	static bool	known;
	int		i;

	memset(&files, 0, sizeof(files));
	memset(segment, 0, sizeof(segment));
	for (i = 0; i < SEGMENTS; i++) {
		memset(memory[i], 0, SEGMENT_SIZE);
		if (!known)
			memory_add(memory[i], SEGMENT_SIZE);
		if (!known && (kept_memory[i] = malloc(SEGMENT_SIZE)) == NULL)
			abort();
	}
	known = true;
	for (i = 0; i < CONNECTIONS; i++)
		client[i] = (struct file){ CLIENT, "", NULL, 0, NULL };
}

void
files_keep(void)
{
	int i;

	client_keep();
	kept_files = files;
	memcpy(kept_segment, segment, sizeof(segment));
	for (i = 0; i < files.segments; i++)
		memcpy(kept_memory[i], memory[i], segment[i].size);
}

void
files_restore(void)
{
	int i;

	for (i = kept_files.segments; i < files.segments; i++)
		memset(memory[i], 0, segment[i].size);
	files = kept_files;
	client_restore();
	memcpy(segment, kept_segment, sizeof(segment));
	for (i = 0; i < files.segments; i++)
		memcpy(memory[i], kept_memory[i], segment[i].size);
}

/* ---- descriptors ---- */

static int
new_fd(struct file *f)
{
	int fd;

	for (fd = FIRST_FD; fd < PROCESS_FILES; fd++) {
		if (process_now->file[fd] == NULL) {
			process_now->file[fd] = f;
			return fd;
		}
	}
	errno = EMFILE;
	return -1;
}

/* The object of a descriptor that production has opened. */
static struct file *
get(int fd)
{
	if (fd < 0 || fd >= PROCESS_FILES || process_now->file[fd] == NULL)
		abort();
	return process_now->file[fd];
}

static bool
is_open(const struct file *f)
{
	struct process	*p;
	int		 fd;

	for (p = process; p < process + PROCESSES; p++) {
		if (p->state == PROCESS_NONE || p->state == PROCESS_ZOMBIE)
			continue;
		for (fd = 0; fd < PROCESS_FILES; fd++)
			if (p->file[fd] == f)
				return true;
	}
	return false;
}

int
files_listener(void)
{
	return new_fd(&listener);
}

void
files_connect(struct connection *c)
{
	files.waiting[files.nwaiting++] = c;
}

struct connection *
files_client(const struct process *p)
{
	int fd;

	for (fd = 0; fd < PROCESS_FILES; fd++)
		if (p->file[fd] >= (void *)client &&
		    p->file[fd] < (void *)(client + CONNECTIONS))
			return ((struct file *)p->file[fd])->client;
	return NULL;
}

struct connection *
files_accept(int *fd)
{
	struct connection *c;

	if (files.nwaiting == 0)
		return NULL;
	c = files.waiting[0];
	memmove(files.waiting, files.waiting + 1,
	    (size_t)--files.nwaiting * sizeof(struct connection *));
	client[c - connection].client = c;
	*fd = new_fd(&client[c - connection]);
	return c;
}

short
files_poll(const struct process *p, int fd, short events)
{
	const struct file *f;

	if (fd < 0 || fd >= PROCESS_FILES || (f = p->file[fd]) == NULL)
		return 0;
	switch (f->kind) {
	case LISTENER:
		return files.nwaiting > 0 ? POLLIN : 0;
	case PIPE_OUT:
		return is_open(&pipe_in) ? 0 : POLLHUP;
	case CLIENT:
		return client_poll(f->client, events);
	default:
		return 0;
	}
}

int
sys_pipe(int fd[2])
{
	fd[0] = new_fd(&pipe_out);
	fd[1] = new_fd(&pipe_in);
	return 0;
}

int
sys_close(int fd)
{
	struct file *f = get(fd);

	process_now->file[fd] = NULL;
	if (f->kind == PIPE_IN || f->kind == CLIENT)
		schedule_step();
	if (f->kind == CLIENT && !is_open(f))
		client_closed(f->client);
	return 0;
}

ssize_t
sys_read(int fd, void *buf, size_t size)
{
	struct file *f = get(fd);

	schedule_step();
	return client_read(f->client, buf, size);
}

ssize_t
sys_write(int fd, const void *buf, size_t size)
{
	struct file *f = get(fd);

	schedule_step();
	return client_write(f->client, buf, size);
}

int
sys_shutdown(int fd, int how)
{
	(void)how;
	schedule_step();
	client_ended(get(fd)->client);
	return 0;
}

/* ---- segments ---- */

int
sys_shm_open(const char *name, int flags, mode_t mode)
{
	struct file *f;

	(void)mode;
	for (f = segment; f < segment + files.segments; f++) {
		if (strcmp(f->name, name) != 0)
			continue;
		if (flags & O_EXCL) {
			errno = EEXIST;
			return -1;
		}
		return new_fd(f);
	}
	if ((flags & O_CREAT) == 0) {
		errno = ENOENT;
		return -1;
	}
	if (files.segments == SEGMENTS) {
		errno = ENOSPC;
		return -1;
	}
	f->kind = SEGMENT;
	(void)snprintf(f->name, sizeof(f->name), "%s", name);
	f->memory = memory[files.segments++];
	return new_fd(f);
}

int
sys_shm_unlink(const char *name)
{
	struct file *f;

	for (f = segment; f < segment + files.segments; f++)
		if (strcmp(f->name, name) == 0)
			f->name[0] = '\0';
	return 0;
}

int
sys_ftruncate(int fd, off_t size)
{
	if ((size_t)size > SEGMENT_SIZE) {
		errno = ENOSPC;
		return -1;
	}
	get(fd)->size = (size_t)size;
	return 0;
}

int
sys_posix_fallocate(int fd, off_t offset, off_t size)
{
	(void)fd;
	(void)offset;
	(void)size;
	return 0;
}

int
sys_fstat(int fd, struct stat *st)
{
	memset(st, 0, sizeof(*st));
	st->st_size = (off_t)get(fd)->size;
	st->st_mode = S_IFREG | 0600;
	st->st_uid = geteuid();
	st->st_nlink = get(fd)->name[0] != '\0';
	return 0;
}

/* Every file lock is free: their owners are no part of the protocol. */
int
sys_fcntl(int fd, int command, ...)
{
	(void)fd;
	(void)command;
	return 0;
}

void *
sys_mmap(void *at, size_t size, int protection, int flags, int fd,
    off_t offset)
{
	(void)at;
	(void)protection;
	(void)flags;
	(void)offset;
	return fd == -1 ? statics_alloc(size) : get(fd)->memory;
}

int
sys_munmap(void *at, size_t size)
{
	(void)at;
	(void)size;
	return 0;
}

/* Pages that are given back read as zeros. */
int
sys_madvise(void *at, size_t size, int advice)
{
	if (advice == MADV_DONTNEED)
		memset(at, 0, size);
	return 0;
}

/* Random, but the same in every schedule. */
int
sys_getentropy(void *buf, size_t size)
{
	memset(buf, process_now->number + 1, size);
	return 0;
}
