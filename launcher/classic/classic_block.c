// SPDX-License-Identifier: GPL-2.0
/*
 * The classic disk: a page with one request, and that page's address as key.
 * The guest binds a buffer to it, for what it reads and for the interrupt, and
 * sends what it writes, or nothing.
 */
#include <string.h>

#include "classic.h"
#include "disk.h"
#include "guest_memory.h"
#include "host.h"
#include "iov.h"

enum { REQUEST_READ, REQUEST_WRITE };
enum { RESULT_PENDING, RESULT_GOOD, RESULT_ERROR };

static void set_result(struct classic_device *dev, __s32 result)
{
	char *page = memory_at(dev->mem, dev->page);

	memcpy(page + offsetof(struct lguest_block_page, result), &result, sizeof(result));
}

static bool setup(struct classic_device *dev, struct lguest_device_desc *desc)
{
	struct lguest_block_page *page = memory_at(dev->mem, dev->page);

	desc->features = LGUEST_DEVICE_F_RANDOMNESS;
	page->num_sectors = disk_sectors(dev->model);
	return true;
}

/* The list must have room for all of the request. */
static int fit(struct iovec *iov, int nr, __u32 bytes)
{
	if (nr < 0 || iov_bytes(iov, nr) < bytes)
		return -1;
	return iov_shorten(iov, nr, bytes);
}

/* Both directions return the bytes that were moved, or -1 for a bad request. */
static ssize_t do_read(struct classic_device *dev, const struct lguest_block_page *req,
		       struct classic_buffer *buf)
{
	int nr = fit(buf->iov, buf->nr, req->bytes);

	return nr < 0 ? -1 : (ssize_t)disk_read(dev->model, req->sector, buf->iov, nr);
}

static ssize_t do_write(struct classic_device *dev, const struct lguest_block_page *req,
			__u32 sent)
{
	struct iovec iov[LGUEST_MAX_DMA_SECTIONS];
	int nr = fit(iov, classic_sent(dev, sent, iov), req->bytes);
	ssize_t n;

	if (nr < 0)
		return -1;
	n = disk_write(dev->model, req->sector, iov, nr);
	dma_set_used(dev->mem, sent, n);
	return n;
}

static ssize_t perform(struct classic_device *dev, const struct lguest_block_page *req,
		       struct classic_buffer *buf, __u32 sent)
{
	if (!disk_has(disk_sectors(dev->model), req->sector, req->bytes))
		return -1;
	switch (req->type) {
	case REQUEST_READ:
		return do_read(dev, req, buf);
	case REQUEST_WRITE:
		return do_write(dev, req, sent);
	default:
		return -1;
	}
}

static void output(struct classic_device *dev, const struct lguest_dma_notice *notice)
{
	struct lguest_block_page req;
	struct classic_buffer buf;
	ssize_t n;

	memcpy(&req, memory_at(dev->mem, dev->page), sizeof(req));
	if (!classic_get_buffer(dev, dev->page, &buf)) {
		classic_blame(dev, "made a request without a buffer for the answer");
		set_result(dev, RESULT_ERROR);
		host_irq(dev->slot + 1);
		return;
	}
	n = perform(dev, &req, &buf, notice->dma);
	if (n < 0)
		classic_blame(dev, "made a request that makes no sense");
	classic_put_buffer(dev, &buf, n > 0 && req.type == REQUEST_READ ? n : 0);
	set_result(dev, n >= 0 && (__u32)n == req.bytes ? RESULT_GOOD : RESULT_ERROR);
	host_irq(buf.irq);
}

const struct classic_driver classic_block_driver = {
	.type = LGUEST_DEVICE_T_BLOCK,
	.pages = 1,
	.setup = setup,
	.output = output,
};
