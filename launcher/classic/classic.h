/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The devices of the classic ABI: what classic.c, its drivers and dma.c know of each other.
 */
#ifndef CLASSIC_H
#define CLASSIC_H

#include "guest_memory.h"
#include "iov.h"
#include "transport.h"

/* classic.c */
extern const struct transport classic_transport;

struct classic_device;

enum classic_input {
	INPUT_IDLE,		/* nothing to give */
	INPUT_STALLED,		/* the guest has no free buffer */
};

struct classic_driver {
	__u16 type;
	__u16 pages;
	bool (*setup)(struct classic_device *dev, struct lguest_device_desc *desc);
	void (*output)(struct classic_device *dev, const struct lguest_dma_notice *notice);
	enum classic_input (*input)(struct classic_device *dev);
	int (*input_fd)(const struct classic_device *dev); /* to watch; -1: none */
};

struct classic_device {
	const struct classic_driver *driver;
	struct model *model;
	const struct memory *mem;
	unsigned int slot;
	__u32 page;		/* guest-physical; 0 if it has none */
	bool stalled;
	bool progress;		/* it got some input just now */
	bool warned;		/* of what its guest does wrong */
};

/* A free buffer of the guest, between classic_get_buffer() and _put_buffer(). */
struct classic_buffer {
	__u32 addr;
	__u32 irq;
	struct iovec iov[LGUEST_MAX_DMA_SECTIONS];
	int nr;
};

bool __must_check classic_attach(const struct era *era, struct memory *mem, struct model *model);
bool classic_serve(const void *reply);
void classic_input(bool all);
void classic_close(void);

/* classic_buffer.c: their guest's lists of memory */
void classic_blame(struct classic_device *dev, const char *what);
int classic_sent(struct classic_device *dev, __u32 addr,
		 struct iovec iov[LGUEST_MAX_DMA_SECTIONS]);
bool classic_get_buffer(struct classic_device *dev, __u32 key,
			struct classic_buffer *buf);
void classic_put_buffer(struct classic_device *dev,
			const struct classic_buffer *buf, __u32 used);

extern const struct classic_driver classic_console_driver;
extern const struct classic_driver classic_block_driver;
extern const struct classic_driver classic_tap_driver;
extern const struct classic_driver classic_share_driver;

/* dma.c: the classic scatter-gather list */
int dma_fetch(const struct memory *mem, __u32 addr, struct lguest_dma *dma);
int dma_sections(const struct memory *mem, const struct lguest_dma *dma,
		 struct iovec iov[LGUEST_MAX_DMA_SECTIONS]);
void dma_set_used(const struct memory *mem, __u32 addr, __u32 used);

#endif /* CLASSIC_H */
