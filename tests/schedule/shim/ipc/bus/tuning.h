/* SPDX-License-Identifier: ISC */

/*
 * Stands before production's: the smallest numbers with which everything
 * still happens, so that it happens in few steps.
 */
#ifndef SCHEDULE_SHIM_TUNING_H
#define SCHEDULE_SHIM_TUNING_H

#include_next "ipc/bus/tuning.h"

#undef LOCK_SPINS
#undef WAKE_DIRECT
#undef WAKE_BUSY
#define LOCK_SPINS	2
#define WAKE_DIRECT	1
#define WAKE_BUSY	1

#endif
