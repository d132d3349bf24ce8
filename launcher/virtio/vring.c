// SPDX-License-Identifier: GPL-2.0
/*
 * Virtio's rings.  A ring is guest memory, and the guest may write any of it at
 * any time: every word is fetched once, checked, and used from the copy; how
 * far the launcher has got is kept where the guest cannot reach it.  Nothing
 * here knows devices, transports or releases, and nothing does input or output.
 *
 *	descriptors	num * 16 bytes
 *	avail		flags, idx, num heads, used_event
 *	used		on the next page: flags, idx, num * {head, length}, avail_event
 *
 * Who is to hear of something says so by flags; or, if that was agreed on
 * (VIRTIO_RING_F_EVENT_IDX), by the index of the element that it wants to hear of:
 * the guest of what is used by used_event, the launcher of what is offered by
 * avail_event.  One that has been passed stays as it is: nothing more is wanted.
 */
#include <stdatomic.h>
#include <string.h>

#include "guest_memory.h"
#include "vring.h"

#define AVAIL_FLAGS	0
#define AVAIL_IDX	2
#define AVAIL_RING	4
#define USED_FLAGS	0
#define USED_IDX	2
#define USED_RING	4
#define USED_ELEMENT	8	/* bytes: u32 head, u32 length */

static __u32 page_up(__u32 bytes)
{
	return (bytes + LGUEST_VRING_ALIGN - 1) & ~(LGUEST_VRING_ALIGN - 1);
}

static __u32 avail_at(const struct vring *ring)
{
	return ring->addr + ring->num * sizeof(struct vring_desc);
}

static __u32 used_offset(unsigned int num)
{
	return page_up(num * sizeof(struct vring_desc) + sizeof(__u16) * (3 + num));
}

static __u32 used_at(const struct vring *ring)
{
	return ring->addr + used_offset(ring->num);
}

/**
 * vring_bytes - the memory of a ring
 * @num: entries
 *
 * In whole pages.
 */
__u32 vring_bytes(unsigned int num)
{
	return used_offset(num) + page_up(3 * sizeof(__u16) + num * USED_ELEMENT);
}

/**
 * vring_init - say where a ring is
 * @ring: the ring
 * @mem: the memory that the guest may name in it
 * @addr: guest-physical; vring_bytes() from there on are memory
 * @num: entries, a power of two, at most VRING_MAX
 */
void vring_init(struct vring *ring, const struct memory *mem, __u32 addr, __u16 num)
{
	*ring = (struct vring){ .mem = mem, .addr = addr, .num = num };
}

/**
 * vring_place - where the parts of a ring are, for who else serves it
 * @ring: the ring
 */
struct vring_place vring_place(const struct vring *ring)
{
	return (struct vring_place){ ring->addr, avail_at(ring), used_at(ring) };
}

/**
 * vring_reset - forget all, as a device that is reset does
 * @ring: the ring
 */
void vring_reset(struct vring *ring)
{
	memset(memory_at(ring->mem, ring->addr), 0, vring_bytes(ring->num));
	ring->seen = 0;
	ring->used = 0;
	ring->followers = 0;
	ring->indirect = false;
	ring->indices = false;
	ring->told = 0;
}

static __u16 load(const struct vring *ring, __u32 addr)
{
	const _Atomic __u16 *word = memory_at(ring->mem, addr);

	return atomic_load_explicit(word, memory_order_acquire);
}

static void store(const struct vring *ring, __u32 addr, __u16 value)
{
	_Atomic __u16 *word = memory_at(ring->mem, addr);

	atomic_store_explicit(word, value, memory_order_release);
}

/* A table of descriptors: the ring's own, or an indirect one. */
struct table {
	__u32 addr;
	__u32 nr;
};

static struct vring_desc fetch(const struct vring *ring, const struct table *table,
			       __u32 index)
{
	struct vring_desc desc;

	memcpy(&desc, memory_at(ring->mem, table->addr + index * sizeof(desc)), sizeof(desc));
	/* The compiler must not look at guest memory again. */
	atomic_signal_fence(memory_order_seq_cst);
	return desc;
}

static bool in_memory(const struct vring *ring, const struct vring_desc *desc)
{
	return desc->addr <= UINT32_MAX && memory_has(ring->mem, desc->addr, desc->len);
}

/* An indirect table is a chain's only descriptor, and has no tables in it. */
static bool open_table(const struct vring *ring, const struct vring_desc *desc,
		       struct table *table)
{
	if (!ring->indirect || desc->flags & VRING_DESC_NEXT)
		return false;
	if (!desc->len || desc->len % sizeof(*desc) || !in_memory(ring, desc))
		return false;
	table->addr = desc->addr;
	table->nr = desc->len / sizeof(*desc);
	return true;
}

static bool add_piece(const struct vring *ring, const struct vring_desc *desc,
		      struct vring_chain *chain, __u32 *bytes)
{
	int nr = chain->out + chain->in;

	/* A chain with a loop ends here, before anything is stored. */
	if (nr == VRING_PIECES_MAX || !in_memory(ring, desc))
		return false;
	if (desc->len > VRING_BYTES_MAX - *bytes)
		return false;
	if (chain->in && !(desc->flags & VRING_DESC_WRITE))
		return false;		/* to be read, after some to be written */
	if (desc->flags & VRING_DESC_WRITE)
		chain->in++;
	else
		chain->out++;
	*bytes += desc->len;
	chain->iov[nr].iov_base = memory_at(ring->mem, desc->addr);
	chain->iov[nr].iov_len = desc->len;
	return true;
}

static bool collect(const struct vring *ring, struct vring_chain *chain)
{
	struct table table = { ring->addr, ring->num };
	struct vring_desc desc = fetch(ring, &table, chain->head);
	__u32 bytes = 0;

	chain->out = 0;
	chain->in = 0;
	if (desc.flags & VRING_DESC_INDIRECT) {
		if (!open_table(ring, &desc, &table))
			return false;
		desc = fetch(ring, &table, 0);
	}
	for (;;) {
		if (desc.flags & VRING_DESC_INDIRECT || !add_piece(ring, &desc, chain, &bytes))
			return false;
		if (!(desc.flags & VRING_DESC_NEXT))
			return true;
		if (desc.next >= table.nr)
			return false;
		desc = fetch(ring, &table, desc.next);
	}
}

/**
 * vring_offered - how many chains wait to be taken?
 * @ring: the ring
 *
 * More than its entries, if the guest says so.
 */
__u16 vring_offered(const struct vring *ring)
{
	return load(ring, avail_at(ring) + AVAIL_IDX) - ring->seen;
}

/**
 * vring_pop - take the next chain that the guest offers
 * @ring: the ring
 * @chain: filled in if there is one: all of it is in guest memory
 *
 * After VRING_BAD the ring is of no use until it is reset.
 */
enum vring_state vring_pop(struct vring *ring, struct vring_chain *chain)
{
	__u32 avail = avail_at(ring);
	__u16 offered = vring_offered(ring);

	if (!offered)
		return VRING_EMPTY;
	if (offered > ring->num)
		return VRING_BAD;
	chain->head = load(ring, avail + AVAIL_RING +
				 ring->seen % ring->num * sizeof(__u16));
	if (chain->head >= ring->num || !collect(ring, chain))
		return VRING_BAD;
	ring->seen++;
	return VRING_GOOD;
}

/**
 * vring_unpop - leave the chain that was taken last, and its followers, for later
 * @ring: the ring
 */
void vring_unpop(struct vring *ring)
{
	ring->seen -= 1 + ring->followers;
	ring->followers = 0;
}

/* The guest does not look at it yet. */
static void write_used(const struct vring *ring, __u16 at, __u16 head, __u32 len)
{
	const __u32 element[2] = { head, len };

	memcpy(memory_at(ring->mem, used_at(ring) + USED_RING + at % ring->num * USED_ELEMENT),
	       element, sizeof(element));
}

/**
 * vring_follow - give a chain back behind the one that is pushed next, and with it
 * @ring: the ring
 * @head: as vring_pop() told
 * @len: so many bytes were written to the chain
 */
void vring_follow(struct vring *ring, __u16 head, __u32 len)
{
	write_used(ring, ring->used + ++ring->followers, head, len);
}

/**
 * vring_push - give a chain back
 * @ring: the ring
 * @head: as vring_pop() told
 * @len: so many bytes were written to the chain
 */
void vring_push(struct vring *ring, __u16 head, __u32 len)
{
	write_used(ring, ring->used, head, len);
	ring->used += 1 + ring->followers;
	ring->followers = 0;
	store(ring, used_at(ring) + USED_IDX, ring->used);
}

/**
 * vring_empty - has all been taken?
 * @ring: the ring
 */
bool vring_empty(const struct vring *ring)
{
	return !vring_offered(ring);
}

static __u32 used_event_at(const struct vring *ring)
{
	return avail_at(ring) + AVAIL_RING + ring->num * sizeof(__u16);
}

static __u32 avail_event_at(const struct vring *ring)
{
	return used_at(ring) + USED_RING + ring->num * USED_ELEMENT;
}

/* Is the element @event among those from @before on, up to @now?  All wrap around. */
static bool among(__u16 event, __u16 before, __u16 now)
{
	return (__u16)(event - before) < (__u16)(now - before);
}

/**
 * vring_interrupts - does the guest want to hear of what was pushed?
 * @ring: the ring
 *
 * The guest first asks to be told and then looks; this looks at what it asked
 * after the push can be seen.  Ask once for what was pushed since the last time, which
 * must be less than 65536 chains.
 */
bool vring_interrupts(struct vring *ring)
{
	const __u16 before = ring->told;

	ring->told = ring->used;
	atomic_thread_fence(memory_order_seq_cst);
	if (ring->indices)
		return among(load(ring, used_event_at(ring)), before, ring->used);
	return !(load(ring, avail_at(ring) + AVAIL_FLAGS) & VRING_NO_INTERRUPT);
}

/**
 * vring_notify - ask the guest to tell what it offers
 * @ring: the ring
 * @wanted: or not to
 * @few: so many chains that wait to be taken are not worth it
 *
 * The guest may have offered something just before: look again after this.
 */
void vring_notify(const struct vring *ring, bool wanted, __u16 few)
{
	if (!ring->indices)
		store(ring, used_at(ring) + USED_FLAGS, wanted ? 0 : VRING_NO_NOTIFY);
	else if (wanted)
		store(ring, avail_event_at(ring), ring->seen + few);
	atomic_thread_fence(memory_order_seq_cst);
}
