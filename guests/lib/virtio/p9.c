// SPDX-License-Identifier: GPL-2.0
/*
 * Directories of the host's, by 9P: a queue of messages, each with room for its
 * answer.  What is in them is for who uses this.
 */
#include "guest.h"

#include <linux/virtio_9p.h>

#define FEATURES	(1U << VIRTIO_9P_MOUNT_TAG | 1U << VIRTIO_RING_F_INDIRECT_DESC)

static void p9_irq(struct vq *vq)
{
	struct p9_request *request;
	u32 len;

	while ((request = vq_get(vq, &len))) {
		request->got = len;
		request->busy = false;
	}
}

/* False if there is no such device, or it has no name. */
bool p9_open(struct p9 *p9, u32 nth)
{
	u16 len;

	*p9 = (struct p9){ 0 };
	if (!vdev_start(&p9->dev, VIRTIO_ID_9P, nth, FEATURES) ||
	    !vq_open(&p9->dev, &p9->queue, p9_irq, p9) ||
	    !vdev_config(&p9->dev, CONFIG_9P_TAG, &len, sizeof(len)) ||
	    len >= sizeof(p9->tag) ||
	    !vdev_config(&p9->dev, CONFIG_9P_TAG + sizeof(len), p9->tag, len))
		return false;
	vdev_ready(&p9->dev);
	return true;
}

/**
 * p9_submit - begin a request
 * @p9: the device
 * @request: busy until it is answered, by so many bytes as it got then
 * @pieces: the message, then the room for the answer
 * @out: how many are the message
 * @in: and how many the room
 *
 * Follow it by vq_kick(&p9->queue).
 *
 * Return: false if there is no room in the queue.
 */
bool p9_submit(struct p9 *p9, struct p9_request *request, const struct piece *pieces,
	       u32 out, u32 in)
{
	request->busy = true;
	if (!vq_add(&p9->queue, pieces, out, in, request))
		request->busy = false;
	return request->busy;
}

/* Sleeps until it is done.  Interrupts are as before. */
void p9_wait(const struct p9_request *request)
{
	u32 flags = irq_save();

	while (request->busy) {
		halt();
		irq_disable();
	}
	irq_restore(flags);
}
