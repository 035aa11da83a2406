/* SPDX-License-Identifier: ISC */

/*
 * What the process of a browser may still do.
 */
#ifndef CHATWEB_SEAL_H
#define CHATWEB_SEAL_H

/*
 * From here on this process can use the sockets of its browser and of one or
 * two ways to the room, and the log, and open nothing.  For a child, before it
 * reads from its browser.
 */
void	 seal(int browser, int room, int other);

/*
 * It is connected to the room: the same, but without another way, and it can
 * no longer connect to anything.
 */
void	 seal_connected(int browser, int room);

#endif
