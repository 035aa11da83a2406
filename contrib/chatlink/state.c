/* SPDX-License-Identifier: ISC */

/*
 * The state file: a line for the token, for our room, for the stream and for
 * each mark.
 *
 * Runs in the process in.
 */

#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chatserv/common/log.h"
#include "contrib/chatlink/state.h"
#include "ipc/common/bsd.h"

#define LINE_SIZE	256
#define PATH_SIZE	1024
#define ROOMS_EACH	8	/* of one host, remembered */
#define HEAD		"chatlink 1\n"

uint64_t
state_hash(uint64_t basis, const char *data, size_t len)
{
	uint64_t	h = UINT64_C(0xcbf29ce484222325) ^ basis;
	size_t		i;

	/* FNV-1a; Fowler, Noll and Vo. */
	for (i = 0; i < len; i++)
		h = (h ^ (unsigned char)data[i]) * UINT64_C(0x100000001b3);
	return h;
}

static void
make_token(struct state *s)
{
	unsigned char	bytes[STATE_TOKEN / 2];
	size_t		i;

	arc4random_buf(bytes, sizeof(bytes));
	for (i = 0; i < sizeof(bytes); i++)
		(void)snprintf(s->token + 2 * i, 3, "%02x", bytes[i]);
	s->changed = true;
}

static bool
take_mark(struct state *s, const char *line)
{
	struct watermark	m;
	int		used = 0;

	if (s->marks == STATE_MARKS || sscanf(line, "mark %8[a-z0-9-] "
	    "%16[0-9a-f] %" SCNu64 "\n%n", m.host, m.identity, &m.last,
	    &used) != 3 || used == 0)
		return false;
	m.sent = m.last;
	m.used = ++s->uses;
	s->mark[s->marks++] = m;
	return true;
}

static bool
take_line(struct state *s, const char *line)
{
	return sscanf(line, "token %32[0-9a-f]", s->token) == 1 ||
	    sscanf(line, "room %" SCNu64 " %16[0-9a-f]", &s->place,
	    s->identity) == 2 ||
	    sscanf(line, "stream %" SCNd64 " %" SCNu64 " %" SCNx64,
	    &s->created, &s->seq, &s->check) == 3 || take_mark(s, line);
}

void
state_load(struct state *s, const char *path)
{
	char	 line[LINE_SIZE];
	bool	 ended = false;
	FILE	*fp;
	int	 fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);

	memset(s, 0, sizeof(*s));
	if (fd == -1 && errno == ENOENT) {
		make_token(s);
		return;
	}
	if (fd == -1 || (fp = fdopen(fd, "r")) == NULL)
		fatal("cannot read %s", path);
	if (fgets(line, sizeof(line), fp) == NULL || strcmp(line, HEAD) != 0)
		fatalx("%s is no state file of chatlink", path);
	while (!ended && fgets(line, sizeof(line), fp) != NULL) {
		ended = strcmp(line, "end\n") == 0;
		if (!ended && !take_line(s, line))
			fatalx("%s: invalid line: %s", path, line);
	}
	if (!ended || strlen(s->token) != STATE_TOKEN)
		fatalx("%s is truncated", path);
	(void)fclose(fp);
}

static bool
write_lines(const struct state *s, FILE *fp)
{
	const struct watermark *m;

	(void)fprintf(fp, HEAD "token %s\n", s->token);
	if (s->identity[0] != '\0')
		(void)fprintf(fp, "room %" PRIu64 " %s\n", s->place,
		    s->identity);
	if (s->created != 0)
		(void)fprintf(fp, "stream %" PRId64 " %" PRIu64 " %" PRIx64
		    "\n", s->created, s->seq, s->check);
	for (m = s->mark; m < s->mark + s->marks; m++)
		(void)fprintf(fp, "mark %s %s %" PRIu64 "\n", m->host,
		    m->identity, m->last);
	(void)fputs("end\n", fp);
	return fflush(fp) == 0 && ferror(fp) == 0;
}

void
state_save(struct state *s, const char *path)
{
	char	 other[PATH_SIZE];
	FILE	*fp = NULL;
	int	 fd;

	if (!s->changed)
		return;
	(void)snprintf(other, sizeof(other), "%s.new", path);
	fd = open(other, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW,
	    S_IRUSR | S_IWUSR);
	if (fd == -1 || (fp = fdopen(fd, "w")) == NULL ||
	    !write_lines(s, fp)) {
		log_warn("cannot write %s", other);
		if (fp != NULL)
			(void)fclose(fp);
		else if (fd != -1)
			(void)close(fd);
		return;
	}
	if (fclose(fp) == EOF || rename(other, path) == -1)
		log_warn("cannot write %s", path);
	else
		s->changed = false;
}

/*
 * A free mark, or the least recently used one: of this host, if it has had
 * many rooms, so that no host can displace another's marks.
 */
static struct watermark *
spare_mark(struct state *s, const char *host)
{
	struct watermark	*m, *oldest = s->mark, *own = s->mark;
	int			 n = 0;

	for (m = s->mark; m < s->mark + s->marks; m++) {
		if (m->used < oldest->used)
			oldest = m;
		if (strcmp(m->host, host) == 0 &&
		    (n++ == 0 || m->used < own->used))
			own = m;
	}
	if (n >= ROOMS_EACH)
		return own;
	return s->marks < STATE_MARKS ? &s->mark[s->marks++] : oldest;
}

struct watermark *
state_mark(struct state *s, const char *host, const char *identity)
{
	struct watermark *m, *end = s->mark + s->marks;

	for (m = s->mark; m < end; m++)
		if (strcmp(m->host, host) == 0 &&
		    strcmp(m->identity, identity) == 0)
			break;
	if (m == end) {
		m = spare_mark(s, host);
		memset(m, 0, sizeof(*m));
		(void)strlcpy(m->host, host, sizeof(m->host));
		(void)strlcpy(m->identity, identity, sizeof(m->identity));
	}
	m->used = ++s->uses;
	return m;
}
