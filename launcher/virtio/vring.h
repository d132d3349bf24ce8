/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Virtio's rings in guest memory, as legacy devices lay them out: what
 * vring.c offers to the devices, whatever transport told where a ring is.
 */
#ifndef VRING_H
#define VRING_H

#include "guest_memory.h"
#include "iov.h"

#define VRING_MAX		256	/* entries; a power of two */
#define VRING_PIECES_MAX	VRING_MAX
#define VRING_BYTES_MAX		0x7fffffffu /* of a chain: what one system call moves */

#define VRING_DESC_NEXT		1
#define VRING_DESC_WRITE	2	/* the device writes it */
#define VRING_DESC_INDIRECT	4
#define VRING_NO_INTERRUPT	1	/* avail.flags */
#define VRING_NO_NOTIFY		1	/* used.flags */

struct vring_desc {
	__u64 addr;
	__u32 len;
	__u16 flags;
	__u16 next;
};

struct vring {
	const struct memory *mem;
	__u32 addr;		/* guest-physical; a whole page's */
	__u16 num;
	__u16 seen;		/* so much of avail has been taken */
	__u16 used;		/* so much of used has been given */
	__u16 followers;	/* that are written behind it already */
	bool indirect;		/* the guest may use indirect tables */
	bool indices;		/* each side says from which chain on it wants to hear */
	__u16 told;		/* so much of used when that was looked at last */
};

/* Guest-physical addresses of its parts. */
struct vring_place {
	__u32 desc, avail, used;
};

/* What a guest offered: pieces to read first, then pieces to write. */
struct vring_chain {
	__u16 head;
	int out, in;
	struct iovec iov[VRING_PIECES_MAX];
};

enum vring_state {
	VRING_EMPTY,
	VRING_GOOD,
	VRING_BAD,		/* the guest broke a rule */
};

__u32 vring_bytes(unsigned int num);
void vring_init(struct vring *ring, const struct memory *mem, __u32 addr, __u16 num);
struct vring_place vring_place(const struct vring *ring);
void vring_reset(struct vring *ring);
enum vring_state vring_pop(struct vring *ring, struct vring_chain *chain);
void vring_unpop(struct vring *ring);
void vring_follow(struct vring *ring, __u16 head, __u32 len);
void vring_push(struct vring *ring, __u16 head, __u32 len);
__u16 vring_offered(const struct vring *ring);
bool vring_empty(const struct vring *ring);
bool vring_interrupts(struct vring *ring);
void vring_notify(const struct vring *ring, bool wanted, __u16 few);

#endif /* VRING_H */
