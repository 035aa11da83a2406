/* SPDX-License-Identifier: ISC */

/*
 * One event or answer as one line, in the two forms of chatproto(7):  TSV
 * ("ID\tkind\tname\ttext\n") and plain ("<name> text\n").
 */
#ifndef IPC_EVENT_H
#define IPC_EVENT_H

#include <stddef.h>
#include <stdint.h>

enum event_kind {
	/* what everyone receives; each has an ID */
	EVENT_MSG, EVENT_ME, EVENT_PRIV, EVENT_JOIN, EVENT_LEAVE, EVENT_NAME,
	/* answers to one client alone; their ID is "-" */
	EVENT_HELLO, EVENT_WHO, EVENT_INFO, EVENT_ERR, EVENT_LOST, EVENT_BYE,
	EVENT_ROOM,
	EVENT_KINDS
};

#define EVENT_ID_DIGITS	16	/* microseconds since the Epoch, to 2286 */

/*
 * The error that a client on the deny list is refused with: no use in trying
 * again.  The goodbye to one that came to be on it has the reason "denied".
 */
#define EVENT_DENIED	"you are on the deny list of this room"

struct event {
	uint64_t	 id;		/* 0 for an answer */
	enum event_kind	 kind;
	const char	*name;		/* not ended by NUL; "a>b" if private */
	size_t		 name_len;
	const char	*text;		/* not ended by NUL */
	size_t		 text_len;
};

/* The kind's word in TSV. */
const char *event_word(enum event_kind kind);

/* An upper bound of the bytes of ev in either form, LF included. */
size_t	 event_size(const struct event *ev);

/*
 * Write ev to dst, which has space for event_size(ev) bytes, LF included, NUL
 * not.  Return the bytes written.
 */
size_t	 event_tsv(char *dst, const struct event *ev);
size_t	 event_plain(char *dst, const struct event *ev);

/* Write id as event_tsv() does: EVENT_ID_DIGITS bytes, no NUL. */
void	 event_put_id(char *dst, uint64_t id);

/*
 * Parse the TSV line line[0..len), without its LF; ev points into it.  Returns
 * 0, or -1 if it is not such a line.
 */
int	 event_parse(struct event *ev, const char *line, size_t len);

#endif
