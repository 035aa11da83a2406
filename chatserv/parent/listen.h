/* SPDX-License-Identifier: ISC */

/*
 * The sockets that clients come in by.
 */
#ifndef CHATSERV_LISTEN_H
#define CHATSERV_LISTEN_H

#define LISTEN_MAX	16	/* sockets, a local one among them */
/*
 * Clients that wait to be accepted.  The kernel has a limit of its own;
 * SOMAXCONN says less than that with some libcs.
 */
#define LISTEN_WAITING	4096

/*
 * Listen on every address of host ("*": all there are) and on *port (0: a
 * free one, which is stored there), and store the descriptors.  Returns how
 * many.  Exits with a message if none can be had, or if the port is in use
 * on one of them.
 */
int	 listen_open(const char *host, unsigned int *port, int *fd);

/*
 * Take the listening sockets that whoever started this process has opened
 * for it, if any (LISTEN_FDS), and store the descriptors.  Returns how
 * many; *port is that of the first TCP socket, or left alone if there is
 * none.  Exits with a message if they are no such sockets.
 */
int	 listen_take(unsigned int *port, int *fd);

/*
 * Have the listening socket fd, of this family, not block, and pass on to
 * its connections what they need.
 */
void	 listen_set_options(int fd, int family);

/*
 * Log each of these n sockets, when clients are welcome.  The last one is
 * called by the path local unless that is empty.
 */
void	 listen_announce(const int *fd, int n, const char *local);

#endif
