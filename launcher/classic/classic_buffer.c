// SPDX-License-Identifier: GPL-2.0
/*
 * Lists of memory that a classic guest sends, or binds to the key of a device for
 * what is to come: dma.c reads them.
 */
#include "base.h"
#include "classic.h"
#include "host.h"

/* A guest that breaks the rules gets nothing; its user is told once. */
void classic_blame(struct classic_device *dev, const char *what)
{
	if (first_time(&dev->warned))
		complain("device %u (%s): the guest %s", dev->slot, dev->model->name, what);
}

/* What the guest sent; -1 if its list is bad. */
int classic_sent(struct classic_device *dev, __u32 addr,
		 struct iovec iov[LGUEST_MAX_DMA_SECTIONS])
{
	struct lguest_dma dma;
	int nr = -1;

	if (!dma_fetch(dev->mem, addr, &dma))
		nr = dma_sections(dev->mem, &dma, iov);
	if (nr < 0)
		classic_blame(dev, "sent what is not in its memory");
	return nr;
}

/*
 * Finds a free buffer that the guest has bound to @key; false if there is
 * none.  The host has left the number of its interrupt in used_len, which thus
 * must be set: classic_put_buffer() is owed.  A bad list counts as empty.
 */
bool classic_get_buffer(struct classic_device *dev, __u32 key,
			struct classic_buffer *buf)
{
	struct lguest_dma dma;

	if (host_getdma(key, &buf->addr) < 0)
		return false;
	if (dma_fetch(dev->mem, buf->addr, &dma) < 0) {
		classic_blame(dev, "bound a buffer that is not in its memory");
		return false;
	}
	buf->irq = dma.used_len;
	buf->nr = dma_sections(dev->mem, &dma, buf->iov);
	if (buf->nr < 0) {
		classic_blame(dev, "bound a buffer that is not in its memory");
		buf->nr = 0;
	}
	return true;
}

/* Used or not; an unused one is free again. */
void classic_put_buffer(struct classic_device *dev,
			const struct classic_buffer *buf, __u32 used)
{
	dma_set_used(dev->mem, buf->addr, used);
	dev->progress |= used;
}
