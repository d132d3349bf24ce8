// SPDX-License-Identifier: GPL-2.0
/*
 * ring: calls left in the ring run in order, once each, before the call that
 * traps, and whenever else the guest stops.  Mappings are what we watch them
 * by: each slot announces a page for an address, and entries that are marked
 * as used are mapped by the call alone, our tables say nothing of them.  A
 * broken host would lose its place after 64, run a slot twice or out of order,
 * forget the waiting call when something for the launcher comes in between, or
 * never mark a slot as free.
 */
#include "raw.h"
#include "tap.h"

#define AREA		0x20000000	/* one table: 1024 pages */
#define NR_PAGES	80
#define PTE_USED	(PTE_P | PTE_RW | PTE_A | PTE_D)
#define SIZE		LHCALL_RING_SIZE

static u32 cursor;		/* where the host goes on */
static u32 *pages[NR_PAGES];

/*
 * The library has used the ring before; from here on it must not.  The host
 * looks at one slot only, so the one that changes is where it stands.
 */
static void find_cursor(void)
{
	u32 i;

	for (i = 0; i < SIZE; i++) {
		lguest_data.hcalls[i].call = LHCALL_FLUSH_ASYNC;
		barrier();
		lguest_data.hcall_status[i] = LHCALL_RING_READY;
		hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
		barrier();
		if (lguest_data.hcall_status[i] == LHCALL_RING_FREE)
			break;
		lguest_data.hcall_status[i] = LHCALL_RING_FREE;
	}
	ok(i < SIZE, "a slot that is not the next one is not run");
	cursor = (i + 1) % SIZE;
}

/* Fills a slot without making it ready. */
static void fill(u32 slot, u32 call, u32 arg1, u32 arg2, u32 arg3)
{
	struct lguest_ring_entry *entry = &lguest_data.hcalls[slot % SIZE];

	entry->call = call;
	entry->arg1 = arg1;
	entry->arg2 = arg2;
	entry->arg3 = arg3;
	barrier();
}

static void ready(u32 slot, u8 status)
{
	barrier();
	*(volatile u8 *)&lguest_data.hcall_status[slot % SIZE] = status;
}

static void add(u32 call, u32 arg1, u32 arg2, u32 arg3)
{
	fill(cursor, call, arg1, arg2, arg3);
	ready(cursor, LHCALL_RING_READY);
	cursor = (cursor + 1) % SIZE;
}

static void add_mapping(u32 at, u32 page)
{
	add(LHCALL_SET_PTE, phys(kernel_pgdir), AREA + at * PAGE_SIZE,
	    phys(pages[page]) | PTE_USED);
}

static void sync(void)
{
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
}

static u32 slots_not_free(void)
{
	u32 i, n = 0;

	barrier();
	for (i = 0; i < SIZE; i++)
		n += lguest_data.hcall_status[i] != LHCALL_RING_FREE;
	return n;
}

/* Which of the pages is there?  ~0 if none. */
static void peek(void *arg)
{
	u32 *at = arg;

	*at = *(volatile u32 *)*at;
}

static u32 page_at(u32 at)
{
	struct fault fault;
	u32 value = AREA + at * PAGE_SIZE;

	return catch_fault(peek, &value, &fault) ? ~0U : value;
}

static void forget_all(void)
{
	hcall(LHCALL_FLUSH_TLB, 0, 0, 0);
	/* The first fault in 2 MB gives them a table in the shadow. */
	*pte_find(kernel_pgdir, AREA + 511 * PAGE_SIZE, true) =
		phys(pages[0]) | PTE_P;
	page_at(511);
}

static void full_ring(void)
{
	u32 tries, i, bad = 0;

	forget_all();
	/* An interrupt of the host's may come in between and empty it. */
	for (tries = 0; tries < 1000 && slots_not_free() < SIZE; tries++) {
		sync();
		for (i = 0; i < SIZE; i++)
			add_mapping(i, i);
	}
	ok(tries < 1000, "the ring can be filled");
	sync();
	is(slots_not_free(), 0, "one call empties it");
	for (i = 0; i < SIZE; i++)
		bad += page_at(i) != i;
	is(bad, 0, "all 64 calls were made");
}

static void order(void)
{
	u32 i;

	forget_all();
	for (i = 0; i < SIZE; i++)
		add_mapping(7, i);
	sync();
	is(page_at(7), SIZE - 1, "the last call of the ring comes last");
	for (i = 0; i < SIZE; i++)
		add_mapping(7, i);
	hcall(LHCALL_SET_PTE, phys(kernel_pgdir), AREA + 7 * PAGE_SIZE,
	      phys(pages[70]) | PTE_USED);
	is(page_at(7), 70, "the call that traps comes after the ring");
}

/* Every length from every position: 64 and then some thousand slots. */
static void wrap_around(void)
{
	u32 round, i, n, bad = 0;

	forget_all();
	for (round = 0; round < 400; round++) {
		n = round * 7 % (SIZE + 1);
		for (i = 0; i < n; i++)
			add_mapping(i, (i + round) % NR_PAGES);
		if (round & 1)
			sync();
		else
			hcall(LHCALL_SET_PTE, phys(kernel_pgdir),
			      AREA + 70 * PAGE_SIZE,
			      phys(pages[round % NR_PAGES]) | PTE_USED);
		if (slots_not_free())
			bad++;
		for (i = 0; i < n; i++)
			bad += *(u32 *)(AREA + i * PAGE_SIZE) !=
			       (i + round) % NR_PAGES;
		if (!(round & 1))
			bad += *(u32 *)(AREA + 70 * PAGE_SIZE) !=
			       round % NR_PAGES;
	}
	is(bad, 0, "400 rounds of 0 to 64 calls");
}

/* The host runs what is ready up to the first free slot. */
static void gaps(void)
{
	forget_all();
	fill(cursor + 1, LHCALL_SET_PTE, phys(kernel_pgdir), AREA,
	     phys(pages[9]) | PTE_USED);
	ready(cursor + 1, LHCALL_RING_READY);
	sync();
	is(page_at(0), ~0U, "a ready slot behind a free one waits");
	is(slots_not_free(), 1, "and is still ready");
	add_mapping(0, 8);
	sync();
	is(page_at(0), 9, "both run when the gap is closed");
	is(slots_not_free(), 0, "and are free");
	cursor = (cursor + 1) % SIZE;
}

static void status_values(void)
{
	static const u8 values[] = { 0, 1, 0x7f, 0x80, 0xfe };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(values); i++) {
		forget_all();
		fill(cursor, LHCALL_SET_PTE, phys(kernel_pgdir), AREA,
		     phys(pages[20 + i]) | PTE_USED);
		ready(cursor, values[i]);
		cursor = (cursor + 1) % SIZE;
		sync();
		is(page_at(0), 20 + i, "status 0x%x means ready", values[i]);
	}
}

/* Not only calls: any stop of the guest makes the host look. */
static void other_exits(void)
{
	u32 dummy;

	forget_all();
	add_mapping(0, 30);
	asm volatile("inb $0x80, %b0" : "=a" (dummy));
	is(slots_not_free(), 0, "an IN instruction runs the ring");
	is(page_at(0), 30, "with effect");
	add_mapping(1, 31);
	/* The fault is reflected first, and the ring run on the way back. */
	is(page_at(1), ~0U, "a page fault is not held up by the ring");
	is(slots_not_free(), 0, "but runs it");
	is(page_at(1), 31, "with effect");
}

/* Text for the console in the ring: each stops the host until it is out. */
static void messages(void)
{
	static struct lguest_dma dma[4];
	static char text[4][40];
	u32 i, bad = 0, result;

	forget_all();
	for (i = 0; i < 4; i++) {
		size_t n = snprintf(text[i], sizeof(text[i]),
				    "# message %u from the ring\n", i);

		dma_single(&dma[i], text[i], n);
		add_mapping(i, i + 40);
		add_mapping(50, i + 40);
		add(LHCALL_SEND_DMA, LGUEST_CONSOLE_DMA_KEY, phys(&dma[i]), 0);
		add_mapping(51, i + 60);
	}
	result = hcall(LHCALL_SET_PTE, phys(kernel_pgdir), AREA + 51 * PAGE_SIZE,
		       phys(pages[79]) | PTE_USED);
	is(result, LHCALL_SET_PTE, "eax comes back as it was");
	for (i = 0; i < 4; i++) {
		bad += dma[i].used_len != strlen(text[i]);
		bad += page_at(i) != i + 40;
	}
	is(bad, 0, "four messages in the ring are sent, and what is between them done");
	is(page_at(50), 43, "in order");
	is(page_at(51), 79, "the call that trapped still comes last");
	is(slots_not_free(), 0, "and all slots are free");
}

/* The trapping call may itself be for the launcher. */
static void message_as_call(void)
{
	static struct lguest_dma dma[2];
	static char text[2][20] = { "# one\n", "# two\n" };
	u32 i;

	forget_all();
	for (i = 0; i < 2; i++)
		dma_single(&dma[i], text[i], 6);
	add(LHCALL_SEND_DMA, LGUEST_CONSOLE_DMA_KEY, phys(&dma[0]), 0);
	add_mapping(3, 33);
	send_dma(LGUEST_CONSOLE_DMA_KEY, &dma[1]);
	ok(dma[0].used_len == 6 && dma[1].used_len == 6,
	   "a message in the ring and one by call");
	is(page_at(3), 33, "with a call between them");
}

/* What a call in the ring returns is lost, and disturbs nobody's register. */
static void results_are_lost(void)
{
	static struct lguest_dma buffer[1];
	static char room[64];
	u32 key = phys(pages[0]), result;

	dma_single(buffer, room, sizeof(room));
	add(LHCALL_BIND_DMA, key, phys(buffer), 1 << 8 | 5);
	result = hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
	is(result, LHCALL_FLUSH_ASYNC, "a result of the ring does not reach eax");
	result = hcall(LHCALL_BIND_DMA, key, phys(buffer), 0);
	is(result, 1, "but the binding was made: it can be undone");
	result = hcall(LHCALL_BIND_DMA, key, phys(buffer), 0);
	is(result, 0, "once");
}

int main(void)
{
	u32 i;

	paging_init();
	for (i = 0; i < NR_PAGES; i++) {
		pages[i] = page_alloc();
		*pages[i] = i;
	}
	forget_all();
	find_cursor();
	full_ring();
	order();
	wrap_around();
	gaps();
	status_values();
	other_exits();
	messages();
	message_as_call();
	results_are_lost();
	full_ring();
	done();
}
