/* SPDX-License-Identifier: ISC */

/*
 * Precedes the compiler's own <stdatomic.h> in its search path, so that each
 * atomic access of the code under test becomes a call.
 *
 * Nothing else about that code changes: an object is still _Atomic, with the
 * size and address that it has in production.  access.c decides what an access
 * does; it gets the access's place in the source and the text of its operand,
 * so that a schedule can be shown as a table.
 *
 * Only what production uses is here; another function of <stdatomic.h>
 * would keep the compiler's meaning and bypass the scheduler, so the rest
 * are undefined, and using one does not compile.
 */
#ifndef SCHEDULE_SHIM_STDATOMIC_H
#define SCHEDULE_SHIM_STDATOMIC_H

#include_next <stdatomic.h>
#include "tests/schedule/access.h"

#undef atomic_init
#undef atomic_load
#undef atomic_load_explicit
#undef atomic_store
#undef atomic_store_explicit
#undef atomic_exchange
#undef atomic_exchange_explicit
#undef atomic_fetch_add
#undef atomic_fetch_add_explicit
#undef atomic_fetch_sub
#undef atomic_fetch_sub_explicit
#undef atomic_fetch_or
#undef atomic_fetch_or_explicit
#undef atomic_fetch_and
#undef atomic_fetch_and_explicit
#undef atomic_fetch_xor
#undef atomic_fetch_xor_explicit
#undef atomic_compare_exchange_strong
#undef atomic_compare_exchange_strong_explicit
#undef atomic_compare_exchange_weak
#undef atomic_compare_exchange_weak_explicit
#undef atomic_thread_fence
#undef atomic_signal_fence

/* The type of *p without _Atomic: the comma operator yields a value. */
#define SHIM_TYPE(p)	__typeof__(((void)0, *(p)))

/* All sites lie in one section of the program: see site.c. */
#define SHIM_SITE(how, text, operand, o, f)				\
	static struct site site_					\
	    __attribute__((section("sites"), used)) = {			\
		__FILE__, __func__, how, text, operand, __LINE__, (o),	\
		(f), false, false					\
	}

#define SHIM_LOAD(p, text, o)						\
	__extension__ ({						\
		SHIM_SITE("load", text, NULL, o, o);			\
		(SHIM_TYPE(p))access_load((p), sizeof(*(p)), &site_);	\
	})

#define SHIM_STORE(p, v, text, operand, o)				\
	__extension__ ({						\
		SHIM_SITE("store", text, operand, o, o);		\
		access_store((p), sizeof(*(p)), (uint64_t)(v), &site_);	\
	})

#define SHIM_CHANGE(p, how, v, name, text, operand, o)			\
	__extension__ ({						\
		SHIM_SITE(name, text, operand, o, o);			\
		(SHIM_TYPE(p))access_change((p), sizeof(*(p)), (how),	\
		    (uint64_t)(v), &site_);				\
	})

#define SHIM_COMPARE(p, e, v, text, operand, o, f)			\
	__extension__ ({						\
		SHIM_SITE("compare_exchange", text, operand, o, f);	\
		access_compare((p), sizeof(*(p)), (e), (uint64_t)(v),	\
		    &site_);						\
	})

#define SHIM_FENCE(o)							\
	__extension__ ({						\
		SHIM_SITE("fence", "", NULL, o, o);			\
		access_fence(&site_);					\
	})

#define SHIM_SC	memory_order_seq_cst

#define atomic_load(p)		SHIM_LOAD(p, #p, SHIM_SC)
#define atomic_load_explicit(p, o) SHIM_LOAD(p, #p, o)
#define atomic_store(p, v)	SHIM_STORE(p, v, #p, #v, SHIM_SC)
#define atomic_store_explicit(p, v, o) SHIM_STORE(p, v, #p, #v, o)
#define atomic_exchange(p, v)						\
	SHIM_CHANGE(p, '=', v, "exchange", #p, #v, SHIM_SC)
#define atomic_exchange_explicit(p, v, o)				\
	SHIM_CHANGE(p, '=', v, "exchange", #p, #v, o)
#define atomic_fetch_add(p, v)						\
	SHIM_CHANGE(p, '+', v, "fetch_add", #p, #v, SHIM_SC)
#define atomic_fetch_add_explicit(p, v, o)				\
	SHIM_CHANGE(p, '+', v, "fetch_add", #p, #v, o)
#define atomic_fetch_sub(p, v)						\
	SHIM_CHANGE(p, '-', v, "fetch_sub", #p, #v, SHIM_SC)
#define atomic_fetch_sub_explicit(p, v, o)				\
	SHIM_CHANGE(p, '-', v, "fetch_sub", #p, #v, o)
#define atomic_fetch_or(p, v)						\
	SHIM_CHANGE(p, '|', v, "fetch_or", #p, #v, SHIM_SC)
#define atomic_fetch_or_explicit(p, v, o)				\
	SHIM_CHANGE(p, '|', v, "fetch_or", #p, #v, o)
#define atomic_fetch_and(p, v)						\
	SHIM_CHANGE(p, '&', v, "fetch_and", #p, #v, SHIM_SC)
#define atomic_fetch_and_explicit(p, v, o)				\
	SHIM_CHANGE(p, '&', v, "fetch_and", #p, #v, o)
#define atomic_compare_exchange_strong(p, e, v)				\
	SHIM_COMPARE(p, e, v, #p, #v, SHIM_SC, SHIM_SC)
#define atomic_compare_exchange_strong_explicit(p, e, v, o, f)		\
	SHIM_COMPARE(p, e, v, #p, #v, o, f)
#define atomic_thread_fence(o)	SHIM_FENCE(o)

#endif
