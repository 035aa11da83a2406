/* SPDX-License-Identifier: ISC */

/*
 * What the load generators share: clients of one room, held by one thread.
 *
 * A load is some listeners and some senders, all connected to one server in
 * one of the protocols of protocol.c.  load_open() brings them in;
 * load_start() returns when every listener has heard every sender and
 * nothing else is on its way.  From then on what listeners get is handed
 * over in the pieces in which it is read, for to look at each line costs
 * more than many a server does.  Whatever goes wrong ends the program.
 */
#ifndef TESTS_BENCH_LOAD_H
#define TESTS_BENCH_LOAD_H

#include <sys/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOAD_TEXT	64		/* bytes of each message's text */
#define LOAD_MESSAGE	192		/* at most, with what goes around */
#define LOAD_CARRY	1024		/* of a line that comes in pieces */

struct load;

struct conn {
	int		 fd;
	int		 number;	/* among listeners, or senders */
	bool		 sender;
	bool		 entered;
	bool		 heard;		/* that the room is ready */
	bool		 weighed;	/* not read: only how much it is */
	int		 starts;	/* senders who said that it begins */
	uint64_t	 lines, bytes;	/* heard since then */
	uint64_t	 said;		/* messages since then, of a sender */
	char		*out;		/* of a sender, what is to be sent */
	size_t		 out_start, out_end;
	bool		 out_waits;	/* for the socket */
	size_t		 carried;
	char		 carry[LOAD_CARRY];
};

struct protocol {
	const char	*name;
	int		 lines;		/* of each message heard */
	bool		 echo;		/* senders hear themselves */
	bool		 silent;	/* who comes in is told nothing */
	int		 at_once;	/* so many may be on their way in */
	/* What goes around a text that is said; it may hold NUL. */
	const char	*before;
	size_t		 before_len;
	const char	*after;
	size_t		 after_len;
	/* Say what it takes to come in; then hear what is answered. */
	void		(*enter)(struct load *, struct conn *);
	void		(*hear)(struct load *, struct conn *, const char *,
			    size_t);
};

struct load {
	const struct protocol *protocol;
	int		 port;
	struct conn	*listener, *sender;
	int		 listeners, senders;
	int		 queue;		/* what watches them all */
	size_t		 out_size;
};

/* What kind of message a text is. */
enum load_text { LOAD_READY = '?', LOAD_BEGIN = '+', LOAD_SAID = '=' };

const struct protocol *protocol_find(const char *);

/* Seconds of a clock that only goes forward; of this process's CPU. */
double	load_now(void);
double	load_cpu(void);

/* As many open files as may be; everything of this process on one CPU. */
void	load_prepare(int cpu);
/* A child that is to be as free as servers are. */
void	load_unpin(void);

/*
 * Connect and enter so many, to port of 127.0.0.1, and leave room for each
 * sender to have window messages unsent.  Senders first, listeners then.
 */
void	load_open(struct load *, const struct protocol *, int port,
	    int listeners, int senders, size_t window);

/* See that everyone hears every sender. */
void	load_start(struct load *);

/*
 * Say that all go, and wait until the server has let them go, or for five
 * seconds: who comes next may take their names, and hears nothing of them.
 */
void	load_leave(struct load *);

/* Append n messages, the next ones of this sender, to what it is to send. */
void	load_say(struct load *, struct conn *, uint64_t n);

/* Send as it is what is so short that a socket takes it. */
void	load_put(struct conn *, const char *);
void	load_write(struct conn *, const void *, size_t);

/* One more listener, and one fewer: it says nothing more and closes. */
void	load_dial(struct load *, struct conn *, int number);
void	load_drop(struct conn *);

/*
 * Wait ms milliseconds at most, send what can be sent, and hand over what
 * was read, or of those that are weighed, its length without what it was:
 * the system spares itself the copy then.  Returns the number of connections
 * that had something.
 */
typedef void load_got(struct load *, struct conn *, const char *, size_t);
int	load_wait(struct load *, int ms, load_got *);

/* Call line for each whole line, without its LF, of all that conn heard. */
typedef void load_line(struct load *, struct conn *, const char *, size_t);
void	load_lines(struct load *, struct conn *, const char *, size_t,
	    load_line *);

/* Take a line for an answer to who comes in, or for a sign of readiness. */
void	load_hear_entering(struct load *, struct conn *, const char *, size_t);

/* How many LF there are. */
uint64_t load_count(const char *, size_t);

/*
 * Whether a line ends in a message's text (and perhaps a CR): of which kind,
 * whose, and which.
 */
bool	load_text(const char *, size_t, enum load_text *, int *, uint64_t *);

/* Numbers of the command line; what is none ends the program. */
int	load_number(const char *, long long min, long long max);
double	load_seconds(const char *);

/* Put n numbers in order; the one at this part of the way, 0.5 the middle. */
double	load_part(double *, size_t n, double part);

/* ---- usage.c ---- */

/*
 * Processes: a server's, its children's, and theirs.  usage_find() looks who
 * they are; usage_cpu() gives the seconds that they have run, and those of
 * whom they have waited for; usage_memory() the KiB that are theirs, shared
 * ones divided, and usage_kernel() what the kernel keeps for everyone:
 * stacks, page tables, and all that is small, sockets among it.
 */
struct usage {
	pid_t		*pid;
	size_t		 pids, size;
};

void	usage_find(struct usage *, pid_t root);
double	usage_cpu(const struct usage *);
double	usage_memory(const struct usage *);
double	usage_kernel(void);
/* Seconds that all processors have worked, for whomsoever. */
double	usage_everyone(void);

#endif
