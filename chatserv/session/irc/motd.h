/* SPDX-License-Identifier: ISC */

/*
 * The message of the day.
 */
#ifndef CHATSERV_IRC_MOTD_H
#define CHATSERV_IRC_MOTD_H

#define MOTD_MAX	2048	/* bytes of the file that are shown */
#define MOTD_LINES	24	/* likewise */
/* Of each byte, four may become visible; and a NUL. */
#define MOTD_TEXT_SIZE	(4 * MOTD_MAX + 1)

/*
 * Read the file at path, for the parent at its start; it exits with a
 * message if there is none.  irc_motd_again() reads it anew at SIGHUP, also
 * when the parent sees no files any more, and keeps the old text, with a
 * word in the log, if it cannot.  Sessions that are forked later have it.
 */
void	 irc_motd_open(const char *path);
void	 irc_motd_again(void);

/*
 * For the parent before it locks itself in: have no directory open.  From
 * then on irc_motd_again() reads the file that is there now.
 */
void	 irc_motd_lock_in(void);

/* For a child: close what the parent reads it by. */
void	 irc_motd_leave(void);

/* Its text, visible, in lines that end in LF; "" if there is none. */
const char *irc_motd_text(void);

#endif
