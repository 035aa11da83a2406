/* SPDX-License-Identifier: ISC */

/*
 * Whether a sanitizer is built in, which needs files, memory and system calls
 * that the server itself does not.
 */
#ifndef CHATSERV_SANITIZED_H
#define CHATSERV_SANITIZED_H

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED	1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED	1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED	0
#endif

#endif
