/* SPDX-License-Identifier: ISC */

/*
 * Who is in the other rooms.
 *
 * Runs in the process in.
 */

#include <stdio.h>
#include <string.h>

#include "contrib/chatlink/presence.h"
#include "ipc/common/bsd.h"

#define AWAY_MS		30000	/* of silence */
#define AGAIN_MS	60000	/* between two announcements of one host */
#define PEOPLE_MAX	1000000

static struct presence_host *
find(struct presence *p, const char *host)
{
	struct presence_host *h;

	for (h = p->host; h < p->host + p->hosts; h++)
		if (strcmp(h->host, host) == 0)
			return h;
	/* A host that is away gives its entry to another. */
	for (h = p->host; h < p->host + p->hosts && h->here; h++)
		;
	if (h == p->host + PRESENCE_HOSTS)
		return NULL;
	if (h == p->host + p->hosts)
		p->hosts++;
	memset(h, 0, sizeof(*h));
	(void)strlcpy(h->host, host, sizeof(h->host));
	return h;
}

/* Parse "12<TAB>alice bob".  Returns false if it is invalid. */
static bool
parse(struct presence_host *h, const char *data, size_t len)
{
	char		 copy[PRESENCE_LINE], names[4 * PRESENCE_NAMES];
	char		*tab;
	const char	*error;
	long long	 count;
	size_t		 n;

	if (len >= sizeof(copy))
		return false;
	memcpy(copy, data, len);
	copy[len] = '\0';
	if ((tab = strchr(copy, '\t')) == NULL)
		return false;
	*tab++ = '\0';
	count = strtonum(copy, 0, PEOPLE_MAX, &error);
	if (error != NULL)
		return false;
	n = text_visible(names, tab, text_cut(tab, strlen(tab),
	    sizeof(h->names) - 1));
	n = text_cut(names, n, sizeof(h->names) - 1);
	memcpy(h->names, names, n);
	h->names[n] = '\0';
	h->count = (unsigned int)count;
	return true;
}

bool
presence_hear(struct presence *p, const char *host, const char *data,
    size_t len, uint64_t now, char *line)
{
	struct presence_host *h = find(p, host);

	if (h == NULL || !parse(h, data, len))
		return false;
	h->heard = now;
	if (h->here && (h->count == h->told || now < h->said + AGAIN_MS))
		return false;
	h->here = true;
	h->told = h->count;
	h->said = now;
	(void)snprintf(line, PRESENCE_LINE, "%s is here (%u)", h->host,
	    h->count);
	return true;
}

bool
presence_miss(struct presence *p, uint64_t now, char *line)
{
	struct presence_host *h;

	for (h = p->host; h < p->host + p->hosts; h++) {
		if (!h->here || now < h->heard + AWAY_MS)
			continue;
		h->here = false;
		(void)snprintf(line, PRESENCE_LINE, "%s is away", h->host);
		return true;
	}
	return false;
}

bool
presence_answer(const struct presence *p, int n, char *line)
{
	const struct presence_host *h;

	for (h = p->host; h < p->host + p->hosts; h++)
		if (h->here && n-- == 0) {
			(void)snprintf(line, PRESENCE_LINE, "%s, %u: %s",
			    h->host, h->count, h->names);
			return true;
		}
	return false;
}

int
presence_count(const struct presence *p)
{
	const struct presence_host	*h;
	int				 n = 0;

	for (h = p->host; h < p->host + p->hosts; h++)
		n += h->here;
	return n;
}

void
presence_begin(struct presence_own *o)
{
	o->count = 0;
	o->len = 0;
}

void
presence_add(struct presence_own *o, const char *name, size_t len)
{
	o->count++;
	if (o->len + len + 1 >= sizeof(o->names))
		return;
	if (o->len > 0)
		o->names[o->len++] = ' ';
	memcpy(o->names + o->len, name, len);
	o->len += len;
}

size_t
presence_write(const struct presence_own *o, char *data)
{
	return (size_t)snprintf(data, PRESENCE_LINE, "%u\t%.*s", o->count,
	    (int)o->len, o->names);
}
