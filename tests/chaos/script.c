/* SPDX-License-Identifier: ISC */

/*
 * Reads and writes scripts.
 */

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "tests/chaos/clients.h"
#include "tests/chaos/script.h"

#define LINE_SIZE	256
#define NUMBER_MAX	10000000

const struct script_kind script_kinds[VERBS] = {
	[VERB_OPEN] = { "open", 3 },
	[VERB_SAY] = { "say", 1 },
	[VERB_FILL] = { "fill", 2 },
	[VERB_READ] = { "read", 0 },
	[VERB_DEAF] = { "deaf", 0 },
	[VERB_SIP] = { "sip", 2 },
	[VERB_HALF] = { "half", 0 },
	[VERB_URGENT] = { "urgent", 0 },
	[VERB_CLOSE] = { "close", 0 },
	[VERB_RESET] = { "reset", 0 },
	[VERB_WAIT] = { "wait", 1 }
};

static void
print_text(const char *text, FILE *fp)
{
	for (; *text != '\0'; text++)
		if (isprint((unsigned char)*text) && *text != '\\')
			(void)fputc(*text, fp);
		else
			(void)fprintf(fp, "\\%03o", (unsigned char)*text);
}

void
script_print(const struct script *s, FILE *fp)
{
	const struct action	*a;
	int			 i;

	(void)fprintf(fp, "server %s\n", s->server);
	for (a = s->action; a < s->action + s->len; a++) {
		if (a->verb != VERB_WAIT)
			(void)fprintf(fp, "%d ", a->who + 1);
		(void)fputs(script_kinds[a->verb].word, fp);
		for (i = 0; i < script_kinds[a->verb].numbers; i++)
			(void)fprintf(fp, " %d", a->n[i]);
		if (a->verb == VERB_SAY) {
			(void)fputc(' ', fp);
			print_text(a->text, fp);
		}
		(void)fputc('\n', fp);
	}
	(void)fflush(fp);
}

/* Undo print_text(), in place. */
static void
unescape(char *s)
{
	unsigned int	 c;
	char		*to = s;

	for (; *s != '\0'; s++, to++) {
		*to = *s;
		if (*s == '\\' && sscanf(s + 1, "%3o", &c) == 1) {
			*to = (char)c;
			s += 3;
		}
	}
	*to = '\0';
}

static enum verb
verb(const char *word)
{
	int i;

	for (i = 0; i < VERBS; i++)
		if (strcmp(script_kinds[i].word, word) == 0)
			break;
	return (enum verb)i;
}

/* Parse one action from a line without its end; false if it is invalid. */
static bool
parse(struct action *a, char *line)
{
	char	*word = strsep(&line, " ");
	int	 i;

	memset(a, 0, sizeof(*a));
	if (isdigit((unsigned char)*word)) {
		a->who = (int)number(word, SCRIPT_WHO) - 1;
		if ((word = strsep(&line, " ")) == NULL)
			return false;
	}
	if ((a->verb = verb(word)) == VERBS)
		return false;
	for (i = 0; i < script_kinds[a->verb].numbers; i++) {
		if ((word = strsep(&line, " ")) == NULL)
			return false;
		a->n[i] = (int)number(word, NUMBER_MAX);
	}
	if (a->verb != VERB_SAY)
		return line == NULL;
	unescape(line = line == NULL ? word + strlen(word) : line);
	return strlcpy(a->text, line, sizeof(a->text)) < sizeof(a->text);
}

void
script_load(struct script *s, const char *path)
{
	char	 line[LINE_SIZE];
	FILE	*fp;

	memset(s, 0, sizeof(*s));
	if ((fp = fopen(path, "r")) == NULL)
		err(2, "%s", path);
	while (fgets(line, sizeof(line), fp) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '#' || line[0] == '\0')
			continue;
		if (strncmp(line, "server ", 7) == 0)
			(void)strlcpy(s->server, line + 7,
			    sizeof(s->server));
		else if (s->len == SCRIPT_ACTIONS ||
		    !parse(&s->action[s->len++], line))
			errx(2, "%s: \"%s\" is invalid here", path, line);
	}
	if (ferror(fp) || s->len == 0)
		errx(2, "%s has no script", path);
	(void)fclose(fp);
}
