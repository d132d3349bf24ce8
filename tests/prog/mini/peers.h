/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of the DMA between guests have in common: an array to be bound
 * by a receiver, a list to be sent, memory for both, and an interrupt.
 */
#ifndef PEERS_H
#define PEERS_H

#include "pair.h"

#define IRQ		3
#define ARRAY		8
#define BUFFER_SIZE	(16 * PAGE)

static struct lguest_dma array[ARRAY] page_aligned;
static struct lguest_dma list;
static u8 buffers[BUFFER_SIZE] page_aligned;
static volatile u32 interrupts;

static inline void count_irq(struct frame *f)
{
	guest_expect(f->vector == 32 + IRQ);
	interrupts++;
}

static inline u32 bind(u32 key, void *at, u32 count, u32 irq)
{
	return hcall(LHCALL_BIND_DMA, key, (u32)at, count << 8 | irq);
}

static inline void wait_for_irq(void)
{
	u32 seen = interrupts;

	while (interrupts == seen)
		hcall(LHCALL_HALT, 0, 0, 0);
}

static inline void send(u32 key)
{
	hcall2(LHCALL_SEND_DMA, key, &list);
}

#endif /* PEERS_H */
