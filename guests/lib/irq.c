// SPDX-License-Identifier: GPL-2.0
/*
 * Virtual interrupts.  There is no controller: the guest writes a mask and an
 * enable word in memory that it shares with the host, at the price of a
 * store, and the host looks at them each time the guest has stopped anyway.
 */
#include "guest.h"

static irq_handler irq_handlers[LGUEST_IRQS];

/* NULL masks the interrupt again. */
void set_irq_handler(u32 irq, irq_handler handler)
{
	irq_handlers[irq] = handler;
	barrier();
	if (handler)
		lguest_data.blocked_interrupts &= ~(1U << irq);
	else
		lguest_data.blocked_interrupts |= 1U << irq;
	barrier();
}

void irq_dispatch(struct trap_frame *frame)
{
	u32 irq = frame->vector - IRQ_BASE;

	if (irq_handlers[irq])
		irq_handlers[irq](irq, frame);
}

/*
 * What waits is delivered when the guest next stops, by the host's own clock
 * if by nothing else.  A call that does nothing brings it at once.
 */
void irq_enable(void)
{
	barrier();
	*(volatile u32 *)&lguest_data.irq_enabled = EFLAGS_IF;
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
}

/* The cheap way back: no call, so what waits may wait a little longer. */
void irq_restore(u32 flags)
{
	barrier();
	*(volatile u32 *)&lguest_data.irq_enabled = flags;
}

/*
 * Sleeps until an interrupt comes.  Call it with interrupts off after the
 * last look at the condition: one that is already waiting ends the sleep at
 * once, so no wake-up is lost.  Interrupts are on afterwards.
 */
void halt(void)
{
	hcall(LHCALL_HALT, 0, 0, 0);
}
