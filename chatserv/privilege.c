/*
 * Copyright (c) 2026 The chatserv authors
 *
 * Permission to use, copy, modify, and distribute this software for any
 * purpose with or without fee is hereby granted, provided that the above
 * copyright notice and this permission notice appear in all copies.
 *
 * THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES
 * WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF
 * MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR
 * ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES
 * WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN
 * ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF
 * OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.
 */

/*
 * Giving up what is not needed.
 *
 * A session needs its socket, its pipe, the log and the shared page, and
 * all of them are open before it hears its client's first byte.  So
 * whatever a client may make of it, it cannot make it open or start
 * anything.
 */

#include <sys/resource.h>

#include "chatserv/log.h"
#include "chatserv/privilege.h"
#include "ipc/bsd.h"

#define POLLED	2		/* poll(2) refuses more than may be open */

void
privilege_child(void)
{
	static const struct rlimit none = { 0, 0 }, polled = { POLLED, POLLED };

	if (setrlimit(RLIMIT_CORE, &none) == -1 ||
	    setrlimit(RLIMIT_NOFILE, &polled) == -1)
		log_warn("cannot limit a session");
#ifdef RLIMIT_NPROC
	if (setrlimit(RLIMIT_NPROC, &none) == -1)
		log_warn("cannot keep a session from forking");
#endif
#ifdef __OpenBSD__
	if (pledge("stdio", NULL) == -1)
		fatal("pledge");
#endif
}
