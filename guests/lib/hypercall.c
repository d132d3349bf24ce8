// SPDX-License-Identifier: GPL-2.0
/*
 * Hypercalls that can wait.  A call left in the ring costs no world switch of
 * its own: the host runs the ring before the next call that traps, and this
 * host also whenever the guest stops for any other reason.
 */
#include "guest.h"

static u32 ring_next;

/**
 * hcall_later - leave a call in the ring
 * @call: number
 * @arg1: first argument
 * @arg2: second argument
 * @arg3: third argument
 *
 * A full ring makes it a call at once; the host empties the ring first, so the
 * order is kept either way.
 */
void hcall_later(u32 call, u32 arg1, u32 arg2, u32 arg3)
{
	volatile u8 *status = &lguest_data.hcall_status[ring_next];
	u32 flags = irq_save();

	if (*status != LHCALL_RING_FREE) {
		hcall(call, arg1, arg2, arg3);
	} else {
		lguest_data.hcalls[ring_next] = (struct lguest_ring_entry){
			.call = call, .arg1 = arg1, .arg2 = arg2, .arg3 = arg3,
		};
		/* The host may look at any moment: the slot comes first. */
		barrier();
		*status = LHCALL_RING_READY;
		ring_next = (ring_next + 1) % LHCALL_RING_SIZE;
	}
	irq_restore(flags);
}
