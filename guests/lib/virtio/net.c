// SPDX-License-Identifier: GPL-2.0
/*
 * A network: a queue of buffers for what comes, one for what goes.  Before each
 * frame is a header, in a descriptor of its own, for what this driver does not
 * ask for: checksums and segments are its own affair.
 */
#include "guest.h"

#include <linux/virtio_net.h>

#define FEATURES	(1U << VIRTIO_NET_F_MAC | 1U << VIRTIO_F_NOTIFY_ON_EMPTY | \
			 1U << VIRTIO_RING_F_INDIRECT_DESC)

#define LOCAL_ADDRESS	0x02

/* In each buffer's page. */
#define FRAME_OFFSET	64

/* Nothing to do but to wake: net_receive() looks at the queue. */
static void net_irq(struct vq *vq __unused)
{
}

static void offer(struct net *net, u8 *buffer)
{
	struct piece pieces[] = {
		{ buffer, NET_HEADER_SIZE },
		{ buffer + FRAME_OFFSET, NET_FRAME },
	};

	vq_add(&net->in, pieces, 0, ARRAY_SIZE(pieces), buffer);
}

static bool make_buffers(struct net *net)
{
	u32 i;

	for (i = 0; i < 2 * NET_BUFFERS; i++) {
		net->buffer[i] = page_alloc();
		if (!net->buffer[i])
			return false;
	}
	for (i = 0; i < NET_BUFFERS; i++) {
		offer(net, net->buffer[i]);
		net->spare[net->nr_spare++] = net->buffer[NET_BUFFERS + i];
	}
	return true;
}

/* False if there is no such network, or no room for its buffers. */
bool net_open(struct net *net, u32 nth)
{
	static const u8 own[6] = { LOCAL_ADDRESS, 'l', 'g' };

	*net = (struct net){ 0 };
	if (!vdev_start(&net->dev, VIRTIO_ID_NET, nth, FEATURES) ||
	    !vq_open(&net->dev, &net->in, net_irq, net) ||
	    !vq_open(&net->dev, &net->out, NULL, net))
		return false;
	memcpy(net->mac, own, sizeof(own));
	net->mac[5] = nth;
	if (CONFIG_NET_MAC_CERTAIN || net->dev.features >> VIRTIO_NET_F_MAC & 1)
		vdev_config(&net->dev, CONFIG_NET_MAC, net->mac, sizeof(net->mac));
	vdev_ready(&net->dev);
	if (!make_buffers(net))
		return false;
	vq_kick(&net->in);
	return true;
}

/* Takes it down; its queues cannot be had a second time. */
void net_close(struct net *net)
{
	vdev_stop(&net->dev);
	set_irq_handler(net->in.irq, NULL);
}

/**
 * net_send - send a frame
 * @net: the network
 * @frame: starts with the receiver's address
 * @len: at most NET_FRAME
 *
 * Return: false if too many are under way.
 */
bool net_send(struct net *net, const void *frame, u32 len)
{
	struct piece pieces[2];
	u8 *buffer;

	while ((buffer = vq_get(&net->out, NULL)))
		net->spare[net->nr_spare++] = buffer;
	if (!net->nr_spare)
		return false;
	buffer = net->spare[--net->nr_spare];
	memset(buffer, 0, NET_HEADER_SIZE);
	memcpy(buffer + FRAME_OFFSET, frame, len);
	pieces[0] = (struct piece){ buffer, NET_HEADER_SIZE };
	pieces[1] = (struct piece){ buffer + FRAME_OFFSET, len };
	vq_add(&net->out, pieces, ARRAY_SIZE(pieces), 0, buffer);
	vq_kick(&net->out);
	return true;
}

/* Length of the frame that was copied to @frame, or 0 if none waits. */
u32 net_receive(struct net *net, void *frame, u32 size)
{
	u32 len;
	u8 *buffer = vq_get(&net->in, &len);

	if (!buffer)
		return 0;
	len = len > NET_HEADER_SIZE ? min(len - NET_HEADER_SIZE, size) : 0;
	memcpy(frame, buffer + FRAME_OFFSET, len);
	offer(net, buffer);
	vq_kick(&net->in);
	return len;
}
