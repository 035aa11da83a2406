/*
 * Sleeping until there is news, and being woken: by the publisher, or by
 * the waker in its place.
 *
 * Modelled: ipc/bus/wake.c, with roster_recover, the recovery of a dead child
 * in chatserv/parent/reap.c, and start_waker.  Two writers that publish one
 * record each, two readers, the waker; a publisher wakes DIRECT sleepers
 * itself.  Their number (see waker_busy) decides only which process wakes, and
 * the pause of a busy waker is time between two of its steps like any other.
 * KILLS of all processes are killed between any two steps; a dead reader's
 * slot gets a new session, with another pid; a dead waker is replaced.  One
 * access of shared memory, or one system call, is one step; a full fence means
 * that nothing waits in a store buffer, which the mutants without one imitate.
 * Taken as given, since other models show it: the lock, and that reading
 * works, so a commit and a read are one step each.  Loading a cursor and
 * claiming the bit are one step, as are loading a slot's pid and kill(2): a step
 * between these finds a reader that is awake, or a new one that checks for
 * itself.
 *
 * Shown: when nothing can move, each session has read up to head.
 *
 * RIGHT KILLS=1
 *
 * Mutants, each a switch (-D), some with a scope of their own (the VICTIM
 * is a reader, the waker, 2, or a writer, 3):
 * MUTANT NO_SECOND_LOOK: the sleeper does not load head again after it set its bit
 * MUTANT SLEEPER_NO_FENCE: its bit waits in a store buffer while it loads
 * MUTANT PUBLISHER_NO_FENCE: head waits in a store buffer while it scans
 * MUTANT SIGNAL_NOT_KEPT: the signal is not blocked outside the sleep
 * MUTANT WAKE_FIRST: the publisher wakes, then commits
 * MUTANT TAKE_IN_TWO: the word of bits is read, then written
 * MUTANT PID_FIRST KILLS=1 VICTIM=0: the pid is loaded before the bit is claimed
 * MUTANT NO_DOORBELL: the publisher leaves the rest asleep
 * MUTANT DOORBELL_FIRST: it presses, then says why
 * MUTANT DOORBELL_LATE: the waker scans, then clears doorbell
 * MUTANT WAKER_LOOKS_FIRST: the waker loads doorbell, then says that it sleeps
 * MUTANT NO_WAKE_ALL KILLS=1 VICTIM=3: nobody is woken after a death
 * MUTANT WAKE_MARKED KILLS=1 VICTIM=3: only those with a bit are
 * MUTANT RECOVER_BY_DOORBELL KILLS=1 VICTIM=3: the parent presses as publishers do
 * MUTANT NEW_WAKER_SILENT KILLS=1 VICTIM=2: a new waker just waits
 */

#ifndef KILLS
#define KILLS	0
#endif
#ifndef VICTIM
#define VICTIM	ANY
#endif
#define ANY		255
#define WRITERS		2
#define READERS		2
#define DIRECT		1
#define NOT_READING	255

/* The segment. */
byte head;
byte cursor[READERS];
bit sleeper[READERS] = 1;	/* the bits of one word */
byte slot_pid[READERS] = 1;	/* 0, or the occupant's number */
byte waker = 1;			/* the waker's */
bit waker_sleeps = 1;
bit doorbell;
bit wake_all;

/* The kernel: which process lives, its pid, and whether it has a signal. */
mtype = { ALIVE, KILLED, ZOMBIE, GONE };
#define IDS		(READERS + 1 + WRITERS)
#define WAKER		READERS
#define WRITER(w)	(READERS + 1 + (w))
mtype fate[IDS] = ALIVE;	/* the readers', the waker's, the writers' */
byte number[READERS + 1] = 1;	/* the present pid */
bit signalled[READERS + 1];
#ifdef SIGNAL_NOT_KEPT
bit in_ppoll[READERS + 1];
#define KEPT(id)	in_ppoll[id]
#else
#define KEPT(id)	true
#endif

/* kill(2): the pid of a process that has exited, or never was, is nobody's. */
#define kill(id, whom)							\
	signalled[id] = signalled[id] || (number[id] == whom && KEPT(id))

/* Steps: of wake_some, a publisher, a reader and the waker. */
mtype = { WORD, SLOT, TAKE, PUT_BACK, KILL };
mtype = { COMMIT, PRESS, DOORBELL, WHO, CALL, OVER };
mtype = { ENTER, JOIN, READ, MARK, LOOK, UNMARK, ASLEEP };
mtype = { ROUND, EACH, OTHERS, PRESSED, RELEASE, PREPARE };

/*
 * wake_some: visits the bits of readers that have not read up to head.  Only
 * the exchange that clears a bit claims it, and only then is the pid loaded:
 * loaded before, it might be that of the dead predecessor of the session that
 * has set the bit since (PID_FIRST).
 */
inline look_at_slot(most, with_more, without)
{
	if
	:: cursor[s] >= h -> next_slot(with_more, without)
	:: cursor[s] < h && woken == most -> more = true;
		finish(with_more, without)
	:: cursor[s] < h && woken < most ->
		woken++;
#ifdef PID_FIRST
		whom = slot_pid[s];
		at = TAKE
#else
		take(with_more, without)
#endif
	fi
}

/* The next slot whose bit the word had. */
inline next_slot(with_more, without)
{
	whom = 0;
	s++;
	seek(with_more, without)
}

inline seek(with_more, without)
{
	if
	:: s == 0 && !word[0] -> s = 1
	:: else
	fi;
	if
	:: s == 1 && !word[1] -> s = 2
	:: else
	fi;
	if
	:: s == READERS -> finish(with_more, without)
	:: else -> at = SLOT
	fi
}

/* The scan is over; the publisher presses the doorbell if there are more. */
inline finish(with_more, without)
{
	h = 0;
	s = 0;
	whom = 0;
	woken = 0;
	word[0] = 0;
	word[1] = 0;
	at = (more -> with_more : without);
	more = false
}

inline take(with_more, without)
{
#ifdef TAKE_IN_TWO
	old[0] = sleeper[0];
	old[1] = sleeper[1];
	at = PUT_BACK
#else
	if
	:: sleeper[s] -> sleeper[s] = 0; at = KILL
	:: else -> next_slot(with_more, without)
	fi
#endif
}

inline put_back(with_more, without)
{
	sleeper[0] = old[0] && s != 0;
	sleeper[1] = old[1] && s != 1;
	if
	:: old[s] -> at = KILL
	:: else -> next_slot(with_more, without)
	fi;
	old[0] = 0;
	old[1] = 0
}

#ifdef TAKE_IN_TWO
#define PUT_BACK_STEP(with_more, without)				\
	:: d_step { at == PUT_BACK -> put_back(with_more, without) }
#else
#define PUT_BACK_STEP(with_more, without)
#endif

#ifdef PID_FIRST
#define WHOM		whom
#define TAKE_STEP(with_more, without)					\
	:: d_step { at == TAKE -> take(with_more, without) }
#else
#define WHOM		slot_pid[s]
#define TAKE_STEP(with_more, without)
#endif

#define WAKE_SOME(most, with_more, without)				\
	:: d_step { at == WORD -> word[0] = sleeper[0];			\
		word[1] = sleeper[1]; seek(with_more, without) }	\
	:: d_step { at == SLOT -> look_at_slot(most, with_more, without) } \
	TAKE_STEP(with_more, without)					\
	PUT_BACK_STEP(with_more, without)				\
	:: d_step { at == KILL -> kill(s, WHOM);			\
		next_slot(with_more, without) }

/*
 * ring_commit, and the load of head with which wake_some starts.  The store may
 * wait in the processor's store buffer until the next system call, unless there
 * is a fence; its own processor sees it meanwhile.
 */
inline commit()
{
#ifdef WAKE_FIRST
	head++;
	at = OVER
#elif defined(PUBLISHER_NO_FENCE)
	buffered = true;
	h = head + 1;
	at = WORD
#else
	head++;
	h = head;
	at = WORD
#endif
}

#ifdef WAKE_FIRST
#define AFTER_WAKING	COMMIT
#else
#define AFTER_WAKING	OVER
#endif

/* press_doorbell, and the reason for it. */
#ifdef DOORBELL_FIRST
#define FIRST_STEP	DOORBELL
#define AFTER_PRESS	AFTER_WAKING
#define AFTER_DOORBELL	PRESS
#else
#define FIRST_STEP	PRESS
#define AFTER_PRESS	DOORBELL
#define AFTER_DOORBELL	AFTER_WAKING
#endif

/* publish_batch: commit, then wake_readers. */
proctype writer(byte id)
{
	mtype at;
	byte h, s, whom, woken;
	bool more;
	bit word[READERS];
#ifdef TAKE_IN_TWO
	bit old[READERS];
#endif
#ifdef PUBLISHER_NO_FENCE
	bool buffered;
#endif

	{
#ifdef WAKE_FIRST
		d_step { h = head + 1; at = WORD };
#else
		at = COMMIT;
#endif
		do
		:: d_step { at == COMMIT -> commit() }
#ifdef PUBLISHER_NO_FENCE
		:: d_step { buffered -> head++; buffered = false }
#endif
#ifdef NO_DOORBELL
		WAKE_SOME(DIRECT, AFTER_WAKING, AFTER_WAKING)
#else
		WAKE_SOME(DIRECT, FIRST_STEP, AFTER_WAKING)
#endif
		:: d_step { at == PRESS -> doorbell = 1; at = AFTER_PRESS }
		:: d_step { at == DOORBELL ->
			at = (waker_sleeps -> WHO : AFTER_DOORBELL);
			waker_sleeps = 0 }
		:: d_step { at == WHO -> whom = waker; at = CALL }
		:: d_step { at == CALL -> kill(WAKER, whom); whom = 0;
			at = AFTER_DOORBELL }
		:: at == OVER -> break
		od
	} unless {
		d_step { fate[id] == KILLED -> fate[id] = ZOMBIE; finish(0, 0) }
	}
}

inline prepared()
{
#ifdef SIGNAL_NOT_KEPT
	in_ppoll[me] = 1;
#endif
	at = ASLEEP
}

inline wake_cancel()
{
#ifdef SIGNAL_NOT_KEPT
	in_ppoll[me] = 0
#else
	skip
#endif
}

/* A session that only reads. */
proctype reader(byte me)
{
	mtype at;
#ifdef SLEEPER_NO_FENCE
	bool buffered;
#endif

born:	{
		at = (slot_pid[me] == number[me] -> ASLEEP : ENTER);
end:		do
		/* roster_enter; then roster_join, from now or long ago. */
		:: d_step { at == ENTER -> slot_pid[me] = number[me]; at = JOIN }
		:: atomic { at == JOIN ->
			if
			:: cursor[me] = head
			:: cursor[me] = 0
			fi;
			at = READ }
		/* ring_read, flow_passed. */
		:: d_step { at == READ -> cursor[me] = head; at = MARK }
		/* wake_prepare */
		:: d_step { at == MARK ->
#ifdef SLEEPER_NO_FENCE
			buffered = true;
#else
			sleeper[me] = 1;
#endif
#ifdef NO_SECOND_LOOK
			prepared() }
#else
			at = LOOK }
		:: d_step { at == LOOK ->
			if
			:: head > cursor[me] -> at = UNMARK
			:: else -> prepared()
			fi }
#endif
#ifdef SLEEPER_NO_FENCE
		:: d_step { buffered -> sleeper[me] = 1; buffered = false }
#endif
		:: d_step { at == ASLEEP && signalled[me] ->
			signalled[me] = 0;
			wake_cancel();
			at = UNMARK }
		:: d_step { at == UNMARK ->
#ifdef SLEEPER_NO_FENCE
			buffered = false;
#endif
			sleeper[me] = 0;
			cursor[me] = head;
			at = MARK }
		od
	} unless {
		d_step { fate[me] == KILLED -> fate[me] = ZOMBIE; at = 0 };
end_dead:	fate[me] == ALIVE
	};
	goto born
}

/* waker_run: rounds, and the steps before it sleeps. */
#ifdef WAKER_LOOKS_FIRST
#define AFTER_ROUND	LOOK
#define AFTER_LOOK	PREPARE
#define AFTER_PREPARE	ASLEEP
#else
#define AFTER_ROUND	PREPARE
#define AFTER_PREPARE	LOOK
#define AFTER_LOOK	ASLEEP
#endif

#ifdef DOORBELL_LATE
#define clear_doorbell()	skip
#define AFTER_SCAN	RELEASE
#else
#define clear_doorbell()	doorbell = 0
#define AFTER_SCAN	AFTER_ROUND
#endif

#ifdef WAKE_MARKED
#define everyone()	h = head; at = WORD
#else
#define everyone()	at = EACH
#endif

inline look_at_rung()
{
	if
	:: doorbell -> clear_doorbell(); h = head; at = WORD
	:: else -> at = AFTER_ROUND
	fi
}

proctype waker_process()
{
	mtype at;
	byte h, s, whom, woken;
	bool more;
	bit word[READERS];
#ifdef TAKE_IN_TWO
	bit old[READERS];
#endif

born:	{
		at = (number[WAKER] == 1 -> ASLEEP : ROUND);
end:		do
		/* wake_round: wake_everyone, whatever their bits say. */
		:: d_step { at == ROUND ->
			if
			:: wake_all -> wake_all = 0; everyone()
			:: else -> look_at_rung()
			fi }
		:: d_step { at == EACH -> kill(0, slot_pid[0]); at = OTHERS }
		:: d_step { at == OTHERS -> kill(1, slot_pid[1]); at = PRESSED }
		:: d_step { at == PRESSED -> look_at_rung() }
		WAKE_SOME(READERS, AFTER_SCAN, AFTER_SCAN)
		:: d_step { at == RELEASE -> doorbell = 0; at = AFTER_ROUND }

		/* wake_waker_prepare, wake_waker_cancel. */
		:: d_step { at == PREPARE -> waker_sleeps = 1; at = AFTER_PREPARE }
		:: d_step { at == LOOK ->
			if
			:: doorbell || wake_all -> waker_sleeps = 0; at = ROUND
			:: else -> at = AFTER_LOOK
			fi }
		:: d_step { at == ASLEEP && signalled[WAKER] ->
			signalled[WAKER] = 0; waker_sleeps = 0; at = ROUND }
		od
	} unless {
		d_step { fate[WAKER] == KILLED -> fate[WAKER] = ZOMBIE;
		    finish(0, 0) };
end_dead:	fate[WAKER] == ALIVE
	};
	goto born
}

/*
 * wake_recover.  Nobody can know which wake-ups the dead process took along, so
 * the waker wakes everyone, and is signalled in any case: the dead one may have
 * pressed the doorbell and not yet signalled (RECOVER_BY_DOORBELL).
 */
inline wake_recover()
{
#ifdef NO_WAKE_ALL
	skip
#else
	wake_all = 1;
#ifdef RECOVER_BY_DOORBELL
	if
	:: atomic { waker_sleeps -> waker_sleeps = 0 };
		kill(WAKER, waker)
	:: else
	fi
#else
	kill(WAKER, waker)
#endif
#endif
}

/* Reaps, recovers, forks again. */
proctype parent()
{
	byte dead;

end:	do
	:: atomic {
			if
			:: fate[0] == ZOMBIE -> dead = 0
			:: fate[1] == ZOMBIE -> dead = 1
			:: fate[2] == ZOMBIE -> dead = 2
			:: fate[3] == ZOMBIE -> dead = 3
			:: fate[4] == ZOMBIE -> dead = 4
			fi
		};
		if
		:: dead < READERS ->
			/* roster_recover, wake_recover, then the next client. */
			slot_pid[dead] = 0;
			cursor[dead] = NOT_READING;
			sleeper[dead] = 0;
			wake_recover();
			d_step { number[dead]++; signalled[dead] = 0;
			    fate[dead] = ALIVE; dead = 0 }
		:: dead == WAKER ->
			/* start_waker */
			d_step { number[WAKER]++; signalled[WAKER] = 0;
			    fate[WAKER] = ALIVE };
			waker = number[WAKER];
#ifndef NEW_WAKER_SILENT
			wake_recover();
#endif
			dead = 0
		:: else ->
			wake_recover();
			d_step { fate[dead] = GONE; dead = 0 }
		fi
	od
}

#define MAY_DIE(id)							\
	(fate[id] == ALIVE && (VICTIM == ANY || VICTIM == id))

/* Kills; and when nothing can move, finds who has missed what. */
proctype fortune(byte kills)
{
	do
	:: atomic { kills > 0 ->
			kills--;
			if
			:: MAY_DIE(0) -> fate[0] = KILLED
			:: MAY_DIE(1) -> fate[1] = KILLED
			:: MAY_DIE(2) -> fate[2] = KILLED
			:: MAY_DIE(3) -> fate[3] = KILLED
			:: MAY_DIE(4) -> fate[4] = KILLED
			fi
		}
	:: else -> break
	od;
	atomic { timeout -> assert(cursor[0] == head && cursor[1] == head) }
}

init {
	atomic {
		run writer(WRITER(0));
		run writer(WRITER(1));
		run waker_process();
		run reader(0);
		run reader(1);
		run parent();
		if
		:: run fortune(KILLS)
		:: run fortune(0)
		fi
	}
}
