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

/* After connect(2): the same, but it can no longer connect to anything. */
void	 seal_connected(int browser, int room);

#endif
