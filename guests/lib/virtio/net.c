// SPDX-License-Identifier: GPL-2.0
/*
 * A network: a queue of buffers for what comes, one for what goes.  Before each
 * frame is a header, in a descriptor of its own.  It is empty, and checksums and
 * segments are the driver's own affair, unless they are left to the other side
 * (net_open_offloaded(), and the functions that show the header).  A large frame
 * takes a large buffer, or as many pages as it needs (net_open_merged()): then the
 * header is in the first one, and longer by their number.
 */
#include "guest.h"

#include <linux/virtio_net.h>

#define FEATURES	(1U << VIRTIO_NET_F_MAC | 1U << VIRTIO_F_NOTIFY_ON_EMPTY | \
			 1U << VIRTIO_RING_F_INDIRECT_DESC)

#define OFFLOADS	(1U << VIRTIO_NET_F_CSUM | 1U << VIRTIO_NET_F_GUEST_CSUM | \
			 1U << VIRTIO_NET_F_HOST_TSO4 | 1U << VIRTIO_NET_F_GUEST_TSO4)

#define MERGED		(1U << VIRTIO_NET_F_MRG_RXBUF)
#define MERGED_BUFFERS	40	/* pages: two large frames, and some */

#define LOCAL_ADDRESS	0x02

#define DAWDLE		20000000	/* cycles: some ms */

/* In each buffer. */
#define FRAME_OFFSET	64

/* Nothing to do but to wake: net_receive() looks at the queue. */
static void net_irq(struct vq *vq __unused)
{
}

static void offer(struct net *net, u8 *buffer)
{
	struct piece page = { buffer, PAGE_SIZE };
	struct piece pieces[] = {
		{ buffer, net->header },
		{ buffer + FRAME_OFFSET, net->frame },
	};

	if (net->merged)
		vq_add(&net->in, &page, 0, 1, buffer);
	else
		vq_add(&net->in, pieces, 0, ARRAY_SIZE(pieces), buffer);
}

static u8 *make_buffer(const struct net *net)
{
	return page_alloc_run((FRAME_OFFSET + net->frame + PAGE_SIZE - 1) / PAGE_SIZE);
}

static bool make_buffers(struct net *net)
{
	u32 i;
	u8 *buffer;

	for (i = 0; i < (net->merged ? MERGED_BUFFERS : NET_BUFFERS); i++) {
		buffer = net->merged ? page_alloc() : make_buffer(net);
		if (!buffer)
			return false;
		offer(net, buffer);
	}
	for (i = 0; i < NET_BUFFERS; i++) {
		buffer = make_buffer(net);
		if (!buffer)
			return false;
		net->spare[net->nr_spare++] = buffer;
	}
	return true;
}

/* Linux's driver of 2.6.24 loses its interrupts if there is a frame by now. */
static void begin_to_poll(struct net *net)
{
	spin_cycles(DAWDLE);
	net->deaf = vq_waits(&net->in);
}

static bool open_wanting(struct net *net, u32 nth, u32 offloads)
{
	static const u8 own[6] = { LOCAL_ADDRESS, 'l', 'g' };

	*net = (struct net){ .frame = offloads ? NET_LARGE_FRAME : NET_FRAME };
	if (!vdev_start(&net->dev, VIRTIO_ID_NET, nth, FEATURES | offloads) ||
	    !vq_open(&net->dev, &net->in, net_irq, net) ||
	    !vq_open(&net->dev, &net->out, NULL, net))
		return false;
	net->merged = net->dev.features & MERGED;
	net->header = NET_HEADER_SIZE + (net->merged ? sizeof(u16) : 0);
	memcpy(net->mac, own, sizeof(own));
	net->mac[5] = nth;
	if (CONFIG_NET_MAC_CERTAIN || net->dev.features >> VIRTIO_NET_F_MAC & 1)
		vdev_config(&net->dev, CONFIG_NET_MAC, net->mac, sizeof(net->mac));
	vdev_ready(&net->dev);
	if (!make_buffers(net))
		return false;
	vq_kick(&net->in);
	if (NET_POLLS_LATE)
		begin_to_poll(net);
	return true;
}

/* False if there is no such network, or no room for its buffers. */
bool net_open(struct net *net, u32 nth)
{
	return open_wanting(net, nth, 0);
}

/* The same; checksums and segments are for the other side, if it can do them. */
bool net_open_offloaded(struct net *net, u32 nth)
{
	return open_wanting(net, nth, OFFLOADS);
}

/* The same, and frames may come in several buffers, if the other side can do that. */
bool net_open_merged(struct net *net, u32 nth)
{
	return open_wanting(net, nth, OFFLOADS | MERGED);
}

/* Takes it down; its queues cannot be had a second time. */
void net_close(struct net *net)
{
	vdev_stop(&net->dev);
	set_irq_handler(net->in.irq, NULL);
}

/**
 * net_send_headed - send a frame
 * @net: the network
 * @header: what is to be done of it
 * @frame: starts with the receiver's address
 * @len: at most net->frame
 *
 * Return: false if too many are under way.
 */
bool net_send_headed(struct net *net, const struct net_header *header,
		     const void *frame, u32 len)
{
	struct piece pieces[2];
	u8 *buffer;

	while ((buffer = vq_get(&net->out, NULL)))
		net->spare[net->nr_spare++] = buffer;
	if (!net->nr_spare)
		return false;
	buffer = net->spare[--net->nr_spare];
	memcpy(buffer, header, net->header);
	memcpy(buffer + FRAME_OFFSET, frame, len);
	pieces[0] = (struct piece){ buffer, net->header };
	pieces[1] = (struct piece){ buffer + FRAME_OFFSET, len };
	vq_add(&net->out, pieces, ARRAY_SIZE(pieces), 0, buffer);
	vq_kick(&net->out);
	return true;
}

/* The same for one that is complete. */
bool net_send(struct net *net, const void *frame, u32 len)
{
	static const struct net_header nothing;

	return net_send_headed(net, &nothing, frame, len);
}

/* Copies what a buffer has from @at on to the end of the frame; offers it anew. */
static void take(struct net *net, u8 *buffer, u32 at, u32 len, struct piece *frame)
{
	u32 part = min(len, frame->len);

	memcpy((void *)frame->at, buffer + at, part);
	frame->at += part;
	frame->len -= part;
	offer(net, buffer);
}

/* Length of the frame that was copied to @frame, or 0 if none waits. */
u32 net_receive_headed(struct net *net, struct net_header *header, void *frame,
		       u32 size)
{
	struct piece room = { frame, size };
	u32 len, i;
	u8 *buffer = vq_get(&net->in, &len);

	if (!buffer)
		return 0;
	memcpy(header, buffer, net->header);
	len = len > net->header ? len - net->header : 0;
	take(net, buffer, net->merged ? net->header : FRAME_OFFSET, len, &room);
	for (i = 1; net->merged && i < header->buffers; i++) {
		buffer = vq_get(&net->in, &len);
		if (!buffer)
			panic("a frame lacks %u of its buffers", header->buffers - i);
		take(net, buffer, 0, len, &room);
	}
	vq_kick(&net->in);
	return size - room.len;
}

/* The same where the header says nothing. */
u32 net_receive(struct net *net, void *frame, u32 size)
{
	struct net_header header;

	return net_receive_headed(net, &header, frame, size);
}
