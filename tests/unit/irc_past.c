/* SPDX-License-Identifier: ISC */

/*
 * CHATHISTORY while others overwrite the ring: a text of which a part was
 * overwritten while it was read is not shown.
 *
 * A sibling publishes as fast as it can, texts of one letter each, in a ring
 * that holds few of them; this process asks again and again for all that the
 * ring has.
 */

#include <signal.h>

#include "chatserv/session/irc/irc.h"
#include "ipc/common/bsd.h"
#include "tests/unit/bus.h"

#define QUESTIONS	500
#define LETTERS		400

static struct session	s;
static struct bus	bus;
static char		out[64 << 10];
static uint64_t		scratch[SESSION_SCRATCH / sizeof(uint64_t)];

static int
talk(struct bus *b)
{
	char		text[LETTERS + 1];
	unsigned int	i;

	text[LETTERS] = '\0';
	for (i = 0; getppid() == b->parent; i++) {
		memset(text, (int)('a' + i % 26), LETTERS);
		if (publish(b, "alice", text) != BUS_OK)
			return 1;
	}
	return 0;
}

/* Whether the line ends with a text that the sibling has said. */
static bool
is_whole(const char *line, size_t len)
{
	const char	*text = line + len - LETTERS - 2;
	size_t		 i;

	if (len < LETTERS + 4 || memcmp(text - 2, " :", 2) != 0)
		return false;
	for (i = 1; i < LETTERS && text[i] == text[0]; i++)
		continue;
	return i == LETTERS && text[0] >= 'a' && text[0] <= 'z';
}

/* Consume the lines of out; how many there are, and how many are torn. */
static unsigned int
take_lines(unsigned int *torn)
{
	char		*line = out + s.out.start, *lf;
	unsigned int	 n = 0;

	while ((lf = memchr(line, '\n', (size_t)(out + s.out.end - line))) !=
	    NULL) {
		n++;
		*torn += !is_whole(line, (size_t)(lf + 1 - line));
		line = lf + 1;
	}
	line_out_init(&s.out, out, sizeof(out));
	return n;
}

int
main(void)
{
	static const struct irc_message	all = { .n = 4, .param = {
		{ "AFTER", 5 }, { "#chat", 5 }, { "msgid=0", 7 },
		{ "1000", 4 } } };
	unsigned int			i, torn = 0, shown = 0;
	bool				over;
	pid_t				pid;

	watchdog();
	fresh_bus(&bus, 2, BUS_RING_MIN);
	(void)strlcpy(irc_config.channel, "#chat", IRC_CHANNEL_SIZE);
	(void)strlcpy(irc_config.server, "irc.example", IRC_SERVER_SIZE);
	bus.parent = getpid();
	roster_open(&bus, 0, "unit");
	be(&bus, 0);
	s.bus = &bus;
	s.scratch = (char *)scratch;
	s.irc.in_channel = true;
	s.irc.caps = IRC_CAP_TAGS | IRC_CAP_TIME;
	line_out_init(&s.out, out, sizeof(out));
	pid = session(&bus, 1, talk);
	while (ring_oldest(&bus) == 0)
		sleep_until_woken(1);
	for (i = 0; i < QUESTIONS && torn == 0; i++) {
		must(irc_chathistory(&s, &all));
		do {
			over = irc_more(&s);
			shown += take_lines(&torn);
		} while (!over);
	}
	(void)kill(pid, SIGKILL);
	(void)reap(pid);
	ok(shown > QUESTIONS, "some of the past is shown");
	is_num(torn, 0, "and nothing that was overwritten meanwhile");
	return done();
}
