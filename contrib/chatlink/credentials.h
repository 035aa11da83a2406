/* SPDX-License-Identifier: ISC */

/*
 * How a link and the engine authenticate each other.
 */
#ifndef CHATLINK_CREDENTIALS_H
#define CHATLINK_CREDENTIALS_H

#include <nats/nats.h>

/*
 * Set opts from the file of credentials and that of certificates, either of
 * which may be NULL.  Exits with a message if a file cannot be used.
 */
natsStatus credentials_set(natsOptions *opts, const char *file,
	    const char *certificates);

#endif
