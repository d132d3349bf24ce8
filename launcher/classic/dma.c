// SPDX-License-Identifier: GPL-2.0
/*
 * The classic scatter-gather list, struct lguest_dma.  It lies in guest
 * memory, which other guests may be able to write: it is copied once, checked,
 * and used from the copy.
 */
#include <string.h>

#include "classic.h"
#include "guest_memory.h"

int dma_fetch(const struct memory *mem, __u32 addr, struct lguest_dma *dma)
{
	if (!memory_has(mem, addr, sizeof(*dma)))
		return -1;
	memcpy(dma, memory_at(mem, addr), sizeof(*dma));
	return 0;
}

/* Returns the number of sections, or -1 if one is not in guest memory. */
int dma_sections(const struct memory *mem, const struct lguest_dma *dma,
		 struct iovec iov[LGUEST_MAX_DMA_SECTIONS])
{
	int i;

	for (i = 0; i < LGUEST_MAX_DMA_SECTIONS && dma->len[i]; i++) {
		if (!memory_has(mem, dma->addr[i], dma->len[i]))
			return -1;
		iov[i].iov_base = memory_at(mem, dma->addr[i]);
		iov[i].iov_len = dma->len[i];
	}
	return i;
}

/* @addr was good for dma_fetch(). */
void dma_set_used(const struct memory *mem, __u32 addr, __u32 used)
{
	char *dma = memory_at(mem, addr);

	memcpy(dma + offsetof(struct lguest_dma, used_len), &used, sizeof(used));
}
