// SPDX-License-Identifier: GPL-2.0
/*
 * Virtio devices for guests of 2.6.24 to 3.19: their life, and what a guest
 * means by NOTIFY.  Their rings are in the pages after the RAM, their
 * descriptors in the first of these (virtio_page.c, virtio_fields.c); chains are
 * moved by virtio_queue.c, to drivers that each show one kind of model.
 *
 * Guests differ in what they tell, and a kernel may be newer than it says.  So a
 * device starts when its driver says that it is ready or with the first kick,
 * whichever comes first, and what is told again does no harm.
 */
#include <string.h>

#include "base.h"
#include "console.h"
#include "era.h"
#include "guest_memory.h"
#include "hold.h"
#include "transport.h"
#include "virtio.h"
#include "vring.h"
#include "waker.h"
#include "worker.h"

/* Text of a guest without a console yet; it prints 16 bytes at a time. */
#define EARLY_TEXT_MAX	4096u

static const struct virtio_driver *const drivers[NR_MODELS] = {
	[MODEL_CONSOLE]	= &virtio_console_driver,
	[MODEL_DISK]	= &virtio_block_driver,
	[MODEL_NET]	= &virtio_net_driver,
	[MODEL_RNG]	= &virtio_rng_driver,
	[MODEL_FILES]	= &virtio_9p_driver,
	[MODEL_BALLOON]	= &virtio_balloon_driver,
	[MODEL_AGENT]	= &virtio_port_driver,
	[MODEL_VIRTIOFS] = &virtio_fs_driver,
};

static struct virtio_device devices[VIRTIO_DEVICES_MAX];
static unsigned int nr_devices;
static unsigned int nr_queues;
static __u32 page_used;
static struct memory *memory;
static bool early_seen;

static __u8 *desc_of(const struct virtio_device *dev)
{
	return memory_at(dev->mem, dev->desc);
}

/* Gives a queue its interrupt and its pages. */
static bool make_queue(struct virtio_device *dev, unsigned int i, struct memory *mem)
{
	struct virtio_queue *queue = &dev->queue[i];
	__u32 bytes = vring_bytes(dev->era->entries);

	if (nr_queues + 1 >= LGUEST_IRQS)
		return failure("too many devices: a guest has %u interrupts for their queues",
			       LGUEST_IRQS - 1);
	if (mem->limit + bytes > mem->ram + LGUEST_DEVICE_PAGES * PAGE_BYTES)
		return failure("too many devices: their queues do not fit in %u pages",
			       LGUEST_DEVICE_PAGES);
	queue->dev = dev;
	queue->ops = dev->driver->ops[i];
	queue->slot = nr_queues;
	queue->irq = ++nr_queues;
	vring_init(&queue->ring, mem, mem->limit, dev->era->entries);
	mem->limit += bytes;
	vring_reset(&queue->ring);
	return !queue->ops->patient || dev->era->threads || virtio_batch_prepare(queue);
}

static bool make_queues(struct virtio_device *dev, struct memory *mem)
{
	unsigned int i = 0;

	while (i < dev->driver->queues && make_queue(dev, i, mem))
		i++;
	return i == dev->driver->queues;
}

static bool describe(struct virtio_device *dev)
{
	__u32 bytes = dev->era->layout->bytes(dev);

	if (page_used + bytes > PAGE_BYTES)
		return failure("too many devices: their descriptors do not fit in a page");
	dev->desc = dev->mem->ram + page_used;
	page_used += bytes;
	dev->era->layout->write(dev, desc_of(dev));
	return true;
}

/*
 * Another process that serves the rings would have to agree, and again with each driver:
 * but virtiofsd's guests call as often with it as without.
 */
static void offer_indices(struct virtio_device *dev)
{
	if (dev->era->indices && !dev->driver->ops[0]->remote)
		dev->offered |= BIT(VIRTIO_F_EVENT_IDX);
}

static bool cannot_be(struct model *model)
{
	failure("%s: only guests of 2.6.23 have such a device%s", model->name,
		model->kind == MODEL_SHARE ?
		": join later ones by a bridge (--net bridge=NAME)" : "");
	model->close(model);
	return false;
}

/**
 * virtio_attach - give the guest a device
 * @era: of the guest
 * @mem: its memory; the device's pages are added to its limit
 * @model: what the device does; virtio_close() closes it
 *
 * Return: false, see failure(), if the guest cannot have it.
 */
bool virtio_attach(const struct era *era, struct memory *mem, struct model *model)
{
	struct virtio_device *dev = &devices[nr_devices];
	unsigned int i;

	if (!drivers[model->kind])
		return cannot_be(model);
	memory = mem;
	dev->driver = drivers[model->kind];
	dev->era = era;
	dev->model = model;
	dev->mem = mem;
	dev->nr = nr_devices++;
	if (!make_queues(dev, mem) || (dev->driver->setup && !dev->driver->setup(dev)))
		return false;
	offer_indices(dev);
	if (!describe(dev))
		return false;
	for (i = 0; i < dev->driver->queues; i++)
		virtio_queue_watch(&dev->queue[i]);
	explain("device %u: %s, descriptor at %#x", dev->nr, model->name, dev->desc);
	return true;
}

static void start(struct virtio_device *dev)
{
	unsigned int i;

	if (dev->running)
		return;
	dev->accepted = dev->era->layout->accepted(desc_of(dev), dev) & dev->offered;
	explain("device %u (%s) starts, features %#x of %#x", dev->nr, dev->model->name,
		dev->accepted, dev->offered);
	if (dev->driver->start)
		dev->driver->start(dev);
	dev->running = true;
	for (i = 0; i < dev->driver->queues; i++) {
		dev->queue[i].ring.indirect = virtio_accepted(dev, VIRTIO_F_INDIRECT);
		dev->queue[i].ring.indices = virtio_accepted(dev, VIRTIO_F_EVENT_IDX);
		virtio_queue_start(&dev->queue[i]);
	}
}

static void stop(struct virtio_device *dev)
{
	unsigned int i;

	for (i = 0; i < dev->driver->queues; i++)
		virtio_queue_stop(&dev->queue[i]);
	dev->running = false;
}

static void reset(struct virtio_device *dev)
{
	unsigned int i;

	stop(dev);
	dev->accepted = 0;
	dev->era->layout->forget(desc_of(dev), dev);
	virtio_early_reset(dev);
	for (i = 0; i < dev->driver->queues; i++)
		virtio_queue_reset(&dev->queue[i]);
	explain("device %u (%s) is reset", dev->nr, dev->model->name);
}

/* The guest tells of the status that it has just written. */
static void status_told(struct virtio_device *dev)
{
	__u8 status = dev->era->layout->status(desc_of(dev), dev);

	if (!status || !dev->era->start_status) {
		reset(dev);
	} else if (status & VIRTIO_CONFIG_S_FAILED) {
		virtio_blame(dev, &dev->warned, "says that this device has failed");
		if (dev->running)
			reset(dev);
	} else if (status & dev->era->start_status) {
		start(dev);
	}
}

static bool in_first_page(const struct virtio_queue *queue, __u32 addr)
{
	return addr - queue->ring.addr < PAGE_BYTES;
}

/* Is it a descriptor, or a ring? */
static bool serve_device(struct virtio_device *dev, __u32 addr)
{
	unsigned int i;

	if (addr == dev->desc) {
		status_told(dev);
		return true;
	}
	for (i = 0; i < dev->driver->queues; i++) {
		if (!in_first_page(&dev->queue[i], addr))
			continue;
		start(dev);
		virtio_queue_kick(&dev->queue[i]);
		return true;
	}
	return false;
}

static struct model *console(void)
{
	unsigned int i;

	for (i = 0; i < nr_devices; i++) {
		if (devices[i].model->kind == MODEL_CONSOLE)
			return devices[i].model;
	}
	return NULL;
}

static void print_early(__u32 addr)
{
	char *text = memory_at(memory, addr);
	__u32 room = memory->ram - addr;
	struct iovec iov = { .iov_base = text };

	if (first_time(&early_seen))
		explain("the guest prints without its console");
	iov.iov_len = strnlen(text, room < EARLY_TEXT_MAX ? room : EARLY_TEXT_MAX);
	if (iov.iov_len && console())
		console_write(console(), &iov, 1);
}

/**
 * virtio_serve - the guest notified, and the host does not know of what
 * @reply: what read() stored: an address
 *
 * False if the guest cannot go on.
 */
bool virtio_serve(const void *reply)
{
	__u32 addr = *(const __u32 *)reply;
	unsigned int i;

	for (i = 0; i < nr_devices; i++) {
		if (serve_device(&devices[i], addr))
			return true;
	}
	if (addr < memory->ram) {
		print_early(addr);
		return true;
	}
	complain("the guest notified of %#x, where nothing is", addr);
	return false;
}

/**
 * virtio_input - there may be input
 * @all: the waker says so
 */
void virtio_input(bool all)
{
	unsigned int i, j;

	if (!all)
		return;
	waker_retry(-1);
	for (i = 0; i < nr_devices; i++) {
		if (devices[i].driver->attend)
			devices[i].driver->attend(&devices[i]);
		for (j = 0; j < devices[i].driver->queues; j++)
			virtio_queue_input(&devices[i].queue[j]);
	}
}

/* Its last words may still be in a ring. */
static void finish(struct virtio_device *dev)
{
	unsigned int i;

	for (i = 0; i < dev->driver->queues; i++) {
		virtio_queue_stop(&dev->queue[i]);
		if (dev->running && !hold_ending())
			virtio_queue_finish(&dev->queue[i]);
		worker_close(&dev->queue[i].worker);
		virtio_batch_close(&dev->queue[i]);
	}
	dev->running = false;
}

/**
 * virtio_hold - let devices rest while the guest is held
 * @on: or let them go on
 */
void virtio_hold(bool on)
{
	unsigned int i, j;

	for (i = 0; i < nr_devices; i++) {
		for (j = 0; devices[i].running && j < devices[i].driver->queues; j++)
			(on ? virtio_queue_stop : virtio_queue_start)(&devices[i].queue[j]);
	}
}

/** virtio_close - the guest is gone */
void virtio_close(void)
{
	unsigned int i;

	for (i = 0; i < nr_devices; i++) {
		finish(&devices[i]);
		devices[i].model->close(devices[i].model);
	}
	memset(devices, 0, sizeof(devices));
	nr_devices = 0;
	nr_queues = 0;
	page_used = 0;
}

const struct transport virtio_transport = {
	.notice = sizeof(__u32),
	.attach = virtio_attach,
	.serve = virtio_serve,
	.input = virtio_input,
	.hold = virtio_hold,
	.close = virtio_close,
};
