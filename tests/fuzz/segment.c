/* SPDX-License-Identifier: ISC */

/*
 * An old segment, left by a server whose last session was hijacked: whatever it
 * contains, a new server starts, takes over at most what a server can have
 * published, and continues from there.  And a process that only reads it is not
 * harmed.
 *
 * Random bytes would never be a segment.  So there is a valid one, on which a
 * real room has run, and the input says what then overwrites it: two bytes of
 * choices, then enum op with its operands.
 */

#include <sys/mman.h>
#include <sys/stat.h>
#include <errno.h>

#include "ipc/common/bsd.h"
#include "ipc/bus/history.h"
#include "ipc/bus/lock.h"
#include "ipc/bus/publish.h"
#include "ipc/bus/roster.h"
#include "ipc/bus/shm.h"
#include "ipc/bus/wake.h"
#include "tests/fuzz/fuzz.h"

#define SLOTS		4
#define RECORDS		40		/* in the valid segment */
#define IMAGE_MAX	((size_t)1 << 20)
#define KEPT_MAX	4096		/* records that a ring can hold */

enum op {
	OP_SEGMENT,		/* where, value: a word of struct segment */
	OP_SLOT,		/* slot, where, value */
	OP_MARK,		/* which, value */
	OP_RECORD,		/* which, where, value: in its head or foot */
	OP_TEXT,		/* which, n, n bytes: the start of its text */
	OP_LINE,		/* which, n, n bytes: all of its text */
	OP_APPEND,		/* n, n bytes: one more record of this text */
	OP_BYTES,		/* where (3 bytes), n, n bytes: anywhere */
	OP_CUT,			/* the object ends here (3 bytes) */
	OP_SPARE,		/* copy all up to here to the spare one */
	OPS
};

static char	name[SHM_NAME_MAX], spare[SHM_NAME_MAX + 1];

/* The segment under construction. */
static struct {
	alignas(BUS_LINE) char	bytes[IMAGE_MAX];
	size_t			size;
	struct bus		bus;	/* its parts lie in bytes */
	uint64_t		begin[KEPT_MAX];	/* of its records */
	size_t			records;
} image, sound;

/* ---- the valid segment ---- */

static struct bus
parts_in(const struct bus *b, char *base)
{
	struct bus	in = *b;
	uintptr_t	old = (uintptr_t)b->segment;

#define MOVED(member)	\
	in.member = (void *)(base + ((uintptr_t)b->member - old))
	MOVED(segment);
	MOVED(sleepers);
	MOVED(blocked);
	MOVED(hash);
	MOVED(slot);
	MOVED(index);
	MOVED(ring);
#undef MOVED
	return in;
}

static void
say(struct bus *b, enum event_kind kind, const char *who, const char *text)
{
	static uint64_t	buf[RECORD_MAX / sizeof(uint64_t)];
	struct batch	batch = { (char *)buf, sizeof(buf), 0 };
	struct event	ev = { 0, kind, who, strlen(who), text, strlen(text) };
	int		wait_ms;

	must(ring_compose(&batch, &ev, b->me, kind == EVENT_PRIV ? 1 :
	    RECORD_TO_ALL, 0));
	must(publish_batch(b, &batch, &wait_ms) == BUS_OK);
}

static void
enter(struct bus *b, uint32_t slot, const char *who)
{
	static const unsigned char	token[BUS_TOKEN_SIZE];
	struct reader			r, live;
	int				wait_ms;

	roster_open(b, slot, "fuzz");
	roster_enter(b, slot);
	must(roster_join(b, who, NULL, token, NULL, &r, &live, &wait_ms) ==
	    BUS_OK);
	atomic_store(&b->slot[slot].cursor, BUS_NOT_READING);
}

/* Find where the records of image start. */
static void
find_records(void)
{
	static uint64_t		 buf[RECORD_MAX / sizeof(uint64_t)];
	struct reader		 r = { 0, 0, UINT64_MAX };
	const struct record	*rec;
	uint64_t		 missed;
	size_t			 at, len;

	while ((len = ring_read(&sound.bus, &r, (char *)buf, sizeof(buf),
	    &missed)) > 0)
		for (at = 0; at < len; at += rec->size) {
			rec = (const void *)((char *)buf + at);
			sound.begin[sound.records++] = r.cursor - len + at;
		}
}

static void
make_sound(void)
{
	struct bus	b;
	char		text[32];
	pid_t		holder;
	int		i;

	(void)snprintf(name, sizeof(name), "/chatfuzz.%ld", (long)getpid());
	(void)snprintf(spare, sizeof(spare), "%s~", name);
	must(shm_create(&b, name, SLOTS, BUS_RING_MIN, &holder) == 0);
	shm_remove(&b, name);
	must(lock_create(&b) == 0);
	wake_init();
	enter(&b, 1, "bob");
	enter(&b, 0, "alice");
	for (i = 0; i < RECORDS; i++) {
		(void)snprintf(text, sizeof(text), "line %d", i);
		say(&b, i % 8 == 7 ? EVENT_PRIV : EVENT_MSG, i % 8 == 7 ?
		    "alice>bob" : "alice", text);
	}
	must(b.size <= IMAGE_MAX);
	sound.size = b.size;
	memcpy(sound.bytes, (void *)b.segment, b.size);
	sound.bus = parts_in(&b, sound.bytes);
	find_records();
	shm_view_end(&b);
}

/* ---- what overwrites it ---- */

/* Critical numbers, plus or minus a little. */
static uint64_t
value(struct input *in)
{
	const struct segment	*p = image.bus.segment;
	uint64_t		 v = 0;
	unsigned		 what = take(in), i, bytes = 0;

	switch (what % 12) {
	case 0:
		return take(in);
	case 1:
		v = UINT64_MAX;
		break;
	case 2:
		v = UINT64_C(1) << (take(in) % 64);
		break;
	case 3:
		v = image.bus.ring_size;
		break;
	case 4:
		v = p->head;
		break;
	case 5:
		v = p->oldest;
		break;
	case 6:
		v = p->first_seq + image.records;
		break;
	case 7:
		v = image.begin[take(in) % image.records];
		break;
	case 8:
		v = UINT64_C(9999999999999999);		/* the last ID */
		break;
	default:
		bytes = what % 12 == 9 ? 2 : what % 12 == 10 ? 4 : 8;
		break;
	}
	for (i = 0; i < bytes; i++)
		v = v << 8 | take(in);
	return v + (uint64_t)(int64_t)(int8_t)take(in);
}

/* Write v, of 2, 4 or 8 bytes, to p. */
static void
put(void *p, unsigned how, uint64_t v)
{
	static const size_t	sizes[] = { 8, 4, 2, 4 };
	uint32_t		v4 = (uint32_t)v;
	uint16_t		v2 = (uint16_t)v;
	size_t			n = sizes[how & 3];

	memcpy(p, n == 8 ? (void *)&v : n == 4 ? (void *)&v4 : &v2, n);
}

static void
write_ring(uint64_t position, const void *src, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		((char *)(uintptr_t)image.bus.ring)[(position + i) &
		    (image.bus.ring_size - 1)] = ((const char *)src)[i];
}

static void
record_at(uint64_t position, struct record *rec)
{
	size_t i;

	for (i = 0; i < sizeof(*rec); i++)
		((char *)rec)[i] = ((char *)(uintptr_t)image.bus.ring)
		    [(position + i) & (image.bus.ring_size - 1)];
}

/* A record with this text, after its ID, as a writer would store it. */
static void
lay_record(uint64_t position, struct record *rec, const char *text, size_t n)
{
	char		id[EVENT_ID_DIGITS];
	uint64_t	size;

	size = (RECORD_FRAME + sizeof(id) + n + RECORD_ALIGN - 1) &
	    ~(uint64_t)(RECORD_ALIGN - 1);
	rec->size = (uint32_t)size;
	rec->text_len = (uint16_t)(sizeof(id) + n);
	event_put_id(id, rec->id);
	write_ring(position, rec, sizeof(*rec));
	write_ring(position + sizeof(*rec), id, sizeof(id));
	write_ring(position + sizeof(*rec) + sizeof(id), text, n);
	write_ring(position + size - RECORD_FOOT, &size, RECORD_FOOT);
}

/* One more, as a hijacked session might store it. */
static void
append(const char *text, size_t n)
{
	struct segment	*p = image.bus.segment;
	struct record	 rec;

	if (image.records == KEPT_MAX)
		return;
	record_at(image.begin[image.records - 1], &rec);
	rec.id++;
	rec.seq++;
	image.begin[image.records++] = p->head;
	lay_record(p->head, &rec, text, n);
	p->head += (RECORD_FRAME + EVENT_ID_DIGITS + n + RECORD_ALIGN - 1) &
	    ~(uint64_t)(RECORD_ALIGN - 1);
}

static void
on_record(enum op op, struct input *in)
{
	uint64_t	 begin = image.begin[take(in) % image.records], foot;
	struct record	 rec;
	const char	*s;
	unsigned	 where;
	size_t		 n;

	record_at(begin, &rec);
	if (op == OP_RECORD) {
		where = take(in);
		foot = value(in);
		if (where % 8 == 7) {
			write_ring(begin + rec.size - RECORD_FOOT, &foot,
			    RECORD_FOOT);
			return;
		}
		put((char *)&rec + where % (sizeof(rec) - 8) / 2 * 2,
		    where >> 6, foot);
		write_ring(begin, &rec, sizeof(rec));
		return;
	}
	s = take_bytes(in, take(in), &n);
	if (op == OP_TEXT)
		write_ring(begin + sizeof(rec), s, n);
	else
		lay_record(begin, &rec, s, n);
}

static size_t
anywhere(struct input *in)
{
	size_t n = take(in) << 16;

	n |= take(in) << 8;
	return (n | take(in)) % image.size;
}

/* Make the shared memory object of this name from the image so far. */
static void
put_object(const char *which)
{
	int fd;

	must((fd = shm_open(which, O_RDWR | O_CREAT | O_TRUNC, 0600)) != -1);
	must(write(fd, image.bytes, image.size) == (ssize_t)image.size);
	(void)close(fd);
}

static void
write_over(enum op op, struct input *in)
{
	struct bus	*b = &image.bus;
	unsigned	 where, slot;
	const char	*s;
	size_t		 n, at;

	switch (op) {
	case OP_SEGMENT:
		where = take(in);
		at = (size_t)(where & 63) * 4 % (sizeof(struct segment) - 8);
		put((char *)b->segment + at, where >> 6, value(in));
		break;
	case OP_SLOT:
		slot = take(in) % SLOTS;
		where = take(in);
		at = (size_t)(where & 63) * 4 % (sizeof(struct slot) - 8);
		put((char *)&b->slot[slot] + at, where >> 6, value(in));
		break;
	case OP_MARK:
		at = take(in);
		put((char *)b->index + at * 8, 0, value(in));
		break;
	case OP_APPEND:
		s = take_bytes(in, take(in), &n);
		append(s, n);
		break;
	case OP_BYTES:
		at = anywhere(in);
		s = take_bytes(in, take(in), &n);
		memcpy(image.bytes + at, s, n < image.size - at ? n :
		    image.size - at);
		break;
	case OP_CUT:
		image.size = anywhere(in) + 1;
		break;
	case OP_SPARE:
		put_object(spare);
		break;
	default:
		on_record(op, in);
		break;
	}
}

/* ---- what must hold afterwards ---- */

static struct {
	uint64_t	seq, id;
} kept[KEPT_MAX];

/* A line that a server can have published, with its LF. */
static void
check_line(const struct record *rec)
{
	struct event ev;

	must(rec->text_len > 0 && rec->text[rec->text_len - 1] == '\n');
	must(is_printable(rec->text, rec->text_len - 1U));
	must(event_parse(&ev, rec->text, rec->text_len - 1U) == 0);
	must(ev.id == rec->id && rec->text[EVENT_ID_DIGITS] == '\t');
	must(ev.kind == rec->kind && ev.kind <= EVENT_NAME);
	must((ev.kind == EVENT_PRIV) == (rec->to != RECORD_TO_ALL));
	must(ev.name_len > 0 && memchr(ev.name, ' ', ev.name_len) == NULL);
}

/* All records, in order, from the first to head; returns how many. */
static size_t
check_forward(const struct bus *b)
{
	static uint64_t		 buf[2 * RECORD_MAX / sizeof(uint64_t)];
	struct reader		 r = { ring_oldest(b), 0, UINT64_MAX };
	const struct record	*rec;
	uint64_t		 missed, foot;
	size_t			 at, len, n = 0;

	while ((len = ring_read(b, &r, (char *)buf, sizeof(buf), &missed)) >
	    0)
		for (at = 0; at < len; at += rec->size) {
			rec = (const void *)((char *)buf + at);
			check_line(rec);
			must(n == 0 || rec->id > kept[n - 1].id);
			must(n == 0 || rec->seq > kept[n - 1].seq);
			memcpy(&foot, (char *)buf + at + rec->size -
			    RECORD_FOOT, RECORD_FOOT);
			must(foot == rec->size);
			kept[n].seq = rec->seq;
			kept[n++].id = rec->id;
			must(n < KEPT_MAX);
		}
	must(r.cursor == ring_head(b));
	return n;
}

static void
check_backward(const struct bus *b, size_t n)
{
	uint64_t	end = ring_head(b), begin;
	struct record	rec;

	while (ring_before(b, end, &rec, &begin)) {
		must(n-- > 0);
		must(rec.id == kept[n].id && rec.seq == kept[n].seq);
		end = begin;
	}
	must(n == 0 && end == ring_oldest(b));
}

/* A reader that resumes after one of them gets the next. */
static void
check_resuming(const struct bus *b, size_t n)
{
	static uint64_t		 buf[RECORD_MAX / sizeof(uint64_t)];
	const struct record	*rec = (const void *)buf;
	struct reader		 r;
	uint64_t		 missed;
	size_t			 i, step = n / 16 + 1;

	for (i = 0; i < n; i += step) {
		history_seek_id(b, &r, kept[i].id);
		if (ring_read(b, &r, (char *)buf, sizeof(buf), &missed) == 0)
			must(i == n - 1);
		else
			must(rec->id == kept[i + 1].id);
	}
	history_seek_last(b, &r, n, ~0U);
	must(n == 0 || r.cursor == ring_oldest(b));
}

/* The new server continues, with higher IDs and numbers. */
static void
check_going_on(struct bus *b, size_t n)
{
	size_t more;

	must(lock_create(b) == 0);
	must(roster_count(b) == 0);
	enter(b, 0, "alice");
	say(b, EVENT_MSG, "alice", "here again");
	more = check_forward(b);
	must(more >= 2 && kept[more - 1].seq == kept[more - 2].seq + 1);
	must(n == 0 || more < 3 || kept[more - 3].seq + 1 ==
	    kept[more - 2].seq);
}

static bool
exists(const char *which)
{
	int fd = shm_open(which, O_RDONLY, 0);

	if (fd != -1)
		(void)close(fd);
	return fd != -1;
}

/* Read it as a viewer does. */
static void
look(void)
{
	static uint64_t	buf[RECORD_MAX / sizeof(uint64_t)];
	struct bus	b;
	struct reader	r = { 0, 0, UINT64_MAX };
	uint64_t	missed;

	if (shm_view(&b, name) == -1)
		return;
	(void)roster_count(&b);
	while (ring_read(&b, &r, (char *)buf, sizeof(buf), &missed) > 0)
		continue;
	history_seek_last(&b, &r, 100, ~0U);
	history_seek_id(&b, &r, 1);
	(void)ring_read(&b, &r, (char *)buf, sizeof(buf), &missed);
	shm_view_end(&b);
}

static void
start_anew(unsigned how)
{
	static const uint32_t	slots[] = { SLOTS, 1, 65, 2 };
	struct bus		b;
	pid_t			holder;
	size_t			n;

	must(shm_create(&b, name, slots[how & 3], how & 4 ?
	    2 * BUS_RING_MIN : BUS_RING_MIN, &holder) == 0);
	must(exists(name) && !exists(spare));
	n = check_forward(&b);
	check_backward(&b, n);
	check_resuming(&b, n);
	check_going_on(&b, n);
	shm_remove(&b, name);
	shm_view_end(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input	in = { data, size };
	unsigned	how = take(&in);

	if (sound.size == 0)
		make_sound();
	memcpy(image.bytes, sound.bytes, sound.size);
	memcpy(image.begin, sound.begin, sizeof(image.begin));
	image.size = sound.size;
	image.records = sound.records;
	image.bus = parts_in(&sound.bus, image.bytes);
	while (in.left > 0)
		write_over((enum op)(take(&in) % OPS), &in);
	put_object(name);
	look();
	start_anew(how);
	return 0;
}
