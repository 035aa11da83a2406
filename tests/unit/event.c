/* SPDX-License-Identifier: ISC */

/*
 * Events in their two forms: each line of chatproto(7)'s tables to the letter,
 * and what is no event.
 */

#include <stdlib.h>

#include "ipc/common/event.h"
#include "tests/unit/tap.h"

#define ID	1795996800123456

static struct event
event(uint64_t id, enum event_kind kind, const char *name, const char *text)
{
	struct event ev = { id, kind, name, strlen(name), text,
	    strlen(text) };

	return ev;
}

/* Both forms of one event, and whether TSV parses to the same event. */
static void
forms(struct event ev, const char *tsv, const char *plain)
{
	char		line[512];
	struct event	back;
	size_t		len;

	len = event_tsv(line, &ev);
	is_bytes(line, len, tsv, "the TSV form is the protocol's");
	ok(len <= event_size(&ev), "it is no larger than predicted");
	ok(event_parse(&back, line, len - 1) == 0 && back.id == ev.id &&
	    back.kind == ev.kind && back.name_len == ev.name_len &&
	    memcmp(back.name, ev.name, ev.name_len) == 0 &&
	    back.text_len == ev.text_len &&
	    memcmp(back.text, ev.text, ev.text_len) == 0,
	    "it can be parsed again");
	if (plain == NULL)
		return;
	len = event_plain(line, &ev);
	is_bytes(line, len, plain, "the plain form is the protocol's");
	ok(len <= event_size(&ev), "it is no larger than predicted");
}

static void
test_seen_by_all(void)
{
	forms(event(ID, EVENT_MSG, "alice", "hello"),
	    "1795996800123456\tmsg\talice\thello\n", "<alice> hello\n");
	forms(event(ID, EVENT_ME, "alice", "waves"),
	    "1795996800123456\tme\talice\twaves\n", "* alice waves\n");
	forms(event(ID, EVENT_PRIV, "alice>bob", "hi"),
	    "1795996800123456\tpriv\talice>bob\thi\n", "<alice>bob> hi\n");
	forms(event(ID, EVENT_JOIN, "alice", "127.0.0.1"),
	    "1795996800123456\tjoin\talice\t127.0.0.1\n",
	    "-- alice joined\n");
	forms(event(ID, EVENT_LEAVE, "alice", "quit: bed"),
	    "1795996800123456\tleave\talice\tquit: bed\n",
	    "-- alice left (quit: bed)\n");
	forms(event(ID, EVENT_NAME, "alice", "ally"),
	    "1795996800123456\tname\talice\tally\n",
	    "-- alice is now ally\n");
}

static void
test_answers(void)
{
	forms(event(0, EVENT_HELLO, "alice", "00ff"),
	    "-\thello\talice\t00ff\n", NULL);
	forms(event(0, EVENT_WHO, "alice", "local"),
	    "-\twho\talice\tlocal\n", NULL);
	forms(event(0, EVENT_WHO, "", "3"), "-\twho\t\t3\n", NULL);
	forms(event(0, EVENT_INFO, "", "some text"),
	    "-\tinfo\t\tsome text\n", "-- some text\n");
	forms(event(0, EVENT_ERR, "", "no such command"),
	    "-\terr\t\tno such command\n", "!! no such command\n");
	forms(event(0, EVENT_LOST, "", "37"), "-\tlost\t\t37\n",
	    "-- 37 messages lost: you read too slowly\n");
	forms(event(0, EVENT_ROOM, "", "5b0c9f2e64d1a837"),
	    "-\troom\t\t5b0c9f2e64d1a837\n",
	    "-- this is room 5b0c9f2e64d1a837\n");
	forms(event(0, EVENT_BYE, "alice", "quit"), "-\tbye\talice\tquit\n",
	    "-- goodbye (quit)\n");
}

static void
test_tabs(void)
{
	forms(event(ID, EVENT_MSG, "alice", "a\tb\t"),
	    "1795996800123456\tmsg\talice\ta\tb\t\n", "<alice> a\tb\t\n");
	forms(event(ID, EVENT_MSG, "alice", ""),
	    "1795996800123456\tmsg\talice\t\n", "<alice> \n");
}

/* The largest texts on the bus, in a buffer of the predicted size. */
static void
test_sizes(void)
{
	static char	 name[65], text[4 * 4096 + 1];
	struct event	 ev;
	char		*exact;
	int		 kind, wrong = 0;

	memset(name, 'n', sizeof(name) - 1);
	memset(text, 't', sizeof(text) - 1);
	for (kind = 0; kind < EVENT_KINDS; kind++) {
		ev = event(ID, (enum event_kind)kind, name, text);
		if ((exact = malloc(event_size(&ev))) == NULL)
			abort();
		if (event_tsv(exact, &ev) > event_size(&ev) ||
		    event_plain(exact, &ev) > event_size(&ev))
			wrong++;
		free(exact);
	}
	is_num(wrong, 0, "no event of any kind is larger than predicted");
}

static void
test_ids(void)
{
	char id[EVENT_ID_DIGITS];

	event_put_id(id, ID);
	is_bytes(id, sizeof(id), "1795996800123456", "an ID has 16 digits");
	event_put_id(id, 1);
	is_bytes(id, sizeof(id), "0000000000000001", "a small one too");
}

static void
refused(const char *line, const char *name)
{
	struct event ev;

	ok(event_parse(&ev, line, strlen(line)) == -1, name);
}

static void
test_refused(void)
{
	struct event ev;

	refused("", "an empty line is no event");
	refused("<alice> hello", "a plain line is no event");
	refused("1\tmsg", "two fields are no event");
	refused("1\tmsg\talice", "three fields are no event");
	refused("\tmsg\talice\thi", "an empty ID is none");
	refused("x\tmsg\talice\thi", "letters are no ID");
	refused("12x\tmsg\talice\thi", "digits and letters are no ID");
	refused("-1\tmsg\talice\thi", "a negative number is no ID");
	refused("+1\tmsg\talice\thi", "a sign is no part of an ID");
	refused(" 1\tmsg\talice\thi", "a space is no part of an ID");
	refused("--\tmsg\talice\thi", "two dashes are no ID");
	refused("99999999999999999999\tmsg\talice\thi",
	    "a number that overflows is no ID");
	refused("1\t\talice\thi", "an empty kind is none");
	refused("1\tms\talice\thi", "the beginning of a kind is none");
	refused("1\tmsgs\talice\thi", "a kind and more is none");
	refused("1\tMSG\talice\thi", "a kind is in small letters");
	ok(event_parse(&ev, "1\tmsg\t\t", 7) == 0 && ev.name_len == 0 &&
	    ev.text_len == 0, "name and text may be empty");
	ok(event_parse(&ev, "1\tmsg\ta\tb", 6) == -1,
	    "nothing is read beyond the end of the line");
}

int
main(void)
{
	test_seen_by_all();
	test_answers();
	test_tabs();
	test_sizes();
	test_ids();
	test_refused();
	return done();
}
