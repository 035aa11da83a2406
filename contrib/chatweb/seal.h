/* SPDX-License-Identifier: ISC */

/*
 * What the process of a browser may still do.
 */
#ifndef CHATWEB_SEAL_H
#define CHATWEB_SEAL_H

/*
 * From here on this process can use these two sockets and the log, and open
 * nothing.  For a child, before it reads from its browser.
 */
void	 seal(int browser, int room);

/* The same, and it can connect to nothing: connect(2) has been called. */
void	 seal_connected(int browser, int room);

#endif
