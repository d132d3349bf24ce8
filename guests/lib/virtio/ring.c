// SPDX-License-Identifier: GPL-2.0
/*
 * Queues: buffers go to the device as chains of descriptors, first those that it
 * reads, then those that it writes, and come back in its own order.  Both sides
 * may ask not to be disturbed: we by a flag that it should not interrupt, the
 * device by one that we need not tell of new buffers.
 */
#include "guest.h"

#define PENDING_MAX	(PAGE_SIZE / sizeof(void *))

static struct vq *vq_of_irq[LGUEST_IRQS];

/* Not even the CPU may look at what follows before others see what we wrote. */
static void full_barrier(void)
{
	asm volatile("lock addl $0, (%%esp)" : : : "memory", "cc");
}

static void vq_irq(u32 irq, struct trap_frame *frame __unused)
{
	struct vq *vq = vq_of_irq[irq];

	vq->nr_irqs++;
	vq->done(vq);
}

static void chain_free(struct vq *vq)
{
	u32 i;

	for (i = 0; i < vq->num; i++)
		vq->vring.desc[i].next = i + 1;
	vq->free = 0;
	vq->nr_free = vq->num;
}

static bool make_room(struct vq *vq)
{
	u32 size = vq->num * PIECES_MAX * sizeof(*vq->table);

	vq->token = page_alloc();
	if (vq->indirect)
		vq->table = page_alloc_run((size + PAGE_SIZE - 1) / PAGE_SIZE);
	return vq->token && (vq->table || !vq->indirect);
}

/**
 * vq_open - set up the next queue of a device
 * @dev: between vdev_start() and vdev_ready()
 * @vq: the queue
 * @done: called when the device has used a buffer; NULL: we look ourselves
 * @owner: for @done
 *
 * Return: false if the device has no such queue, or there is no memory.
 */
bool vq_open(struct vdev *dev, struct vq *vq, void (*done)(struct vq *vq),
	     void *owner)
{
	struct lguest_vqconfig config;
	u32 size;

	if (!vdev_next_queue(dev, &config))
		return false;
	*vq = (struct vq){
		.addr = config.pfn << PAGE_SHIFT, .num = config.num,
		.irq = config.irq, .done = done, .owner = owner,
		.indirect = dev->features >> VIRTIO_RING_F_INDIRECT_DESC & 1,
	};
	if (!vq->num || vq->num > PENDING_MAX || vq->irq >= LGUEST_IRQS)
		panic("a queue of %u entries, irq %u", vq->num, vq->irq);
	size = vring_size(vq->num, LGUEST_VRING_ALIGN);
	vring_init(&vq->vring, vq->num,
		   io_map(vq->addr, (size + PAGE_SIZE - 1) / PAGE_SIZE),
		   LGUEST_VRING_ALIGN);
	if (!make_room(vq))
		return false;
	chain_free(vq);
	vq_want_irqs(vq, done);
	if (done) {
		vq_of_irq[vq->irq] = vq;
		set_irq_handler(vq->irq, vq_irq);
	}
	return true;
}

static void describe(struct vring_desc *desc, const struct piece *piece, u16 flags)
{
	desc->addr = phys(piece->at);
	desc->len = piece->len;
	desc->flags = flags;
}

static u16 piece_flags(u32 i, u32 out, u32 all)
{
	return (i >= out ? VRING_DESC_F_WRITE : 0) |
	       (i + 1 < all ? VRING_DESC_F_NEXT : 0);
}

/* All in a table of its own, which takes one descriptor. */
static void add_indirect(struct vq *vq, const struct piece *pieces, u32 out, u32 all)
{
	struct vring_desc *table = vq->table + vq->free * PIECES_MAX;
	struct vring_desc *desc = &vq->vring.desc[vq->free];
	struct piece whole = { table, all * sizeof(*table) };
	u32 i;

	for (i = 0; i < all; i++) {
		describe(&table[i], &pieces[i], piece_flags(i, out, all));
		table[i].next = i + 1;
	}
	describe(desc, &whole, VRING_DESC_F_INDIRECT);
	vq->free = desc->next;
	vq->nr_free--;
}

static void add_chain(struct vq *vq, const struct piece *pieces, u32 out, u32 all)
{
	u32 i;

	for (i = 0; i < all; i++) {
		struct vring_desc *desc = &vq->vring.desc[vq->free];

		describe(desc, &pieces[i], piece_flags(i, out, all));
		vq->free = desc->next;
	}
	vq->nr_free -= all;
}

/**
 * vq_add - give the device a buffer
 * @vq: the queue
 * @pieces: what it consists of
 * @out: so many of them are read by the device
 * @in: and so many, after these, written
 * @token: what vq_get() returns when it was used; not NULL
 *
 * The device need not see it before vq_kick().
 *
 * Return: false if there is no room.
 */
bool vq_add(struct vq *vq, const struct piece *pieces, u32 out, u32 in,
	    void *token)
{
	bool indirect = vq->indirect && out + in > 1 && out + in <= PIECES_MAX;
	u32 flags = irq_save(), head = vq->free;
	volatile u16 *idx = &vq->vring.avail->idx;
	bool room = vq->nr_free >= (indirect ? 1 : out + in);

	if (room) {
		if (indirect)
			add_indirect(vq, pieces, out, out + in);
		else
			add_chain(vq, pieces, out, out + in);
		vq->token[head] = token;
		vq->vring.avail->ring[*idx % vq->num] = head;
		barrier();
		++*idx;
	}
	irq_restore(flags);
	return room;
}

/* Tells the device that there is something for it, unless it looks anyway. */
void vq_kick(struct vq *vq)
{
	volatile u16 *flags = &vq->vring.used->flags;

	full_barrier();
	if (*flags & VRING_USED_F_NO_NOTIFY)
		return;
	vq->nr_kicks++;
	hcall(LHCALL_NOTIFY, vq->addr, 0, 0);
}

static void descriptors_back(struct vq *vq, u32 head)
{
	struct vring_desc *desc = vq->vring.desc;
	u32 last = head, n = 1;

	for (; desc[last].flags & VRING_DESC_F_NEXT; last = desc[last].next)
		n++;
	desc[last].next = vq->free;
	vq->free = head;
	vq->nr_free += n;
}

/**
 * vq_get - take back a buffer that was used
 * @vq: the queue
 * @len: set to the number of bytes that the device wrote; may be NULL
 *
 * Return: the buffer's token; NULL if none was used.
 */
void *vq_get(struct vq *vq, u32 *len)
{
	volatile u16 *idx = &vq->vring.used->idx;
	u32 flags = irq_save();
	void *token = NULL;

	if (vq->seen != *idx) {
		struct vring_used_elem *used =
			&vq->vring.used->ring[vq->seen % vq->num];

		barrier();
		if (used->id >= vq->num || !vq->token[used->id])
			panic("the device used buffer %u, which it does not have",
			      used->id);
		token = vq->token[used->id];
		vq->token[used->id] = NULL;
		if (len)
			*len = used->len;
		descriptors_back(vq, used->id);
		vq->seen++;
	}
	irq_restore(flags);
	return token;
}

/* Has the device used one that was not taken back yet? */
bool vq_waits(const struct vq *vq)
{
	return *(volatile u16 *)&vq->vring.used->idx != vq->seen;
}

/* A wish: an interrupt may come all the same.  Look once more after "on". */
void vq_want_irqs(struct vq *vq, bool on)
{
	vq->vring.avail->flags = on ? 0 : VRING_AVAIL_F_NO_INTERRUPT;
	full_barrier();
}
