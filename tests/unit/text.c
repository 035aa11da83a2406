/* SPDX-License-Identifier: ISC */

/*
 * Text: what is UTF-8, what is made visible, what may be a name.
 *
 * The test states the rules again, from chatproto(7) and the Unicode standard,
 * and compares ipc/common/text.c with them for every code point, not for
 * samples.
 */

#include <stdint.h>
#include <stdlib.h>

#include "ipc/common/text.h"
#include "tests/unit/tap.h"

#define LAST	0x10FFFFU

/* Write cp as UTF-8 would if it had no forbidden values. */
static size_t
encode(char *d, uint32_t cp)
{
	if (cp < 0x80) {
		d[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		d[0] = (char)(0xC0 | cp >> 6);
		d[1] = (char)(0x80 | (cp & 0x3F));
		return 2;
	}
	if (cp < 0x10000) {
		d[0] = (char)(0xE0 | cp >> 12);
		d[1] = (char)(0x80 | (cp >> 6 & 0x3F));
		d[2] = (char)(0x80 | (cp & 0x3F));
		return 3;
	}
	d[0] = (char)(0xF0 | cp >> 18);
	d[1] = (char)(0x80 | (cp >> 12 & 0x3F));
	d[2] = (char)(0x80 | (cp >> 6 & 0x3F));
	d[3] = (char)(0x80 | (cp & 0x3F));
	return 4;
}

static bool
surrogate(uint32_t cp)
{
	return cp >= 0xD800 && cp <= 0xDFFF;
}

/* The characters that chatproto(7) says are never shown as they are. */
static bool
never_shown(uint32_t cp)
{
	return (cp < 0x20 && cp != '\t') || (cp >= 0x7F && cp <= 0x9F) ||
	    (cp >= 0x200B && cp <= 0x200F) || (cp >= 0x2028 && cp <= 0x202E) ||
	    (cp >= 0x2060 && cp <= 0x2069) || cp == 0xFEFF || cp == 0x061C;
}

/* s[0..len) as octal escapes. */
static size_t
octal(char *d, const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		(void)snprintf(d + 4 * i, 5, "\\%03o", (unsigned char)s[i]);
	return 4 * len;
}

static void
test_decode_all(void)
{
	char		s[8];
	uint32_t	cp, got;
	size_t		n, cut;
	int		wrong = 0, cut_wrong = 0;

	for (cp = 0; cp <= LAST; cp++) {
		if (surrogate(cp))
			continue;
		n = encode(s, cp);
		s[n] = 'x';
		got = ~cp;
		if (text_decode(s, n + 1, &got) != n || got != cp)
			wrong++;
		for (cut = 0; cut < n; cut++) {
			got = 0xABCDEF;
			if (text_decode(s, cut, &got) != 0 || got != 0xABCDEF)
				cut_wrong++;
		}
	}
	is_num(wrong, 0, "every code point is decoded to itself");
	is_num(cut_wrong, 0,
	    "a character cut short is none and leaves the result alone");
}

/* There is one encoding for each code point, so counting is a proof. */
static void
test_decode_only(void)
{
	char		s[3];
	uint32_t	cp;
	long		count[4] = { 0 }, i;

	for (i = 0; i < 0x1000000; i++) {
		s[0] = (char)(i >> 16);
		s[1] = (char)(i >> 8);
		s[2] = (char)i;
		count[text_decode(s, 3, &cp)]++;
	}
	is_num(count[1], 128L << 16, "one byte is a character 128 times");
	is_num(count[2], 1920L << 8, "two bytes are a character 1,920 times");
	is_num(count[3], 65536 - 2048 - 2048,
	    "three bytes are a character 61,440 times: no overlong form, "
	    "no surrogate");
}

static void
test_decode_four(void)
{
	static const unsigned char edge[] = { 0x00, 0x7F, 0x80, 0xBF, 0xC0,
	    0xFF };
	char		s[4];
	uint32_t	cp;
	size_t		a, b;
	int		lead, second, valid, wrong = 0;

	for (lead = 0xF0; lead <= 0xFF; lead++)
	for (second = 0; second <= 0xFF; second++)
	for (a = 0; a < sizeof(edge); a++)
	for (b = 0; b < sizeof(edge); b++) {
		s[0] = (char)lead;
		s[1] = (char)second;
		s[2] = (char)edge[a];
		s[3] = (char)edge[b];
		valid = lead <= 0xF4 && second >= 0x80 && second <= 0xBF &&
		    (lead != 0xF0 || second >= 0x90) &&
		    (lead != 0xF4 || second <= 0x8F) &&
		    (a == 2 || a == 3) && (b == 2 || b == 3);
		if (text_decode(s, 4, &cp) != (valid ? 4U : 0U))
			wrong++;
	}
	is_num(wrong, 0,
	    "four bytes are a character from U+10000 to U+10FFFF alone");
}

static void
test_visible_all(void)
{
	char		s[8], want[32], got[32];
	uint32_t	cp;
	size_t		n, want_len, len;
	int		wrong = 0;

	for (cp = 0; cp <= LAST; cp++) {
		s[0] = 'a';
		n = encode(s + 1, cp);
		s[n + 1] = 'b';
		want[0] = 'a';
		if (surrogate(cp) || never_shown(cp)) {
			want_len = octal(want + 1, s + 1, n);
		} else {
			memcpy(want + 1, s + 1, n);
			want_len = n;
		}
		want[want_len + 1] = 'b';
		len = text_visible(got, s, n + 2);
		if (len != want_len + 2 || memcmp(got, want, len) != 0) {
			if (wrong++ < 4)
				tap_bytes("wrong: ", got, len);
		}
	}
	is_num(wrong, 0, "every code point passes or is escaped as the "
	    "protocol says");
}

static void
test_visible_bytes(void)
{
	char	s[3], want[16], got[16];
	size_t	len;
	int	byte, wrong = 0;

	for (byte = 0x80; byte <= 0xFF; byte++) {
		s[0] = 'a';
		s[1] = (char)byte;
		s[2] = 'b';
		want[0] = 'a';
		(void)octal(want + 1, s + 1, 1);
		want[5] = 'b';
		len = text_visible(got, s, 3);
		if (len != 6 || memcmp(got, want, 6) != 0)
			wrong++;
	}
	is_num(wrong, 0, "a byte that is no character is escaped by itself");
}

#define PLACES	20

/* Whether s, all ASCII, is made visible correctly. */
static bool
is_made_visible(const char s[PLACES])
{
	char	want[4 * PLACES + 1], got[4 * PLACES];
	size_t	i, n = 0;

	for (i = 0; i < PLACES; i++)
		if (s[i] == '\t' || (s[i] >= ' ' && s[i] <= '~'))
			want[n++] = s[i];
		else
			n += octal(want + n, s + i, 1);
	return text_visible(got, s, PLACES) == n && memcmp(got, want, n) == 0;
}

/* Many bytes are examined together: each is found, wherever it is. */
static void
test_visible_places(void)
{
	static const char next[] = { 0x00, 0x1F, ' ', '~', 0x7F };
	char	s[PLACES];
	size_t	place, n;
	int	byte, wrong = 0;

	for (byte = 0; byte <= 0xFF; byte++)
		for (place = 0; place + 1 < PLACES; place++)
			for (n = 0; n < sizeof(next); n++) {
				memset(s, 'a', PLACES);
				s[place] = (char)byte;
				s[place + 1] = next[n];
				wrong += !is_made_visible(s);
			}
	is_num(wrong, 0, "an unprintable byte is escaped wherever it "
	    "is, and no other");
}

static void
shows(const char *src, size_t len, const char *want, const char *name)
{
	char got[256];

	is_bytes(got, text_visible(got, src, len), want, name);
}

#define SHOWS(src, want, name)	shows(src, sizeof(src) - 1, want, name)
#define Z	"\xE2\x80\x8D"
#define Z_SEEN	"\\342\\200\\215"
#define N	"\xE2\x80\x8C"	/* the non-joiner */
#define N_SEEN	"\\342\\200\\214"
#define MI	"\xD9\x85\xDB\x8C"
#define XAHAM	"\xD8\xAE\xD9\x88\xD8\xA7\xD9\x87\xD9\x85"
#define WOMAN	"\xF0\x9F\x91\xA9"
#define LAPTOP	"\xF0\x9F\x92\xBB"
#define SKIN	"\xF0\x9F\x8F\xBD"
#define HEART	"\xE2\x9D\xA4\xEF\xB8\x8F"
#define KA	"\xE0\xA4\x95"
#define VIRAMA	"\xE0\xA5\x8D"
#define SSA	"\xE0\xA4\xB7"

static void
test_visible_text(void)
{
	SHOWS("", "", "nothing stays nothing");
	SHOWS("a\tb", "a\tb", "a tab passes");
	SHOWS("a\\b", "a\\b", "a backslash passes as it is");
	SHOWS("a\nb", "a\\012b", "a line feed inside is escaped");
	SHOWS("a\0b", "a\\000b", "a NUL is escaped");
	SHOWS("\033[31mred\033[0m", "\\033[31mred\\033[0m",
	    "an escape sequence loses its escape");
	SHOWS("\xC2\x9B" "31m", "\\302\\23331m",
	    "the C1 form of it is escaped byte by byte");
	SHOWS("ab\xE2\x80\xAE" "dc", "ab\\342\\200\\256dc",
	    "the right-to-left override is escaped");
	SHOWS("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80",
	    "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80",
	    "accents, currencies and emoji pass");
	SHOWS("\xC3(", "\\303(", "a broken character does not eat the next");
	SHOWS("\xE2\x82", "\\342\\202", "one cut at the end is escaped");
	SHOWS("\xC0\xAF", "\\300\\257", "an overlong slash is escaped");
	SHOWS("\xED\xA0\x80", "\\355\\240\\200", "a surrogate is escaped");
	SHOWS("\xEF\xBB\xBFhi", "\\357\\273\\277hi",
	    "a byte order mark is escaped");
}

static void
test_visible_joiner(void)
{
	SHOWS(WOMAN Z LAPTOP, WOMAN Z LAPTOP,
	    "the joiner passes between two emoji");
	SHOWS(WOMAN SKIN Z LAPTOP, WOMAN SKIN Z LAPTOP,
	    "the joiner passes after a skin tone");
	SHOWS(WOMAN Z HEART Z WOMAN, WOMAN Z HEART Z WOMAN,
	    "the joiner passes twice in a family");
	SHOWS(KA VIRAMA Z SSA, KA VIRAMA Z SSA,
	    "the joiner passes in Devanagari");
	SHOWS("ad" Z "min", "ad" Z_SEEN "min",
	    "the joiner is escaped between Latin letters");
	SHOWS(Z WOMAN, Z_SEEN WOMAN, "the joiner is escaped at the beginning");
	SHOWS(WOMAN Z, WOMAN Z_SEEN, "the joiner is escaped at the end");
	SHOWS(WOMAN Z "a", WOMAN Z_SEEN "a",
	    "the joiner is escaped between an emoji and a letter");
	SHOWS("a" Z WOMAN, "a" Z_SEEN WOMAN,
	    "the joiner is escaped between a letter and an emoji");
	SHOWS(WOMAN Z Z WOMAN, WOMAN Z_SEEN Z_SEEN WOMAN,
	    "two joiners in a row are escaped");
	SHOWS(WOMAN "\x01" Z WOMAN, WOMAN "\\001" Z_SEEN WOMAN,
	    "the joiner is escaped after what was escaped itself");
	SHOWS(WOMAN Z "\xE2\x80\xAE", WOMAN Z_SEEN "\\342\\200\\256",
	    "the joiner is escaped before what will be escaped itself");
}

static void
test_visible_non_joiner(void)
{
	SHOWS(MI N XAHAM, MI N XAHAM, "the non-joiner passes in Persian");
	SHOWS(KA VIRAMA N SSA, KA VIRAMA N SSA, "and in Devanagari");
	SHOWS("ad" N "min", "ad" N_SEEN "min",
	    "but not between Latin letters");
	SHOWS(N MI, N_SEEN MI, "nor at the beginning");
	SHOWS(MI N, MI N_SEEN, "nor at the end");
	SHOWS(MI N N XAHAM, MI N_SEEN N_SEEN XAHAM, "nor twice");
	SHOWS(MI N Z XAHAM, MI N_SEEN Z_SEEN XAHAM, "nor before a joiner");
}

/* Random bytes that look like text, broken text and control characters. */
static size_t
random_text(char *d, size_t max)
{
	static uint32_t	state = 1;
	size_t		i, n;

	state = state * 1664525 + 1013904223;
	n = (state >> 16) % max;
	for (i = 0; i + 4 < n; ) {
		state = state * 1664525 + 1013904223;
		if (state >> 31)
			d[i++] = (char)(state >> 16);
		else
			i += encode(d + i, (state >> 4) % (LAST + 1));
	}
	return i;
}

static bool
all_shown(const char *s, size_t len)
{
	uint32_t	cp;
	size_t		i, n;

	for (i = 0; i < len; i += n)
		if ((n = text_decode(s + i, len - i, &cp)) == 0 ||
		    (never_shown(cp) && cp != 0x200C && cp != 0x200D))
			return false;
	return true;
}

static void
test_visible_any(void)
{
	char	s[64], once[256], twice[1024];
	size_t	len, n, m;
	int	i, raw = 0, differs = 0, long_ = 0;

	for (i = 0; i < 200000; i++) {
		len = random_text(s, sizeof(s));
		n = text_visible(once, s, len);
		if (n > 4 * len)
			long_++;
		if (!all_shown(once, n))
			raw++;
		m = text_visible(twice, once, n);
		if (m != n || memcmp(once, twice, n) != 0)
			differs++;
	}
	is_num(raw, 0, "whatever goes in, only shown characters come out");
	is_num(long_, 0, "nothing grows to more than four times");
	is_num(differs, 0, "what was made visible once stays as it is");
}

/* The cut by its definition: step over whole characters while they fit. */
static size_t
slow_cut(const char *s, size_t len, size_t max)
{
	uint32_t	cp;
	size_t		i, n;

	for (i = 0; i < len; i += n) {
		if ((n = text_decode(s + i, len - i, &cp)) == 0)
			n = 1;
		if (i + n > max)
			break;
	}
	return i == 0 && len > 0 ? max : i;
}

static void
test_cut(void)
{
	char	s[64];
	size_t	len, max;
	int	i, wrong = 0;

	for (i = 0; i < 20000; i++) {
		len = random_text(s, sizeof(s));
		for (max = 4; max < sizeof(s); max++)
			if (text_cut(s, len, max) != slow_cut(s, len, max) &&
			    wrong++ < 4) {
				tap_bytes("wrong: ", s, len);
				(void)printf("# at %zu: %zu, not %zu\n", max,
				    text_cut(s, len, max),
				    slow_cut(s, len, max));
			}
	}
	is_num(wrong, 0, "a cut is the longest one between characters");
	is_num((long long)text_cut("abc", 3, 3), 3, "what fits is not cut");
	is_num((long long)text_cut("", 0, 3), 0, "nothing is cut to nothing");
	is_num((long long)text_cut(WOMAN, 4, 2), 2,
	    "a cut is never nothing, or it would never end");
}

static void
test_name_ascii(void)
{
	char	s[3] = "xx";
	int	c, wrong_in = 0, wrong_first = 0;
	bool	inside, first;

	for (c = 0; c < 0x80; c++) {
		inside = c > ' ' && c < 0x7F &&
		    strchr("<>@!*:,\"'\\$`;|&()", c) == NULL;
		first = inside && strchr("-#+%~", c) == NULL;
		s[0] = 'x';
		s[1] = (char)c;
		if ((text_name_error(s, 2) == NULL) != inside)
			wrong_in++;
		s[0] = (char)c;
		s[1] = 'x';
		if ((text_name_error(s, 2) == NULL) != first ||
		    (text_name_error(s, 1) == NULL) != (first && c != '.'))
			wrong_first++;
	}
	is_num(wrong_in, 0, "each ASCII character inside a name is judged "
	    "as the protocol says");
	is_num(wrong_first, 0, "and each at its beginning");
}

static void
refuses(const char *name, const char *why, const char *sentence)
{
	is_str(text_name_error(name, strlen(name)), why, sentence);
}

static void
test_names(void)
{
	static const char long_name[] = "abcdefghijklmnopqrstuvwxyz0123456";

	refuses("alice", NULL, "alice may be a name");
	refuses("J\xC3\xBCrgen", NULL, "a name may have accents");
	refuses("\xE6\x9D\x8E", NULL, "a name may be Chinese");
	refuses(WOMAN, NULL, "a name may be an emoji");
	refuses("a/2", NULL, "a slash is allowed here");
	refuses("", "is empty", "an empty name is refused");
	ok(text_name_error(long_name, 32) == NULL, "32 bytes may be a name");
	is_str(text_name_error(long_name, 33), "is longer than 32 bytes",
	    "33 bytes are refused");
	refuses("-n", "begins with one of - # + & % ~",
	    "a leading dash is refused");
	refuses("+n", "begins with one of - # + & % ~",
	    "so is a rank of IRC's");
	refuses("$(id)", "has one of $ ` ; | & ( )",
	    "what a shell would execute is refused");
	refuses("..", "is that of a directory", "so is the parent directory");
	refuses("...", NULL, "three dots lead nowhere");
	refuses("\xCC\x81x", "begins with a combining mark",
	    "an accent without a letter is refused");
	refuses("x\xCC\x81", NULL, "one on a letter may be there");
	refuses("a b", "has a space or an unprintable character",
	    "a space in a name is refused");
	refuses("a\tb", "has a space or an unprintable character",
	    "a tab in a name is refused");
	refuses("a\033b", "has a space or an unprintable character",
	    "a control character in a name is refused");
	refuses("a\xFF", "is not UTF-8", "a name that is not UTF-8 is refused");
	refuses("\xE2\x82", "is not UTF-8", "a name cut short is refused");
	refuses("<bob>", "has one of < > @ ! * : , \" ' \\",
	    "a name that looks like a prefix is refused");
}

/* One of each kind of what looks like nothing or like a space. */
static void
test_name_blank(void)
{
	static const uint32_t blank[] = { 0x80, 0x9F, 0xA0, 0xAD, 0x061C,
	    0x115F, 0x1680, 0x180E, 0x2000, 0x200B, 0x200D, 0x200F, 0x2028,
	    0x202E, 0x202F, 0x205F, 0x2060, 0x2069, 0x2800, 0x2D7F, 0x3000,
	    0x3164, 0xE000, 0xFE0F, 0xFEFF, 0xFFA0, 0xFFFC, 0xFFFE, 0x13430,
	    0x16FE4, 0x1BCA0, 0x1D159, 0x1D173, 0x1D17A, 0xE0001, 0xE0061,
	    0x10FFFF };
	char	s[8];
	size_t	i, n;
	int	wrong = 0;

	for (i = 0; i < sizeof(blank) / sizeof(blank[0]); i++) {
		s[0] = 'a';
		n = encode(s + 1, blank[i]);
		if (text_name_error(s, n + 1) == NULL &&
		    text_name_error(s + 1, n) == NULL) {
			(void)printf("# U+%04X passes\n", blank[i]);
			wrong++;
		}
	}
	is_num(wrong, 0, "nothing that looks like nothing may be in a name");
}

static void
test_begins(void)
{
	static const char s[] = "!! no";

	ok(text_begins(s, 5, "!! ") && text_begins(s, 3, "!! ") &&
	    text_begins(s, 0, ""), "a text begins with what it begins with");
	ok(!text_begins(s, 2, "!! ") && !text_begins(s, 5, "!!!"),
	    "not with what goes on behind its end, nor with anything else");
	ok(text_is(s, 3, "!! ") && text_is(s, 0, ""), "it is the whole of it");
	ok(!text_is(s, 4, "!! ") && !text_is(s, 2, "!! ") &&
	    !text_is(s, 3, "!!!"), "and neither more nor less, nor another");
}

int
main(void)
{
	test_begins();
	test_decode_all();
	test_decode_only();
	test_decode_four();
	test_visible_all();
	test_visible_bytes();
	test_visible_places();
	test_visible_text();
	test_visible_joiner();
	test_visible_non_joiner();
	test_visible_any();
	test_cut();
	test_name_ascii();
	test_names();
	test_name_blank();
	return done();
}
