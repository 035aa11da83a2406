/* SPDX-License-Identifier: ISC */

/*
 * CHATHISTORY while others overwrite the ring: a text of which a part was
 * overwritten while it was read is not shown.
 *
 * A sibling publishes as fast as it can, texts of one letter each, in a ring
 * that holds few of them; this process asks again and again for all that the
 * ring has.  Each letter has its own length, and they come in the order of the
 * alphabet, so neither part of another text nor a text of later fits.
 */

#include <signal.h>

#include "chatserv/session/irc/irc.h"
#include "ipc/common/bsd.h"
#include "tests/unit/bus.h"

#define QUESTIONS	5000
#define LEAST		200	/* letters */
#define MORE		8	/* for each letter */
#define MOST		(LEAST + MORE * 26)

static struct session	s;
static struct bus	bus;
static char		out[64 << 10];
static uint64_t		scratch[SESSION_SCRATCH / sizeof(uint64_t)];

static int
talk(struct bus *b)
{
	char		text[MOST + 1];
	unsigned int	i;

	for (i = 0; getppid() == b->parent; i++) {
		memset(text, (int)('a' + i % 26), MOST);
		text[LEAST + MORE * (i % 26)] = '\0';
		if (publish(b, "alice", text) != BUS_OK)
			return 1;
	}
	return 0;
}

/* The letter of the text of this line; 0 if the sibling never said that. */
static char
letter_of(const char *line, size_t len)
{
	static const char	 to[] = " PRIVMSG #chat :";
	const char		*text = memmem(line, len, to, sizeof(to) - 1);
	size_t			 n;

	if (text == NULL)
		return 0;
	text += sizeof(to) - 1;
	for (n = 1; text[n] == text[0]; n++)
		continue;
	if (text[n] != '\r' || text + n + 2 != line + len || text[0] < 'a' ||
	    text[0] > 'z' || n != LEAST + MORE * (size_t)(text[0] - 'a'))
		return 0;
	return text[0];
}

/* Consume the lines of out; how many there are, and how many do not fit. */
static unsigned int
take_lines(unsigned int *torn)
{
	char		*line = out + s.out.start, *lf, before = 0, letter;
	unsigned int	 n = 0;

	while ((lf = memchr(line, '\n', (size_t)(out + s.out.end - line))) !=
	    NULL) {
		n++;
		letter = letter_of(line, (size_t)(lf + 1 - line));
		*torn += letter == 0 || (before != 0 &&
		    letter != (before == 'z' ? 'a' : before + 1));
		before = letter;
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
