// SPDX-License-Identifier: GPL-2.0
/*
 * A shared network.  The device's memory is an array of hardware addresses,
 * one slot for each peer, which all of them see.  To send is to DMA the frame
 * to the key of every slot that wants it; to receive is to have buffers bound
 * to the key of one's own slot.
 */
#include "guest.h"

#define SLOT_MASK	0xfff
#define SLOT_KEY	4	/* bytes between the keys of two slots */
#define PROMISCUOUS	0x01	/* in the first byte of a slot */
#define LOCAL_ADDRESS	0x02

static const struct lguest_net unused;

/* Nothing to do but to wake: net_receive() looks at the buffers. */
static void net_irq(u32 irq __unused, struct trap_frame *frame __unused)
{
}

static bool buffers_bind(struct net *net, u32 irq)
{
	u32 i;

	for (i = 0; i < NET_BUFFERS; i++) {
		net->buffer[i] = page_alloc();
		if (!net->buffer[i])
			return false;
		dma_single(&net->dma[i], net->buffer[i], NET_FRAME);
	}
	net->next = 0;
	return bind_dma(net->key, net->dma, NET_BUFFERS, irq);
}

/* False if there is no such network, or no room for its buffers. */
bool net_open(struct net *net, u32 nth)
{
	struct lguest_device_desc *desc;
	struct lguest_net *own;
	u32 irq, size;

	desc = device_find(LGUEST_DEVICE_T_NET, nth, &irq);
	if (!desc)
		return false;
	size = desc->num_pages * PAGE_SIZE;
	net->peers = device_map(desc);
	net->slots = size / sizeof(*net->peers);
	net->slot = desc->features & SLOT_MASK & (size - 1);
	net->key = (desc->pfn << PAGE_SHIFT) + SLOT_KEY * net->slot;
	set_irq_handler(irq, net_irq);
	if (!buffers_bind(net, irq))
		return false;

	/* Publishing an address is what takes us up. */
	own = &net->peers[net->slot];
	own->mac[0] = LOCAL_ADDRESS;
	own->mac[1] = 0;
	memcpy(&own->mac[2], &lguest_data.guestid, 2);
	own->mac[4] = 0;
	own->mac[5] = 0;
	return true;
}

void net_close(struct net *net)
{
	u32 i;

	net->peers[net->slot] = unused;
	unbind_dma(net->key, net->dma);
	for (i = 0; i < NET_BUFFERS; i++)
		page_free(net->buffer[i]);
}

static bool wants(const struct lguest_net *peer, const u8 *frame)
{
	struct lguest_net plain = *peer;

	if (!memcmp(peer, &unused, sizeof(*peer)))
		return false;
	plain.mac[0] &= ~PROMISCUOUS;
	return (frame[0] & 1) || (peer->mac[0] & PROMISCUOUS) ||
	       !memcmp(&plain, frame, sizeof(plain));
}

/**
 * net_send - send to everybody who wants it
 * @net: the network
 * @frame: starts with the receiver's address; in the linear map
 * @len: at most NET_FRAME
 *
 * Return: whether every one of them had a buffer free.
 */
bool net_send(struct net *net, const void *frame, u32 len)
{
	u32 first_key = net->key - SLOT_KEY * net->slot, i;
	struct lguest_dma dma;
	bool all = true;

	for (i = 0; i < net->slots; i++) {
		if (i == net->slot || !wants(&net->peers[i], frame))
			continue;
		dma_single(&dma, frame, len);
		send_dma(first_key + SLOT_KEY * i, &dma);
		all &= dma.used_len == len;
	}
	return all;
}

/* Length of the frame that was copied to @frame, or 0 if none waits. */
u32 net_receive(struct net *net, void *frame, u32 size)
{
	volatile struct lguest_dma *dma = &net->dma[net->next];
	u32 len = min(dma->used_len, size);

	if (!dma->used_len)
		return 0;
	barrier();
	memcpy(frame, net->buffer[net->next], len);
	barrier();
	dma->used_len = 0;
	net->next = (net->next + 1) % NET_BUFFERS;
	return len;
}
