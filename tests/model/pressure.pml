/*
 * Back-pressure: a publisher must not overwrite what a reader still needs,
 * and no reader may delay it for long.
 *
 * Modelled: ipc/bus/flow.c, with make_space and ring_commit of
 * ipc/bus/ring.c, and roster_recover and wake_writers.  Two writers that
 * publish records, two readers, a ring of SIZE cells, full at the start.
 * A cell is so large that a reader which reads one has earned a second.
 * KILLS processes are killed between any two steps, and a dead reader's
 * slot is used again; STOPS readers are stopped for ever; VISITS times a
 * reader leaves and joins again.  With COMERS, HISTORY and TAKEOVERS no reader
 * reads: readers join at either end, or at the oldest record, for which they
 * begin as lagging, or take over from one another.  A nameless client reads
 * nothing of the ring, so it is no reader here.  Time advances in units of the most that one
 * scan counts: TICKS of them at any moment, the others when all processes can
 * only wait.  A second is LOOKS of them, one unless defined otherwise; flow.c
 * has four.  The room's budget is a second, too, and the span in which it
 * refills does not end.  What only the lock's owner can see is one step.
 *
 * Taken as given, since other models show it: the lock; that readers wake
 * for news; that everyone is woken after an unclean death.
 *
 * Shown: every reader has read what is overwritten, save readers that had not
 * moved for a second, or joined when the budget was spent, and have not caught
 * up since; no reader is given up sooner; no writer waits for ever, nor more
 * than one second in all for stopped readers, however many, or for readers
 * that join and read nothing, however often, or for one whose successors read
 * nothing; not at all for those that ask for old history and read nothing; none
 * sleeps while there is space.
 *
 * RIGHT KILLS=1
 * RIGHT TICKS=1
 * RIGHT KILLS=1 TICKS=1 ONE_READER
 * RIGHT KILLS=1 TICKS=1 ONE_READER BIG=1
 * RIGHT KILLS=1 TICKS=2 ONE_READER LOOKS=2
 * RIGHT TICKS=1 VISITS=1 ONE_READER
 * RIGHT STOPS=1
 * RIGHT STOPS=1 BIG=1
 * RIGHT ALL_STOPPED
 * RIGHT COMERS VISITS=2
 * RIGHT HISTORY VISITS=2 MESSAGES=2
 * RIGHT TAKEOVERS VISITS=3 MESSAGES=3
 * RIGHT TAKEOVERS VISITS=1 KILLS=1
 *
 * Mutants, each a switch (-D), some with a scope of their own:
 * MUTANT NO_BOUND STOPS=1: a reader's second has no end
 * MUTANT SKIP_HIGHER ALL_STOPPED: readers ahead of a slower one pay nothing
 * MUTANT PAY_BLOCKERS ALL_STOPPED: only readers that block the writer pay
 * MUTANT EARN_NOTHING TICKS=1: a reader pays though its cursor moves
 * MUTANT PAY_BEFORE TICKS=1 VISITS=1 ONE_READER: for the time before it joined
 * MUTANT TIME_FIRST TICKS=1: or before it moved, as this scan saw
 * MUTANT SEEN_LAST KILLS=1 TICKS=2 ONE_READER LOOKS=2: charged, then seen
 * MUTANT COUNTED_FIRST KILLS=1 TICKS=1 ONE_READER BIG=1: before the credit
 * MUTANT NO_BUDGET COMERS VISITS=2: each newcomer has a second of its own
 * MUTANT COME_AS_PROVEN COMERS VISITS=2: newcomers count as proven
 * MUTANT HISTORY_AT_ONCE HISTORY VISITS=2: readers of history are waited for
 * MUTANT TAKEOVER_AFRESH TAKEOVERS VISITS=3 MESSAGES=3: so are successors anew
 * MUTANT TAKEOVER_UNCHARGED TAKEOVERS VISITS=3 MESSAGES=3: since the last scan
 * MUTANT NO_SECOND_LOOK TICKS=1: a cursor that moved meanwhile is missed
 * MUTANT GIVE_UP_AT_ONCE KILLS=1 TICKS=1 ONE_READER BIG=1: without doubt
 * MUTANT RESET_AT_OPEN KILLS=1 TICKS=1 ONE_READER: reset without the lock
 * MUTANT LOW_WATER_KEPT KILLS=1: a new reader leaves the low-water mark
 * MUTANT REJOIN_LOW_WATER_KEPT TICKS=1: so does one that has caught up
 * MUTANT REJOIN_UNLOCKED TICKS=1: one that has caught up lowers it unlocked
 * MUTANT NO_SPACE_SIGNAL: readers do not wake publishers
 * MUTANT LEAVE_UNSAID COMERS VISITS=2: nor does a reader that leaves
 * MUTANT READER_NO_FENCE: the reader's store waits while it loads
 * MUTANT NO_SECOND_SCAN: the publisher sleeps without another scan
 * MUTANT SPACE_AT_LAST: it says what it needs after its last scan
 * MUTANT SPACE_AT_BLIND BIG=1: it says so though another needs more
 * MUTANT DEATH_UNSAID KILLS=1: no writer is told that a reader is gone
 */

#ifndef KILLS
#define KILLS	0
#endif
#ifndef STOPS
#define STOPS	0
#endif
#ifndef TICKS
#define TICKS	0
#endif
#ifndef LOOKS
#define LOOKS	1
#endif
#ifndef VISITS
#define VISITS	0
#endif
#ifndef MESSAGES
#define MESSAGES	1	/* by each writer */
#endif
#ifndef BIG
#define BIG		0	/* cells more in the second writer's record */
#endif
#if defined(HISTORY)
#define WAITS		0	/* ticks that pass while nobody moves */
#elif defined(ALL_STOPPED) || defined(COMERS) || defined(TAKEOVERS)
#define WAITS		LOOKS
#else
#define WAITS		(4 * LOOKS)
#endif
#if defined(COMERS) || defined(HISTORY) || defined(TAKEOVERS)
#define NO_READS
#endif
#define WRITERS		2
#define READERS		2
#define SIZE		2
#define QUARTER		(1 - BIG)	/* stands for that of the ring */
#if defined(HISTORY) || defined(TAKEOVERS)
#define CLOSE		1		/* half of the ring */
#else
#define CLOSE		2		/* stands for it */
#endif
#define NOT_READING	255
#define IN_DOUBT	2

/* The segment. */
byte head = SIZE;
byte oldest;
byte low_water;
byte space_at;
byte lock;			/* its owner's id and 1 */
bit blocked[WRITERS];
byte cursor[READERS];
byte counted[READERS];
byte credit[READERS] = LOOKS;	/* in looks */
bit unproven[READERS];
bit fresh[READERS];		/* came or moved since the last tick: since */
bit here[READERS];		/* before the one that flow_seen tells of */
byte spent;			/* of the budget, in looks */
mtype = { NOT, FLOW, STALL };
mtype held = NOT;
bit unseen = 1;			/* more time has passed since flow_seen */
byte lagging[READERS];		/* or IN_DOUBT */
#ifdef TAKEOVERS
bit replaced[READERS];		/* its state */
#endif

/* The kernel: pending signals, expired timers, and which process lives. */
bit signalled[WRITERS];
bit timer[WRITERS];
mtype = { ALIVE, KILLED, ZOMBIE, STOPPED };
mtype fate[WRITERS + READERS] = ALIVE;	/* by id */

/* Only for the properties. */
byte rested[READERS];		/* how long the cursor has not moved */
bit given_up[READERS];		/* rightly, and not caught up since */
bit asleep[WRITERS];
byte stops;
bit may_leave;

#define ID(reader)	(WRITERS + (reader))
#define END		(head + 1 + me * BIG)	/* if I succeed */

#define lock_acquire(id)	atomic { lock == 0 -> lock = id + 1 }
#define lock_release()	lock = 0

#define BLOCKS		(END - c > SIZE)

#ifdef NO_BUDGET
#define BROKE		false
#else
#define BROKE		(unproven[s] && spent == LOOKS)
#endif

#ifdef NO_BOUND
#define OVER		false
#else
#define OVER		(credit[s] == 0 || BROKE)
#endif

#ifdef SKIP_HIGHER
#define NO_MATTER	(c >= lowest || lagging[s] == 1)
#else
#define NO_MATTER	(c >= head || lagging[s] == 1)
#endif

#ifdef PAY_BEFORE
#define HERE		true
#else
#define HERE		here[s]
#endif

#ifdef PAY_BLOCKERS
#define PAYS		(pay && HERE && BLOCKS && credit[s] > 0)
#else
#define PAYS		(pay && HERE && credit[s] > 0)
#endif

#ifdef EARN_NOTHING
#define TOOK		false
#else
#define TOOK		(c > counted[s])
#endif

/* The steps of a writer, and of a reader. */
mtype = { TRY, TIME, SCAN, SETTLED, GIVE_UP,
    LOOK_AGAIN, GIVEN_UP, ASK, APPEND, COMMIT, UNLOCK, SLEEP, ASLEEP };
mtype = { JOIN, READ, LOOK, REJOIN, LOWER, REJOINED, NOTIFY, WAKE, SIGNAL,
    SIGNAL_1 };

/*
 * scan, with tell_time: the time that has passed is stored, and then charged to
 * all; if the writer is killed in between, it is never charged.
 */
inline begin_scan()
{
	timer[me] = 0;
	lowest = head;
	must_wait = NOT;
	late = unseen;
	here[0] = !fresh[0];
	here[1] = !fresh[1];
#ifndef SEEN_LAST
	unseen = 0;
#endif
	at = TIME
}

/* charge_room, for newcomers; the readers pay one by one. */
inline charge()
{
	spent = (late && held == STALL && spent < LOOKS -> spent + 1 : spent);
	pay = late && held != NOT;
	at = SCAN
}

/* settle: the credit; then the count of what earned it. */
inline settle()
{
	credit[s] = (TOOK -> LOOKS : (PAYS -> credit[s] - 1 : credit[s]));
#ifndef TIME_FIRST
	fresh[s] = fresh[s] || TOOK;
#endif
	unproven[s] = unproven[s] && !TOOK
}

inline scan_slot()
{
	c = cursor[s];
	rightly = rested[s] == LOOKS || BROKE;
	if
	:: NO_MATTER -> next_slot()
	:: else ->
#ifdef COUNTED_FIRST
		took = TOOK;
		counted[s] = c;
#else
		settle();
#endif
		at = SETTLED
	fi
}

inline judge_slot()
{
#ifdef COUNTED_FIRST
	if
	:: took -> credit[s] = LOOKS; unproven[s] = 0; fresh[s] = 1
	:: else -> settle()
	fi;
	took = false;
#else
	counted[s] = c;
#endif
	rightly = rightly || BROKE;
	if
	:: BLOCKS && OVER -> at = GIVE_UP
	:: else -> wait_for_slot()
	fi
}

inline wait_for_slot()
{
	if
	:: BLOCKS && must_wait != STALL ->
		must_wait = (unproven[s] -> STALL : FLOW)
	:: else
	fi;
	lowest = (c < lowest -> c : lowest);
	next_slot()
}

inline next_slot()
{
	s++;
	c = 0;
	rightly = false;
	if
	:: s < READERS -> at = SCAN
	:: else ->
		low_water = lowest;
		s = 0;
		lowest = 0;
		held = must_wait;
#ifdef SEEN_LAST
		unseen = unseen && !late;
#endif
		late = 0;
		pay = 0;
		if
		:: must_wait == NOT -> at = APPEND
		:: must_wait != NOT && !asked -> at = ASK
		:: else -> at = SLEEP
		fi
	fi
}

/* ask_for_space: a quarter of the ring at once. */
#define WANTED		(END - SIZE + QUARTER)

inline ask_for_space()
{
#ifdef SPACE_AT_BLIND
	space_at = WANTED
#else
	space_at = (WANTED > space_at -> WANTED : space_at)
#endif
}

#define NEW_OLDEST	(END > oldest + SIZE -> END - SIZE : oldest)
#define NOTHING_LOST(s)							\
	(given_up[s] || NEW_OLDEST == oldest || cursor[s] >= NEW_OLDEST)

/*
 * publish_batch, again and again until there is space.  Each option of the
 * loop is one step.
 */
proctype writer(byte me)
{
	mtype at = TRY;
	byte n, s, c, lowest;
	mtype must_wait = NOT;
	bool asked, rightly;
	bit late, pay;
#ifdef COUNTED_FIRST
	bool took;
#endif

	{
		do
		/* lock_acquire, and flow_space's load of the low-water mark. */
		:: d_step { at == TRY && n < MESSAGES && lock == 0 ->
			lock = me + 1;
			if
			:: END <= low_water + SIZE -> at = APPEND
			:: else -> begin_scan()
			fi }
		:: d_step { at == TIME -> charge() }
		:: d_step { at == SCAN -> scan_slot() }
		:: d_step { at == SETTLED -> judge_slot() }

		/*
		 * give_up.  The cursor is loaded again: had it moved, and had
		 * its owner loaded `lagging` just before, nobody would reset
		 * that.  Until then the slot is in doubt, which the next
		 * publisher ignores if this one is killed.
		 */
		:: d_step { at == GIVE_UP ->
			assert(rightly);
#if defined(NO_SECOND_LOOK) || defined(GIVE_UP_AT_ONCE)
			lagging[s] = 1;
			given_up[s] = (cursor[s] == c);
#else
			lagging[s] = IN_DOUBT;
#endif
#ifdef NO_SECOND_LOOK
			next_slot() }
#else
			at = LOOK_AGAIN }
		:: d_step { at == LOOK_AGAIN ->
			if
			:: cursor[s] != c -> lagging[s] = 0; wait_for_slot()
			:: else -> at = GIVEN_UP
			fi }
		:: d_step { at == GIVEN_UP ->
			lagging[s] = 1;
			given_up[s] = true;
			next_slot() }
#endif

		/*
		 * flow_space: with the bit set it scans once more.
		 * NO_SECOND_SCAN is also the case in which the stores before
		 * that wait in the processor's buffer meanwhile.
		 */
		:: d_step { at == ASK ->
#ifndef SPACE_AT_LAST
			ask_for_space();
#endif
			blocked[me] = 1;
			asked = true;
#ifdef NO_SECOND_SCAN
			at = SLEEP }
#else
			begin_scan() }
#endif

		/* Steps 1 and 3 of ring.c. */
		:: d_step { at == APPEND ->
			assert(NOTHING_LOST(0));
			assert(NOTHING_LOST(1));
			oldest = NEW_OLDEST;
			asked = false;
			at = COMMIT }
		:: d_step { at == COMMIT -> head = END; at = UNLOCK }
		:: d_step { at == UNLOCK ->
			lock = 0;
			blocked[me] = 0;
			signalled[me] = 0;
			timer[me] = 0;
			n++;
			at = TRY }

		/* BUS_WAIT, and ppoll in the session. */
		:: d_step { at == SLEEP ->
#ifdef SPACE_AT_LAST
			ask_for_space();
#endif
			lock = 0;
			asked = false;
			must_wait = NOT;
			asleep[me] = 1;
			at = ASLEEP }
		:: d_step { at == ASLEEP && (signalled[me] || timer[me]) ->
			asleep[me] = 0;
			signalled[me] = 0;
			timer[me] = 0;
			at = TRY }
		:: n == MESSAGES -> break
		od
	} unless {
		d_step { fate[me] == KILLED -> fate[me] = ZOMBIE;
		    asleep[me] = 0; signalled[me] = 0; timer[me] = 0;
		    at = 0; n = 0; s = 0; c = 0; lowest = 0; asked = 0;
		    must_wait = NOT; rightly = 0; pay = 0; late = 0 }
	}
}

/*
 * ring_read, and the store with which flow_passed starts, in one: between the
 * two, others merely believe that it has read less.  What is overwritten by
 * then was missed.
 */
inline read_to(position)
{
	was = cursor[me];
	cursor[me] = (position < oldest -> oldest : position);
	rested[me] = 0;
	at = LOOK
}

#ifdef READER_NO_FENCE
#define NEED		need	/* seen before the store got through */
#else
#define NEED		space_at
#endif

/* flow_passed, its last load: which writers wait for this? */
inline look_at_space()
{
	if
#ifndef NO_SPACE_SIGNAL
	:: was < NEED && NEED <= cursor[me] && (blocked[0] || blocked[1]) ->
		word[0] = blocked[0];
		word[1] = blocked[1];
		at = WAKE
#endif
	:: else -> at = READ
	fi;
	was = 0
}

inline lower_low_water()
{
	low_water = (cursor[me] < low_water -> cursor[me] : low_water)
}

/* Whether the other has been waited for since the last scan. */
#define OWES								\
	(unseen && held != NOT && !fresh[1 - me] && cursor[1 - me] < head)

/* follow: writers wait for it from here on, unless it is far behind. */
inline follow()
{
	given_up[me] = head - cursor[me] > CLOSE;
#ifdef HISTORY_AT_ONCE
	given_up[me] = 0;
#endif
#ifndef RESET_AT_OPEN
	lagging[me] = given_up[me];
#endif
	counted[me] = cursor[me];
	fresh[me] = 1;
#ifndef LOW_WATER_KEPT
	if
	:: !given_up[me] -> lower_low_water()
	:: else
	fi;
#endif
	at = REJOINED
}

/* A session that reads: each option of the loop is one step. */
proctype reader(byte me)
{
	mtype at;
	byte was;
	bit word[WRITERS];
#ifdef READER_NO_FENCE
	byte need;
#endif

born:	{
		at = (cursor[me] == NOT_READING -> JOIN : READ);
end:		do
#ifdef TAKEOVERS
		/*
		 * roster_join in place of the other: with its account, but at
		 * a place of its own.
		 */
		:: atomic { at == JOIN && lock == 0 && may_leave &&
		    cursor[1 - me] != NOT_READING && !replaced[1 - me] ->
			may_leave = 0;
			lock = ID(me) + 1;
			replaced[1 - me] = 1;
			lagging[1 - me] = 1;
			given_up[1 - me] = 1;
			if
			:: cursor[me] = head
			:: cursor[me] = oldest
			:: cursor[me] = cursor[1 - me]
			fi;
			rested[me] = rested[1 - me];
			unproven[me] = unproven[1 - me];
#ifdef TAKEOVER_AFRESH
			credit[me] = LOOKS;
#elif defined(TAKEOVER_UNCHARGED)
			credit[me] = credit[1 - me];
#else
			credit[me] = (OWES && credit[1 - me] > 0 ->
			    credit[1 - me] - 1 : credit[1 - me]);
#endif
			follow() }
		:: d_step { at == READ && replaced[me] ->
			replaced[me] = 0;
			was = cursor[me];
			cursor[me] = NOT_READING;
			rested[me] = 0;
			at = LOOK }
#else
		/* roster_join: at the newest record, or at the oldest. */
		:: atomic { at == JOIN && lock == 0 ->
			lock = ID(me) + 1;
			if
#ifndef HISTORY
			:: cursor[me] = head
#endif
			:: cursor[me] = oldest
			fi;
			rested[me] = 0;
#ifndef RESET_AT_OPEN
			credit[me] = LOOKS;
#endif
#ifdef COME_AS_PROVEN
			unproven[me] = 0;
#else
			unproven[me] = 1;
#endif
			follow() }
#endif

#ifdef READER_NO_FENCE
		:: d_step { at == READ && need != space_at -> need = space_at }
#endif
#ifndef NO_READS
		:: d_step { at == READ && cursor[me] < head ->
			read_to(cursor[me] + 1) }
#endif

#ifndef TAKEOVERS
		/* It leaves, and somebody joins in its place. */
		:: d_step { at == READ && cursor[me] != NOT_READING &&
		    may_leave ->
			may_leave = 0;
			was = cursor[me];
			cursor[me] = NOT_READING;
			rested[me] = 0;
#ifdef LEAVE_UNSAID
			was = 0;
			at = READ }
#else
			at = LOOK }
#endif
#endif
		:: d_step { at == READ && cursor[me] == NOT_READING ->
			at = JOIN }

		/* flow_passed, after its fence. */
		:: d_step { at == LOOK ->
			if
			:: lagging[me] && cursor[me] != NOT_READING &&
			    head - cursor[me] <= CLOSE ->
				at = REJOIN
			:: else ->
				given_up[me] = given_up[me] &&
				    head - cursor[me] > CLOSE;
				look_at_space()
			fi }

		/*
		 * rejoin: the low-water mark did not count this one.  Without
		 * the lock, a scan in progress would store its own low_water
		 * over the lowered one.
		 */
#if defined(REJOIN_UNLOCKED) || defined(REJOIN_LOW_WATER_KEPT)
		:: d_step { at == REJOIN -> lagging[me] = 0; given_up[me] = 0;
			at = LOWER }
		:: d_step { at == LOWER ->
#ifdef REJOIN_UNLOCKED
			lower_low_water();
#endif
			look_at_space() }
#else
		:: d_step { at == REJOIN && lock == 0 ->
			lock = ID(me) + 1;
			credit[me] = LOOKS;
			unproven[me] = 0;
			counted[me] = cursor[me];
			fresh[me] = 1;
			lagging[me] = 0;
			given_up[me] = 0;
			lower_low_water();
			at = REJOINED }
#endif
		:: d_step { at == REJOINED -> lock = 0; at = NOTIFY }
		:: d_step { at == NOTIFY -> look_at_space() }

		/* wake_writers: claims a bit, signals, then the next. */
		:: d_step { at == WAKE && word[0] ->
			at = (blocked[0] -> SIGNAL : WAKE);
			word[0] = 0;
			blocked[0] = 0 }
		:: d_step { at == SIGNAL -> signalled[0] = 1; at = WAKE }
		:: d_step { at == WAKE && !word[0] && word[1] ->
			at = (blocked[1] -> SIGNAL_1 : READ);
			word[1] = 0;
			blocked[1] = 0 }
		:: d_step { at == SIGNAL_1 -> signalled[1] = 1; at = READ }
		:: d_step { at == WAKE && !word[0] && !word[1] -> at = READ }
		od
	} unless {
		if
		:: fate[ID(me)] == KILLED -> d_step { fate[ID(me)] = ZOMBIE;
			at = 0; was = 0; word[0] = 0; word[1] = 0 }
		:: fate[ID(me)] == STOPPED
		fi;
end_not_alive:	fate[ID(me)] == ALIVE
	};
	goto born
}

/* roster_recover and wake_recover; roster_open for the slot's next client. */
proctype parent()
{
	byte id;

end:	do
	:: atomic {
			if
			:: fate[0] == ZOMBIE -> id = 0
			:: fate[1] == ZOMBIE -> id = 1
			:: fate[2] == ZOMBIE -> id = 2
			:: fate[3] == ZOMBIE -> id = 3
			fi;
			if
			:: lock == id + 1 -> lock = 0
			:: else
			fi
		};
		if
		:: id >= WRITERS -> cursor[id - WRITERS] = NOT_READING
		:: else
		fi;
#ifndef DEATH_UNSAID
		signalled[0] = 1;
		signalled[1] = 1;
#endif
		if
		:: id >= WRITERS ->
#ifdef RESET_AT_OPEN
			credit[id - WRITERS] = LOOKS;
			lagging[id - WRITERS] = 0;
#endif
			atomic { fate[id] = ALIVE; id = 0 }
		:: atomic { else -> fate[id] = STOPPED; id = 0 }
		fi
	od
}

/* Time passes, for everyone. */
inline tick()
{
	rested[0] = (rested[0] < LOOKS -> rested[0] + 1 : LOOKS);
	rested[1] = (rested[1] < LOOKS -> rested[1] + 1 : LOOKS);
	fresh[0] = 0;
	fresh[1] = 0;
	unseen = 1;
	timer[0] = asleep[0] || lock == 1;
	timer[1] = asleep[1] || lock == 2
}

/* A stopped reader may have been about to wake a writer. */
#define SPACE(w)								\
	(cursor[0] >= head + 1 + w * BIG - SIZE &&			\
	    cursor[1] >= head + 1 + w * BIG - SIZE)
#define SLEEPS_THOUGH_SPACE(w)	(asleep[w] && stops == 0 && SPACE(w))

/*
 * Kills, stops, and time.  A stopped owner of the lock is left out: the
 * parent kills it, so that is a kill.
 */
proctype fortune()
{
	byte kills = KILLS, ticks = TICKS, visits = VISITS, waits;

	do
	:: atomic { kills > 0 ->
			kills--;
			if
			:: fate[0] == ALIVE -> fate[0] = KILLED
			:: fate[1] == ALIVE -> fate[1] = KILLED
			:: fate[2] == ALIVE -> fate[2] = KILLED
			:: fate[3] == ALIVE -> fate[3] = KILLED
			fi
		}
	:: atomic { stops < STOPS && fate[2] == ALIVE && lock != 3 ->
		stops++; fate[2] = STOPPED }
	:: atomic { stops < STOPS && fate[3] == ALIVE && lock != 4 ->
		stops++; fate[3] = STOPPED }
	:: d_step { ticks > 0 -> ticks--; tick() }
	:: d_step { visits > 0 && !may_leave -> visits--; may_leave = 1 }
	:: atomic { kills = 0; ticks = 0; break }
	od;
	do
	:: atomic { timeout ->
			if
			:: asleep[0] || asleep[1] ->
				assert(!SLEEPS_THOUGH_SPACE(0));
				assert(!SLEEPS_THOUGH_SPACE(1));
				waits++;
				assert(waits <= WAITS);
				tick();
				if
				:: visits > 0 -> visits--; may_leave = 1
				:: true
				fi
			:: else -> break
			fi
		}
	od
}

init {
	atomic {
#ifdef COMERS
		unproven[0] = 1;
		unproven[1] = 1;
#endif
#ifdef HISTORY
		lagging[0] = 1;
		lagging[1] = 1;
		given_up[0] = 1;
		given_up[1] = 1;
#endif
#ifdef TAKEOVERS
		cursor[1] = NOT_READING;
#endif
#ifdef ALL_STOPPED
		stops = 2;
		fate[ID(0)] = STOPPED;
		fate[ID(1)] = STOPPED;
		if
		:: cursor[0] = 1
		:: cursor[1] = 1
		:: true
		fi;
#endif
		run writer(0);
		run writer(1);
		run reader(0);
#ifdef ONE_READER
		cursor[1] = NOT_READING;
		fate[ID(1)] = STOPPED;
#else
		run reader(1);
#endif
		run parent();
		run fortune()
	}
}
