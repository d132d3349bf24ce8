// SPDX-License-Identifier: GPL-2.0
/*
 * The virtio balloon: a queue of pages that the guest does without, as numbers, a
 * queue of those that it has taken again, and a third: of memory that is free, from
 * guests that report it, or of numbers that the guest would tell.  Nobody reads these.
 * But guests without an interrupt for a device's configuration look at it when they
 * get their numbers back, to tell new ones; so they go back when there is news.
 *
 * The configuration has the number of pages that is wanted, and then the guest's own
 * idea of how many there are, which it may keep.
 */
#include "balloon.h"
#include "base.h"
#include "iov.h"
#include "virtio.h"
#include "vring.h"

#define CONFIG_TARGET	offsetof(struct virtio_balloon_config, num_pages)
#define CONFIG_BYTES	offsetof(struct virtio_balloon_config, free_page_hint_cmd_id)
#define AT_ONCE		256		/* numbers; a chain has no more in any release */

enum { INFLATE, DEFLATE, THIRD };

/* Of the one balloon: what the guest gave for its numbers. */
static struct {
	bool kept, wanted_back;
	__u16 head;
} numbers;

static bool setup(struct virtio_device *dev)
{
	__u32 target;

	if (!dev->era->balloon)
		return failure("--balloon: guests have such a device from 2.6.25 on");
	if (!balloon_fill(dev->model, dev->mem))
		return false;
	dev->config_len = CONFIG_BYTES;
	if (dev->era->balloon_reports)
		dev->offered = BIT(VIRTIO_BALLOON_F_REPORTING) |
			       BIT(VIRTIO_BALLOON_F_DEFLATE_ON_OOM);
	else
		dev->offered = BIT(VIRTIO_BALLOON_F_STATS_VQ);
	target = balloon_target(dev->model);
	virtio_set_config(dev, CONFIG_TARGET, &target, sizeof(target));
	return true;
}

typedef bool (*teller)(struct model *model, const __u32 *pfns, unsigned int nr);

static ssize_t take_pages(struct virtio_device *dev, struct vring_chain *chain, teller tell)
{
	const size_t all = iov_bytes(chain->iov, chain->out);
	__u32 pfns[AT_ONCE];
	size_t len;

	len = iov_copy(pfns, chain->iov, chain->out, sizeof(pfns));
	if (!tell(dev->model, pfns, len / sizeof(pfns[0])) || all > sizeof(pfns))
		virtio_blame(dev, &dev->warned, "has pages in its balloon that cannot be there");
	return 0;
}

static ssize_t inflate(struct virtio_device *dev, struct vring_chain *chain)
{
	return take_pages(dev, chain, balloon_inflate);
}

static ssize_t deflate(struct virtio_device *dev, struct vring_chain *chain)
{
	return take_pages(dev, chain, balloon_deflate);
}

/* The memory itself is in the chain. */
static void report(struct virtio_device *dev, struct vring_chain *chain)
{
	const struct iovec *iov = chain->iov + chain->out;
	int i;

	for (i = 0; i < chain->in; i++)
		balloon_report(dev->model, (char *)iov[i].iov_base - dev->mem->base,
			       iov[i].iov_len);
}

static ssize_t third(struct virtio_device *dev, struct vring_chain *chain)
{
	if (virtio_accepted(dev, VIRTIO_BALLOON_F_REPORTING))
		report(dev, chain);
	if (!virtio_accepted(dev, VIRTIO_BALLOON_F_STATS_VQ) || numbers.kept)
		return 0;
	numbers.kept = true;
	numbers.head = chain->head;
	return VIRTIO_KEPT;
}

static ssize_t give_back(struct model *model, __u16 *head)
{
	(void)model;
	if (!numbers.kept || !numbers.wanted_back)
		return -1;
	numbers.kept = false;
	numbers.wanted_back = false;
	*head = numbers.head;
	return 0;
}

/* Its driver starts anew. */
static void forget(struct model *model)
{
	numbers.kept = false;
	numbers.wanted_back = false;
	balloon_forget(model);
}

static void attend(struct virtio_device *dev)
{
	const __u32 target = balloon_target(dev->model);

	if (!balloon_news(dev->model))
		return;
	virtio_change_config(dev, CONFIG_TARGET, &target, sizeof(target));
	if (!dev->running)
		return;
	numbers.wanted_back = virtio_accepted(dev, VIRTIO_BALLOON_F_STATS_VQ);
	virtio_queue_kick(&dev->queue[THIRD]);
}

/* No threads for these: they have little to do, and the guest waits while it is done. */
static const struct virtio_queue_ops inflate_ops = {
	.handle = inflate,
	.forget = forget,
	.awaited = true,
};

static const struct virtio_queue_ops deflate_ops = {
	.handle = deflate,
	.awaited = true,
};

static const struct virtio_queue_ops third_ops = {
	.handle = third,
	.collect = give_back,
	.awaited = true,
};

const struct virtio_driver virtio_balloon_driver = {
	.type = VIRTIO_ID_BALLOON,
	.queues = 3,
	.ops = { [INFLATE] = &inflate_ops, [DEFLATE] = &deflate_ops, [THIRD] = &third_ops },
	.setup = setup,
	.attend = attend,
};
