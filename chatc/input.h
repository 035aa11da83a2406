/* SPDX-License-Identifier: ISC */

/*
 * Messages from standard input or the command line.
 */
#ifndef CHATC_INPUT_H
#define CHATC_INPUT_H

#include <sys/types.h>
#include <stdbool.h>

#include "chatc/submit.h"
#include "ipc/common/line.h"

struct input {
	const char	*message;	/* what is left of it, or NULL */
	struct line_in	 in;
	bool		 over;		/* everything was consumed */
	char		 buf[64 * 1024];
};

/* Begin with the message, or, if that is NULL, with standard input. */
void	 input_init(struct input *i, const char *message);

/* Whether input_read() may be called; it returns what read(2) does. */
bool	 input_wants(const struct input *i);
ssize_t	 input_read(struct input *i);

/* Pass on the lines that have arrived, as many as the outbox has space for. */
void	 input_work(struct input *i, struct say *say);

#endif
