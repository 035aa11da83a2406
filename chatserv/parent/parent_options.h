/* SPDX-License-Identifier: ISC */

/*
 * What the parent, and whatever it forks, is told by main().
 */
#ifndef CHATSERV_PARENT_OPTIONS_H
#define CHATSERV_PARENT_OPTIONS_H

#include <stdint.h>

#include "ipc/bus/bus.h"

struct parent_options {
	struct bus	*bus;
	const int	*listener;	/* non-blocking, listening */
	int		 listeners;
	unsigned int	 port;
	uint32_t	 clients;	/* at most */
	uint32_t	 slots;		/* of the bus: some are spare */
	uint32_t	 per_address;	/* at most; 0: as many as there are */
	int		 naming_ms;	/* to give a name */
};

#endif
