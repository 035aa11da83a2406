/* SPDX-License-Identifier: ISC */

/*
 * The outbox: what is sent, what counts as its echo, and what has to be sent
 * again after a lost connection.
 */

#include <stdio.h>
#include <string.h>

#include "chatc/outbox.h"
#include "ipc/common/line.h"
#include "tests/unit/tap.h"

static char		space[4 * (LINE_TEXT_MAX + 4)];
static struct outbox	box;

static void
add(enum said said, const char *text)
{
	outbox_add(&box, said, text, strlen(text));
}

/* Send all that can be sent: the lines, each followed by a comma. */
static const char *
send_all(void)
{
	static char	 sent[256];
	enum said	 said;
	const char	*line;
	size_t		 len, n = 0;

	sent[0] = '\0';
	while (outbox_next(&box, &said, &line, &len)) {
		if (n + len + 2 <= sizeof(sent))
			n += (size_t)snprintf(sent + n, sizeof(sent) - n,
			    "%.*s,", (int)len, line);
		outbox_sent(&box);
	}
	return sent;
}

static bool
echo(enum event_kind kind, const char *name, const char *text)
{
	struct event ev = { 1, kind, name, strlen(name), text, strlen(text) };

	return outbox_echo(&box, &ev);
}

static void
test_echoes(void)
{
	outbox_init(&box, space, sizeof(space));
	is_num((long long)outbox_lines(&box), 0,
	    "at first there is nothing to send");
	add(SAID_TEXT, "a");
	add(SAID_TEXT, "b\033");
	add(SAID_ME, "!me waves");
	add(SAID_QUIT, "!quit");
	ok(!echo(EVENT_MSG, "x", "a"), "what was not sent has no echo");
	is_str(send_all(), "a,b\033,!me waves,!quit,", "all is sent in order");
	ok(!echo(EVENT_MSG, "x", "b\\033"), "only the oldest line can be next");
	ok(echo(EVENT_MSG, "x", "a"), "its echo counts");
	ok(!echo(EVENT_MSG, "x", "a"), "but once");
	ok(echo(EVENT_MSG, "x", "b\\033"), "even if it was made visible");
	ok(!echo(EVENT_MSG, "x", "waves"), "an action is no message");
	ok(echo(EVENT_ME, "x", "waves"), "but an action");
	is_num((long long)outbox_lines(&box), 0,
	    "then everything is confirmed");
}

static void
test_again(void)
{
	outbox_init(&box, space, sizeof(space));
	add(SAID_TEXT, "one");
	add(SAID_COMMAND, "!who");
	add(SAID_TEXT, "two");
	add(SAID_TEXT, "three");
	(void)send_all();
	add(SAID_TEXT, "four");
	is_num((long long)outbox_rewind(&box), 1,
	    "a connection is lost, and with it a command");
	ok(echo(EVENT_MSG, "x", "one"),
	    "what was sent on it may have been published");
	ok(!echo(EVENT_MSG, "x", "four"), "what was not cannot");
	is_str(send_all(), "two,three,four,",
	    "all other lines are sent, none twice");
	is_num((long long)outbox_rewind(&box), 0, "it is lost again");
	ok(echo(EVENT_MSG, "x", "two"), "lines are kept for longer than that");
	is_str(send_all(), "three,four,", "and sent until they are published");
	add(SAID_QUIT, "!quit");
	(void)send_all();
	(void)outbox_rewind(&box);
	is_str(send_all(), "three,four,!quit,", "the end is sent again, too");
}

static void
test_gap(void)
{
	outbox_init(&box, space, sizeof(space));
	add(SAID_TEXT, "one");
	add(SAID_TEXT, "two");
	add(SAID_TEXT, "three");
	(void)send_all();
	outbox_gap(&box);
	ok(echo(EVENT_MSG, "x", "two"), "if some were lost, a later counts");
	is_num((long long)outbox_lines(&box), 1, "for the lines before it too");
	outbox_mark(&box);
	add(SAID_TEXT, "four");
	(void)send_all();
	outbox_confirm(&box);
	is_num((long long)outbox_lines(&box), 1,
	    "an answer confirms what was sent before its question");
	ok(echo(EVENT_MSG, "x", "four"), "and no more");
	add(SAID_TEXT, "five");
	(void)send_all();
	add(SAID_TEXT, "six");
	(void)outbox_rewind(&box);
	is_num((long long)outbox_doubtful(&box), 0,
	    "without an echo a line is not published");
	outbox_gap(&box);
	is_num((long long)outbox_doubtful(&box), 1,
	    "unless the echo may have been");
}

static void
test_private(void)
{
	outbox_init(&box, space, sizeof(space));
	add(SAID_COMMAND, "!who");
	add(SAID_COMMAND, "!msg bob hi");
	add(SAID_TEXT, "a");
	(void)send_all();
	ok(echo(EVENT_PRIV, "x>bob", "hi"), "a private message has an echo");
	ok(echo(EVENT_MSG, "x", "a"), "and leaves those after it");
}

/* Any number of lines passes through a box that never grows. */
static void
test_space(void)
{
	static char	 line[LINE_TEXT_MAX];
	enum said	 said;
	const char	*got;
	size_t		 len, i, n, wrong = 0;

	outbox_init(&box, space, sizeof(space));
	for (i = 0; i < 1000; i++) {
		n = 1 + i * 37 % sizeof(line);
		memset(line, 'a' + (int)(i % 26), n);
		if (!outbox_has_space(&box)) {
			wrong++;
			break;
		}
		outbox_add(&box, SAID_TEXT, line, n);
		if (!outbox_next(&box, &said, &got, &len) || len != n ||
		    memcmp(got, line, n) != 0)
			wrong++;
		outbox_sent(&box);
		line[n < sizeof(line) ? n : n - 1] = '\0';
		if (n < sizeof(line) && !echo(EVENT_MSG, "x", line))
			wrong++;
		if (n == sizeof(line)) {
			outbox_mark(&box);
			outbox_confirm(&box);
		}
	}
	is_num((long long)wrong, 0, "a thousand lines of every length pass");
	for (i = 0; i < 1000 && outbox_has_space(&box); i++)
		outbox_add(&box, SAID_COMMAND, "!help", 5);
	ok(i < 1000, "a full box takes no more");
	(void)send_all();
	ok(outbox_has_space(&box), "commands that were sent leave space");
}

int
main(void)
{
	test_echoes();
	test_again();
	test_gap();
	test_private();
	test_space();
	return done();
}
