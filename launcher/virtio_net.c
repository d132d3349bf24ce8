// SPDX-License-Identifier: GPL-2.0
/*
 * The virtio network device: a queue with buffers for frames, and a queue with
 * frames to be sent.  A header precedes each; from 2.6.27 on it is the tap's
 * own, and the guest may leave checksums and segmentation to the host.
 */
#include <linux/if_tun.h>
#include <string.h>

#include "virtio.h"

#define MAC_BYTES	6
#define FIELD_MAC	0x41		/* in 2.6.24 */

/* Of an address's first byte. */
#define MAC_MULTICAST	0x01
#define MAC_LOCAL	0x02		/* assigned by no manufacturer */

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

/* The guest's end gets an address of its own, next to the host's. */
static void make_mac(struct model *model, __u8 mac[MAC_BYTES])
{
	tap_mac(model, mac);
	mac[0] = (mac[0] & ~MAC_MULTICAST) | MAC_LOCAL;
	mac[MAC_BYTES - 1] ^= 1;
}

static void setup(struct virtio_device *dev)
{
	__u8 mac[MAC_BYTES];

	make_mac(dev->model, mac);
	dev->config_len = dev->era->net_config;
	dev->offered = dev->era->net_features;
	virtio_set_config(dev, 0, mac, sizeof(mac));
}

static void start(struct virtio_device *dev)
{
	unsigned int flags = 0;
	size_t i;

	if (!dev->era->net_offload)
		return;
	for (i = 0; i < ARRAY_SIZE(offloads); i++) {
		if (virtio_accepted(dev, offloads[i].feature))
			flags |= offloads[i].offload;
	}
	/* The host does not segment what it may not leave unchecked. */
	tap_offload(dev->model, flags & TUN_F_CSUM ? flags : 0);
}

static int input_fd(struct model *model, bool starved)
{
	/* The host keeps frames, some of them, until the guest has buffers. */
	return starved ? -1 : tap_fd(model);
}

static bool input_ready(struct model *model)
{
	return tap_fd(model) >= 0 && fd_readable(tap_fd(model));
}

/* A header that says nothing, and then the frame. */
static ssize_t receive_plain(struct virtio_device *dev, struct iovec *iov, int nr)
{
	static const char header[16];
	__u8 len = dev->era->net_header;
	ssize_t n;

	iov_fill(iov, nr, header, len);
	nr = iov_skip(iov, nr, len);
	n = tap_receive(dev->model, iov, nr);
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
		n = tap_receive_headed(dev->model, iov, chain->in);
	else
		n = receive_plain(dev, iov, chain->in);
	return n > 0 ? n : -1;
}

static ssize_t output(struct virtio_device *dev, struct vring_chain *chain)
{
	if (dev->era->net_offload) {
		tap_send_headed(dev->model, chain->iov, chain->out);
	} else {
		chain->out = iov_skip(chain->iov, chain->out, dev->era->net_header);
		tap_send(dev->model, chain->iov, chain->out);
	}
	return 0;
}

static const struct virtio_queue_ops input_ops = {
	.fd = input_fd,
	.ready = input_ready,
	.handle = input,
};

static const struct virtio_queue_ops output_ops = {
	.handle = output,
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
