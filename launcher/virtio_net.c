// SPDX-License-Identifier: GPL-2.0
/*
 * The virtio network device: a queue with buffers for frames, and a queue with
 * frames to be sent.  A header precedes each; from 2.6.27 on it is the tap's
 * own, and the guest may leave checksums and segmentation to the host, if the
 * network is a tap.
 */
#include <linux/if_tun.h>
#include <string.h>

#include "virtio.h"

#define FIELD_MAC	0x41		/* in 2.6.24 */

/* What the guest accepts, and what the tap may leave to it then. */
static const struct {
	unsigned int feature;
	unsigned int offload;
} offloads[] = {
	{ VIRTIO_NET_F_GUEST_CSUM, TUN_F_CSUM },
	{ VIRTIO_NET_F_GUEST_TSO4, TUN_F_TSO4 },
	{ VIRTIO_NET_F_GUEST_TSO6, TUN_F_TSO6 },
	{ VIRTIO_NET_F_GUEST_ECN, TUN_F_TSO_ECN },
};

static bool can_offload(const struct virtio_device *dev)
{
	return dev->era->net_offload && to_net(dev->model)->ops->offload;
}

static void setup(struct virtio_device *dev)
{
	dev->config_len = dev->era->net_config;
	dev->offered = dev->era->net_features;
	if (!can_offload(dev))
		dev->offered &= ~VIRTIO_NET_OFFLOADS;
	virtio_set_config(dev, 0, to_net(dev->model)->mac, MAC_BYTES);
}

static void start(struct virtio_device *dev)
{
	struct net *net = to_net(dev->model);
	unsigned int flags = 0;
	size_t i;

	if (!can_offload(dev))
		return;
	for (i = 0; i < ARRAY_SIZE(offloads); i++) {
		if (virtio_accepted(dev, offloads[i].feature))
			flags |= offloads[i].offload;
	}
	/* The host does not segment what it may not leave unchecked. */
	net->ops->offload(net, flags & TUN_F_CSUM ? flags : 0);
}

static int input_fd(struct model *model, bool starved)
{
	/* The host keeps frames, some of them, until the guest has buffers. */
	return starved ? -1 : net_fd(model);
}

/* A header that says nothing, and then the frame. */
static ssize_t receive_plain(struct virtio_device *dev, struct iovec *iov, int nr)
{
	static const char header[16];
	__u8 len = dev->era->net_header;
	ssize_t n;

	iov_fill(iov, nr, header, len);
	nr = iov_skip(iov, nr, len);
	n = net_receive(dev->model, iov, nr);
	return n > 0 ? len + n : n;
}

static ssize_t input(struct virtio_device *dev, struct vring_chain *chain)
{
	struct iovec *iov = chain->iov + chain->out;
	ssize_t n;

	if (iov_bytes(iov, chain->in) < dev->era->net_header) {
		virtio_blame(dev, &dev->warned, "offered a buffer that is too small for a frame");
		return 0;
	}
	if (dev->era->net_offload)
		n = net_receive_headed(dev->model, iov, chain->in);
	else
		n = receive_plain(dev, iov, chain->in);
	return n > 0 ? n : -1;
}

static ssize_t output(struct virtio_device *dev, struct vring_chain *chain)
{
	if (dev->era->net_offload) {
		net_send_headed(dev->model, chain->iov, chain->out);
	} else {
		chain->out = iov_skip(chain->iov, chain->out, dev->era->net_header);
		net_send(dev->model, chain->iov, chain->out);
	}
	return 0;
}

static const struct virtio_queue_ops input_ops = {
	.fd = input_fd,
	.ready = net_ready,
	.handle = input,
};

static const struct virtio_queue_ops output_ops = {
	.handle = output,
	.patient = true,
};

const struct virtio_driver virtio_net_driver = {
	.type = VIRTIO_ID_NET,
	.queues = 2,
	.ops = { &input_ops, &output_ops },
	.setup = setup,
	.start = start,
	.fields = {
		{ FIELD_MAC, 0, MAC_BYTES },
	},
};
