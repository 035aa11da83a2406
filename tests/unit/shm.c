/* SPDX-License-Identifier: ISC */

/*
 * The segment as an object of the system: created, refused, copied from a dead
 * parent's, and removed without a trace.
 */

#include <sys/mman.h>
#include <sys/stat.h>
#if defined(__linux__)
#include <sys/syscall.h>
#endif
#include <fcntl.h>

#include "ipc/common/bsd.h"
#include "ipc/bus/history.h"
#include "tests/unit/bus.h"

#define OTHER_UID	1

static char name[SHM_NAME_MAX], spare[SHM_NAME_MAX + 1];
static struct bus bus;
static uint64_t space[4 * RECORD_MAX / sizeof(uint64_t)];

static int
create_sized(uint32_t slots, uint64_t ring_size, pid_t *holder)
{
	return shm_create(&bus, name, slots, ring_size, holder);
}

static int
create(pid_t *holder)
{
	return create_sized(4, BUS_RING_MIN, holder);
}

static bool
exists(const char *which)
{
	int fd = shm_open(which, O_RDONLY, 0);

	if (fd != -1)
		(void)close(fd);
	return fd != -1;
}

/* Run work() in a parent of its own, which then dies as if killed. */
static void
in_parent_that_dies(void (*work)(void))
{
	pid_t pid;

	(void)fflush(stdout);
	must((pid = fork()) != -1);
	if (pid == 0) {
		work();
		(void)kill(getpid(), SIGKILL);
	}
	must(reap(pid) == -SIGKILL);
}

static void
test_new(void)
{
	struct stat	st;
	pid_t		holder;
	int		fd;

	ok(create(&holder) == 0, "a segment is created");
	must((fd = shm_open(name, O_RDONLY, 0)) != -1);
	must(fstat(fd, &st) == 0);
	is_num(st.st_mode & 0777, 0600, "for its owner alone");
	is_num((long long)st.st_size, (long long)bus.size,
	    "of the size that it needs");
	ok((long long)st.st_blocks * 512 >= (long long)bus.size,
	    "with all of its memory reserved");
	(void)close(fd);
	ok(!shm_has_history(&bus), "it has no history");
	ok(!exists(spare), "nothing else is left");
	shm_remove(&bus, name);
	ok(!exists(name), "and its name can be removed");
}

static void
test_busy(void)
{
	pid_t	holder, parent, pid;
	int	to_child[2], to_us[2];
	char	c;

	must(pipe(to_child) == 0 && pipe(to_us) == 0);
	(void)fflush(stdout);
	must((pid = fork()) != -1);
	if (pid == 0) {
		must(create(&parent) == 0);
		must(write(to_us[1], "x", 1) == 1);
		_exit(read(to_child[0], &c, 1) != 1);
	}
	must(read(to_us[0], &c, 1) == 1);
	errno = 0;
	ok(create(&holder) == -1 && errno == EBUSY,
	    "the segment of a living server is refused");
	is_num(holder, pid, "and the caller learns its pid");
	ok(exists(name), "and it is left alone");
	must(write(to_child[1], "x", 1) == 1);
	must(reap(pid) == 0);
	ok(create(&holder) == 0,
	    "when that server has gone another can have it");
	(void)shm_unlink(name);
}

/*
 * The test can hold a start up where it claims the object that it has created,
 * and where it reserves memory.
 */
enum step { NOWHERE, CLAIMING, RESERVING };

static enum step	held_up;
static int		there[2], go_on[2];

static void
hold_up(enum step here)
{
	char c;

	if (held_up != here)
		return;
	must(write(there[1], "x", 1) == 1 && read(go_on[0], &c, 1) == 1);
	held_up = NOWHERE;
}

#if defined(__GLIBC__) && UINTPTR_MAX == UINT64_MAX
int	 fallocate_slowly(int, off_t, off_t) __asm__("posix_fallocate64");
int	 fcntl_slowly(int, int, void *) __asm__("fcntl64");

int
fallocate_slowly(int fd, off_t at, off_t size)
{
	hold_up(RESERVING);
	return fallocate(fd, 0, at, size) == -1 ? errno : 0;
}

int
fcntl_slowly(int fd, int command, void *arg)
{
	if (command == F_SETLK)
		hold_up(CLAIMING);
	return (int)syscall(SYS_fcntl, fd, command, arg);
}
#endif

/*
 * Start another server at that moment.  *result is 0 if that gets the room, or
 * its error; returns 0 if the one that is held up gets it, 1 if it learns that
 * another has it, or -1 if this system does not hold it up there.
 */
static int
start_during(enum step step, int *result, pid_t *holder, pid_t *pid)
{
	pid_t	mine;
	int	status;
	char	c;

	must(pipe(there) == 0 && pipe(go_on) == 0);
	(void)fflush(stdout);
	must((*pid = fork()) != -1);
	if (*pid == 0) {
		held_up = step;
		status = create(&mine) == 0 ? 0 : errno == EBUSY ? 1 : 2;
		_exit(status);
	}
	(void)close(there[1]);
	if (read(there[0], &c, 1) != 1) {
		/* This system does it in another way. */
		must(reap(*pid) == 0);
		(void)shm_unlink(name);
		return -1;
	}
	errno = 0;
	*result = create(holder);
	*result = *result == 0 ? 0 : errno;
	must(write(go_on[1], "x", 1) == 1);
	status = reap(*pid);
	ok(exists(name), "one of two starts has the name");
	(void)shm_unlink(name);
	(void)close(there[0]);
	(void)close(go_on[0]);
	(void)close(go_on[1]);
	return status;
}

static void
test_two_starts(void)
{
	pid_t	holder = 0, pid;
	int	result = 0, status;

	status = start_during(RESERVING, &result, &holder, &pid);
	if (status != -1) {
		ok(result == EBUSY && holder == pid,
		    "a start that still reserves its memory has the room");
		is_num(status, 0, "and keeps it");
	}
	status = start_during(CLAIMING, &result, &holder, &pid);
	if (status != -1) {
		is_num(result, 0,
		    "a start that has claimed nothing yet has no room");
		is_num(status, 1, "and learns that when it claims");
	}
}

#define STARTS	6
#define RACES	150

/*
 * Creates a segment when the pipe closes, reports the result, waits for the
 * end.
 */
static void __attribute__((noreturn))
race(const int *ready, const int *told, const int *end)
{
	pid_t	holder;
	char	c;

	(void)close(ready[1]);
	(void)close(end[1]);
	if (read(ready[0], &c, 1) != 0)
		_exit(1);
	c = create(&holder) == 0 ? 'w' : errno == EBUSY ? 'b' : 'e';
	must(write(told[1], &c, 1) == 1);
	_exit(read(end[0], &c, 1) != 0);
}

/*
 * How many of several simultaneous starts get the room, if the others see it.
 */
static int
winners(void)
{
	pid_t	pid[STARTS], holder;
	int	ready[2], told[2], end[2], i, fd, won = 0;
	char	c;

	/* What a killed start left. */
	must((fd = shm_open(name, O_RDWR | O_CREAT, 0600)) != -1);
	(void)close(fd);
	must(pipe(ready) == 0 && pipe(told) == 0 && pipe(end) == 0);
	for (i = 0; i < STARTS; i++) {
		must((pid[i] = fork()) != -1);
		if (pid[i] == 0)
			race(ready, told, end);
	}
	(void)close(ready[1]);
	for (i = 0; i < STARTS; i++) {
		must(read(told[0], &c, 1) == 1);
		won += c == 'w' ? 1 : c == 'b' ? 0 : 100;
	}
	/* Whoever has the room has its name, too. */
	if (create(&holder) != -1 || errno != EBUSY)
		won += 1000;
	(void)close(end[1]);
	for (i = 0; i < STARTS; i++)
		must(reap(pid[i]) == 0);
	for (i = 0; i < 2; i++)
		(void)close((i == 0 ? ready : end)[0]);
	(void)close(told[0]);
	(void)close(told[1]);
	(void)shm_unlink(name);
	return won;
}

static void
test_races(void)
{
	int i, won = 1;

	(void)fflush(stdout);
	for (i = 0; i < RACES && won == 1; i++)
		won = winners();
	is_num(won, 1, "of several starts at once one gets the room");
}

/* Whatever has the name, nobody waits for it. */
static void
test_fifo(void)
{
	struct bus	view;
	char		path[80];
	pid_t		holder;

	(void)snprintf(path, sizeof(path), "/dev/shm%s", name);
	if (mkfifo(path, 0600) == -1)
		return;
	ok(shm_view(&view, name) == -1, "a FIFO is no segment");
	is_num(shm_holder(name), 0, "and no server's");
	ok(create(&holder) == 0, "and is replaced if it is ours");
	(void)shm_unlink(name);
}

/* Another object may have got the name while the server lived. */
static void
test_remove_only_ours(void)
{
	pid_t	holder;
	int	fd;

	must(create(&holder) == 0);
	must(shm_unlink(name) == 0);
	must((fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600)) != -1);
	(void)close(fd);
	shm_remove(&bus, name);
	ok(exists(name), "another object that has the name by now remains");
	(void)shm_unlink(name);
}

/* The number that the next descriptor will have. */
static int
next_fd(void)
{
	int fd;

	must((fd = dup(STDOUT_FILENO)) != -1);
	(void)close(fd);
	return fd;
}

static void
test_not_ours(void)
{
	pid_t	holder;
	int	fd, next;

	must((fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600)) != -1);
	must(fchmod(fd, 0644) == 0);
	next = next_fd();
	errno = 0;
	ok(create(&holder) == -1 && errno == EPERM,
	    "an object that others may read is refused");
	ok(exists(name), "and left alone");
	is_num(next_fd(), next, "and not kept open");
	must(fchmod(fd, 0600) == 0);
	if (geteuid() == 0) {
		must(fchown(fd, OTHER_UID, (gid_t)-1) == 0);
		errno = 0;
		ok(create(&holder) == -1 && errno == EPERM,
		    "so is another user's, though root could open it");
		must(fchown(fd, 0, (gid_t)-1) == 0);
	}
	ok(create(&holder) == 0, "an empty one of ours is replaced");
	(void)close(fd);
	(void)shm_unlink(name);
}

/* Objects that are no segments, each a little different from a sound one. */
static void
test_no_segment(void)
{
	static alignas(BUS_LINE) char garbage[BUS_RING_MIN];
	struct bus	view;
	struct segment	*p;
	pid_t		 holder;
	int		 fd, i, wrong = 0, seen = 0;

	for (i = 0; i < 6; i++) {
		must((fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600)) !=
		    -1);
		memset(garbage, i == 0 ? 0xFF : 0, sizeof(garbage));
		p = (struct segment *)(void *)garbage;
		if (i > 0) {
			p->magic = BUS_MAGIC + (i == 1);
			p->slots = i == 2 ? UINT32_MAX : 4;
			p->ring_size = i == 3 ? UINT64_MAX :
			    i == 4 ? BUS_RING_MIN + 8 : BUS_RING_MIN;
			atomic_store(&p->complete, 1);
		}
		must(write(fd, garbage, sizeof(garbage)) ==
		    (ssize_t)sizeof(garbage));
		(void)close(fd);
		if (shm_view(&view, name) == 0)
			seen++;
		if (create(&holder) != 0 || shm_has_history(&bus))
			wrong++;
		(void)shm_unlink(name);
	}
	is_num(wrong, 0,
	    "an object that is no segment, or too short, is replaced");
	is_num(seen, 0, "and cannot be viewed");
}

static const unsigned char token[BUS_TOKEN_SIZE];

static void
enter(uint32_t slot, const char *who)
{
	struct reader	r, live;
	int		wait_ms;

	roster_open(&bus, slot, "unit");
	be(&bus, slot);
	must(roster_join(&bus, who, NULL, token, NULL, &r, &live, &wait_ms) ==
	    BUS_OK);
}

static void
live_and_die(void)
{
	pid_t	holder;
	char	text[16];
	int	i;

	must(create(&holder) == 0 && lock_create(&bus) == 0);
	enter(0, "alice");
	for (i = 1; i <= 50; i++) {
		(void)snprintf(text, sizeof(text), "line %d", i);
		must(publish(&bus, "alice", text) == BUS_OK);
	}
}

/* Everything in the ring, a line each, without IDs; and check the numbers. */
static char *
all_of(struct bus *b, uint64_t *last_id, int *wrong)
{
	static char		 said[1 << 17];
	struct reader		 r = { 0, 0, UINT64_MAX };
	const struct record	*rec;
	uint64_t		 missed, seq = 0;
	size_t			 at, len, n = 0;

	*last_id = 0;
	while ((len = ring_read(b, &r, (char *)space, sizeof(space),
	    &missed)) > 0)
		for (at = 0; at < len; at += rec->size) {
			rec = (const struct record *)(const void *)
			    ((char *)space + at);
			if (rec->id <= *last_id ||
			    (seq != 0 && rec->seq != seq + 1))
				++*wrong;
			*last_id = rec->id;
			seq = rec->seq;
			memcpy(said + n, rec->text + EVENT_ID_DIGITS + 1,
			    rec->text_len - EVENT_ID_DIGITS - 1U);
			n += rec->text_len - EVENT_ID_DIGITS - 1U;
		}
	said[n] = '\0';
	return said;
}

static char expected[4096];

static void
expect_life(void)
{
	char	said[32];
	int	i;

	(void)strlcpy(expected, "join\talice\tunit\n", sizeof(expected));
	for (i = 1; i <= 50; i++) {
		(void)snprintf(said, sizeof(said), "msg\talice\tline %d\n", i);
		(void)strlcat(expected, said, sizeof(expected));
	}
	(void)strlcat(expected, "leave\talice\tconnection lost\n",
	    sizeof(expected));
}

/* How often the segment is mapped, under either name, or -1: unknown. */
static int
mappings(void)
{
	FILE	*maps = fopen("/proc/self/maps", "r");
	char	 line[1024];
	int	 n = 0;

	if (maps == NULL)
		return -1;
	while (fgets(line, sizeof(line), maps) != NULL)
		n += strstr(line, name) != NULL;
	(void)fclose(maps);
	return n;
}

static void
test_copy(void)
{
	uint64_t	id, before;
	int		mapped;
	pid_t		holder;
	int		wrong = 0;
	struct reader	r;

	in_parent_that_dies(live_and_die);
	ok(exists(name), "a killed parent leaves its segment");
	mapped = mappings();
	ok(create(&holder) == 0, "a new one creates its own");
	ok(mapped == -1 || mappings() == mapped + 1,
	    "and keeps no mapping of the old one");
	ok(shm_has_history(&bus), "with the old one's history");
	expect_life();
	is_str(all_of(&bus, &before, &wrong), expected,
	    "all of it, and the leaves of those who were there");
	ok(!exists(spare), "nothing else is left");
	must(lock_create(&bus) == 0);
	enter(1, "alice");
	(void)all_of(&bus, &id, &wrong);
	ok(id > before, "IDs go on increasing");
	is_num(wrong, 0, "and numbers without a gap");
	history_seek_id(&bus, &r, 0);
	ok(r.seq == 1, "a reader can still seek to the beginning");
	(void)shm_unlink(name);
}

static void
live_long_and_die(void)
{
	static char	text[801];
	pid_t		holder;
	int		i;

	must(create_sized(4, 4 * BUS_RING_MIN, &holder) == 0 &&
	    lock_create(&bus) == 0);
	enter(3, "bob");
	memset(text, 'x', 800);
	roster_recover(&bus, 3, 0, false);
	for (i = 0; i < 1000; i++)
		must(publish(&bus, "bob", text) == BUS_OK);
}

static void
test_copy_smaller(void)
{
	struct reader	r;
	uint64_t	id, missed;
	pid_t		holder;
	int		wrong = 0;
	size_t		len;

	in_parent_that_dies(live_long_and_die);
	ok(create_sized(1, BUS_RING_MIN, &holder) == 0,
	    "a new parent may have a smaller ring and room");
	len = strlen(all_of(&bus, &id, &wrong));
	ok(len > BUS_RING_MIN / 2, "which is full of the last records");
	is_num(wrong, 0, "without a gap");
	history_seek_id(&bus, &r, 0);
	(void)ring_read(&bus, &r, (char *)space, sizeof(space), &missed);
	ok(missed > 900 && missed < 1002,
	    "the reader knows how many are missing");
	(void)shm_unlink(name);
}

static void
spare_only(void)
{
	char keep[SHM_NAME_MAX];

	memcpy(keep, name, sizeof(keep));
	memcpy(name, spare, sizeof(name));
	live_and_die();
	memcpy(name, keep, sizeof(name));
}

static void
test_copy_interrupted(void)
{
	uint64_t	id;
	pid_t		holder;
	int		wrong = 0;

	in_parent_that_dies(spare_only);
	ok(!exists(name) && exists(spare),
	    "a parent killed while it copied may leave the spare alone");
	ok(create(&holder) == 0, "a new one creates its own");
	expect_life();
	is_str(all_of(&bus, &id, &wrong), expected, "with all history");
	ok(!exists(spare), "and no spare is left");
	(void)shm_unlink(name);
}

static void
half_made(void)
{
	live_and_die();
	atomic_store(&bus.segment->complete, 0);
}

static void
test_half_made(void)
{
	pid_t holder;

	in_parent_that_dies(half_made);
	ok(create(&holder) == 0 && !shm_has_history(&bus),
	    "a segment that was never finished is replaced by an empty one");
	(void)shm_unlink(name);
}

static void
test_view(void)
{
	struct bus	view;
	uint64_t	id;
	pid_t		holder;
	int		wrong = 0;

	must(create(&holder) == 0 && lock_create(&bus) == 0);
	ok(shm_view(&view, name) == 0, "a segment can be viewed");
	enter(0, "alice");
	is_str(all_of(&view, &id, &wrong), "join\talice\tunit\n",
	    "and shows what is published");
	is_num(roster_count(&view), 1, "and who is here");
	(void)shm_unlink(name);
	errno = 0;
	ok(shm_view(&view, name) == -1 && errno == ENOENT,
	    "a segment that does not exist cannot");
}

/* ---- segments to which an enemy has written ---- */

static struct record *
last_record(void)
{
	struct record	rec;
	uint64_t	begin;

	must(ring_before(&bus, ring_head(&bus), &rec, &begin));
	return (struct record *)((uintptr_t)bus.ring + (uintptr_t)begin);
}

static void
forge_text(struct record *rec)
{
	rec->text[rec->text_len - 2] = '\033';
}

static void
forge_name(struct record *rec)
{
	rec->text[EVENT_ID_DIGITS + sizeof("\tmsg\t")] = ' ';
}

static void
forge_kind(struct record *rec)
{
	rec->kind = EVENT_ERR;
	memcpy(rec->text + EVENT_ID_DIGITS + 1, "err", 3);
}

static void
forge_foot(struct record *rec)
{
	memset((char *)rec + rec->size - RECORD_FOOT, 1, RECORD_FOOT);
}

static void
forge_secret(struct record *rec)
{
	rec->to = 1;
}

static void
forge_id(struct record *rec)
{
	rec->id = UINT64_C(9999999999999999);
	event_put_id(rec->text, rec->id);
}

static void
forge_number(struct record *rec)
{
	rec->seq = UINT64_MAX;
}

static void (*forge)(struct record *);

static void
forge_and_die(void)
{
	pid_t holder;

	must(create(&holder) == 0 && lock_create(&bus) == 0);
	enter(0, "alice");
	must(publish(&bus, "alice", "genuine") == BUS_OK);
	must(publish(&bus, "alice", "forged") == BUS_OK);
	forge(last_record());
}

static void
test_forged(void (*how)(struct record *), const char *sentence)
{
	uint64_t	id;
	pid_t		holder;
	int		wrong = 0;

	forge = how;
	in_parent_that_dies(forge_and_die);
	must(create(&holder) == 0);
	is_str(all_of(&bus, &id, &wrong), "join\talice\tunit\n"
	    "msg\talice\tgenuine\nleave\talice\tconnection lost\n",
	    sentence);
	must(wrong == 0);
	(void)shm_unlink(name);
}

/* Private messages: to bob, and to a name that nobody can have. */
static void
whisper_and_die(void)
{
	static const char *const who[] = { "alice>bob", "alice>b b",
	    "a b>bob" };
	static uint64_t	 buf[RECORD_MAX / sizeof(uint64_t)];
	struct batch	 batch;
	struct event	 ev = { .kind = EVENT_PRIV, .text = "psst",
	    .text_len = 4 };
	pid_t		 holder;
	size_t		 i;
	int		 wait_ms;

	must(create(&holder) == 0 && lock_create(&bus) == 0);
	enter(0, "alice");
	for (i = 0; i < sizeof(who) / sizeof(who[0]); i++) {
		ev.name = who[i];
		ev.name_len = strlen(who[i]);
		batch = (struct batch){ (char *)buf, sizeof(buf), 0 };
		must(ring_compose(&batch, &ev, 0, 1, 1));
		must(publish_batch(&bus, &batch, &wait_ms) == BUS_OK);
	}
}

static void
test_copy_private(void)
{
	uint64_t	id;
	pid_t		holder;
	int		wrong = 0;

	in_parent_that_dies(whisper_and_die);
	must(create(&holder) == 0);
	is_str(all_of(&bus, &id, &wrong), "join\talice\tunit\n"
	    "priv\talice>bob\tpsst\nleave\talice\tconnection lost\n",
	    "a private message is copied if both names are valid");
	(void)shm_unlink(name);
}

static void
jump_and_die(void)
{
	pid_t holder;

	must(create(&holder) == 0 && lock_create(&bus) == 0);
	enter(0, "alice");
	must(publish(&bus, "alice", "before") == BUS_OK);
	last_record()->seq += 1000;
	must(publish(&bus, "alice", "after") == BUS_OK);
}

static void
test_jump(void)
{
	struct reader	r;
	uint64_t	id;
	pid_t		holder;
	int		wrong = 0;

	in_parent_that_dies(jump_and_die);
	must(create(&holder) == 0);
	is_str(all_of(&bus, &id, &wrong), "msg\talice\tbefore\n"
	    "msg\talice\tafter\nleave\talice\tconnection lost\n",
	    "where numbers jump, the records before are dropped");
	is_num(wrong, 0, "so that there is no gap");
	history_seek_id(&bus, &r, 0);
	is_num((long long)r.cursor, (long long)ring_oldest(&bus),
	    "and a reader of everything gets the rest");
	(void)shm_unlink(name);
}

static void
spoil_marks_and_die(void)
{
	live_long_and_die();
	atomic_store(&bus.index[500].id, UINT64_MAX);
}

static void
test_spoiled_marks(void)
{
	pid_t holder;

	in_parent_that_dies(spoil_marks_and_die);
	must(create(&holder) == 0);
	is_num((long long)atomic_load(&bus.segment->first_seq), 501,
	    "IDs of the past are known as far back as they fall");
	(void)shm_unlink(name);
}

static void
test_number_zero(void)
{
	struct reader	r;
	pid_t		holder;

	must(create(&holder) == 0 && lock_create(&bus) == 0);
	enter(0, "alice");
	atomic_store(&bus.index[0].id, 1);
	atomic_store(&bus.segment->first_seq, 0);
	history_seek_id(&bus, &r, 0);
	ok(r.seq <= 1, "a search for an ID in such a room returns");
	(void)shm_unlink(name);
}

int
main(void)
{
	watchdog();
	(void)snprintf(name, sizeof(name), "/chatunit.%ld", (long)getpid());
	(void)snprintf(spare, sizeof(spare), "%s~", name);
	test_new();
	test_busy();
	test_two_starts();
	test_races();
	test_fifo();
	test_remove_only_ours();
	test_not_ours();
	test_no_segment();
	test_copy();
	test_copy_smaller();
	test_copy_interrupted();
	test_copy_private();
	test_half_made();
	test_view();
	test_forged(forge_text, "text that a terminal obeys is not copied");
	test_forged(forge_name,
	    "nor is a message by a name that nobody can have");
	test_forged(forge_kind, "nor is an answer, as if it were an event");
	test_forged(forge_foot,
	    "nor is a record that cannot be found from behind");
	test_forged(forge_secret,
	    "nor is a private message that is not so marked");
	test_forged(forge_id, "nor is an ID after which none can follow");
	test_forged(forge_number, "nor is such a number");
	test_jump();
	test_spoiled_marks();
	test_number_zero();
	return done();
}
