/* SPDX-License-Identifier: ISC */

/*
 * IRC's lines and texts, apart from any session.
 */
#ifndef CHATSERV_IRC_MESSAGE_H
#define CHATSERV_IRC_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IRC_PARAMS	15
#define IRC_LINE_MAX	510	/* bytes of a line without tags and its end */
#define IRC_TAGS_MAX	8191	/* bytes of tags, with @ and the blank */
#define IRC_TIME_SIZE	25	/* "2026-11-28T07:00:00.000Z" and NUL */

/* A part of a line; no NUL ends it. */
struct irc_param {
	const char	*s;
	size_t		 len;
};

struct irc_message {
	struct irc_param command;
	struct irc_param param[IRC_PARAMS];
	int		 n;		/* params */
	size_t		 len;		/* bytes without the tags */
};

/*
 * Parse line[0..len); m points into it.  Tags and source are skipped, since a
 * client's have no meaning.  False if there is no command.
 */
bool	 irc_parse(struct irc_message *m, const char *line, size_t len);

/* Whether p is this word, in either case of ASCII. */
bool	 irc_is(struct irc_param p, const char *word);

/* Take the next part of a list, which has commas between its parts. */
bool	 irc_next(struct irc_param *list, struct irc_param *one);

/* Copy p, cut to size - 1 bytes, and end it by NUL. */
void	 irc_copy(char *dst, size_t size, struct irc_param p);

/* Whether s[0..len) is UTF-8 without NUL. */
bool	 irc_is_utf8(const char *s, size_t len);

/*
 * Copy src[0..len) without the codes for colours and the like; dst has space
 * for len bytes.  Returns the bytes written.
 */
size_t	 irc_strip(char *dst, const char *src, size_t len);

/* Write an ID, which is a time in microseconds, in the form of server-time. */
void	 irc_time(char dst[IRC_TIME_SIZE], uint64_t us);

/* Parse such a time; false if it is none. */
bool	 irc_parse_time(uint64_t *us, struct irc_param p);

#endif
