/*
 * The ring of records: writing under the lock, reading without it, and a
 * writer killed in between.
 *
 * Modelled: ring_append (last_record, make_space, copy_in), ring_commit, and
 * the steps from ring_walk to ring_walked, of ipc/bus/ring.c.  Records of one
 * or two cells in a ring of SIZE that is full at the start, two writers with
 * MESSAGES each, READERS readers; a cell is read or written in one step.
 * KILLS writers are killed between any two steps (a reader's death changes
 * nothing here).  Taken as given, since another model shows it: the lock, and
 * that it is recovered.
 *
 * Shown: whatever a reader delivers is whole and was committed, in order;
 * a record's number is the count of records committed so far, so the number
 * that a reader reports as missed is exact; a reader that has read all has
 * accounted for all.
 *
 * RIGHT READERS=2
 * RIGHT READERS=1 MESSAGES=2
 *
 * Mutants, each a switch (-D), some with a scope of their own:
 * MUTANT HEAD_FIRST: head is stored before the record is written
 * MUTANT HEAD_BY_CELLS: each cell is committed by itself
 * MUTANT OLDEST_LATE MESSAGES=2: oldest moves after the overwriting
 * MUTANT OLDEST_FROM_HEAD MESSAGES=2: each writer computes it anew
 * MUTANT OLDEST_BY_CELLS MESSAGES=2: it moves by cells, not by records
 * MUTANT NO_SECOND_LOOK MESSAGES=2: the reader believes what it copied
 * MUTANT LOOK_EARLY MESSAGES=2: the reader validates before it copies
 * MUTANT NUMBERS_APART: the next number is a word, raised before the commit
 * MUTANT RING_TOO_SMALL MESSAGES=2: two records can exceed the ring
 * MUTANT NO_LOCK: the writers do not wait for each other
 */

#ifndef KILLS
#define KILLS	1
#endif
#ifndef MESSAGES
#define MESSAGES	1	/* by each writer */
#endif
#ifndef READERS
#define READERS		1
#endif
#ifdef RING_TOO_SMALL
#define SIZE		3
#else
#define SIZE		4
#endif
#define WRITERS		2
#define OLD		2	/* records at the start, of two cells each */
#define POSITIONS	(2 * (OLD + WRITERS * MESSAGES))

/* The segment.  Positions never wrap. */
byte head;
byte oldest;
byte cell[SIZE];
byte lock;
#ifdef NUMBERS_APART
byte number;
#endif

/* A cell's contents: its record's number, writer and length, and its part. */
#define CELL(seq, who, cells, part)					\
	((seq) * 16 + (who) * 4 + ((cells) - 1) * 2 + (part))
#define SEQ(cell)	((cell) / 16)
#define LEN(cell)	((((cell) / 2) % 2) + 1)
#define PART(cell)	((cell) % 2)
#define AT(position)	cell[(position) % SIZE]

/* Only for the properties. */
byte truth[POSITIONS];		/* what was committed there */
byte published;

mtype = { ALIVE, KILLED, ZOMBIE };
mtype fate[WRITERS] = ALIVE;
mtype = { TAKE, RAISE, WRITE, COMMIT, UNLOCK };
mtype = { LOAD, COPY, CHECK };

/*
 * The order of a writer's steps.  OLDEST_LATE is also what others may see if
 * make_space has no release fence behind its store, and HEAD_FIRST if the store
 * of ring_commit is no release.
 */
#ifdef OLDEST_LATE
#define AFTER_TAKE	WRITE
#define AFTER_WRITE	RAISE
#define AFTER_RAISE	COMMIT
#define AFTER_COMMIT	UNLOCK
#elif defined(HEAD_FIRST)
#define AFTER_TAKE	RAISE
#define AFTER_RAISE	COMMIT
#define AFTER_COMMIT	WRITE
#define AFTER_WRITE	UNLOCK
#else
#define AFTER_TAKE	RAISE
#define AFTER_RAISE	WRITE
#define AFTER_WRITE	COMMIT
#define AFTER_COMMIT	UNLOCK
#endif

/*
 * last_record: the numbers continue from the last record before head.  It is
 * still whole even if a writer died behind it, since a batch and a record fit
 * into the ring together (see _Static_assert in ring.c).
 */
inline last_record()
{
#ifdef NUMBERS_APART
	number++;
	seq = number
#else
	if
	:: head - LEN(AT(head - 1)) >= oldest -> seq = SEQ(AT(head - 1)) + 1
	:: else -> seq = 1
	fi
#endif
}

/*
 * make_space: oldest moves past whole records, and never back: a dead writer
 * may have overwritten half of the record before it.
 */
inline make_space()
{
#ifdef OLDEST_BY_CELLS
	oldest = (oldest + SIZE < from + cells -> from + cells - SIZE : oldest)
#else
#ifdef OLDEST_FROM_HEAD
	oldest = 0;
#endif
	do
	:: oldest < from && oldest + SIZE < from + cells ->
		oldest = oldest + LEN(truth[oldest])
	:: else -> break
	od
#endif
}

/* ring_commit */
inline commit(end)
{
	assert(seq == published + 1);
	published = seq;
	truth[from] = CELL(seq, me, cells, 0);
	if
	:: cells == 2 -> truth[from + 1] = CELL(seq, me, cells, 1)
	:: else
	fi;
	head = end
}

/* publish_batch.  Each option of the loop is one step. */
proctype writer(byte me)
{
	mtype at = TAKE;
	byte n, from, seq, cells, part;

	{
		do
#ifdef NO_LOCK
		:: atomic { at == TAKE && n < MESSAGES ->
#else
		:: atomic { at == TAKE && n < MESSAGES && lock == 0 ->
#endif
			lock = me + 1;
			from = head;
			if
			:: cells = 1
			:: cells = 2
			fi;
			last_record();
			at = AFTER_TAKE }
		:: d_step { at == RAISE -> make_space(); at = AFTER_RAISE }
		:: d_step { at == WRITE ->
			AT(from + part) = CELL(seq, me, cells, part);
			part++;
#ifdef HEAD_BY_CELLS
			if
			:: part < cells -> commit(from + part); published--
			:: else
			fi;
#endif
			at = (part < cells -> WRITE : AFTER_WRITE) }
		:: d_step { at == COMMIT -> commit(from + cells);
			at = AFTER_COMMIT }
		:: d_step { at == UNLOCK ->
			lock = 0;
			n++;
			from = 0;
			seq = 0;
			cells = 0;
			part = 0;
			at = TAKE }
		:: n == MESSAGES -> break
		od
	} unless {
		d_step { fate[me] == KILLED -> fate[me] = ZOMBIE; at = 0;
		    n = 0; from = 0; seq = 0; cells = 0; part = 0 }
	}
}

/* ring_walked: all records between rc and upto are there, whole, in order. */
inline deliver()
{
	assert(!torn);
	assert(PART(truth[rc]) == 0);
	assert(PART(truth[upto - 1]) == LEN(truth[upto - 1]) - 1);
	/* The difference is what it reports as missed. */
	assert(SEQ(truth[rc]) >= next);
	next = SEQ(truth[upto - 1]) + 1;
	rc = upto
}

proctype reader()
{
	mtype at = LOAD;
	byte rc, upto, p;
	byte next = 1;		/* the number that it expects */
	bool torn;		/* it has copied cells never committed there */
#ifdef LOOK_EARLY
	byte seen;
#define OLDEST	seen
#else
#define OLDEST	oldest
#endif

end:	do
	:: d_step { at == LOAD && rc < head ->
		upto = head;
		p = rc;
		torn = false;
#ifdef LOOK_EARLY
		seen = oldest;
#endif
		at = COPY }
	:: d_step { at == COPY ->
		torn = torn || AT(p) != truth[p];
		p++;
		at = (p < upto -> COPY : CHECK) }
	:: d_step { at == CHECK ->
		if
#ifndef NO_SECOND_LOOK
		:: OLDEST > rc -> rc = OLDEST
#endif
		:: else -> deliver()
		fi;
		upto = 0;
		p = 0;
		torn = false;
		at = LOAD }
	od
}

/* lock_recover, and the choice of victims. */
proctype parent()
{
	byte n;

end:	do
	:: atomic { n < KILLS ->
		n++;
		if
		:: fate[0] == ALIVE -> fate[0] = KILLED
		:: fate[1] == ALIVE -> fate[1] = KILLED
		fi }
	:: atomic { fate[0] == ZOMBIE && lock == 1 -> lock = 0 }
	:: atomic { fate[1] == ZOMBIE && lock == 2 -> lock = 0 }
	od
}

init {
	byte i;

	atomic {
		/* Two records of a writer that has exited. */
		do
		:: i < SIZE ->
			cell[i] = CELL(1 + i / 2, 3, 2, i % 2);
			truth[i] = cell[i];
			i++
		:: else -> break
		od;
		head = 2 * (SIZE / 2);
		published = SIZE / 2;
#ifdef NUMBERS_APART
		number = published;
#endif
		run writer(0);
		run writer(1);
		run parent();
		run reader();
		if
		:: READERS > 1 -> run reader()
		:: else
		fi
	}
}
