/* SPDX-License-Identifier: ISC */

/*
 * Messages from standard input or the command line.
 *
 * Lines go from standard input, or from the one message of the command line,
 * which a LF splits into lines, into the outbox, as many as it has space for.
 * chatc reads no more than that, which slows down whoever writes to it.
 */

#include <string.h>
#include <unistd.h>

#include "chatc/input.h"
#include "ipc/common/text.h"

void
input_init(struct input *i, const char *message)
{
	i->message = message;
	i->over = false;
	line_in_init(&i->in, i->buf, sizeof(i->buf), LINE_TEXT_MAX, true);
}

bool
input_wants(const struct input *i)
{
	return i->message == NULL && !i->in.eof && !line_in_full(&i->in);
}

ssize_t
input_read(struct input *i)
{
	return line_in_fill(&i->in, STDIN_FILENO);
}

static void
take_message(struct input *i, struct say *say)
{
	size_t len, part;

	while (*i->message != '\0' && !say->over &&
	    outbox_has_space(say->box)) {
		len = strcspn(i->message, "\n");
		part = text_cut(i->message, len, LINE_TEXT_MAX);
		i->message += say_line(say, i->message, part, part < len);
		if (*i->message == '\n')
			i->message++;
	}
	i->over = *i->message == '\0';
}

void
input_work(struct input *i, struct say *say)
{
	char	*line;
	size_t	 len, n;

	if (i->message != NULL) {
		take_message(i, say);
		return;
	}
	while (!say->over && outbox_has_space(say->box)) {
		if (line_in_peek(&i->in, &line, &len) == LINE_NONE) {
			i->over = i->in.eof;
			return;
		}
		n = say_line(say, line, len, i->in.cut);
		if (n < len)
			(void)line_in_shorten(&i->in, n);
		line_in_consume(&i->in);
	}
}
