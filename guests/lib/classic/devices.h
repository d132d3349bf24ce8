/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The devices of 2.6.23, for guest.h: all data moves by DMA.
 */
#ifndef GUEST_DEVICES_H
#define GUEST_DEVICES_H

/* dma.c: scatter lists to and from the launcher and other guests */
void dma_single(struct lguest_dma *dma, const volatile void *buf, u32 len);
bool bind_dma(u32 key, struct lguest_dma *dmas, u32 count, u32 irq);
void unbind_dma(u32 key, struct lguest_dma *dmas);
void send_dma(u32 key, struct lguest_dma *dma);

/* devices.c: who is on the device page */
struct lguest_device_desc *device_find(u16 type, u32 nth, u32 *irq);
void *device_map(struct lguest_device_desc *desc);

/* block.c: disks */
struct disk {
	struct lguest_block_page *page;
	struct lguest_dma dma;
	u32 key;
	void (*done)(struct disk *disk);	/* called from the interrupt */
};

bool disk_open(struct disk *disk, u32 nth);
u32 disk_sectors(const struct disk *disk);
void disk_start(struct disk *disk, bool write, u32 sector, void *buf, u32 len);
bool disk_busy(const struct disk *disk);
bool disk_good(const struct disk *disk);
bool disk_rw(struct disk *disk, bool write, u32 sector, void *buf, u32 len);

/* net.c: a shared network */
#define NET_BUFFERS	8
#define NET_FRAME	1514

struct net {
	struct lguest_net *peers;
	u32 key, slot, slots;
	struct lguest_dma dma[NET_BUFFERS];
	u8 *buffer[NET_BUFFERS];
	u32 next;
};

bool net_open(struct net *net, u32 nth);
void net_close(struct net *net);
bool net_send(struct net *net, const void *frame, u32 len);
u32 net_receive(struct net *net, void *frame, u32 size);

#endif /* GUEST_DEVICES_H */
