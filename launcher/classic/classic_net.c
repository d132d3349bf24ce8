// SPDX-License-Identifier: GPL-2.0
/*
 * Classic networks: a page with the address of each machine, and a key for
 * each, at the page's address + 4 * slot.  A page that guests share is served
 * by the host, and needs nothing here but to be there.  On a private one, what
 * net.c has is slot 0 and takes everybody's packets; the guest is slot 1.
 */
#include <string.h>

#include "classic.h"
#include "guest_memory.h"
#include "host.h"
#include "net.h"

#define TAP_SLOT	0
#define GUEST_SLOT	1
#define PROMISCUOUS	0x01	/* in the first byte of an address */

/* The guest must get to run between packets. */
#define BURST		64

static __u32 key_of(const struct classic_device *dev, unsigned int slot)
{
	return dev->page + 4 * slot;
}

static bool tap_setup(struct classic_device *dev, struct lguest_device_desc *desc)
{
	struct lguest_net *net = memory_at(dev->mem, dev->page);

	desc->features = LGUEST_DEVICE_F_RANDOMNESS | GUEST_SLOT;
	memcpy(net[TAP_SLOT].mac, to_net(dev->model)->host_mac, MAC_BYTES);
	net[TAP_SLOT].mac[0] |= PROMISCUOUS;
	return true;
}

static void tap_output(struct classic_device *dev, const struct lguest_dma_notice *notice)
{
	struct iovec iov[LGUEST_MAX_DMA_SECTIONS];
	int nr;

	if (notice->key != key_of(dev, TAP_SLOT)) {
		classic_blame(dev, "sent a packet to a place where nobody is");
		return;
	}
	nr = classic_sent(dev, notice->dma, iov);
	if (nr >= 0)
		dma_set_used(dev->mem, notice->dma, net_send(dev->model, iov, nr));
}

/* One packet; false if there is no more, or nowhere to put it. */
static bool receive(struct classic_device *dev, enum classic_input *state)
{
	struct classic_buffer buf;
	ssize_t n = 0;

	*state = INPUT_IDLE;
	if (!net_ready(dev->model))
		return false;
	*state = INPUT_STALLED;
	if (!classic_get_buffer(dev, key_of(dev, GUEST_SLOT), &buf))
		return false;
	if (buf.nr) {
		*state = INPUT_IDLE;
		n = net_receive(dev->model, buf.iov, buf.nr);
	}
	classic_put_buffer(dev, &buf, n > 0 ? n : 0);
	if (n > 0)
		host_irq(buf.irq);
	return n > 0;
}

static enum classic_input tap_input(struct classic_device *dev)
{
	enum classic_input state = INPUT_IDLE;
	unsigned int i;

	for (i = 0; i < BURST && receive(dev, &state); i++)
		;
	return state;
}

/* The host keeps packets, some of them, until the guest has buffers. */
static int tap_input_fd(const struct classic_device *dev)
{
	return dev->stalled ? -1 : net_fd(dev->model);
}

static bool share_setup(struct classic_device *dev, struct lguest_device_desc *desc)
{
	desc->features = LGUEST_NET_F_NOCSUM | share_slot(dev->model);
	return share_map(dev->model, memory_at(dev->mem, dev->page));
}

const struct classic_driver classic_tap_driver = {
	.type = LGUEST_DEVICE_T_NET,
	.pages = 1,
	.setup = tap_setup,
	.output = tap_output,
	.input = tap_input,
	.input_fd = tap_input_fd,
};

const struct classic_driver classic_share_driver = {
	.type = LGUEST_DEVICE_T_NET,
	.pages = 1,
	.setup = share_setup,
};
