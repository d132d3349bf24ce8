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

/* Any call makes the host look; this one is for that alone. */
static void irq_bring(void)
{
	asm volatile(stringify(IRQ_HCALL) : : "a" (IRQ_CALL) : "memory");
}

/*
 * What waits comes at once.  Up to 2.6.30 nobody knows whether something does:
 * so it costs a call.  Later the host leaves word.
 */
void irq_enable(void)
{
	barrier();
	shared_word(irq_enabled) = EFLAGS_IF;
	barrier();
	if (IRQ_MAY_WAIT)
		irq_bring();
}

/*
 * The cheap way back: no call where nothing is known to wait, so up to 2.6.30
 * what waits comes when the guest next stops, by the host's own clock if by
 * nothing else.
 */
void irq_restore(u32 flags)
{
	barrier();
	shared_word(irq_enabled) = flags;
	barrier();
	if (flags && IRQ_WAITS)
		irq_bring();
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
