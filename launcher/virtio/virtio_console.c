// SPDX-License-Identifier: GPL-2.0
/*
 * The virtio console: a queue with buffers for what is typed, and a queue with
 * what the guest prints.  It has no configuration.
 */
#include "base.h"
#include "console.h"
#include "virtio.h"
#include "vring.h"

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
};
