/* SPDX-License-Identifier: ISC */

/*
 * Which version this is, in three numbers that change for different reasons.
 *
 * The programs' own is the Makefile's, and semantic: its first digit grows
 * when scripts or clients that worked no longer do.  The protocol's grows when
 * a client must know of a change to chatproto(7), and the segment's whenever
 * the layout changes, so that a server that starts does not misread the
 * history of another layout.
 */
#ifndef IPC_VERSION_H
#define IPC_VERSION_H

#ifndef VERSION
#define VERSION	unversioned	/* not built by the Makefile */
#endif

#define VERSION_QUOTE(words)	#words
#define VERSION_EXPAND(words)	VERSION_QUOTE(words)
#define VERSION_TEXT		VERSION_EXPAND(VERSION)

#define VERSION_PROTOCOL	1	/* of chatproto(7) */
#define VERSION_SEGMENT		4	/* of bus.h */

#endif
