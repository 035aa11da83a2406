/* SPDX-License-Identifier: ISC */

/*
 * Litmus tests: programs of a few accesses, an outcome, and whether RC11
 * allows it.
 *
 * The names are those of the literature, with the kind of access after a +:
 * rlx, ra (release and acquire), sc, or fences between relaxed accesses.
 * The last are the handshakes of ipc/, each with an edit that breaks it.
 *
 * What RC11 allows and this memory cannot show has one cause: seq_cst
 * accesses take effect in the order of the schedule, although other processes
 * may see a seq_cst store before it takes effect.  (RC11 forbids load
 * buffering, which C11 and ARM allow and which would need promises.)
 */

#include <stdatomic.h>

#include "tests/schedule/litmus.h"

#define RLX	memory_order_relaxed
#define ACQ	memory_order_acquire
#define REL	memory_order_release
#define AR	memory_order_acq_rel
#define SC	memory_order_seq_cst

/* A store, a load into a register, a fence, a read-modify-write. */
#define W(v, n, o)	atomic_store_explicit(&litmus_shared.v, (n), (o))
#define R(r, v, o)							\
	(litmus_saw[r] = atomic_load_explicit(&litmus_shared.v, (o)))
#define F(o)		atomic_thread_fence(o)
#define ADD(r, v, n, o)							\
	(litmus_saw[r] =						\
	    atomic_fetch_add_explicit(&litmus_shared.v, (n), (o)))

/* A thread; an outcome. */
#define T(f, ...)	static void f(void) { __VA_ARGS__; }
#define SAW(f, ...)	static bool f(void) { return __VA_ARGS__; }
#define r		litmus_saw
#define END(v)		(litmus_shared.v)

SAW(r0is1_r1is0, r[0] == 1 && r[1] == 0)
SAW(both0, r[0] == 0 && r[1] == 0)
SAW(both1, r[0] == 1 && r[1] == 1)

/* Message passing: the flag is seen, and what was written before not. */
T(mp_w, W(x, 1, RLX); W(y, 1, RLX))
T(mp_w_rel, W(x, 1, RLX); W(y, 1, REL))
T(mp_w_sc, W(x, 1, RLX); W(y, 1, SC))
T(mp_w_fence, W(x, 1, RLX); F(REL); W(y, 1, RLX))
T(mp_r, R(0, y, RLX); R(1, x, RLX))
T(mp_r_acq, R(0, y, ACQ); R(1, x, RLX))
T(mp_r_sc, R(0, y, SC); R(1, x, RLX))
T(mp_r_fence, R(0, y, RLX); F(ACQ); R(1, x, RLX))

/* Store buffering: each writes, and does not see the other. */
T(sb_0, W(x, 1, RLX); R(0, y, RLX))
T(sb_1, W(y, 1, RLX); R(1, x, RLX))
T(sb_0_ra, W(x, 1, REL); R(0, y, ACQ))
T(sb_1_ra, W(y, 1, REL); R(1, x, ACQ))
T(sb_0_sc, W(x, 1, SC); R(0, y, SC))
T(sb_1_sc, W(y, 1, SC); R(1, x, SC))
T(sb_0_f, W(x, 1, RLX); F(SC); R(0, y, RLX))
T(sb_1_f, W(y, 1, RLX); F(SC); R(1, x, RLX))
T(sb_1_arf, W(y, 1, RLX); F(AR); R(1, x, RLX))
T(sb_0_scw, W(x, 1, SC); R(0, y, RLX))
T(sb_1_scw, W(y, 1, SC); R(1, x, RLX))
T(sb_0_rmw, ADD(2, x, 1, SC); R(0, y, RLX))
T(sb_0_rmw_sc, ADD(2, x, 1, SC); R(0, y, SC))
T(sb_0_armw, ADD(2, x, 1, AR); R(0, y, ACQ))
T(sb_1_armw, ADD(3, y, 1, AR); R(1, x, ACQ))

/* A seq_cst access in between is no fence for the other accesses. */
T(bar_w, W(x, 1, RLX); W(a, 1, SC); W(z, 1, RLX))
T(bar_r, R(0, z, RLX); R(2, b, SC); R(1, x, RLX))
T(bar_w_f, W(x, 1, RLX); F(SC); W(z, 1, RLX))
T(bar_r_f, R(0, z, RLX); F(SC); R(1, x, RLX))

/* Load buffering: each sees what the other writes afterwards. */
T(lb_0, R(0, y, RLX); W(x, 1, RLX))
T(lb_1, R(1, x, RLX); W(y, 1, RLX))

/* Independent reads of independent writes, seen in two orders. */
T(iriw_x, W(x, 1, RLX))
T(iriw_y, W(y, 1, RLX))
T(iriw_x_sc, W(x, 1, SC))
T(iriw_y_sc, W(y, 1, SC))
T(iriw_2, R(0, x, ACQ); R(1, y, ACQ))
T(iriw_3, R(2, y, ACQ); R(3, x, ACQ))
T(iriw_2_sc, R(0, x, SC); R(1, y, SC))
T(iriw_3_sc, R(2, y, SC); R(3, x, SC))
T(iriw_2_f, R(0, x, RLX); F(SC); R(1, y, RLX))
T(iriw_3_f, R(2, y, RLX); F(SC); R(3, x, RLX))
T(iriw_2_acqsc, R(0, x, ACQ); R(1, y, SC))
T(iriw_3_acqsc, R(2, y, ACQ); R(3, x, SC))
SAW(iriw, r[0] == 1 && r[1] == 0 && r[2] == 1 && r[3] == 0)

/* Coherence: one location has one order, in which no reader goes back. */
T(co_w12, W(x, 1, RLX); W(x, 2, RLX))
T(co_rr, R(0, x, RLX); R(1, x, RLX))
T(co_w1, W(x, 1, RLX))
T(co_w2, W(x, 2, RLX))
T(co_rr2, R(2, x, RLX); R(3, x, RLX))
T(co_wr, W(x, 1, RLX); R(0, x, RLX); R(1, x, RLX))
T(co_rw, R(0, x, RLX); W(x, 1, RLX))
SAW(co_back, r[0] == 2 && r[1] == 1)
SAW(co_two_orders, r[0] == 1 && r[1] == 2 && r[2] == 2 && r[3] == 1)
SAW(co_end1, END(x) == 1)
SAW(co_wr_0, r[0] == 0)
SAW(co_wr_back, r[0] == 2 && r[1] == 1)
SAW(co_rw_end, r[0] == 2 && END(x) == 2)

/* Two stores each, in crosswise order, and the first of both are last. */
T(ww_0, W(x, 1, RLX); W(y, 2, RLX))
T(ww_1, W(y, 1, RLX); W(x, 2, RLX))
T(ww_0_ra, W(x, 1, REL); W(y, 2, REL))
T(ww_1_ra, W(y, 1, REL); W(x, 2, REL))
T(ww_0_sc, W(x, 1, SC); W(y, 2, SC))
T(ww_1_sc, W(y, 1, SC); W(x, 2, SC))
T(ww_0_f, W(x, 1, RLX); F(SC); W(y, 2, RLX))
T(ww_1_f, W(y, 1, RLX); F(SC); W(x, 2, RLX))
SAW(ww_end, END(x) == 1 && END(y) == 1)

/* Release sequences: which store may come between a release and its acquire. */
T(rs_same, W(x, 1, RLX); W(y, 1, REL); W(y, 2, RLX))
T(rs_rmw, R(2, y, RLX); ADD(3, y, 1, RLX))
T(rs_store, R(2, y, RLX); W(y, 2, RLX))
T(rs_acq, R(0, y, ACQ); R(1, x, RLX))
SAW(rs_lost, r[0] == 2 && r[1] == 0)
SAW(rs_lost_after, r[2] == 1 && r[0] == 2 && r[1] == 0)

/* R, S, WRC, ISA2: other shapes of three or four accesses. */
T(r_0, W(x, 1, RLX); F(SC); W(y, 1, RLX))
T(r_1, W(y, 2, RLX); F(SC); R(0, x, RLX))
T(r_0_sc, W(x, 1, SC); W(y, 1, SC))
T(r_1_sc, W(y, 2, SC); R(0, x, SC))
T(r_0_ra, W(x, 1, REL); W(y, 1, REL))
T(r_1_ra, W(y, 2, REL); R(0, x, ACQ))
SAW(r_out, r[0] == 0 && END(y) == 2)
T(s_0, W(x, 2, RLX); W(y, 1, REL))
T(s_1, R(0, y, ACQ); W(x, 1, RLX))
T(s_0_rlx, W(x, 2, RLX); W(y, 1, RLX))
T(s_1_rlx, R(0, y, RLX); W(x, 1, RLX))
SAW(s_out, r[0] == 1 && END(x) == 2)
T(wrc_1, R(2, x, RLX); W(y, 1, RLX))
T(wrc_1_ra, R(2, x, ACQ); W(y, 1, REL))
T(wrc_0_rel, W(x, 1, REL))
SAW(wrc_out, r[2] == 1 && r[0] == 1 && r[1] == 0)
T(isa_1, R(2, y, ACQ); W(z, 1, REL))
T(isa_2, R(0, z, ACQ); R(1, x, RLX))

/* Read-modify-writes. */
T(add_0, ADD(0, x, 1, RLX))
T(add_1, ADD(1, x, 1, RLX))
T(add_w, W(x, 5, RLX))
SAW(add_lost, END(x) == 1)
SAW(add_split, r[0] == 0 && END(x) == 1)
SAW(add_before, r[0] == 0 && END(x) == 5)
T(z6_0, W(x, 1, SC); W(y, 1, REL))
T(z6_1, ADD(0, y, 1, SC); R(1, y, RLX))
T(z6_2, W(y, 3, SC); R(2, x, SC))
SAW(z6_out, r[0] == 1 && r[1] == 3 && r[2] == 0)

/* The lock: count in, then check; free, then check the count. */
T(lock_wait, ADD(2, x, 1, SC); R(0, y, SC))
T(lock_free, W(y, 1, SC); R(1, x, SC))

/* The ring's validation: having copied new words, oldest has moved. */
T(seq_w, W(x, 1, RLX); F(REL); W(y, 1, RLX))
T(seq_r, R(0, y, RLX); F(ACQ); R(1, x, RLX))
T(seq_r_bare, R(0, y, RLX); R(1, x, RLX))

const struct litmus litmus_tests[] = {
	{ "MP+rlx", { mp_w, mp_r }, r0is1_r1is0, SOMETIMES, NULL },
	{ "MP+rel+rlx", { mp_w_rel, mp_r }, r0is1_r1is0, SOMETIMES, NULL },
	{ "MP+rlx+acq", { mp_w, mp_r_acq }, r0is1_r1is0, SOMETIMES, NULL },
	{ "MP+rel+acq", { mp_w_rel, mp_r_acq }, r0is1_r1is0, NEVER, NULL },
	{ "MP+sc+acq", { mp_w_sc, mp_r_acq }, r0is1_r1is0, NEVER, NULL },
	{ "MP+rel+sc", { mp_w_rel, mp_r_sc }, r0is1_r1is0, NEVER, NULL },
	{ "MP+fences", { mp_w_fence, mp_r_fence }, r0is1_r1is0, NEVER, NULL },
	{ "MP+fence+acq", { mp_w_fence, mp_r_acq }, r0is1_r1is0, NEVER,
	    NULL },
	{ "MP+rel+fence", { mp_w_rel, mp_r_fence }, r0is1_r1is0, NEVER,
	    NULL },
	{ "MP+fence+rlx", { mp_w_fence, mp_r }, r0is1_r1is0, SOMETIMES,
	    NULL },
	{ "SB+rlx", { sb_0, sb_1 }, both0, SOMETIMES, NULL },
	{ "SB+ra", { sb_0_ra, sb_1_ra }, both0, SOMETIMES, NULL },
	{ "SB+sc", { sb_0_sc, sb_1_sc }, both0, NEVER, NULL },
	{ "SB+fences", { sb_0_f, sb_1_f }, both0, NEVER, NULL },
	{ "SB+fence+rlx", { sb_0_f, sb_1 }, both0, SOMETIMES, NULL },
	{ "SB+fence+acq_rel fence", { sb_0_f, sb_1_arf }, both0, SOMETIMES,
	    NULL },
	{ "SB+fence+sc", { sb_0_f, sb_1_sc }, both0, NEVER, NULL },
	{ "SB+sc stores+rlx loads", { sb_0_scw, sb_1_scw }, both0, SOMETIMES,
	    NULL },
	{ "SB+sc+sc store", { sb_0_sc, sb_1_scw }, both0, SOMETIMES, NULL },
	{ "SB+sc rmw, rlx load+sc", { sb_0_rmw, sb_1_sc }, both0, SOMETIMES,
	    NULL },
	{ "SB+sc rmw, sc load+sc", { sb_0_rmw_sc, sb_1_sc }, both0, NEVER,
	    NULL },
	{ "SB+acq_rel rmws", { sb_0_armw, sb_1_armw }, both0, SOMETIMES,
	    NULL },
	{ "sc accesses between rlx", { bar_w, bar_r }, r0is1_r1is0, SOMETIMES,
	    NULL },
	{ "sc fences between rlx", { bar_w_f, bar_r_f }, r0is1_r1is0, NEVER,
	    NULL },
	{ "LB+rlx", { lb_0, lb_1 }, both1, NEVER, "C11 and ARM allow it" },
	{ "IRIW+rlx, acq", { iriw_x, iriw_y, iriw_2, iriw_3 }, iriw,
	    SOMETIMES, NULL },
	{ "IRIW+sc", { iriw_x_sc, iriw_y_sc, iriw_2_sc, iriw_3_sc }, iriw,
	    NEVER, NULL },
	{ "IRIW+rlx, sc", { iriw_x, iriw_y, iriw_2_sc, iriw_3_sc }, iriw,
	    SOMETIMES, NULL },
	{ "IRIW+fences", { iriw_x, iriw_y, iriw_2_f, iriw_3_f }, iriw, NEVER,
	    NULL },
	{ "IRIW+sc, acq sc", { iriw_x_sc, iriw_y_sc, iriw_2_acqsc,
	    iriw_3_acqsc }, iriw, NOT_SHOWN,
	    "a store is seen before its place among the seq_cst ones" },
	{ "CoRR", { co_w12, co_rr }, co_back, NEVER, NULL },
	{ "CoRR, two readers", { co_w1, co_w2, co_rr, co_rr2 },
	    co_two_orders, NEVER, NULL },
	{ "CoWW", { co_w12 }, co_end1, NEVER, NULL },
	{ "CoWR", { co_wr, co_w2 }, co_wr_0, NEVER, NULL },
	{ "CoWR, back", { co_wr, co_w2 }, co_wr_back, NEVER, NULL },
	{ "CoRW", { co_rw, co_w2 }, co_rw_end, NEVER, NULL },
	{ "2+2W+rlx", { ww_0, ww_1 }, ww_end, SOMETIMES, NULL },
	{ "2+2W+rel", { ww_0_ra, ww_1_ra }, ww_end, SOMETIMES, NULL },
	{ "2+2W+sc", { ww_0_sc, ww_1_sc }, ww_end, NEVER, NULL },
	{ "2+2W+fences", { ww_0_f, ww_1_f }, ww_end, NEVER, NULL },
	{ "release sequence: same thread", { rs_same, rs_acq }, rs_lost,
	    NEVER, "C17 says so; C++20 allows it" },
	{ "release sequence: rmw", { mp_w_rel, rs_rmw, rs_acq },
	    rs_lost_after, NEVER, NULL },
	{ "release sequence: store", { mp_w_rel, rs_store, rs_acq },
	    rs_lost_after, SOMETIMES, NULL },
	{ "R+fences", { r_0, r_1 }, r_out, NEVER, NULL },
	{ "R+sc", { r_0_sc, r_1_sc }, r_out, NEVER, NULL },
	{ "R+ra", { r_0_ra, r_1_ra }, r_out, SOMETIMES, NULL },
	{ "S+ra", { s_0, s_1 }, s_out, NEVER, NULL },
	{ "S+rlx", { s_0_rlx, s_1_rlx }, s_out, SOMETIMES, NULL },
	{ "WRC+rlx", { co_w1, wrc_1, mp_r }, wrc_out, SOMETIMES, NULL },
	{ "WRC+ra", { wrc_0_rel, wrc_1_ra, mp_r_acq }, wrc_out, NEVER,
	    NULL },
	{ "ISA2+ra", { mp_w_rel, isa_1, isa_2 }, wrc_out, NEVER, NULL },
	{ "RMW: two add", { add_0, add_1 }, add_lost, NEVER, NULL },
	{ "RMW: a store between", { add_0, add_w }, add_split, NEVER, NULL },
	{ "RMW: before a store", { add_0, add_w }, add_before, SOMETIMES,
	    NULL },
	{ "Z6.U", { z6_0, z6_1, z6_2 }, z6_out, NOT_SHOWN,
	    "an rmw goes behind a store of the schedule's future" },
	{ "lock: count, look", { lock_wait, lock_free }, both0, NEVER, NULL },
	{ "ring: words, oldest", { seq_w, seq_r }, r0is1_r1is0, NEVER, NULL },
	{ "ring: no fence", { seq_w, seq_r_bare }, r0is1_r1is0, SOMETIMES,
	    NULL }
};

const size_t litmus_count = sizeof(litmus_tests) / sizeof(litmus_tests[0]);
