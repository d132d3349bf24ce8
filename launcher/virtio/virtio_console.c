// SPDX-License-Identifier: GPL-2.0
/*
 * The virtio console: a queue with buffers for what is typed, and a queue with
 * what the guest prints.  The configuration is the terminal's size, for those guests
 * that hear of its changes.  They look at it only then, and not before their driver
 * has become a console, and has printed something: so at first it is zero.
 */
#include <linux/virtio_console.h>

#include "base.h"
#include "console.h"
#include "virtio.h"
#include "vring.h"
#include "window.h"

#define SIZE_BYTES	offsetof(struct virtio_console_config, max_nr_ports)

static bool setup(struct virtio_device *dev)
{
	if (!dev->era->resizes)
		return true;
	dev->config_len = SIZE_BYTES;
	dev->offered = BIT(VIRTIO_CONSOLE_F_SIZE);
	window_forget();
	return true;
}

/* In the guest's thread. */
static void tell_size(struct virtio_device *dev)
{
	struct virtio_console_config config = { 0 };
	struct window window;

	if (!virtio_accepted(dev, VIRTIO_CONSOLE_F_SIZE) || !atomic_load(&dev->heard) ||
	    !window_news(&window))
		return;
	config.rows = window.rows;
	config.cols = window.columns;
	virtio_change_config(dev, 0, &config, SIZE_BYTES);
}

static int input_fd(struct model *model, bool starved)
{
	/* It knows by itself how much it can keep. */
	(void)starved;
	return console_fd(model);
}

static bool input_ready(struct model *model)
{
	console_collect(model);
	return console_pending(model);
}

static ssize_t input(struct virtio_device *dev, struct vring_chain *chain)
{
	return console_take(dev->model, chain->iov + chain->out, chain->in);
}

static ssize_t output(struct virtio_device *dev, struct vring_chain *chain)
{
	console_write(dev->model, chain->iov, chain->out);
	tell_size(dev);
	return 0;
}

static const struct virtio_queue_ops input_ops = {
	.fd = input_fd,
	.ready = input_ready,
	.handle = input,
};

static const struct virtio_queue_ops output_ops = {
	.handle = output,
	.awaited = true,
};

const struct virtio_driver virtio_console_driver = {
	.type = VIRTIO_ID_CONSOLE,
	.queues = 2,
	.ops = { &input_ops, &output_ops },
	.setup = setup,
	.attend = tell_size,
};
