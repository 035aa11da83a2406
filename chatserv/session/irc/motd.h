/* SPDX-License-Identifier: ISC */

/*
 * The message of the day.
 */
#ifndef CHATSERV_IRC_MOTD_H
#define CHATSERV_IRC_MOTD_H

#define MOTD_MAX	2048	/* bytes of the file that are shown */
#define MOTD_LINES	24	/* likewise */
/* Each byte may become four visible ones; and a NUL. */
#define MOTD_TEXT_SIZE	(4 * MOTD_MAX + 1)

/*
 * Read the file at path, for the parent at its start; exits with a message if
 * there is none.  irc_motd_again() reads it again at SIGHUP, even when the
 * parent sees no files any more, and keeps the old text, and logs that, if it
 * cannot.  Sessions that are forked later have the new one.
 */
void	 irc_motd_open(const char *path);
void	 irc_motd_again(void);

/*
 * For the parent before it changes its root directory: close the directory.
 * From then on irc_motd_again() reads the file that is there now.
 */
void	 irc_motd_lock_in(void);

/* For a child: close what the parent reads the file by. */
void	 irc_motd_leave(void);

/* Its text, visible, in lines that end in LF; "" if there is none. */
const char *irc_motd_text(void);

#endif
