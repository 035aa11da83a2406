/* SPDX-License-Identifier: ISC */

/*
 * A hijacked session: a library for LD_PRELOAD that a session obeys as soon as
 * its client says HIJACK.
 *
 * The process is the real one, with its filter, its limits and everything that
 * it has inherited.  The file that HIJACK names is a page of 64-bit words that
 * the test and all processes share.  In the first mode the session tries all
 * combinations of the calls and arguments below, in an order that the seed
 * chooses.  The filter kills it for a forbidden one, and the next session
 * continues behind that.  In the second mode it writes to words of the shared
 * segment, and makes some of these calls.
 *
 * Should a filter allow more than it should, only the room and the process
 * that the test has made for that are harmed: no fatal signal goes elsewhere.
 */

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct orders {
	_Atomic uint64_t	seed;
	_Atomic uint64_t	next;		/* combination */
	_Atomic uint64_t	total;		/* of them; set here */
	_Atomic uint64_t	writes;		/* to do; 0: the first mode */
	_Atomic uint64_t	bystander;	/* a process */
	_Atomic uint64_t	stop;		/* the second mode */
};

void	*map_any(void *, size_t, int, int, int, off_t) __asm__("mmap");
void	*map_large(void *, size_t, int, int, int, off_t) __asm__("mmap64");

static struct orders	*orders;
static uint64_t		*segment;
static size_t		 segment_size;
static char		 text[] = "hijacked\n";
static uint64_t		 scratch[512];/* its first words stay zero */

/* The sets of arguments; meaning() says what some values stand for. */
enum set {
	FD, MEMORY, LENGTH, HOW, COMMAND, FLAGS, SHARED, SIZE, ADVICE, WORD,
	OPERATION, PROCESS, SIGNAL, FEW, ZERO, TEXT, OPTION, MESSAGE, SETS
};

#define ALL	(-1)		/* of the segment */
#define LAST	26		/* of advice, and of operations */

static const struct {
	int	n;
	long	value[12];
} sets[SETS] = {
	[FD] = { 7, { 2, 0, 1, 3, 4, 5, 6 } },
	[MEMORY] = { 2, { 0, 1 } },
	[LENGTH] = { 2, { 0, sizeof(text) - 1 } },
	[HOW] = { 3, { SHUT_RD, SHUT_WR, SHUT_RDWR } },
	[COMMAND] = { 5, { F_SETFL, F_SETOWN, F_DUPFD, F_SETLK, 1031 } },
	[FLAGS] = { 4, { 0, O_NONBLOCK, O_APPEND, 040000 } },
	[SHARED] = { 2, { 0, 4096 } },
	[SIZE] = { 2, { 4096, ALL } },
	[ADVICE] = { LAST, { 0 } },
	[WORD] = { 3, { 0, 1, 2 } },
	[OPERATION] = { LAST, { 0 } },
	[PROCESS] = { 2, { 0, 1 } },
	[SIGNAL] = { 5, { SIGURG, 0, SIGSTOP, SIGTERM, SIGKILL } },
	[FEW] = { 3, { 0, 1, 2 } },
	[ZERO] = { 1, { 0 } },
	[TEXT] = { 1, { 0 } },
	[MESSAGE] = { 3, { MSG_DONTWAIT | MSG_NOSIGNAL, 0, MSG_OOB } },
	[OPTION] = { 3, { SO_RCVTIMEO, SO_SNDBUF, SO_LINGER } },
};

static const struct {
	long		number;
	enum set	arg[4];
} calls[] = {
	{ SYS_read, { FD, MEMORY, LENGTH, ZERO } },
	{ SYS_write, { FD, TEXT, LENGTH, ZERO } },
#ifdef SYS_sendto
	{ SYS_sendto, { FD, TEXT, LENGTH, MESSAGE } },
#endif
#ifdef SYS_shutdown
	{ SYS_shutdown, { FD, HOW, ZERO, ZERO } },
	{ SYS_setsockopt, { FD, FEW, OPTION, ZERO } },
#endif
	{ SYS_fcntl, { FD, COMMAND, FLAGS, ZERO } },
	{ SYS_madvise, { SHARED, SIZE, ADVICE, ZERO } },
	{ SYS_futex, { WORD, OPERATION, FEW, ZERO } },
	{ SYS_kill, { PROCESS, SIGNAL, ZERO, ZERO } },
	{ SYS_tgkill, { PROCESS, PROCESS, SIGNAL, ZERO } },
	{ SYS_setitimer, { FEW, MEMORY, ZERO, ZERO } },
	{ SYS_ioctl, { FD, FLAGS, MEMORY, ZERO } },
	{ SYS_ftruncate, { FD, ZERO, ZERO, ZERO } },
	{ SYS_lseek, { FD, ZERO, FEW, ZERO } },
	{ SYS_prlimit64, { PROCESS, FEW, MEMORY, ZERO } },
	{ SYS_ptrace, { FEW, PROCESS, ZERO, ZERO } },
	{ SYS_rt_sigprocmask, { FEW, MEMORY, ZERO, ZERO } },
	{ SYS_getrandom, { MEMORY, LENGTH, FEW, ZERO } },
	{ SYS_close, { FD, ZERO, ZERO, ZERO } },
	{ SYS_exit_group, { FEW, ZERO, ZERO, ZERO } },
};

#define CALLS	(sizeof(calls) / sizeof(calls[0]))

static uint64_t
dice(uint64_t n)
{
	n += atomic_load(&orders->seed) * UINT64_C(0x9e3779b97f4a7c15);
	n = (n ^ n >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	n = (n ^ n >> 27) * UINT64_C(0x94d049bb133111eb);
	return n ^ n >> 31;
}

static uint64_t
combinations(size_t call)
{
	uint64_t	n = 1;
	int		i;

	for (i = 0; i < 4; i++)
		n *= (uint64_t)sets[calls[call].arg[i]].n;
	return n;
}

static void __attribute__((constructor))
map_orders(void)
{
	const char	*path = getenv("HIJACK");
	uint64_t	 total = 0;
	size_t		 i;
	void		*p;
	int		 fd;

	if (path == NULL || (fd = open(path, O_RDWR | O_CLOEXEC)) == -1)
		return;
	p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	(void)close(fd);
	if (p == MAP_FAILED)
		return;
	orders = p;
	segment = NULL;
	for (i = 0; i < CALLS; i++)
		total += combinations(i);
	atomic_store(&orders->total, total);
}

/* Find the real one; its address must be converted to a function's. */
static void
find(const char *name, void *function)
{
	void *p = dlsym(RTLD_NEXT, name);

	if (p == NULL)
		abort();
	memcpy(function, &p, sizeof(p));
}

/* The segment is the largest mapping that is shared. */
static void *
mapped(void *p, size_t size, int prot, int flags)
{
	if (p != MAP_FAILED && (flags & MAP_SHARED) != 0 &&
	    (prot & PROT_WRITE) != 0 && size > 4096) {
		segment = p;
		segment_size = size;
	}
	return p;
}

void *
map_any(void *p, size_t size, int prot, int flags, int fd, off_t at)
{
	static void *(*real)(void *, size_t, int, int, int, off_t);

	if (real == NULL)
		find("mmap", &real);
	return mapped(real(p, size, prot, flags, fd, at), size, prot, flags);
}

void *
map_large(void *p, size_t size, int prot, int flags, int fd, off_t at)
{
	static void *(*real)(void *, size_t, int, int, int, off_t);

	if (real == NULL)
		find("mmap64", &real);
	return mapped(real(p, size, prot, flags, fd, at), size, prot, flags);
}

/* Returns what the value i of a set means in this process. */
static long
meaning(enum set set, uint64_t i, uint64_t roll)
{
	long value = sets[set].value[i < 12 ? i : 0];

	switch (set) {
	case MEMORY:
		return value == 0 ? (long)(uintptr_t)scratch : 0;
	case SHARED:
		return (long)(uintptr_t)segment + value;
	case SIZE:
		return value == ALL ? (long)(segment_size & ~(size_t)4095) -
		    4096 : value;
	case ADVICE:
		return (long)i;
	case OPERATION:
		return (long)(i / 2) | (i % 2 == 0 ? 0 : FUTEX_PRIVATE_FLAG);
	case WORD:
		return (long)(uintptr_t)((char *)segment + roll % 1024 / 4 * 4);
	case PROCESS:
		return value == 0 ? (long)getppid() :
		    (long)atomic_load(&orders->bystander);
	case TEXT:
		return (long)(uintptr_t)text;
	default:
		return value;
	}
}

static void
on_alarm(int sig)
{
	(void)sig;
}

/* Undo what calls have done to signals meanwhile. */
static void
set_alarm(void)
{
	static const struct itimerval	soon = { { 0, 10000 }, { 0, 10000 } };
	struct sigaction		sa;
	sigset_t			set;

	memset(&sa, 0, sizeof(sa));
	sigemptyset(&sa.sa_mask);
	sa.sa_handler = on_alarm;
	(void)sigaction(SIGALRM, &sa, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
	(void)setitimer(ITIMER_REAL, &soon, NULL);
}

/* Make the call with this number among all combinations. */
static void
make_call(uint64_t n)
{
	uint64_t	roll = dice(n);
	long		arg[4] = { 0, 0, 0, 0 };
	size_t		call;
	int		i;

	for (call = 0; n >= combinations(call); call++)
		n -= combinations(call);
	for (i = 0; i < 4; i++) {
		arg[i] = meaning(calls[call].arg[i],
		    n % (uint64_t)sets[calls[call].arg[i]].n, roll);
		n /= (uint64_t)sets[calls[call].arg[i]].n;
	}
	set_alarm();
	(void)syscall(calls[call].number, arg[0], arg[1], arg[2], arg[3], 0L,
	    0L);
	/* The next call needs all descriptors again. */
	if (calls[call].number == SYS_close)
		_exit(0);
}

/*
 * Try each combination once, in the seed's order: repeatedly adding a number
 * that is coprime to the number of combinations visits them all.
 */
static void
make_calls(void)
{
	uint64_t	total = atomic_load(&orders->total);
	uint64_t	step = dice(0) % total, a, b, c, n;

	do {
		step++;
		for (a = step, b = total; b != 0; a = c) {
			c = b;
			b = a % b;
		}
	} while (a != 1);
	while ((n = atomic_fetch_add(&orders->next, 1)) < total)
		make_call((n % total * (step % total) + dice(1)) % total);
	_exit(0);
}

static void
write_words(uint64_t writes)
{
	uint64_t	roll, value, n;
	size_t		words = segment_size / sizeof(*segment), at;
	const uint64_t	likely[] = { 0, 1, UINT64_MAX, UINT32_MAX,
	    (uint64_t)getpid(), (uint64_t)getppid(),
	    atomic_load(&orders->bystander), segment_size };

	while (writes-- > 0 && !atomic_load(&orders->stop)) {
		n = atomic_fetch_add(&orders->next, 1);
		roll = dice(n);
		at = roll % 4 == 0 ? roll / 8 % words : roll % 4 == 1 ?
		    roll / 8 % 64 : roll / 8 % 4096;
		value = dice(n + UINT64_C(0x100000000));
		if (value % 2 == 0)
			value = likely[value / 2 % 8];
		segment[at % words] = value;
		if (roll % 512 == 0)
			(void)syscall(SYS_kill, getppid(), SIGURG);
	}
	_exit(0);
}

ssize_t
read(int fd, void *buf, size_t size)
{
	static ssize_t	(*real)(int, void *, size_t);
	uint64_t	 writes;
	ssize_t		 n;

	if (real == NULL)
		find("read", &real);
	n = real(fd, buf, size);
	if (n < 7 || orders == NULL || segment == NULL ||
	    memcmp(buf, "HIJACK\n", 7) != 0)
		return n;
	if ((writes = atomic_load(&orders->writes)) > 0)
		write_words(writes);
	make_calls();
	return n;
}
