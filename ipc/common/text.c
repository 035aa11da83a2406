/* SPDX-License-Identifier: ISC */

/*
 * Text as people see it.
 *
 * A terminal obeys the bytes that it receives, so a room that passes bytes
 * through lets anyone move anyone's cursor, forge lines and hide words.  This
 * file decodes each text once, on its way into the room; what is not a
 * printable character becomes visible, byte by byte, in the form of vis(3).
 * Nothing downstream has to be careful again.
 *
 * Pure functions on the caller's memory: any process may call them.
 */

#include <string.h>

#include "ipc/common/text.h"
#include "ipc/common/unicode.h"

#define ZWNJ	0x200C		/* zero-width non-joiner */
#define ZWJ	0x200D		/* zero-width joiner */

/* Characters that hide or reorder text, or end a line. */
static const struct unicode_range hidden[] = {
	{ 0x00, 0x08 }, { 0x0A, 0x1F }, { 0x7F, 0x9F }, { 0x061C, 0x061C },
	{ 0x200B, 0x200F }, { 0x2028, 0x202E }, { 0x2060, 0x2069 },
	{ 0xFEFF, 0xFEFF }
};

/*
 * What these two may stand between: emoji with their modifiers, and the
 * scripts (Arabic, Syriac, those of India) that are misspelt without them.
 */
static const struct unicode_range joined[] = {
	{ 0x0620, 0x074F }, { 0x0900, 0x0DFF }, { 0x2190, 0x21FF },
	{ 0x2300, 0x23FF }, { 0x2600, 0x27BF }, { 0x2B00, 0x2BFF },
	{ 0xFE0F, 0xFE0F }, { 0x1F000, 0x1FAFF }
};

#define NRANGES(t)	(sizeof(t) / sizeof((t)[0]))

/* Whether b can continue a character that began before it. */
static bool
continues(char b)
{
	return ((unsigned char)b & 0xC0) == 0x80;
}

bool
text_begins(const char *s, size_t len, const char *with)
{
	size_t n = strlen(with);

	return len >= n && memcmp(s, with, n) == 0;
}

bool
text_is(const char *s, size_t len, const char *string)
{
	return len == strlen(string) && memcmp(s, string, len) == 0;
}

size_t
text_decode(const char *s, size_t len, uint32_t *cp)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char	lead;
	uint32_t	c;
	size_t		i, n;

	if (len == 0)
		return 0;
	lead = (unsigned char)s[0];
	if (lead < 0x80) {
		*cp = lead;
		return 1;
	}
	if (lead < 0xC2 || lead > 0xF4)
		return 0;
	n = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
	if (n > len)
		return 0;
	c = lead & (0xFFU >> (n + 1));
	for (i = 1; i < n; i++) {
		if (!continues(s[i]))
			return 0;
		c = c << 6 | ((unsigned char)s[i] & 0x3F);
	}
	if (c < least[n] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		return 0;
	*cp = c;
	return n;
}

size_t
text_cut(const char *s, size_t len, size_t max)
{
	uint32_t	cp;
	size_t		cut;

	if (len <= max)
		return len;
	for (cut = max; cut > 0 && max - cut < 4; cut--)
		if (!continues(s[cut]))
			break;
	if (cut == 0 || text_decode(s + cut, len - cut, &cp) <= max - cut)
		return max;
	return cut;
}

/* Whether s[at] joins or separates two characters that allow it. */
static bool
joins(const char *s, size_t len, size_t at, uint32_t before)
{
	uint32_t after;

	return unicode_within(before, joined, NRANGES(joined)) &&
	    text_decode(s + at + 3, len - at - 3, &after) != 0 &&
	    unicode_within(after, joined, NRANGES(joined));
}

/*
 * Whether none of eight bytes is a control character or beyond ASCII: such a
 * byte has its high bit set, or gets it if 1 is added or a space subtracted.
 * A carry into a neighbour does not matter, because it comes from such a byte.
 */
static bool
eight_plain(const char *s)
{
	const uint64_t	each = UINT64_C(0x0101010101010101);
	uint64_t	x;

	memcpy(&x, s, sizeof(x));
	return ((x | (x + each) | (x - ' ' * each)) & 0x80 * each) == 0;
}

/* The length of the printable ASCII that begins s[0..len). */
static size_t
plain_ascii(const char *s, size_t len)
{
	unsigned char	c;	/* char is signed on some systems only */
	size_t		i = 0;

	while (i < len) {
		if (len - i >= 8 && eight_plain(s + i)) {
			i += 8;
			continue;
		}
		c = (unsigned char)s[i];
		if ((c < ' ' && c != '\t') || c >= 0x7F)
			break;
		i++;
	}
	return i;
}

/*
 * One byte in the form of vis(3) with VIS_OCTAL.  Not by vis(3) itself:
 * libbsd's asks the locale for a character first, and where bytes are none
 * (musl) it writes more than four.
 */
static char *
octal(char *d, unsigned char byte)
{
	*d++ = '\\';
	*d++ = (char)('0' + (byte >> 6));
	*d++ = (char)('0' + (byte >> 3 & 7));
	*d++ = (char)('0' + (byte & 7));
	return d;
}

size_t
text_visible(char *dst, const char *src, size_t len)
{
	char		*d = dst;
	uint32_t	 cp, before = 0;
	size_t		 i, n;

	for (i = 0; i < len; ) {
		n = plain_ascii(src + i, len - i);
		if (n > 0) {
			before = (unsigned char)src[i + n - 1];
		} else if ((n = text_decode(src + i, len - i, &cp)) > 0 &&
		    (!unicode_within(cp, hidden, NRANGES(hidden)) ||
		    ((cp == ZWJ || cp == ZWNJ) &&
		    joins(src, len, i, before)))) {
			before = cp;
		} else {
			d = octal(d, (unsigned char)src[i++]);
			before = 0;
			continue;
		}
		memcpy(d, src + i, n);
		d += n;
		i += n;
	}
	return (size_t)(d - dst);
}

const char *
text_name_error(const char *name, size_t len)
{
	uint32_t	cp;
	size_t		i, n;

	if (len == 0)
		return "is empty";
	if (len > TEXT_NAME_MAX)
		return "is longer than 32 bytes";
	if (name[0] != '\0' && strchr("-#+&%~", name[0]) != NULL)
		return "begins with one of - # + & % ~";
	if ((len == 1 || (len == 2 && name[1] == '.')) && name[0] == '.')
		return "is that of a directory";
	if (text_decode(name, len, &cp) != 0 && unicode_is_mark(cp))
		return "begins with a combining mark";
	for (i = 0; i < len; i += n) {
		if ((n = text_decode(name + i, len - i, &cp)) == 0)
			return "is not UTF-8";
		if (unicode_is_blank(cp))
			return "has a space or an unprintable character";
		if (cp < 0x80 && strchr("<>@!*:,\"'\\", (int)cp) != NULL)
			return "has one of < > @ ! * : , \" ' \\";
		if (cp < 0x80 && strchr("$`;|&()", (int)cp) != NULL)
			return "has one of $ ` ; | & ( )";
	}
	return NULL;
}

/* Whether name[0..len) is a name; only digits follow the slash of a login's. */
static bool
is_member(const char *name, size_t len)
{
	const char	*slash = memchr(name, '/', len);
	size_t		 n;

	if (text_name_error(name, len) != NULL)
		return false;
	if (slash == NULL)
		return true;
	for (n = (size_t)(name + len - slash) - 1; n > 0; n--)
		if (slash[n] < '0' || slash[n] > '9')
			return false;
	return slash > name && slash + 1 < name + len;
}

bool
text_is_remote(const char *name, size_t len)
{
	const char	*slash = memrchr(name, '/', len), *host;
	size_t		 n, i;

	if (slash == NULL)
		return false;
	host = slash + 1;
	n = (size_t)(name + len - host);
	if (n == 0 || n > TEXT_HOST_MAX || host[0] < 'a' || host[0] > 'z')
		return false;
	for (i = 0; i < n; i++)
		if ((host[i] < 'a' || host[i] > 'z') && host[i] != '-' &&
		    (host[i] < '0' || host[i] > '9'))
			return false;
	n = (size_t)(slash - name);
	return is_member(name, n) || text_is_outside(name, n);
}

bool
text_is_outside(const char *name, size_t len)
{
	const char	*star = memchr(name, '*', len);
	size_t		 n = star == NULL ? 0 : (size_t)(star - name);

	return star != NULL && text_name_error(name, n) == NULL &&
	    (n + 1 == len || text_name_error(star + 1, len - n - 1) == NULL);
}
