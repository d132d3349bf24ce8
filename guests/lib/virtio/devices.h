/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Virtio devices, for guest.h: what the later eras have instead of 2.6.23's.  The
 * first half is for all kinds of devices, the second a kind each.  Buffers are in
 * the linear map, where neighbours are physical neighbours.
 */
#ifndef GUEST_DEVICES_H
#define GUEST_DEVICES_H

#include <linux/virtio_ids.h>
#include <linux/virtio_ring.h>

#include "page.h"

/* virtio.c: finding a device and coming to terms with it */
struct vdev {
	volatile u8 *desc;	/* on the device page */
	u32 queues;		/* that were asked for already */
	u32 features;		/* both sides have them */
};

/* When the launcher is told of the status; which of them depends on the era. */
#define NOTICE_RESET	1	/* when it was reset */
#define NOTICE_STATUS	2	/* at every other change */
#define NOTICE_FEATURES	4	/* when features are settled */

bool vdev_start(struct vdev *dev, u8 type, u32 nth, u32 wanted);
void vdev_ready(struct vdev *dev);
void vdev_stop(struct vdev *dev);
volatile u8 *device_page(void);

/* page.c of page/ or fields/: the two forms of a descriptor */
bool vdev_find(struct vdev *dev, u8 type, u32 nth);
volatile u8 *vdev_status(const struct vdev *dev);
u32 vdev_offered(const struct vdev *dev);
void vdev_accept(struct vdev *dev, u32 features);
bool vdev_next_queue(struct vdev *dev, struct lguest_vqconfig *config);
bool vdev_config(const struct vdev *dev, u32 what, void *to, u32 len);

/* ring.c: a queue of buffers */
struct piece {
	const volatile void *at;
	u32 len;
};

#define PIECES_MAX	16	/* of one buffer */

struct vq {
	u32 addr, num, irq;
	bool indirect;
	struct vring vring;
	void **token;			/* by the buffer's first descriptor */
	struct vring_desc *table;	/* PIECES_MAX for each of these */
	u32 free, nr_free;		/* descriptors */
	u16 seen;			/* of what was used */
	void (*done)(struct vq *vq);	/* from the interrupt */
	void *owner;
	u32 nr_kicks, nr_irqs;
};

bool vq_open(struct vdev *dev, struct vq *vq, void (*done)(struct vq *vq),
	     void *owner);
bool vq_add(struct vq *vq, const struct piece *pieces, u32 out, u32 in,
	    void *token);
void vq_kick(struct vq *vq);
void *vq_get(struct vq *vq, u32 *len);
bool vq_waits(const struct vq *vq);
void vq_want_irqs(struct vq *vq, bool on);

/* console.c: how it went */
u32 console_looks(void);
u32 console_lost(void);

/* block.c: disks */
struct disk_request {
	struct block_header header;
	volatile u8 status;
	volatile bool busy;
};

struct disk {
	struct vdev dev;
	struct vq queue;
	struct disk_request request;	/* disk_start()'s */
	u32 sectors, segments;
	void (*done)(struct disk *disk);	/* called from the interrupt */
};

#define DISK_READ	0
#define DISK_WRITE	1
#define DISK_FLUSH	4
#define DISK_BARRIER	0x80000000

bool disk_open(struct disk *disk, u32 nth);
bool disk_submit(struct disk *disk, struct disk_request *request, u32 type,
		 u32 sector, const struct piece *data, u32 count);
void disk_collect(struct disk *disk);
void disk_wait(const struct disk_request *request);
bool disk_can_flush(const struct disk *disk);
u32 disk_sectors(const struct disk *disk);
void disk_start(struct disk *disk, bool write, u32 sector, void *buf, u32 len);
bool disk_busy(const struct disk *disk);
bool disk_good(const struct disk *disk);
bool disk_rw(struct disk *disk, bool write, u32 sector, void *buf, u32 len);

/* net.c: a network */
#define NET_BUFFERS	8
#define NET_FRAME	1514
#define NET_LARGE_FRAME	(65536 + 14)	/* that the other side cuts, or joins */

/* What is still to be done of a frame; as in virtio_net.h. */
struct net_header {
	u8 flags, type;
	u16 heads, segment, checksum_from, checksum_at;
	u16 buffers;		/* that hold the frame, where they may be several */
};

#define NET_CHECKSUM	1		/* in flags: over all from there */
#define NET_TCP		1		/* type: TCP over IPv4, in such segments */

struct net {
	struct vdev dev;
	struct vq in, out;
	u8 mac[6];
	u32 header;			/* bytes of it */
	bool merged;			/* frames come in several pages */
	bool deaf;			/* there were frames too early */
	u32 frame;			/* the longest */
	void *spare[NET_BUFFERS];	/* those to send that are free */
	u32 nr_spare;
};

bool net_open(struct net *net, u32 nth);
bool net_open_offloaded(struct net *net, u32 nth);
bool net_open_merged(struct net *net, u32 nth);
void net_close(struct net *net);
bool net_send(struct net *net, const void *frame, u32 len);
bool net_send_headed(struct net *net, const struct net_header *header,
		     const void *frame, u32 len);
u32 net_receive(struct net *net, void *frame, u32 size);
u32 net_receive_headed(struct net *net, struct net_header *header, void *frame,
		       u32 size);

/* rng.c: random numbers */
struct rng {
	struct vdev dev;
	struct vq queue;
};

bool rng_open(struct rng *rng);
u32 rng_read(struct rng *rng, void *to, u32 len);

/* p9.c: directories of the host's */
struct p9 {
	struct vdev dev;
	struct vq queue;
	char tag[33];
};

struct p9_request {
	volatile bool busy;
	u32 got;
};

bool p9_open(struct p9 *p9, u32 nth);
bool p9_submit(struct p9 *p9, struct p9_request *request, const struct piece *pieces,
	       u32 out, u32 in);
void p9_wait(const struct p9_request *request);

#endif /* GUEST_DEVICES_H */
