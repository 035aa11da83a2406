/* SPDX-License-Identifier: ISC */

/*
 * NAMES and WHO of a full room, which are far longer than a session's buffer,
 * for a client that reads slowly: each name appears once, in lines of valid
 * length.
 *
 * The session is production's, in a process of its own over a socketpair; the
 * others are rows of the roster without a process.
 */


#include "chatserv/session/irc/irc.h"
#include "tests/unit/served.h"

#define OTHERS		1000
#define SMALL		4096	/* bytes that the socket accepts at once */

static struct bus	bus;
static char		got[1 << 20];

/* The longest possible names: their number, and padding. */
static void
name_of(char name[TEXT_NAME_MAX + 1], int i)
{
	(void)snprintf(name, TEXT_NAME_MAX + 1, "n%04d%s", i,
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxx");
}

static void
fill_room(void)
{
	static const unsigned char	token[BUS_TOKEN_SIZE];
	struct bus			other = bus;
	struct reader			r, live_at;
	char				name[TEXT_NAME_MAX + 1];
	int				i, wait_ms;

	for (i = 1; i <= OTHERS; i++) {
		roster_open(&other, (uint32_t)i, "unit");
		be(&other, (uint32_t)i);
		name_of(name, i);
		must(roster_join(&other, name, NULL, token, NULL, &r,
		    &live_at, &wait_ms) == BUS_OK);
		/* It reads so fast that no writer need wait for it. */
		atomic_store(&other.slot[i].cursor, BUS_NOT_READING);
	}
}

static void
say(const char *line)
{
	must(write(pair[1], line, strlen(line)) == (ssize_t)strlen(line));
}

/* Read, little by little, until the last line contains this. */
static void
hear(const char *last)
{
	size_t	len = 0, from = 0;
	ssize_t	n;
	char	*lf;

	for (;;) {
		must((n = read(pair[1], got + len, 999)) > 0);
		len += (size_t)n;
		must(len < sizeof(got) - 1000);
		got[len] = '\0';
		while ((lf = strchr(got + from, '\n')) != NULL) {
			*lf = '\0';
			if (strstr(got + from, last) != NULL)
				return;
			*lf = '\n';
			from = (size_t)(lf + 1 - got);
		}
	}
}

/* How many of the names appear exactly once, between these. */
static int
count_names(const char *before, const char *after)
{
	char	name[TEXT_NAME_MAX + 1], look[3 * sizeof(name)], *at;
	int	i, n = 0;

	for (i = 1; i <= OTHERS; i++) {
		name_of(name, i);
		(void)snprintf(look, sizeof(look), "%s%s%s", before, name,
		    after);
		at = strstr(got, look);
		n += at != NULL && strstr(at + 1, look) == NULL;
	}
	return n;
}

static bool
lines_fit(void)
{
	const char *at = got, *lf;

	for (; (lf = strchr(at, '\n')) != NULL; at = lf + 1)
		if (strncmp(at, "-- ", 3) != 0 &&	/* the greeting's */
		    (lf[-1] != '\r' || lf + 1 - at > 512))
			return false;
	return true;
}

int
main(void)
{
	int	size = SMALL;
	pid_t	pid;

	watchdog();
	memset(irc_config.server, 's', IRC_SERVER_SIZE - 1);
	memset(irc_config.channel, 'c', IRC_CHANNEL_SIZE - 1);
	irc_config.channel[0] = '#';
	fresh_bus(&bus, OTHERS + 1, BUS_RING_MIN);
	fill_room();
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	must(setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size,
	    sizeof(size)) == 0);
	must(pipe(parent) == 0);
	pid = session(&bus, 0, live);
	(void)close(pair[0]);
	say("NICK alice\r\nUSER a 0 * :A\r\n");
	hear(" 366 alice #c");
	is_num(count_names("", ""), OTHERS, "who enters is told of everybody");
	ok(lines_fit(), "in lines of 512 bytes");
	say("NAMES\r\nPING :after\r\n");
	hear(" PONG ");
	is_num(count_names("", ""), OTHERS, "NAMES has everybody once");
	ok(lines_fit(), "in lines of 512 bytes");
	say("WHO #c\r\nWHO\r\nPING :after\r\n");
	hear(" PONG ");
	is_num(count_names(" H :0 ", "\r\n"), OTHERS, "so does WHO");
	ok(lines_fit(), "in lines of 512 bytes");
	say("CAP REQ :userhost-in-names\r\nNAMES\r\nPING :after\r\n");
	hear(" PONG ");
	is_num(count_names("", "!chat@s"), OTHERS,
	    "and NAMES with userhost-in-names");
	ok(lines_fit(), "in lines of 512 bytes");
	say("QUIT\r\n");
	hear("ERROR ");
	(void)close(pair[1]);
	is_num(reap(pid), 0, "and the session ends");
	return done();
}
