// SPDX-License-Identifier: GPL-2.0
/*
 * The classic ABI's one way to move data: a list of at most 16 pieces of
 * memory is sent to a key, and whoever bound buffers to that key (or the
 * launcher, which owns the keys of its devices) gets it.
 */
#include "guest.h"

/* Makes @dma, free to be filled, describe one piece of the linear map. */
void dma_single(struct lguest_dma *dma, const volatile void *buf, u32 len)
{
	dma->addr[0] = phys(buf);
	dma->len[0] = len;
	dma->len[1] = 0;
	barrier();
	dma->used_len = 0;
}

/**
 * bind_dma - offer buffers at a key
 * @key: a physical address, or the number of a launcher's queue
 * @dmas: the array; it stays the host's until unbind_dma()
 * @count: its length
 * @irq: raised when a buffer was filled; 1 to 31
 *
 * Return: false if the host has no room for another binding.
 */
bool bind_dma(u32 key, struct lguest_dma *dmas, u32 count, u32 irq)
{
	return hcall(LHCALL_BIND_DMA, key, phys(dmas), count << 8 | irq);
}

/* An interrupt number of 0 takes a binding back. */
void unbind_dma(u32 key, struct lguest_dma *dmas)
{
	hcall(LHCALL_BIND_DMA, key, phys(dmas), 0);
}

/* Returns when the receiver has it; @dma->used_len says how much of it. */
void send_dma(u32 key, struct lguest_dma *dma)
{
	hcall(LHCALL_SEND_DMA, key, phys(dma), 0);
}
