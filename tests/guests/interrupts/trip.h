/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one thing that the test of the noirq range needs in assembler, trip.S.
 */
#ifndef TRIP_H
#define TRIP_H

/* The ABI's header is for C only. */
#define TRIP_TRAP_ENTRY	0x1f
#define TRIP_SET_PTE	14

#ifndef __ASSEMBLER__

#include "guest.h"

_Static_assert(TRIP_TRAP_ENTRY == LGUEST_TRAP_ENTRY, "number");
_Static_assert(TRIP_SET_PTE == LHCALL_SET_PTE, "number");

/* @alias is lguest_data by another address; the rest is for SET_PTE. */
void noirq_trip(volatile u32 *alias, u32 pgdir, u32 addr, u32 pte);

#endif /* __ASSEMBLER__ */
#endif /* TRIP_H */
