/* SPDX-License-Identifier: ISC */

/*
 * Other protocols, which arrive here by mistake or by malice.
 *
 * A web page can make its visitor's browser send a request, or a TLS greeting,
 * to any port on the visitor's machine, with bytes of the page's choice in it;
 * whoever can make a server fetch a URL can do the same.  Lines among those
 * bytes must not become a name and its messages.  So the session examines what
 * a client sends before it has a name, and ends a connection that speaks
 * another protocol, whatever follows.
 *
 * Pure functions on the caller's memory: any process may call them.
 */

#include <string.h>

#include "chatserv/session/foreign.h"
#include "ipc/common/text.h"

#define VERSION_SIZE	3		/* "1.1" */

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Whether line[0..len) ends as in " HTTP/1.1", with this word. */
static bool
ends_in_version(const char *line, size_t len, const char *word)
{
	size_t		 n = strlen(word);
	const char	*at;

	if (len < n + VERSION_SIZE)
		return false;
	at = line + len - VERSION_SIZE;
	return memcmp(at - n, word, n) == 0 && is_digit(at[0]) &&
	    at[1] == '.' && is_digit(at[2]);
}

const char *
foreign_beginning(const char *bytes, size_t len)
{
	/* An empty line may consist of a carriage return. */
	if (len == 0 || bytes[0] == '\t' || (bytes[0] == '\r' &&
	    (len == 1 || (len == 2 && bytes[1] == '\0'))))
		return NULL;
	if ((unsigned char)bytes[0] >= ' ' && bytes[0] != 0x7F)
		return NULL;
	return "this is chatserv, and no line for it begins with a control "
	    "character";
}

const char *
foreign_line(const char *line, size_t len)
{
	if (ends_in_version(line, len, " HTTP/") ||
	    ends_in_version(line, len, " RTSP/") ||
	    ends_in_version(line, len, " SIP/"))
		return "this is chatserv, and that was a request of another "
		    "protocol";
	if (text_begins(line, len, "SSH-") && len > 4 && is_digit(line[4]))
		return "this is chatserv, and no server of SSH";
	return foreign_beginning(line, len);
}
