/* SPDX-License-Identifier: ISC */

/*
 * What attackers do to a room, as text: one action per line.
 *
 *	server OPTIONS		the room's options; must be the first line
 *	C open A B N		C is N connections from 127.0.0.A, with
 *				receive buffers of B bytes; earlier ones
 *				of C stay open
 *	C say N TEXT		send N lines of TEXT
 *	C fill N SIZE		send N lines of SIZE bytes
 *	C read			read at once from now on
 *	C deaf			do not read
 *	C sip N MS		read N bytes every MS
 *	C half			shut down the sending side
 *	C urgent		send a byte of urgent data
 *	C close			close all connections of C
 *	C reset			reset them
 *	wait MS			pause before the next action
 *
 * C is from 1 to SCRIPT_WHO.  In TEXT, % stands for a number that no other
 * connection has, and @ for the ID of the latest event.  A line that starts
 * with # is a comment.  A script repeats until its time is over.
 */
#ifndef TESTS_CHAOS_SCRIPT_H
#define TESTS_CHAOS_SCRIPT_H

#include <stdint.h>
#include <stdio.h>

#define SCRIPT_ACTIONS	40
#define SCRIPT_NUMBERS	3
#define SCRIPT_TEXT	64
#define SCRIPT_WHO	6	/* connections, or groups of them */
#define SCRIPT_GROUP	20	/* connections in a group, at most */

enum verb {
	VERB_OPEN, VERB_SAY, VERB_FILL, VERB_READ, VERB_DEAF, VERB_SIP,
	VERB_HALF, VERB_URGENT, VERB_CLOSE, VERB_RESET, VERB_WAIT, VERBS
};

struct action {
	enum verb	verb;
	int		who;
	int		n[SCRIPT_NUMBERS];
	char		text[SCRIPT_TEXT];
};

struct script {
	char		server[SCRIPT_TEXT];	/* options, or "" */
	size_t		len;
	struct action	action[SCRIPT_ACTIONS];
};

/* How a verb is written, and how many numbers follow it. */
struct script_kind {
	const char	*word;
	int		 numbers;
};

extern const struct script_kind script_kinds[VERBS];

/* Read the script in this file; exits if it is invalid. */
void	 script_load(struct script *s, const char *path);

void	 script_print(const struct script *s, FILE *fp);

#endif
