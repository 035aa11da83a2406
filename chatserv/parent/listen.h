/* SPDX-License-Identifier: ISC */

/*
 * The sockets on which clients connect.
 */
#ifndef CHATSERV_LISTEN_H
#define CHATSERV_LISTEN_H

#define LISTEN_MAX	16	/* sockets, a local one among them */
/*
 * Connections that wait to be accepted.  The kernel has a limit of its own;
 * SOMAXCONN is lower than that with some libcs.
 */
#define LISTEN_WAITING	4096

/*
 * Listen on every address of host ("*": all of the machine's) and on *port (0:
 * a free one, which is stored there), and store the descriptors.  Returns how
 * many.  Exits with a message if there are none, or if the port is in use on
 * one of them.
 */
int	 listen_open(const char *host, unsigned int *port, int *fd);

/*
 * Adopt the listening sockets that the starting process has opened for this
 * one, if any (LISTEN_FDS), and store the descriptors.  Returns how many;
 * *port becomes that of the first TCP socket, and keeps its value if there is
 * none.  Exits with a message if they are no such sockets.
 */
int	 listen_take(unsigned int *port, int *fd);

/*
 * Make the listening socket fd, of this family, non-blocking, and set the
 * options that its connections inherit.
 */
void	 listen_set_options(int fd, int family);

/*
 * Log each of these n sockets, once clients can connect.  The last one is
 * called by the path local unless that is empty.
 */
void	 listen_announce(const int *fd, int n, const char *local);

#endif
