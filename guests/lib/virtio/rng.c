// SPDX-License-Identifier: GPL-2.0
/*
 * Random numbers of the host's: a queue of buffers to be filled, as far as they
 * go.
 */
#include "guest.h"

static void rng_irq(struct vq *vq __unused)
{
}

/* False if there is none. */
bool rng_open(struct rng *rng)
{
	if (!vdev_start(&rng->dev, VIRTIO_ID_RNG, 0, 1U << VIRTIO_RING_F_INDIRECT_DESC) ||
	    !vq_open(&rng->dev, &rng->queue, rng_irq, rng))
		return false;
	vdev_ready(&rng->dev);
	return true;
}

/* How many bytes of @to were filled: at least one.  Sleeps until then. */
u32 rng_read(struct rng *rng, void *to, u32 len)
{
	struct piece piece = { to, len };
	u32 flags = irq_save(), got;

	vq_add(&rng->queue, &piece, 0, 1, to);
	vq_kick(&rng->queue);
	while (!vq_get(&rng->queue, &got)) {
		halt();
		irq_disable();
	}
	irq_restore(flags);
	return got;
}
