/*
 * The lock among writers: a word that names its owner, a semaphore (lock_sem)
 * on which waiters sleep, the parent that frees a dead owner's lock, and the
 * waker that makes up for the post which the dead one may have owed.
 *
 * Modelled: ipc/bus/lock.c, one access of shared memory to a step, some
 * writers that each want the lock TAKES times, KILLS kills between any two
 * steps of a writer or of the waker, and a new process that gets the dead
 * one's pid.  The parent reaps, frees, and asks for a post by `wake_all`
 * (roster_recover); it may hold the lock for a moment to announce the leave
 * (roster_announce_death).  The waker finds `wake_all` set and posts
 * (wake_round); if it dies, the parent starts another and asks again
 * (wake_new_waker).  Left out: the count of holds in the word's high half,
 * which only lock_hold() reads; a sleeper's check once a second, since no
 * process may need it to proceed; and how the waker sleeps, which wake.pml
 * models.
 *
 * Shown: one holder at a time; every living process gets the lock in the end
 * (a process that sleeps for ever is an invalid end state); the posts in the
 * semaphore remain few, however many die.
 *
 * RIGHT KILLS=2 TAKES=2
 * RIGHT KILLS=1 TAKES=1 WRITERS=3
 *
 * Mutants, each a switch (-D), some with a scope of their own:
 * MUTANT SEM_AS_LOCK: the semaphore is the lock; a death posts it
 * MUTANT SEM_AS_LOCK_NO_POST: the semaphore is the lock; a death does not
 * MUTANT TEST_THEN_SET: the word is loaded, then stored, in two steps
 * MUTANT NO_FREE: the parent does not free a dead one's lock
 * MUTANT FREE_BLIND: the parent frees without a check of the owner
 * MUTANT FORK_BEFORE_RECOVER: the parent forks before it recovers
 * MUTANT NO_POST: the waker does not post after a death
 * MUTANT NO_ASK: the parent does not ask for a post after a death
 * MUTANT ASK_IF_HELD: the parent asks only if the dead one held the lock
 * MUTANT ANNOUNCE_SILENT: the parent releases the lock without asking for a post
 * MUTANT CLEAR_LATE: the waker posts, then clears the request
 * MUTANT WAKER_FORGETS: a new waker does not get the request again
 * MUTANT DRAIN_ONLY: the waker empties the semaphore and posts nothing
 * MUTANT POST_THEN_FLAG: the waker posts, then sets the flag
 * MUTANT COUNT_LATE: a waiter tries, then counts itself, then sleeps
 * MUTANT LOOK_FIRST: the releaser loads the count of waiters, then frees
 * MUTANT FLAG_KEPT: a woken waiter does not clear the flag
 * MUTANT FLAG_LATE: a woken waiter clears the flag after it has tried again
 * MUTANT NO_FLAG: every release posts if a writer waits
 * MUTANT NO_DRAIN KILLS=7 TAKES=1: the waker posts without draining the semaphore
 */

#ifndef KILLS
#define KILLS	2
#endif
#ifndef TAKES
#define TAKES	2
#endif
#ifndef WRITERS
#define WRITERS	2
#endif
#define WAKER	0	/* the index of its fate; writers' follow */
#define PARENT	(WRITERS + 1)
#define POSTS_MAX	6	/* more than that, and they would pile up */

byte owner;		/* a pid, 0 when free */
byte waiting;		/* asleep on the semaphore, or about to be */
bit posted;		/* a post for a waiter is pending */
bit wake_all;		/* the parent asks the waker for a post */
#if defined(SEM_AS_LOCK) || defined(SEM_AS_LOCK_NO_POST)
#define SEMAPHORE_ONLY
byte lock_sem = 1;
#else
byte lock_sem;		/* posts in the semaphore */
#endif

mtype = { ALIVE, KILLED, ZOMBIE };
mtype fate[WRITERS + 1] = ALIVE;	/* by pid, and the waker's */
byte inside;		/* the last to enter, to see a second holder */

inline sem_post()
{
	atomic { lock_sem++; assert(lock_sem <= POSTS_MAX) }
}

#define mutually_alone()	inside = me; assert(inside == me)

/*
 * lock_try, if it succeeds.  A compare-and-swap is one step; the mutant's
 * two are what "if (owner == 0) owner = me" would be.
 */
#ifdef TEST_THEN_SET
#define LOCK_TRY	owner == 0 -> owner = me
#else
#define LOCK_TRY	atomic { owner == 0 -> owner = me }
#endif

/* lock_acquire: spin(), then count in, then try and sleep_on_sem(). */
inline lock_acquire()
{
#ifdef SEMAPHORE_ONLY
	atomic { lock_sem > 0 -> lock_sem-- }
#else
	if
	:: LOCK_TRY
	:: else ->
#ifndef COUNT_LATE
		waiting++;
#endif
		do
		:: LOCK_TRY -> break
		:: else ->
#ifdef COUNT_LATE
			waiting++;
#endif
#ifdef FLAG_LATE
			posted = 0;
#endif
			atomic { lock_sem > 0 -> lock_sem-- };
#ifdef COUNT_LATE
			waiting--;
#endif
			/*
			 * Cleared before the next try: if that fails, the
			 * lock's holder has yet to release it, and will find
			 * the flag down.  FLAG_LATE: the holder releases
			 * between the try and the clearing, finds the flag up,
			 * and does not post.
			 */
#if !defined(FLAG_KEPT) && !defined(FLAG_LATE)
			posted = 0
#endif
		od;
#ifndef COUNT_LATE
		waiting--
#endif
	fi
#endif
}

/* lock_release */
inline lock_release()
{
#ifdef SEMAPHORE_ONLY
	sem_post()
#elif defined(LOOK_FIRST)
	/*
	 * The processor also does this if the store that frees is not seq_cst:
	 * the store waits in the store buffer while `waiting` is read.
	 */
	if
	:: waiting > 0 ->
		owner = 0;
		post()
	:: else -> owner = 0
	fi
#else
	owner = 0;
	if
	:: waiting > 0 -> post()
	:: else
	fi
#endif
}

/* post */
inline post()
{
#ifdef NO_FLAG
	sem_post()
#else
	if
	:: atomic { posted == 0 -> posted = 1 }; sem_post()
	:: else
	fi
#endif
}

proctype writer(byte me)
{
	byte n;

born:	{
		n = 0;
		do
		:: n < TAKES ->
			n++;
			if
			:: lock_acquire()
#ifndef SEMAPHORE_ONLY
			:: LOCK_TRY
#endif
			fi;
			mutually_alone();
			lock_release()
		:: else -> goto over
		od
	} unless {
		fate[me] == KILLED -> fate[me] = ZOMBIE;
		/* The parent reaps, and forks again with the same pid. */
end:		fate[me] != ZOMBIE
	};
	goto born;
over:
}

/* lock_recover */
inline lock_recover()
{
#ifdef FREE_BLIND
	owner = 0
#elif defined(NO_FREE)
	skip
#else
	if
	:: atomic { owner == victim -> owner = 0; held = true }
	:: else -> held = false
	fi
#endif
}

/*
 * lock_recover_sem.  No process can know whether the dead one owed a post, so
 * the waker posts in any case.  ASK_IF_HELD is what a careful person writes
 * first; it hangs if the dead one had consumed the post and not yet acquired
 * the lock, or had set the flag and not yet posted.
 */
inline lock_recover_sem()
{
#ifndef NO_DRAIN
	do
	:: atomic { lock_sem > 0 -> lock_sem-- }
	:: else -> break
	od;
#endif
#if defined(DRAIN_ONLY) || defined(NO_POST)
	skip
#elif defined(POST_THEN_FLAG)
	sem_post();
	posted = 1
#else
	posted = 1;
	sem_post()
#endif
}

/* wake_round, as far as the lock is concerned. */
proctype waker()
{
end:	{
end_1:		do
#ifdef CLEAR_LATE
		:: wake_all == 1 ->
			lock_recover_sem();
			wake_all = 0
#else
		:: atomic { wake_all == 1 -> wake_all = 0 };
			lock_recover_sem()
#endif
		od
	} unless {
		fate[WAKER] == KILLED -> fate[WAKER] = ZOMBIE;
end_2:		fate[WAKER] != ZOMBIE
	};
	goto end
}

/* roster_recover: the parent has the waker make up for lost posts. */
inline recover()
{
#ifdef SEM_AS_LOCK
	sem_post()
#elif defined(SEM_AS_LOCK_NO_POST)
	skip
#else
	lock_recover();
#ifdef ASK_IF_HELD
	if
	:: held -> wake_all = 1
	:: else
	fi
#elif !defined(NO_ASK)
	wake_all = 1
#endif
#endif
}

/* roster_announce_death: once, if the lock is free, with or without a leave. */
inline announce_death()
{
#ifdef SEMAPHORE_ONLY
	skip
#else
	if
	:: atomic { owner == 0 -> owner = PARENT };
		owner = 0;
#ifndef ANNOUNCE_SILENT
		if
		:: waiting > 0 -> wake_all = 1
		:: else
		fi
#endif
	:: true
	fi
#endif
}

#define reap()							\
	if							\
	:: fate[1] == ZOMBIE -> victim = 1				\
	:: fate[2] == ZOMBIE -> victim = 2				\
	:: fate[WRITERS] == ZOMBIE -> victim = WRITERS			\
	fi

/*
 * Reap, recover, and only then fork: the pid is nobody else's until then.
 */
active proctype parent()
{
	byte victim;
	bool held;

end:	do
	:: reap();
#ifdef FORK_BEFORE_RECOVER
		fate[victim] = ALIVE;
		recover()
#else
		recover();
		fate[victim] = ALIVE;
		announce_death()
#endif
	:: fate[WAKER] == ZOMBIE ->
		/* wake_new_waker */
		fate[WAKER] = ALIVE;
#ifndef WAKER_FORGETS
		wake_all = 1
#endif
	od
}

active proctype killer()
{
	byte n;

	do
	:: n < KILLS ->
		atomic {
			n++;
			if
			:: fate[1] == ALIVE -> fate[1] = KILLED
			:: fate[2] == ALIVE -> fate[2] = KILLED
			:: fate[WRITERS] == ALIVE -> fate[WRITERS] = KILLED
			:: fate[WAKER] == ALIVE -> fate[WAKER] = KILLED
			fi
		}
	:: break
	od
}

init {
	atomic {
		run waker();
		run writer(1);
		run writer(2);
#if WRITERS > 2
		run writer(3)
#endif
	}
}
