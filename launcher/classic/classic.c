// SPDX-License-Identifier: GPL-2.0
/*
 * The devices of the classic ABI: a page of descriptors right after the RAM,
 * pages for devices after that, and DMA to keys, which are addresses in those
 * pages.  Here is what all of them share; classic_console.c, classic_block.c
 * and classic_net.c each show one kind of model to the guest.
 *
 * Descriptors and device pages are the guest's to overwrite.  What matters
 * later is kept in struct classic_device.
 */
#include "base.h"
#include "classic.h"
#include "era.h"
#include "guest_memory.h"
#include "transport.h"
#include "waker.h"

/* How long a guest without a free buffer is left alone, in ms. */
#define RETRY_FIRST	1
#define RETRY_LAST	64

static const struct classic_driver *const drivers[NR_MODELS] = {
	[MODEL_CONSOLE]	= &classic_console_driver,
	[MODEL_DISK]	= &classic_block_driver,
	[MODEL_NET]	= &classic_tap_driver,
	[MODEL_SHARE]	= &classic_share_driver,
};

static struct classic_device devices[LGUEST_MAX_DEVICES];
static unsigned int nr_devices;
static bool unknown_key;

static void watch(const struct classic_device *dev)
{
	if (dev->driver->input)
		waker_watch(dev->slot, dev->driver->input_fd(dev));
}

/**
 * classic_attach - give the guest a device
 * @era: not used: there is one
 * @mem: its memory; the device's pages are added to its limit
 * @model: what the device does; classic_close() closes it
 *
 * The configuration has seen to it that there is a slot.
 *
 * Return: false, see failure(), if the guest cannot have it.
 */
bool classic_attach(const struct era *era, struct memory *mem, struct model *model)
{
	struct classic_device *dev = &devices[nr_devices];
	struct lguest_device_desc *desc = memory_at(mem, mem->ram);

	(void)era;
	if (!drivers[model->kind]) {
		failure("%s: guests of 2.6.23 have no such device", model->name);
		model->close(model);
		return false;
	}
	dev->driver = drivers[model->kind];
	dev->model = model;
	dev->mem = mem;
	dev->slot = nr_devices++;
	dev->page = mem->limit;
	mem->limit += dev->driver->pages * PAGE_BYTES;

	desc += dev->slot;
	desc->type = dev->driver->type;
	desc->num_pages = dev->driver->pages;
	desc->pfn = dev->driver->pages ? dev->page / PAGE_BYTES : 0;
	if (!dev->driver->setup(dev, desc))
		return false;
	watch(dev);
	explain("device %u: %s", dev->slot, model->name);
	return true;
}

static bool has_key(const struct classic_device *dev, __u32 key)
{
	if (!dev->driver->pages)
		return key == LGUEST_CONSOLE_DMA_KEY;
	return key - dev->page < dev->driver->pages * PAGE_BYTES;
}

/* The guest sent a DMA that the host does not deliver itself. */
bool classic_serve(const void *reply)
{
	const struct lguest_dma_notice *notice = reply;
	unsigned int i;

	for (i = 0; i < nr_devices; i++) {
		if (!has_key(&devices[i], notice->key) || !devices[i].driver->output)
			continue;
		devices[i].driver->output(&devices[i], notice);
		return true;
	}
	if (first_time(&unknown_key))
		complain("the guest sent data to %#x, where no device is", notice->key);
	return true;
}

static bool serve_input(struct classic_device *dev)
{
	dev->stalled = dev->driver->input(dev) == INPUT_STALLED;
	watch(dev);
	return dev->stalled;
}

/*
 * Input for the guest: of @all devices when the waker has broken in, else
 * only of those that waited for the guest to free a buffer, which it may just
 * have done.
 */
void classic_input(bool all)
{
	static int retry = RETRY_FIRST;
	bool had = false, stalled = false, progress = false;
	unsigned int i;

	for (i = 0; i < nr_devices; i++) {
		if (!devices[i].driver->input || !(all || devices[i].stalled))
			continue;
		had |= devices[i].stalled;
		devices[i].progress = false;
		stalled |= serve_input(&devices[i]);
		progress |= devices[i].progress;
	}
	if (!all && !had)
		return;
	if (progress || !had)
		retry = RETRY_FIRST;
	else if (all && retry < RETRY_LAST)
		retry *= 2;
	waker_retry(stalled ? retry : -1);
}

void classic_close(void)
{
	while (nr_devices) {
		struct model *model = devices[--nr_devices].model;

		model->close(model);
	}
}

const struct transport classic_transport = {
	.notice = sizeof(struct lguest_dma_notice),
	.attach = classic_attach,
	.serve = classic_serve,
	.input = classic_input,
	.close = classic_close,
};
