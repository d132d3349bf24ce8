// SPDX-License-Identifier: GPL-2.0
/*
 * The virtio device for virtiofs: a queue of requests, and one for those that come
 * first.  Another process serves them.  The configuration has the tag that a guest
 * mounts by.
 */
#include <linux/virtio_fs.h>
#include <string.h>

#include "files.h"
#include "virtio.h"
#include "vring.h"

static bool add(struct vhost_user *vhost, const struct vring *ring)
{
	const struct vring_place place = vring_place(ring);

	return vhost_user_add(vhost, &(struct vhost_user_ring){
		ring->num, place.desc, place.avail, place.used,
	});
}

static bool setup(struct virtio_device *dev)
{
	struct vhost_user *vhost = virtiofsd_vhost(dev->model);
	struct virtio_fs_config config = { .num_request_queues = 1 };
	const char *tag = virtiofsd_tag(dev->model);
	unsigned int i;
	bool good;

	good = vhost_user_share(vhost, dev->mem);
	for (i = 0; good && i < dev->driver->queues; i++)
		good = add(vhost, &dev->queue[i].ring);
	if (!good || !vhost_user_watch(vhost))
		return failure("--share: virtiofsd cannot serve '%s': %s", tag, vhost->wrong);
	dev->config_len = sizeof(config);
	dev->offered = vhost->features;
	memcpy(config.tag, tag, strlen(tag));
	virtio_set_config(dev, 0, &config, sizeof(config));
	return true;
}

static int first_fd(struct model *model, bool starved)
{
	(void)starved;
	return vhost_user_fd(virtiofsd_vhost(model), 0);
}

static int requests_fd(struct model *model, bool starved)
{
	(void)starved;
	return vhost_user_fd(virtiofsd_vhost(model), 1);
}

static int kick(struct model *model, unsigned int i)
{
	return virtiofsd_vhost(model)->queue[i].kick;
}

static bool called(struct model *model, unsigned int i)
{
	struct vhost_user *vhost = virtiofsd_vhost(model);
	const bool told = vhost_user_called(vhost, i);

	if (vhost->wrong)
		virtiofsd_lost(model);
	return told;
}

static void run(struct model *model, unsigned int i, bool on)
{
	if (!vhost_user_run(virtiofsd_vhost(model), i, on))
		virtiofsd_lost(model);
}

static void rewind_ring(struct model *model, unsigned int i)
{
	if (!vhost_user_rewind(virtiofsd_vhost(model), i))
		virtiofsd_lost(model);
}

static const struct virtio_remote remote = {
	.kick = kick,
	.called = called,
	.run = run,
	.rewind = rewind_ring,
};

static const struct virtio_queue_ops first = { .fd = first_fd, .remote = &remote };
static const struct virtio_queue_ops requests = { .fd = requests_fd, .remote = &remote };

const struct virtio_driver virtio_fs_driver = {
	.type = VIRTIO_ID_FS,
	.queues = 2,
	.ops = { &first, &requests },
	.setup = setup,
};
