// SPDX-License-Identifier: GPL-2.0
/*
 * The virtio device for 9P: a queue of requests, each a message to be read and
 * room for its answer.  Answers come in any order.  The configuration has the tag
 * that a guest mounts by.
 */
#include <string.h>

#include "base.h"
#include "files.h"
#include "virtio.h"
#include "vring.h"

#define CONFIG_TAG	offsetof(struct virtio_9p_config, tag)

static bool setup(struct virtio_device *dev)
{
	const char *tag = diod_tag(dev->model);
	const __u16 len = strlen(tag);

	dev->config_len = CONFIG_TAG + len;
	dev->offered = 1u << VIRTIO_9P_MOUNT_TAG;
	if (dev->era->indirect)
		dev->offered |= 1u << VIRTIO_F_INDIRECT;
	virtio_set_config(dev, 0, &len, sizeof(len));
	virtio_set_config(dev, CONFIG_TAG, tag, len);
	return true;
}

static int fd(struct model *model, bool starved)
{
	(void)starved;
	return p9_fd(diod_p9(model));
}

static ssize_t handle(struct virtio_device *dev, struct vring_chain *chain)
{
	ssize_t n = p9_request(diod_p9(dev->model), chain->iov, chain->out,
			       chain->iov + chain->out, chain->in, chain->head);

	if (!n)
		virtio_blame(dev, &dev->warned,
			     "made a request without head, or without room for an answer");
	if (n == P9_KEPT)
		return VIRTIO_KEPT;
	return n == P9_LATER ? VIRTIO_LATER : n;
}

static ssize_t collect(struct model *model, __u16 *head)
{
	return p9_collect(diod_p9(model), head);
}

static void forget(struct model *model)
{
	p9_forget(diod_p9(model));
}

static const struct virtio_queue_ops ops = {
	.fd = fd,
	.handle = handle,
	.collect = collect,
	.forget = forget,
};

const struct virtio_driver virtio_9p_driver = {
	.type = VIRTIO_ID_9P,
	.queues = 1,
	.ops = { &ops },
	.setup = setup,
};
