/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Virtio devices: what virtio.c, its queues, its drivers and the layouts of the
 * device page know of each other.  Their numbers are Linux'.
 */
#ifndef VIRTIO_H
#define VIRTIO_H

#include <stdatomic.h>
#include <linux/virtio_9p.h>
#include <linux/virtio_balloon.h>
#include <linux/virtio_blk.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_net.h>

#include "device_option.h"
#include "era.h"
#include "vring.h"
#include "worker.h"

/* linux/virtio_ring.h has a struct vring of its own. */
#define VIRTIO_F_INDIRECT	28
#define VIRTIO_F_EVENT_IDX	29

#define BIT(n)			(1u << (n))

/* Checksums and large packets, from the guest and to it. */
#define VIRTIO_NET_OFFLOADS \
	(BIT(VIRTIO_NET_F_CSUM) | BIT(VIRTIO_NET_F_GUEST_CSUM) | \
	 BIT(VIRTIO_NET_F_GUEST_TSO4) | BIT(VIRTIO_NET_F_GUEST_TSO6) | \
	 BIT(VIRTIO_NET_F_GUEST_ECN) | BIT(VIRTIO_NET_F_HOST_TSO4) | \
	 BIT(VIRTIO_NET_F_HOST_TSO6) | BIT(VIRTIO_NET_F_HOST_ECN))

#define VIRTIO_QUEUES_MAX	4	/* of a device */
#define VIRTIO_CONFIG_MAX	60
#define VIRTIO_DEVICES_MAX	CONFIG_DEVICES_MAX

struct virtio_device;

/* What handle() returns for a chain that is not used yet. */
#define VIRTIO_LATER	(-1)		/* hand it over again */
#define VIRTIO_KEPT	(-2)		/* collect() will return it */
#define VIRTIO_FEW	(-3)		/* once there are more chains than now */

/*
 * A ring that another process serves.  The guest's notifications go to its kick, without
 * the launcher if the host has eventfds; and it tells that chains are used by its call,
 * which ops->fd() is, for the process's end is an event there, too.
 */
struct virtio_remote {
	int (*kick)(struct model *model, unsigned int i);
	/* Has it told?  Reads that. */
	bool (*called)(struct model *model, unsigned int i);
	void (*run)(struct model *model, unsigned int i, bool on);
	/* The ring is zero again. */
	void (*rewind)(struct model *model, unsigned int i);
};

/* What a driver does with the chains of one of its queues. */
struct virtio_queue_ops {
	/*
	 * Only for queues of input and of answers: what to wait for (-1: nothing
	 * now), with or without a free chain; and is there any for the guest?
	 */
	int (*fd)(struct model *model, bool starved);
	bool (*ready)(struct model *model);
	/* Bytes written to the chain, or one of the above. */
	ssize_t (*handle)(struct virtio_device *dev, struct vring_chain *chain);
	/* Only where chains are kept: one that is done, or -1; and forget them all. */
	ssize_t (*collect)(struct model *model, __u16 *head);
	void (*forget)(struct model *model);
	/* Only where another process serves the ring: how it is told, and tells. */
	const struct virtio_remote *remote;
	/* Chains of output may be taken some together, a little later. */
	bool patient;
	/* The guest does nothing but look whether they are taken. */
	bool awaited;
};

/* How the calls of a guest are made fewer: see virtio_batch.c. */
struct virtio_batch {
	bool prepared;
	bool waiting;		/* for the timer; the guest does not tell */
	int timer;
	unsigned int calls;	/* in quick succession */
	unsigned int enough;	/* more than these make it wait */
	__u64 first, last;	/* when they came */
	unsigned int wait_us;
	__u16 before;		/* ring.used when the wait began */
};

/* What of a driver that is slow was seen: see virtio_early.c. */
struct virtio_early {
	bool over;
	unsigned int looks;
	__u64 rests;		/* of the guest, before the first look */
};

struct virtio_queue {
	struct virtio_device *dev;
	const struct virtio_queue_ops *ops;
	struct vring ring;
	__u32 irq;
	unsigned int slot;	/* of the waker */
	bool broken;
	bool warned;
	bool news;		/* pushed, not yet told */
	__u16 few;		/* so many chains are not enough */
	bool registered;	/* its eventfd, with the host */
	struct worker worker;
	struct virtio_batch batch;
	struct virtio_early early;
	struct vring_chain chain; /* the one at work: too large for a stack */
};

/* A part of the configuration that was a field of its own in 2.6.24. */
struct virtio_field {
	__u8 type, offset, len;
};

#define VIRTIO_FIELDS_MAX	3

struct virtio_driver {
	__u8 type;
	unsigned int queues;
	const struct virtio_queue_ops *ops[VIRTIO_QUEUES_MAX];
	/* Says what the device offers, and fills in its config. */
	bool (*setup)(struct virtio_device *dev);
	/* The guest has accepted features, and starts; may be NULL. */
	void (*start)(struct virtio_device *dev);
	/* Something else than the guest may have to do with the device; may be NULL. */
	void (*attend)(struct virtio_device *dev);
	struct virtio_field fields[VIRTIO_FIELDS_MAX];	/* ends with type 0 */
};

struct virtio_device {
	const struct virtio_driver *driver;
	const struct era *era;
	struct model *model;
	const struct memory *mem;
	unsigned int nr;
	__u32 desc;		/* guest-physical address of its descriptor */
	__u32 offered, accepted;
	__u8 config[VIRTIO_CONFIG_MAX];
	unsigned int config_len;
	bool running;
	bool warned;
	atomic_bool heard;	/* since its reset, if its driver is slow */
	struct virtio_queue queue[VIRTIO_QUEUES_MAX];
};

/* virtio_page.c, virtio_fields.c: how the guest is told of devices */
struct virtio_layout {
	__u32 (*bytes)(const struct virtio_device *dev);
	/* Offset of the configuration in the descriptor; NULL if it never changes. */
	__u32 (*config)(const struct virtio_device *dev);
	void (*write)(const struct virtio_device *dev, __u8 *to);
	__u8 (*status)(const __u8 *desc, const struct virtio_device *dev);
	__u32 (*accepted)(const __u8 *desc, const struct virtio_device *dev);
	void (*forget)(__u8 *desc, const struct virtio_device *dev);
};

extern const struct virtio_layout virtio_page_layout;
extern const struct virtio_layout virtio_fields_layout;

/* virtio.c */
extern const struct transport virtio_transport;
bool __must_check virtio_attach(const struct era *era, struct memory *mem, struct model *model);
bool virtio_serve(const void *reply);
void virtio_input(bool all);
void virtio_hold(bool on);
void virtio_close(void);

/* virtio_device.c */
void virtio_blame(struct virtio_device *dev, bool *warned, const char *what);
bool virtio_accepted(const struct virtio_device *dev, unsigned int bit);
void virtio_set_config(struct virtio_device *dev, unsigned int at, const void *from,
		       unsigned int len);
void virtio_change_config(struct virtio_device *dev, unsigned int at, const void *from,
			  unsigned int len);

/* virtio_queue.c */
void virtio_queue_start(struct virtio_queue *queue);
void virtio_queue_stop(struct virtio_queue *queue);
void virtio_queue_finish(struct virtio_queue *queue);
void virtio_queue_reset(struct virtio_queue *queue);
void virtio_queue_kick(struct virtio_queue *queue);
void virtio_queue_input(struct virtio_queue *queue);
void virtio_queue_watch(struct virtio_queue *queue);
bool virtio_queue_more(struct virtio_queue *queue);

/* virtio_batch.c */
bool __must_check virtio_batch_prepare(struct virtio_queue *queue);
void virtio_batch_called(struct virtio_queue *queue);
bool virtio_batch_looked(struct virtio_queue *queue);
void virtio_batch_reset(struct virtio_queue *queue);
void virtio_batch_close(struct virtio_queue *queue);

/* virtio_early.c */
#define VIRTIO_EARLY_MS		20

bool virtio_early(struct virtio_queue *queue);
void virtio_early_heard(struct virtio_device *dev);
void virtio_early_reset(struct virtio_device *dev);

extern const struct virtio_driver virtio_console_driver;
extern const struct virtio_driver virtio_block_driver;
extern const struct virtio_driver virtio_net_driver;
extern const struct virtio_driver virtio_rng_driver;
extern const struct virtio_driver virtio_9p_driver;
extern const struct virtio_driver virtio_balloon_driver;
extern const struct virtio_driver virtio_port_driver;
extern const struct virtio_driver virtio_fs_driver;

#endif /* VIRTIO_H */
