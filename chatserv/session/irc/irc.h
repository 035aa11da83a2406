/* SPDX-License-Identifier: ISC */

/*
 * The dialect of IRC clients.
 */
#ifndef CHATSERV_IRC_H
#define CHATSERV_IRC_H

#include "chatserv/session/irc/message.h"
#include "chatserv/session/session.h"

#define IRC_SERVER_SIZE	64	/* of the server's name, with its NUL */
#define IRC_CHANNEL_SIZE 34	/* of the channel's */
#define IRC_USER	"chat"	/* everybody's, in masks */
#define IRC_CHANNELS_MAX 4	/* in a JOIN or PART */

/* The welcome's size at most: a few lines, and the message of the day. */
#define IRC_WELCOME_SPACE	(4 * SESSION_ANSWER_SPACE)

extern const struct dialect dialect_irc;

/* What all sessions of IRC have in common; set by the parent. */
struct irc_config {
	char	 server[IRC_SERVER_SIZE];
	char	 channel[IRC_CHANNEL_SIZE];
	uint64_t history;	/* messages shown after a join */
};

extern struct irc_config irc_config;

/*
 * Whether line[0..len), a client's first, is IRC's.  On a unix-domain socket,
 * where a first line may be a message, it must end in CR LF.
 */
bool	 irc_begins(const struct session *s, const char *line, size_t len);

/* ---- among the files of this dialect ---- */

/*
 * Send ":SERVER COMMAND ..." or, by irc_numeric(), ":SERVER NNN NICK ...", as
 * one line of at most 512 bytes.  The caller has checked that there is space.
 */
void	 irc_send(struct session *s, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
void	 irc_numeric(struct session *s, const char *number, const char *fmt,
	    ...) __attribute__((format(printf, 3, 4)));

/* The same with the client itself as the source: ":NICK!chat@SERVER ...". */
void	 irc_send_own(struct session *s, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

/* The last line to a client that is refused: ERROR :text. */
void	 irc_error(struct session *s, const char *text);

/* A standard reply: FAIL COMMAND CODE :text. */
void	 irc_fail(struct session *s, const char *command, const char *code,
	    const char *text);

/* A notice to the client alone. */
void	 irc_notice(struct session *s, const char *text);

/* Whether p names the one channel that there is. */
bool	 irc_is_channel(struct irc_param p);

/* Say that p, a channel, is not here; the caller has seen to space for it. */
void	 irc_no_channel(struct session *s, struct irc_param p);

/*
 * Execute a command.  Each returns whether it is done; false: not now, call
 * again with the same line.  The caller has checked the number of params and,
 * if the table says that the command always answers, that the session may
 * answer.
 */
typedef bool	 irc_command(struct session *s, const struct irc_message *m);

/* registration.c */
irc_command	 irc_cap, irc_pass, irc_nick, irc_user;

/* channel.c */
irc_command	 irc_privmsg, irc_notice_to, irc_join, irc_part, irc_names,
	    irc_who, irc_topic, irc_mode, irc_list;

/* Send the client's own JOIN and begin the list of names. */
void	 irc_show_channel(struct session *s);

/* query.c */
irc_command	 irc_ping, irc_whois, irc_whowas, irc_ison, irc_userhost,
	    irc_lusers, irc_motd, irc_version, irc_show_time, irc_info,
	    irc_away, irc_token, irc_invite, irc_no_privileges;

/* As in struct dialect. */
void	 irc_held(struct session *s);

/*
 * Whether the client that p names is here, and its row; name gets what p says,
 * cut if that can be no name.
 */
bool	 irc_find(struct session *s, struct irc_param p,
	    struct roster_row *row, char name[TEXT_NAME_MAX + 1]);

void	 irc_show_users(struct session *s);
void	 irc_show_motd(struct session *s);

/* outgoing.c: as in struct dialect */
size_t	 irc_event_most(const struct session *s, const struct record *rec);
void	 irc_event(struct session *s, const struct record *rec,
	    const char *text);

/* chathistory.c */
irc_command	 irc_chathistory;

/* As in struct dialect. */
bool	 irc_more(struct session *s);

#endif
