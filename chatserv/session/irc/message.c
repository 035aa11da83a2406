/* SPDX-License-Identifier: ISC */

/*
 * IRC's lines and texts, apart from any session.
 *
 * A line is "@TAGS :SOURCE COMMAND PARAM ... :LAST PARAM" (RFC 1459, and
 * modern.ircdocs.horse for how clients use it).  Nothing is copied: the parts
 * point into the line.
 *
 * This file computes times without gmtime(3), which may read a file, and a
 * session can open none.  The calendar is Howard Hinnant's days_from_civil()
 * and civil_from_days(), which count years from March on.
 *
 * Runs in a session.
 */

#include <string.h>
#include <strings.h>

#include "chatserv/session/irc/message.h"
#include "ipc/common/text.h"

#define DAY_MS		INT64_C(86400000)
#define ERA_DAYS	146097		/* in 400 years */
#define EPOCH_DAYS	719468		/* from 0000-03-01 to 1970-01-01 */
#define YEAR_DAYS	365

/* The next word of line[*at..len), which *at then follows. */
static struct irc_param
next_word(const char *line, size_t len, size_t *at)
{
	struct irc_param p;

	while (*at < len && line[*at] == ' ')
		++*at;
	p.s = line + *at;
	while (*at < len && line[*at] != ' ')
		++*at;
	p.len = (size_t)(line + *at - p.s);
	return p;
}

bool
irc_parse(struct irc_message *m, const char *line, size_t len)
{
	size_t at = 0;

	m->n = 0;
	if (len > 0 && line[0] == '@')
		(void)next_word(line, len, &at);
	while (at < len && line[at] == ' ')
		at++;
	m->len = len - at;
	if (at < len && line[at] == ':')
		(void)next_word(line, len, &at);
	m->command = next_word(line, len, &at);
	while (m->n < IRC_PARAMS) {
		while (at < len && line[at] == ' ')
			at++;
		if (at == len)
			break;
		if (line[at] == ':' || m->n == IRC_PARAMS - 1) {
			at += line[at] == ':';
			m->param[m->n++] = (struct irc_param){ line + at,
			    len - at };
			break;
		}
		m->param[m->n++] = next_word(line, len, &at);
	}
	return m->command.len > 0;
}

bool
irc_is(struct irc_param p, const char *word)
{
	return strlen(word) == p.len && strncasecmp(p.s, word, p.len) == 0;
}

bool
irc_next(struct irc_param *list, struct irc_param *one)
{
	const char *comma;

	while (list->len > 0) {
		comma = memchr(list->s, ',', list->len);
		*one = *list;
		if (comma != NULL)
			one->len = (size_t)(comma - list->s);
		list->s += one->len + (comma != NULL);
		list->len -= one->len + (comma != NULL);
		if (one->len > 0)
			return true;
	}
	return false;
}

void
irc_copy(char *dst, size_t size, struct irc_param p)
{
	size_t n = text_cut(p.s, p.len, size - 1);

	memcpy(dst, p.s, n);
	dst[n] = '\0';
}

bool
irc_is_utf8(const char *s, size_t len)
{
	uint32_t	cp;
	size_t		i, n;

	for (i = 0; i < len; i += n)
		if ((n = text_decode(s + i, len - i, &cp)) == 0 || cp == 0)
			return false;
	return true;
}

/* How many characters of s[0..len) are of this set, `most` at most. */
static size_t
span(const char *s, size_t len, const char *set, size_t most)
{
	size_t n = 0;

	while (n < len && n < most && s[n] != '\0' && strchr(set, s[n]))
		n++;
	return n;
}

/* The length of the code that s[0..len) begins with; 0 if it is text. */
static size_t
code_length(const char *s, size_t len)
{
	static const char	dec[] = "0123456789";
	static const char	hex[] = "0123456789abcdefABCDEF";
	size_t			n = 1;

	switch (s[0]) {
	case 0x02: case 0x0F: case 0x11: case 0x16: case 0x1D: case 0x1E:
	case 0x1F:
		return 1;
	case 0x03:			/* N or NN, and ",NN" */
		n += span(s + n, len - n, dec, 2);
		if (n > 1 && len - n > 1 && s[n] == ',' &&
		    span(s + n + 1, len - n - 1, dec, 2) > 0)
			n += 1 + span(s + n + 1, len - n - 1, dec, 2);
		return n;
	case 0x04:			/* RRGGBB */
		return n + span(s + n, len - n, hex, 6);
	default:
		return 0;
	}
}

size_t
irc_strip(char *dst, const char *src, size_t len)
{
	size_t code, i = 0, n = 0;

	while (i < len) {
		if ((code = code_length(src + i, len - i)) > 0)
			i += code;
		else
			dst[n++] = src[i++];
	}
	return n;
}

/* Write the last `width` digits of n, and end; returns the place behind. */
static char *
put_digits(char *dst, int64_t n, int width, char end)
{
	int i;

	for (i = width - 1; i >= 0; i--, n /= 10)
		dst[i] = (char)('0' + n % 10);
	dst[width] = end;
	return dst + width + 1;
}

void
irc_time(char dst[IRC_TIME_SIZE], uint64_t us)
{
	int64_t	ms = (int64_t)(us / 1000), days = ms / DAY_MS + EPOCH_DAYS;
	int64_t	era = days / ERA_DAYS, doe = days % ERA_DAYS;
	int64_t	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) /
	    YEAR_DAYS;
	int64_t	doy = doe - (YEAR_DAYS * yoe + yoe / 4 - yoe / 100);
	int64_t	mp = (5 * doy + 2) / 153, month = mp < 10 ? mp + 3 : mp - 9;
	int64_t	year = yoe + era * 400 + (month <= 2), of_day = ms % DAY_MS;

	/* No ID is of the year 10000, but what is read may be no ID. */
	dst = put_digits(dst, year, 4, '-');
	dst = put_digits(dst, month, 2, '-');
	dst = put_digits(dst, doy - (153 * mp + 2) / 5 + 1, 2, 'T');
	dst = put_digits(dst, of_day / 3600000, 2, ':');
	dst = put_digits(dst, of_day / 60000 % 60, 2, ':');
	dst = put_digits(dst, of_day / 1000 % 60, 2, '.');
	dst = put_digits(dst, of_day % 1000, 3, 'Z');
	*dst = '\0';
}

static int64_t
days_from_civil(int64_t year, int64_t month, int64_t day)
{
	int64_t era, yoe, doy;

	year -= month <= 2;
	era = year / 400;
	yoe = year % 400;
	doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * ERA_DAYS + yoe * YEAR_DAYS + yoe / 4 - yoe / 100 + doy -
	    EPOCH_DAYS;
}

/* The number in s[0..n), all of it digits; -1 if it is no number. */
static int
digits(const char *s, int n)
{
	int value = 0;

	for (; n > 0; n--, s++) {
		if (*s < '0' || *s > '9')
			return -1;
		value = value * 10 + *s - '0';
	}
	return value;
}

bool
irc_parse_time(uint64_t *us, struct irc_param p)
{
	static const char	shape[] = "dddd-dd-ddTdd:dd:dd.dddZ";
	int			year, month, day, hour, minute, second, ms;
	size_t			i;

	if (p.len != sizeof(shape) - 1)
		return false;
	for (i = 0; i < p.len; i++)
		if (shape[i] != 'd' && p.s[i] != shape[i])
			return false;
	year = digits(p.s, 4);
	month = digits(p.s + 5, 2);
	day = digits(p.s + 8, 2);
	hour = digits(p.s + 11, 2);
	minute = digits(p.s + 14, 2);
	second = digits(p.s + 17, 2);
	ms = digits(p.s + 20, 3);
	if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31 ||
	    hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
	    second < 0 || second > 60 || ms < 0)
		return false;
	*us = (uint64_t)(days_from_civil(year, month, day) * DAY_MS +
	    hour * INT64_C(3600000) + minute * INT64_C(60000) +
	    second * INT64_C(1000) + ms) * 1000;
	return true;
}
