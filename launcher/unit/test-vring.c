// SPDX-License-Identifier: GPL-2.0
/*
 * Rings: a guest that keeps the rules, then every way of breaking one, then
 * random rings.  Guest memory is exactly as long as it should be, so that the
 * sanitizer sees any step out of it.
 */
#include <stdlib.h>

#include "base.h"
#include "guest_memory.h"
#include "tap.h"
#include "vring.h"

#define RAM		(8 * PAGE_BYTES)
#define RING		(4 * PAGE_BYTES)
#define NUM		128
#define DATA		0x100
#define TABLE		0x1000		/* of indirect descriptors */

static struct memory mem = { .ram = RAM, .limit = RAM };
static struct vring ring;
static struct vring_chain chain;

static struct vring_desc *descs(void)
{
	return (struct vring_desc *)(mem.base + RING);
}

static __u16 *avail(void)
{
	return (__u16 *)(mem.base + RING + NUM * 16);
}

static __u16 *used(void)
{
	return (__u16 *)(mem.base + RING + PAGE_BYTES);
}

static void fresh(void)
{
	memset(mem.base, 0, RAM);
	vring_init(&ring, &mem, RING, NUM);
	vring_reset(&ring);
}

static void set(struct vring_desc *desc, __u64 addr, __u32 len, __u16 flags, __u16 next)
{
	*desc = (struct vring_desc){ addr, len, flags, next };
}

static void offer(__u16 head)
{
	__u16 idx = avail()[1];

	avail()[2 + idx % NUM] = head;
	avail()[1] = idx + 1;
}

static enum vring_state pop(__u16 head)
{
	offer(head);
	return vring_pop(&ring, &chain);
}

static void test_sizes(void)
{
	is_number(sizeof(struct vring_desc), 16, "size of a descriptor");
	is_number(vring_bytes(128), 2 * PAGE_BYTES, "a ring of 128 has two pages");
	is_number(vring_bytes(256), 3 * PAGE_BYTES, "a ring of 256 has three");
}

static void test_good(void)
{
	fresh();
	is_number(vring_pop(&ring, &chain), VRING_EMPTY, "a new ring is empty");
	ok(vring_empty(&ring), "it says so");
	set(&descs()[5], DATA, 16, VRING_DESC_NEXT, 7);
	set(&descs()[7], DATA + 16, 0, VRING_DESC_NEXT, 9);
	set(&descs()[9], DATA + 0x100, 512, VRING_DESC_NEXT | VRING_DESC_WRITE, 11);
	set(&descs()[11], RAM - 1, 1, VRING_DESC_WRITE, 5);
	offer(5);
	ok(!vring_empty(&ring), "a chain is offered");
	is_number(vring_pop(&ring, &chain), VRING_GOOD, "a chain of four, up to the end of memory");
	ok(chain.head == 5 && chain.out == 2 && chain.in == 2, "two to read, two to write");
	ok(chain.iov[0].iov_base == mem.base + DATA && chain.iov[0].iov_len == 16 &&
	   chain.iov[3].iov_base == mem.base + RAM - 1 && chain.iov[3].iov_len == 1,
	   "which are where they should be");
	ok(vring_empty(&ring), "there is no more");
	vring_unpop(&ring);
	is_number(vring_pop(&ring, &chain), VRING_GOOD, "what was put back comes again");
	vring_push(&ring, chain.head, 513);
	ok(used()[1] == 1 && used()[2] == 5 && used()[4] == 513, "and is given back");
}

/* More than the 16 bits of every counter. */
static void test_many(void)
{
	unsigned int i;

	fresh();
	for (i = 0; i < 70000; i++) {
		__u16 head = i * 7 % NUM;

		set(&descs()[head], DATA, i % 999, 0, 0);
		if (pop(head) != VRING_GOOD || chain.head != head ||
		    chain.iov[0].iov_len != i % 999)
			break;
		vring_push(&ring, head, i);
		if (used()[1] != (__u16)(i + 1) || used()[2 + i % NUM * 4] != head)
			break;
	}
	is_number(i, 70000, "70000 chains, in order");
}

static void test_flags(void)
{
	fresh();
	ok(vring_interrupts(&ring), "a guest wants interrupts");
	avail()[0] = VRING_NO_INTERRUPT;
	ok(!vring_interrupts(&ring), "or not");
	vring_notify(&ring, false, 0);
	is_number(used()[0], VRING_NO_NOTIFY, "no notifications");
	vring_notify(&ring, true, 0);
	is_number(used()[0], 0, "notifications");
	vring_reset(&ring);
	ok(!avail()[0] && !used()[1] && !ring.seen && !ring.used, "a reset clears all");
}

static __u16 *used_event(void)
{
	return &avail()[2 + NUM];
}

static __u16 *avail_event(void)
{
	return &used()[2 + NUM * 4];
}

static void fresh_indices(void)
{
	fresh();
	ring.indices = true;
}

static bool push_some(unsigned int n)
{
	while (n--)
		vring_push(&ring, 0, 0);
	return vring_interrupts(&ring);
}

static void test_used_event(void)
{
	fresh_indices();
	ok(push_some(1), "a guest wants to hear of the first chain");
	ok(!push_some(1) && !push_some(5), "and of no more");
	*used_event() = 9;
	ok(!push_some(2) && push_some(1) && !push_some(1), "or of the tenth");
	*used_event() = 13;
	ok(push_some(9), "or of one among several");
	*used_event() = 11;
	ok(!push_some(3), "of one that it has seen it hears no more");
	*used_event() = ring.used;
	ok(!vring_interrupts(&ring), "nor of what was not used yet");
	avail()[0] = VRING_NO_INTERRUPT;
	ok(push_some(1), "its flags mean nothing");
	vring_follow(&ring, 0, 0);
	vring_follow(&ring, 0, 0);
	*used_event() = ring.used + 2;
	ok(push_some(1), "it hears of one that goes back behind another");
	vring_reset(&ring);
	ok(!ring.indices && push_some(1) && push_some(1), "a reset ends that");
	fresh_indices();
	push_some(1);
	vring_reset(&ring);
	ring.indices = true;
	ok(push_some(1), "or lets it begin anew");
}

/* Against what is counted, step by step; indices wrap around, and the guest says anything. */
static void test_any_event(void)
{
	unsigned int i, n, heard = 0;

	fresh_indices();
	for (i = 0; i < 100000; i++) {
		const __u16 event = ring.used + tap_random() % 12 - 4;
		bool expected = false;

		*used_event() = i % 4 ? event : tap_random();
		for (n = tap_random() % 8; n; n--) {
			expected |= ring.used == *used_event();
			vring_push(&ring, 0, 0);
		}
		if (vring_interrupts(&ring) != expected)
			break;
		heard += expected;
	}
	ok(i == 100000 && heard > 20000, "it hears of what it asks for, and of nothing else");
}

static void test_avail_event(void)
{
	fresh_indices();
	vring_notify(&ring, false, 0);
	ok(!used()[0] && !*avail_event(), "who wants no notifications says nothing");
	pop(0);
	pop(0);
	vring_notify(&ring, true, 0);
	ok(*avail_event() == 2 && !used()[0], "the launcher wants to hear of the next chain");
	pop(0);
	vring_notify(&ring, false, 0);
	is_number(*avail_event(), 2, "and of no other when it does not");
	vring_notify(&ring, true, 1);
	is_number(*avail_event(), 4, "or of the second");
	ring.seen = 0xffff;
	vring_notify(&ring, true, 3);
	is_number(*avail_event(), 2, "which may have wrapped around");
}

/* What a guest has there that has not agreed on it. */
static void test_no_events(void)
{
	fresh();
	*used_event() = 1000;
	ok(push_some(1) && push_some(1), "a guest without indices wants all interrupts");
	ring.seen = 5;
	vring_notify(&ring, true, 0);
	is_number(*avail_event(), 0, "and is not asked by one");
}

#define BAD(change, name) do {					\
	fresh();						\
	ring.indirect = true;					\
	set(&descs()[0], DATA, 16, VRING_DESC_NEXT, 1);		\
	set(&descs()[1], DATA, 16, VRING_DESC_WRITE, 0);	\
	change;							\
	is_number(pop(0), VRING_BAD, name);			\
} while (0)

static void link_all(void)
{
	unsigned int i;

	for (i = 0; i < NUM; i++)
		set(&descs()[i], DATA, 1, VRING_DESC_NEXT, (i + 1) % NUM);
}

static void test_bad(void)
{
	BAD(avail()[1] = NUM, "more is offered than there can be");
	BAD(avail()[1] = 0xfffe, "the guest's counter goes back");
	BAD(descs()[1].addr = RAM, "a piece beyond memory");
	BAD(descs()[1].addr = RAM - 15, "a piece that ends beyond memory");
	BAD(descs()[1].addr = 0xfffffff8, "a piece that wraps around");
	BAD(descs()[1].addr = 0x100000000ull, "a piece above 4 GiB");
	BAD(descs()[1].len = 0xffffffff, "a piece of 4 GiB");
	BAD(descs()[0].next = NUM, "a chain that leaves the table");
	BAD(descs()[0].next = 0xffff, "a chain that leaves it far");
	BAD(descs()[0].next = 0, "a chain of one descriptor that is its own next");
	BAD(descs()[1].flags |= VRING_DESC_NEXT; descs()[1].next = 1, "a loop at the end");
	BAD(descs()[1].flags |= VRING_DESC_NEXT; descs()[1].next = 0,
	    "something to read after something to write");
	BAD(link_all(), "a loop of all");
	BAD(descs()[1].flags |= VRING_DESC_INDIRECT, "an indirect table in a chain");
	fresh();
	is_number(pop(NUM), VRING_BAD, "a head that is none");
	fresh();
	is_number(pop(0xffff), VRING_BAD, "a head that is far from being one");
}

static struct vring_desc *table(void)
{
	return (struct vring_desc *)(mem.base + TABLE);
}

#define INDIRECT(change, expected, name) do {				\
	fresh();							\
	ring.indirect = true;						\
	set(&descs()[2], TABLE, 3 * 16, VRING_DESC_INDIRECT, 0);	\
	set(&table()[0], DATA, 16, VRING_DESC_NEXT, 2);			\
	set(&table()[2], DATA, 32, VRING_DESC_WRITE, 0);		\
	change;								\
	is_number(pop(2), expected, name);				\
} while (0)

static void test_indirect(void)
{
	INDIRECT(, VRING_GOOD, "an indirect table");
	ok(chain.head == 2 && chain.out == 1 && chain.in == 1 && chain.iov[1].iov_len == 32,
	   "it has two pieces");
	INDIRECT(ring.indirect = false, VRING_BAD, "an indirect table that was not agreed on");
	INDIRECT(descs()[2].flags |= VRING_DESC_NEXT, VRING_BAD, "an indirect table with a next");
	INDIRECT(descs()[2].len = 0, VRING_BAD, "an empty table");
	INDIRECT(descs()[2].len = 47, VRING_BAD, "a broken table");
	INDIRECT(descs()[2].len = 32, VRING_BAD, "a chain that leaves its table");
	INDIRECT(descs()[2].addr = RAM - 47, VRING_BAD, "a table that ends beyond memory");
	INDIRECT(descs()[2].len = 0xfffffff0, VRING_BAD, "a table of 4 GiB");
	INDIRECT(table()[0].flags = VRING_DESC_INDIRECT, VRING_BAD, "a table in a table");
	INDIRECT(table()[0].next = 0, VRING_BAD, "a loop in a table");
}

/* The longest chain there may be, and one more. */
static void test_longest(void)
{
	unsigned int i;

	fresh();
	ring.indirect = true;
	set(&descs()[0], TABLE, (VRING_PIECES_MAX + 1) * 16, VRING_DESC_INDIRECT, 0);
	for (i = 0; i <= VRING_PIECES_MAX; i++)
		set(&table()[i], DATA, 1, VRING_DESC_NEXT, i + 1);
	table()[VRING_PIECES_MAX - 1].flags = 0;
	is_number(pop(0), VRING_GOOD, "the longest chain");
	is_number(chain.out, VRING_PIECES_MAX, "its length");
	table()[VRING_PIECES_MAX - 1].flags = VRING_DESC_NEXT;
	table()[VRING_PIECES_MAX].flags = 0;
	is_number(pop(0), VRING_BAD, "one more");
}

/* A list may not say more bytes than a system call can move. */
static void test_sum(void)
{
	static struct memory large = { .ram = 0x7ff00000, .limit = 0x7ff00000 };
	unsigned int i;

	fresh();
	large.base = mem.base;
	ring.mem = &large;
	for (i = 0; i < 4; i++)
		set(&descs()[i], 0, 0x40000000, i < 3 ? VRING_DESC_NEXT : 0, i + 1);
	is_number(pop(0), VRING_BAD, "a chain of 4 GiB in all");
	set(&descs()[1], 0, 0x3fffffff, 0, 0);
	ring.seen = avail()[1];
	is_number(pop(0), VRING_GOOD, "a chain of 2 GiB - 1");
}

static bool inside(const struct iovec *iov)
{
	size_t at = (char *)iov->iov_base - mem.base;

	return at <= RAM && iov->iov_len <= RAM - at;
}

static void test_random(void)
{
	unsigned int i, j, good = 0, bad = 0;
	int k;

	for (i = 0; i < 20000; i++) {
		fresh();
		ring.indirect = i & 1;
		for (j = 0; j < 8; j++) {
			struct vring_desc *desc = tap_random() & 1 ? descs() : table();

			set(&desc[j], tap_random() % (RAM + 64), tap_random() % 600,
			    tap_random() % 8 & ~(i & 4), tap_random() % 9);
		}
		descs()[0].addr = TABLE;
		if (pop(tap_random() % 8) != VRING_GOOD) {
			bad++;
			continue;
		}
		good++;
		for (k = 0; k < chain.out + chain.in; k++) {
			if (!inside(&chain.iov[k]))
				break;
		}
		if (k != chain.out + chain.in)
			break;
	}
	ok(i == 20000 && good > 100 && bad > 100, "20000 random rings");
	printf("# %u good, %u bad\n", good, bad);
}

int main(void)
{
	mem.base = aligned_alloc(PAGE_BYTES, RAM);
	if (!mem.base)
		return 1;
	test_sizes();
	test_good();
	test_many();
	test_flags();
	test_used_event();
	test_any_event();
	test_avail_event();
	test_no_events();
	test_bad();
	test_indirect();
	test_longest();
	test_sum();
	test_random();
	free(mem.base);
	return tap_done();
}
