/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For the tests of virtio devices: a host of the test's making, and a guest that
 * finds and uses devices as those of each release do.  Its memory is exactly as long
 * as it should be, so that the sanitizer sees any step out of it.
 */
#ifndef LAUNCHER_UNIT_GUEST_H
#define LAUNCHER_UNIT_GUEST_H

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "device.h"
#include "tap.h"
#include "virtio.h"
#include "wrap.h"

#ifndef RAM
#define RAM		(16 * PAGE_BYTES)
#endif
#define DEVICE_BYTES	(20 * PAGE_BYTES)
#define DATA		0x2000

static struct memory mem;
static const struct era *era;
static atomic_uint irqs[LGUEST_IRQS];
static struct { __u32 addr; int fd; } events[LGUEST_IRQS];
static unsigned int nr_events;

void __wrap_host_irq(__u32 irq)
{
	atomic_fetch_add(&irqs[irq % LGUEST_IRQS], 1);
}

void __wrap_host_eventfd(__u32 addr, int event)
{
	events[nr_events].addr = addr;
	events[nr_events++].fd = event;
}

/* How often the guest had nothing to do, and how often somebody wanted to know. */
static atomic_uint rests, rests_asked;

__u64 __wrap_host_rests(void)
{
	atomic_fetch_add(&rests_asked, 1);
	return atomic_load(&rests);
}

/* What a guest knows of a device. */
struct found {
	__u8 type;
	__u32 desc;
	__u8 *status, *offered, *accepted, *config;
	unsigned int nr_queues, config_len;
	struct lguest_vqconfig queue[VIRTIO_QUEUES_MAX];
	__u16 idx[VIRTIO_QUEUES_MAX];
	bool indices;		/* it has accepted VIRTIO_F_EVENT_IDX */
};

static inline __u8 *at(__u32 addr)
{
	return (__u8 *)mem.base + addr;
}

static inline __u32 find_paged(__u32 addr, struct found *found)
{
	struct lguest_vdevice_desc *desc = (void *)at(addr);

	found->type = desc->type;
	found->status = &desc->status;
	found->nr_queues = desc->num_vq;
	memcpy(found->queue, desc->config, desc->num_vq * sizeof(found->queue[0]));
	found->offered = desc->config + desc->num_vq * sizeof(found->queue[0]);
	found->accepted = found->offered + desc->feature_len;
	found->config = found->accepted + desc->feature_len;
	found->config_len = desc->config_len;
	return addr + sizeof(*desc) + desc->num_vq * 8 + 2 * desc->feature_len +
	       desc->config_len;
}

/* Returns a field's data, and marks it as a guest does. */
static inline __u8 *find_field(struct lguest_fdevice_desc *desc, __u8 type, __u8 len)
{
	unsigned int i;

	for (i = 0; i < desc->config_len; i += 2 + desc->config[i + 1]) {
		if (desc->config[i] != type)
			continue;
		desc->config[i] |= LGUEST_FIELD_USED;
		return desc->config[i + 1] == len ? &desc->config[i + 2] : NULL;
	}
	return NULL;
}

static inline __u32 find_listed(__u32 addr, struct found *found)
{
	struct lguest_fdevice_desc *desc = (void *)at(addr);
	__u8 *field;

	found->type = desc->type;
	found->status = &desc->status;
	for (found->nr_queues = 0;
	     found->nr_queues < 2 && (field = find_field(desc, LGUEST_FIELD_VQ, 8));
	     found->nr_queues++)
		memcpy(&found->queue[found->nr_queues], field, 8);
	found->config = find_field(desc, 0x41, 8);
	return addr + sizeof(*desc) + desc->config_len;
}

static inline void attach(const char *name, const char *spec)
{
	need(virtio_attach(era, &mem, make_device(name, spec)));
}

static inline bool listed(void)
{
	return era->layout == &virtio_fields_layout;
}

static inline void make_guest(__u32 release)
{
	era = era_of(release);
	mem = (struct memory){ .ram = RAM, .limit = RAM + PAGE_BYTES };
	mem.base = aligned_alloc(PAGE_BYTES, RAM + DEVICE_BYTES);
	if (!mem.base)
		exit(1);
	memset(mem.base, 0, RAM + DEVICE_BYTES);
	memset(irqs, 0, sizeof(irqs));
	nr_events = 0;
}

static inline void end_guest(void)
{
	virtio_close();
	free(mem.base);
}

/* May a guest of this release have such a device?  If not, failure_reason() says why. */
static inline bool can_have(__u32 release, const char *name, const char *spec)
{
	bool can;

	make_guest(release);
	can = virtio_attach(era, &mem, make_device(name, spec));
	end_guest();
	return can;
}

static inline __u16 *avail(const struct found *dev, int queue)
{
	return (__u16 *)at(dev->queue[queue].pfn * PAGE_BYTES + dev->queue[queue].num * 16);
}

static inline __u16 *used(const struct found *dev, int queue)
{
	return (__u16 *)at(dev->queue[queue].pfn * PAGE_BYTES +
			   (dev->queue[queue].num == 128 ? 1 : 2) * PAGE_BYTES);
}

/* From which chain on the guest wants to hear that it was used. */
static inline __u16 *used_event(const struct found *dev, int queue)
{
	return &avail(dev, queue)[2 + dev->queue[queue].num];
}

/* From which chain on the launcher wants to hear that it is offered. */
static inline __u16 *avail_event(const struct found *dev, int queue)
{
	return &used(dev, queue)[2 + dev->queue[queue].num * 4];
}

static inline struct vring_desc *descs(const struct found *dev, int queue)
{
	return (struct vring_desc *)at(dev->queue[queue].pfn * PAGE_BYTES);
}

static inline void notify(__u32 addr)
{
	unsigned int i;

	for (i = 0; i < nr_events; i++) {
		const __u64 one = 1;

		if (events[i].addr == addr && write(events[i].fd, &one, sizeof(one)) > 0)
			return;
	}
	virtio_serve(&addr);
}

/*
 * The guest orders its accesses as its drivers do, so that all that a sanitizer
 * of threads still finds is the launcher's.
 */
static inline __u16 look(const __u16 *word)
{
	return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}

static inline void show(__u16 *word, __u16 value)
{
	__atomic_store_n(word, value, __ATOMIC_SEQ_CST);
}

/* Until so much has been used; a thread may be at work. */
static inline bool wait_used(const struct found *dev, int queue, __u16 expected)
{
	const struct timespec step = { 0, 1000000 };
	unsigned int i;

	for (i = 0; i < 20000; i++) {
		if (look(&used(dev, queue)[1]) == expected)
			return true;
		nanosleep(&step, NULL);
	}
	return false;
}

static inline bool wait_irqs(unsigned int irq, unsigned int expected)
{
	const struct timespec step = { 0, 1000000 };
	unsigned int i;

	for (i = 0; i < 20000 && atomic_load(&irqs[irq]) < expected; i++)
		nanosleep(&step, NULL);
	return atomic_load(&irqs[irq]) >= expected;
}

/* Does the launcher want to hear of the chain that was offered last? */
static inline bool must_tell(const struct found *dev, int queue)
{
	if (dev->indices)
		return look(avail_event(dev, queue)) == (__u16)(dev->idx[queue] - 1);
	return !(look(&used(dev, queue)[0]) & VRING_NO_NOTIFY);
}

static unsigned int nr_told;

static inline void offer(struct found *dev, int queue, __u16 head)
{
	avail(dev, queue)[2 + dev->idx[queue]++ % dev->queue[queue].num] = head;
	show(&avail(dev, queue)[1], dev->idx[queue]);
	if (!must_tell(dev, queue))
		return;
	nr_told++;
	notify(dev->queue[queue].pfn * PAGE_BYTES);
}

static inline void set(struct vring_desc *desc, __u32 addr, __u32 len, __u16 flags, __u16 next)
{
	*desc = (struct vring_desc){ addr, len, flags, next };
}

static inline void driver_ok(struct found *dev, __u32 features)
{
	if (!listed())
		memcpy(dev->accepted, &features, sizeof(features));
	dev->indices = features >> VIRTIO_F_EVENT_IDX & 1;
	*dev->status = 3;
	if (era->start_status)
		virtio_serve(&dev->desc);
	*dev->status = 7;
	if (era->start_status == VIRTIO_CONFIG_S_DRIVER_OK)
		virtio_serve(&dev->desc);
}

#endif /* LAUNCHER_UNIT_GUEST_H */
