// SPDX-License-Identifier: GPL-2.0
/*
 * Hypercalls that can wait.  A call left in the ring costs no world switch of
 * its own: the host runs the ring before the next call that traps, and in
 * 2.6.23 also whenever the guest stops for any other reason.
 */
#include "guest.h"

_Static_assert(sizeof(lguest_data.hcalls[0]) == SLOT_WORDS * sizeof(u32),
	       "a slot of the ring");

static u32 ring_next;

/* Where an argument goes is for the era to say; 0 is where the number is. */
static void fill(u32 *slot, u32 call, u32 arg1, u32 arg2, u32 arg3, u32 arg4)
{
	if (RING_HAS_ARG4)
		slot[SLOT_ARG4] = arg4;
	slot[SLOT_ARG1] = arg1;
	slot[SLOT_ARG2] = arg2;
	slot[SLOT_ARG3] = arg3;
	slot[0] = call;
}

/**
 * hcall_later4 - leave a call in the ring
 * @call: number
 * @arg1: first argument
 * @arg2: second argument
 * @arg3: third argument
 * @arg4: fourth argument; 0 unless RING_HAS_ARG4
 *
 * A full ring makes it a call at once; the host empties the ring first, so the
 * order is kept either way.
 */
void hcall_later4(u32 call, u32 arg1, u32 arg2, u32 arg3, u32 arg4)
{
	u32 flags = irq_save();
	volatile u8 *status = &lguest_data.hcall_status[ring_next];

	if (*status != LHCALL_RING_FREE) {
		hcall4(call, arg1, arg2, arg3, arg4);
	} else {
		fill((u32 *)&lguest_data.hcalls[ring_next], call, arg1, arg2,
		     arg3, arg4);
		/* The host may look at any moment: the slot comes first. */
		barrier();
		*status = LHCALL_RING_READY;
		ring_next = (ring_next + 1) % LHCALL_RING_SIZE;
	}
	irq_restore(flags);
}

/* The same for all calls but one. */
void hcall_later(u32 call, u32 arg1, u32 arg2, u32 arg3)
{
	hcall_later4(call, arg1, arg2, arg3, 0);
}
