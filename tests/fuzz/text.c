/* SPDX-License-Identifier: ISC */

/*
 * Text: from any bytes, the result has the promised length, is printable and
 * well-formed, does not change when it is made visible once more, and is
 * exactly what chatproto(7) says.  Names: only harmless ones are accepted.
 *
 * Input: a byte that says where to cut, then the text.
 */

#include "ipc/common/text.h"
#include "tests/fuzz/fuzz.h"

#define TEXT_SIZE	((size_t)1 << 14)

static bool
between(uint32_t c, uint32_t first, uint32_t last)
{
	return c >= first && c <= last;
}

/* Whether the character at s can join another, or keep it from joining. */
static bool
joinable(const char *s, size_t len)
{
	size_t		n = utf8_length(s, len);
	uint32_t	c;

	if (n == 0)
		return false;
	c = utf8_value(s, n);
	return between(c, 0x620, 0x74F) || between(c, 0x900, 0xDFF) ||
	    between(c, 0x2190, 0x21FF) || between(c, 0x2300, 0x23FF) ||
	    between(c, 0x2600, 0x27BF) || between(c, 0x2B00, 0x2BFF) ||
	    c == 0xFE0F || between(c, 0x1F000, 0x1FAFF);
}

static bool
is_joiner(const char *s, size_t n)
{
	return n == 3 && (memcmp(s, "\xE2\x80\x8D", 3) == 0 ||
	    memcmp(s, "\xE2\x80\x8C", 3) == 0);
}

/* The visible form of src[0..len), made one character at a time. */
static size_t
expected(char *dst, const char *src, size_t len)
{
	size_t	at, i, n, used = 0, before = 0;
	bool	good;

	for (at = 0; at < len; at += n) {
		n = printable_length(src + at, len - at);
		good = n > 0 && (!is_joiner(src + at, n) || (before > 0 &&
		    joinable(src + at - before, before) &&
		    joinable(src + at + n, len - at - n)));
		before = good ? n : 0;
		if (n == 0)
			n = 1;
		for (i = 0; i < n; i++)
			if (good)
				dst[used++] = src[at + i];
			else
				used += (size_t)snprintf(dst + used, 5,
				    "\\%03o", (unsigned char)src[at + i]);
	}
	return used;
}

static void
check_visible(const char *text, size_t len)
{
	static char	want[4 * TEXT_SIZE + 1], twice[16 * TEXT_SIZE];
	char		*seen;
	size_t		 n;

	must((seen = malloc(4 * len + (len == 0))) != NULL);
	n = text_visible(seen, text, len);
	must(n >= len && n <= 4 * len);
	must(is_printable(seen, n));
	must(expected(want, text, len) == n);
	must(memcmp(seen, want, n) == 0);
	must(text_visible(twice, seen, n) == n);
	must(memcmp(seen, twice, n) == 0);
	free(seen);
}

static void
check_decode(const char *text, size_t len)
{
	size_t		at, n;
	uint32_t	cp;

	for (at = 0; at <= len; at++) {
		cp = UINT32_MAX;
		n = text_decode(text + at, len - at, &cp);
		must(n == (at == len ? 0 : utf8_length(text + at, len - at)));
		must(cp == (n == 0 ? UINT32_MAX : utf8_value(text + at, n)));
	}
}

/* Cut into pieces, it is complete, and no character spans two pieces. */
static void
check_cut(const char *text, size_t len, size_t max)
{
	size_t at, n, back, whole;

	for (at = 0; at < len; at += n) {
		n = text_cut(text + at, len - at, max);
		must(n > 0 && n <= max && n <= len - at);
		must(n == max || n == len - at || max - n < 4);
		for (back = 1; back < 4 && back < n; back++) {
			whole = utf8_length(text + at + n - back,
			    len - at - n + back);
			must(whole <= back);
		}
	}
}

static void
check_name(const char *text, size_t len)
{
	char	seen[4 * TEXT_NAME_MAX];
	size_t	i;

	if (text_name_error(text, len) != NULL)
		return;
	must(len >= 1 && len <= TEXT_NAME_MAX);
	must(text[0] != '-' && text[0] != '#');
	must(is_printable(text, len));
	must(text_visible(seen, text, len) == len);
	for (i = 0; i < len; i++)
		must(text[i] != 0 &&
		    strchr("\t <>@!*:,\"'\\", text[i]) == NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input	 in = { data, size };
	size_t		 max = 1 + take(&in) % 40, len;
	const char	*text = take_bytes(&in, TEXT_SIZE, &len);

	check_visible(text, len);
	check_decode(text, len);
	check_cut(text, len, max);
	check_name(text, len);
	check_name(text, len < max ? len : max);
	return 0;
}
