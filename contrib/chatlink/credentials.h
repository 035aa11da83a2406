/* SPDX-License-Identifier: ISC */

/*
 * How the engine knows us, and we the engine.
 */
#ifndef CHATLINK_CREDENTIALS_H
#define CHATLINK_CREDENTIALS_H

#include <nats/nats.h>

/*
 * Set in opts what the file of credentials and that of certificates say; each
 * may be NULL.  Exits with a message if a file cannot be used.
 */
natsStatus credentials_set(natsOptions *opts, const char *file,
	    const char *certificates);

#endif
