// SPDX-License-Identifier: GPL-2.0
/*
 * The virtio network device: a queue with buffers for frames, and a queue with
 * frames to be sent.  A header precedes each; from 2.6.27 on it is the tap's
 * own, and the guest may leave checksums and segmentation to the host, if the
 * network is a tap.  From 2.6.29 on a frame may take several buffers for input, and
 * each header is longer by their number.
 */
#include <linux/if_tun.h>
#include <string.h>

#include "base.h"
#include "iov.h"
#include "net.h"
#include "virtio.h"
#include "vring.h"

#define FIELD_MAC	0x41		/* in 2.6.24 */
#define IN		0		/* queues */
#define MERGED_MAX	128		/* buffers for a frame: half a ring */

struct merged_header {
	__u8 host[NET_HEADER_BYTES];	/* as it is without that */
	__u16 buffers;
};

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

static bool setup(struct virtio_device *dev)
{
	dev->config_len = dev->era->net_config;
	dev->offered = dev->era->net_features;
	if (!can_offload(dev))
		dev->offered &= ~VIRTIO_NET_OFFLOADS;
	virtio_set_config(dev, 0, to_net(dev->model)->mac, MAC_BYTES);
	return true;
}

static void start(struct virtio_device *dev)
{
	struct net *net = to_net(dev->model);
	unsigned int flags = 0;
	size_t i;

	net->held.len = 0;
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

static bool is_merged(const struct virtio_device *dev)
{
	return virtio_accepted(dev, VIRTIO_NET_F_MRG_RXBUF);
}

static bool input_ready(struct model *model)
{
	return to_net(model)->held.len || net_ready(model);
}

static bool hold_frame(struct net *net)
{
	struct iovec iov = { net->held.bytes, sizeof(net->held.bytes) };
	ssize_t n = net->held.len ? 0 : net_receive_headed(&net->model, &iov, 1);

	if (n > NET_HEADER_BYTES)
		net->held.len = n;
	return net->held.len;
}

/* The next part of the frame goes to a buffer.  Returns its bytes. */
static size_t give_part(const struct net *net, size_t from, const struct iovec *iov, int nr)
{
	return iov_fill(iov, nr, net->held.bytes + from, net->held.len - from);
}

/*
 * The frame is held until there are as many buffers as it takes; one that would take
 * more than a driver has is lost.
 */
static ssize_t input_merged(struct virtio_device *dev, struct vring_chain *chain)
{
	struct net *net = to_net(dev->model);
	struct vring *ring = &dev->queue[IN].ring;
	struct merged_header header = { .buffers = 1 };
	struct iovec *iov = chain->iov + chain->out;
	void *start = iov->iov_base;
	size_t done = sizeof(header.host), first, n;

	if (!hold_frame(net))
		return VIRTIO_LATER;
	memcpy(header.host, net->held.bytes, sizeof(header.host));
	chain->in = iov_skip(iov, chain->in, sizeof(header));
	first = give_part(net, done, iov, chain->in);
	for (done += first; done < net->held.len; done += n) {
		if (header.buffers++ == MERGED_MAX) {
			net->held.len = 0;
			return VIRTIO_LATER;
		}
		if (!virtio_queue_more(&dev->queue[IN]))
			return VIRTIO_FEW;
		n = give_part(net, done, chain->iov + chain->out, chain->in);
		vring_follow(ring, chain->head, n);
	}
	memcpy(start, &header, sizeof(header));
	net->held.len = 0;
	return sizeof(header) + first;
}

/* The header of what is merged is in one piece. */
static bool has_room(const struct virtio_device *dev, const struct iovec *iov, int nr)
{
	if (is_merged(dev))
		return nr && iov->iov_len >= sizeof(struct merged_header);
	return iov_bytes(iov, nr) >= dev->era->net_header;
}

static ssize_t input(struct virtio_device *dev, struct vring_chain *chain)
{
	struct iovec *iov = chain->iov + chain->out;
	ssize_t n;

	if (!has_room(dev, iov, chain->in)) {
		virtio_blame(dev, &dev->warned, "offered a buffer that is too small for a frame");
		return 0;
	}
	if (is_merged(dev))
		return input_merged(dev, chain);
	if (dev->era->net_offload)
		n = net_receive_headed(dev->model, iov, chain->in);
	else
		n = receive_plain(dev, iov, chain->in);
	return n > 0 ? n : -1;
}

/* The number in its header means nothing here. */
static void output_merged(struct virtio_device *dev, struct vring_chain *chain)
{
	struct iovec all[1 + VRING_PIECES_MAX];
	struct merged_header header;

	if (iov_copy(&header, chain->iov, chain->out, sizeof(header)) < sizeof(header))
		return;
	chain->out = iov_skip(chain->iov, chain->out, sizeof(header));
	all[0] = (struct iovec){ header.host, sizeof(header.host) };
	memcpy(all + 1, chain->iov, chain->out * sizeof(all[0]));
	net_send_headed(dev->model, all, 1 + chain->out);
}

static ssize_t output(struct virtio_device *dev, struct vring_chain *chain)
{
	if (is_merged(dev)) {
		output_merged(dev, chain);
	} else if (dev->era->net_offload) {
		net_send_headed(dev->model, chain->iov, chain->out);
	} else {
		chain->out = iov_skip(chain->iov, chain->out, dev->era->net_header);
		net_send(dev->model, chain->iov, chain->out);
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
