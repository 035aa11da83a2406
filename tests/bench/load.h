/* SPDX-License-Identifier: ISC */

/*
 * What the load generators share: clients of one room, held by one thread.
 *
 * A load is a set of listeners and senders, all connected to one server with
 * one of the protocols of protocol.c.  load_open() connects them; load_start()
 * returns when every listener has heard every sender and nothing else is in
 * flight.  From then on the program gets the listeners' input in the pieces in
 * which it was read, because to check each line costs more than many a server
 * uses.  Every error ends the program.
 */
#ifndef TESTS_BENCH_LOAD_H
#define TESTS_BENCH_LOAD_H

#include <sys/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOAD_TEXT	64		/* bytes of each message's text */
#define LOAD_MESSAGE	192		/* at most, with what surrounds it */
#define LOAD_CARRY	1024		/* of a line that arrives in pieces */

struct load;

struct conn {
	int		 fd;
	int		 number;	/* among listeners, or senders */
	bool		 sender;
	bool		 entered;
	bool		 heard;		/* that the room is ready */
	bool		 weighed;	/* input is counted, not read */
	int		 starts;	/* senders that announced the start */
	uint64_t	 lines, bytes;	/* heard since then */
	uint64_t	 said;		/* messages sent since then */
	char		*out;		/* a sender's output */
	size_t		 out_start, out_end;
	bool		 out_waits;	/* for the socket */
	size_t		 carried;
	char		 carry[LOAD_CARRY];
	/* of a browser's WebSocket: frames are decoded as they arrive */
	bool		 upgraded;
	size_t		 matched;	/* of the end of the answer's head */
	unsigned char	 head[10];	/* of a frame */
	size_t		 head_len;
	uint64_t	 left;		/* bytes of its payload */
};

struct protocol {
	const char	*name;
	int		 lines;		/* of each message heard */
	bool		 echo;		/* senders hear themselves */
	bool		 silent;	/* the server announces nothing */
	int		 at_once;	/* clients that may connect at once */
	/* What surrounds a text that is sent; it may contain NUL. */
	const char	*before;
	size_t		 before_len;
	const char	*after;
	size_t		 after_len;
	/* Send what joins the room; then check the answers. */
	void		(*enter)(struct load *, struct conn *);
	void		(*hear)(struct load *, struct conn *, const char *,
			    size_t);
	/*
	 * For a protocol that does not send plain lines: convert what was
	 * read to lines, at most one byte longer.  Returns their length.
	 */
	size_t		(*decode)(struct conn *, char *, const char *, size_t);
};

struct load {
	const struct protocol *protocol;
	int		 port;
	struct conn	*listener, *sender;
	int		 listeners, senders;
	int		 queue;		/* the epoll queue of all */
	size_t		 out_size;
};

/* What kind of message a text is. */
enum load_text { LOAD_READY = '?', LOAD_BEGIN = '+', LOAD_SAID = '=' };

const struct protocol *protocol_find(const char *);

/* Seconds of a monotonic clock; of this process's CPU time. */
double	load_now(void);
double	load_cpu(void);

/* Raise the limit on open files; bind this process to one CPU. */
void	load_prepare(int cpu);
/* Let a child run on any CPU, as servers do. */
void	load_unpin(void);

/*
 * Connect the clients to port of 127.0.0.1 and join, first senders, then
 * listeners, with space for window unsent messages of each sender.
 */
void	load_open(struct load *, const struct protocol *, int port,
	    int listeners, int senders, size_t window);

/* Wait until every listener has heard every sender. */
void	load_start(struct load *);

/*
 * Let all clients leave, and wait until the server has closed the connections,
 * or for five seconds: later clients may take the names and do not hear them.
 */
void	load_leave(struct load *);

/* Append this sender's next n messages to its output. */
void	load_say(struct load *, struct conn *, uint64_t n);

/* Send data that is short enough for the socket to accept at once. */
void	load_put(struct conn *, const char *);
void	load_write(struct conn *, const void *, size_t);

/* Add a listener; remove one by closing its connection. */
void	load_dial(struct load *, struct conn *, int number);
void	load_drop(struct conn *);

/*
 * Wait at most ms milliseconds, send what the sockets accept, and pass on what
 * was read; for listeners that are weighed, only its length, so that the kernel
 * need not copy the data.  Returns the number of connections with an event.
 */
typedef void load_got(struct load *, struct conn *, const char *, size_t);
int	load_wait(struct load *, int ms, load_got *);

/* Call line for each whole line that conn read, without its LF. */
typedef void load_line(struct load *, struct conn *, const char *, size_t);
void	load_lines(struct load *, struct conn *, const char *, size_t,
	    load_line *);

/* Check a line for the answer to a join, or for the sign of readiness. */
void	load_hear_entering(struct load *, struct conn *, const char *, size_t);

/* Count the LFs. */
uint64_t load_count(const char *, size_t);

/*
 * Whether a line ends in a message's text (and perhaps a CR): of which kind,
 * whose, and which.
 */
bool	load_text(const char *, size_t, enum load_text *, int *, uint64_t *);

/* Parse numbers of the command line; an invalid one ends the program. */
int	load_number(const char *, long long min, long long max);
double	load_seconds(const char *);

/* Sort n numbers and return a quantile of them; 0.5 is the median. */
double	load_part(double *, size_t n, double part);

/* ---- usage.c ---- */

/*
 * Processes: a server's, its children's, and theirs.  usage_find() finds them;
 * usage_cpu() returns the seconds that they, and children that they waited for,
 * have run; usage_memory() their KiB, with shared ones divided among them; and
 * usage_kernel() the kernel's memory for all processes: stacks, page tables,
 * and small objects such as sockets.
 */
struct usage {
	pid_t		*pid;
	size_t		 pids, size;
};

void	usage_find(struct usage *, pid_t root);
double	usage_cpu(const struct usage *);
double	usage_memory(const struct usage *);
double	usage_kernel(void);
/* Seconds that all processors have worked, for any process. */
double	usage_everyone(void);

#endif
