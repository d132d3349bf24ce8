// SPDX-License-Identifier: GPL-2.0
/*
 * Every way for a guest to die that a hypercall offers, with the reason that
 * its launcher reads, word for word.  deaths_paging.c has those by page tables
 * and traps.
 */
#include "mini/mini.h"

#define LIMIT	(MINI_PFN_LIMIT * PAGE)

static u32 arg1, arg2, arg3, the_call;

static void guest_calls(void)
{
	hcall(the_call, arg1, arg2, arg3);
}

static void reset(void (*main)(void))
{
	mini_reset(main);
	mini.no_traps = true;	/* saves 65 hypercalls */
}

/* What does this call lead to?  If it is survived: "CRASH: done". */
static const char *call(u32 nr, u32 a1, u32 a2, u32 a3)
{
	reset(guest_calls);
	the_call = nr;
	arg1 = a1;
	arg2 = a2;
	arg3 = a3;
	return mini_run_again();
}

static void bad_hypercall_numbers(void)
{
	static const u32 bad[] = {
		17, 18, 19, 20, 31, 64, 255, 256, 0x80000000, 0xffffffff
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		expect_formatted(call(bad[i], 0, 0, 0), "bad hypercall %u", bad[i]);
	/* gone since the structure has a time */
	expect_reason(call(LHCALL_GET_WALLCLOCK, 0, 0, 0), "bad hypercall 11");
}

static void guest_ring_call(void)
{
	hcall_later(0, the_call, arg1, arg2, arg3);
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
}

static void bad_hypercall_in_ring(void)
{
	reset(guest_ring_call);
	the_call = 99;
	expect_reason(mini_run_again(), "bad hypercall 99");
	reset(guest_ring_call);
	the_call = LHCALL_LGUEST_INIT;
	arg1 = (u32)&mini.data;
	expect_reason(mini_run_again(), "already initialised");
}

static void before_init(void)
{
	u32 nr;

	for (nr = 0; nr < 32; nr++) {
		if (nr == LHCALL_LGUEST_INIT)
			continue;
		reset(guest_calls);
		mini.no_init = true;
		the_call = nr;
		expect_formatted(mini_run_again(), "hypercall %u before LGUEST_INIT", nr);
	}
	reset(guest_calls);
	mini.no_init = true;
	the_call = 0xffffffff;
	expect_reason(mini_run_again(), "hypercall 4294967295 before LGUEST_INIT");
}

static void second_init(void)
{
	expect_reason(call(LHCALL_LGUEST_INIT, (u32)&mini.data, 0, 0), "already initialised");
	expect_reason(call(LHCALL_LGUEST_INIT, 0, 0, 0), "already initialised");
}

static const char *init_at(u32 where)
{
	reset(guest_calls);
	mini.no_init = true;
	the_call = LHCALL_LGUEST_INIT;
	arg1 = where;
	return mini_run_again();
}

static void bad_shared_structure(void)
{
	static const u32 bad[] = {
		LIMIT - 1, LIMIT - 100, LIMIT - 1127, LIMIT, LIMIT + 1,
		0xffc00000, -1128, -1127, -100, -12, -8, -1
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		expect_prefix(init_at(bad[i]), "bad ");
	/* in range, but there is no memory */
	expect_prefix(init_at(0x60000000), "bad ");
}

/* Map two pages at the very end of what the guest has. */
static void *last_pages(u32 limit)
{
	void *p = mmap((void *)(limit - 2 * PAGE), 2 * PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	expect(p == (void *)(limit - 2 * PAGE), "mmap: %m");
	return p;
}

static void shared_structure_at_limit(void)
{
	u32 limit = ABOVE_HEAP;
	struct lguest_data *data;
	int off;

	last_pages(limit);
	for (off = -8; off <= 8; off++) {
		reset(guest_calls);
		mini.no_init = true;
		mini.pfn_limit = limit / PAGE;
		data = (void *)(limit - sizeof(*data) + off);
		memset((void *)(limit - 2 * PAGE), LHCALL_RING_FREE, 2 * PAGE);
		memset(&data->time, 0, sizeof(data->time));
		the_call = LHCALL_LGUEST_INIT;
		arg1 = (u32)data;
		if (off <= 0)
			expect_prefix(mini_run_again(), "CRASH: done");
		else
			expect_prefix(mini_run_again(), "bad ");
	}
}

static void crash_messages(void)
{
	char *text = (char *)mini.scratch[0], want[200];
	size_t len;

	for (len = 0; len < 200; len++) {
		reset(guest_calls);
		memset(text, 'x', len);
		snprintf(want, sizeof(want), "CRASH: %.*s", (int)(len > 127 ? 127 : len), text);
		the_call = LHCALL_CRASH;
		arg1 = (u32)text;
		expect_reason(mini_run_again(), want);
	}
	reset(guest_calls);
	strcpy(text, "100%s %n %x");
	the_call = LHCALL_CRASH;
	arg1 = (u32)text;
	expect_reason(mini_run_again(), "CRASH: 100%s %n %x");
}

static void crash_at_limit(void)
{
	u32 limit = ABOVE_HEAP, at;

	memset(last_pages(limit), 0, 2 * PAGE);
	strcpy((char *)limit - 128, "the last words");
	reset(guest_calls);
	mini.pfn_limit = limit / PAGE;
	the_call = LHCALL_CRASH;
	arg1 = limit - 128;
	expect_reason(mini_run_again(), "CRASH: the last words");
	for (at = limit - 127; at != limit + 2; at++) {
		reset(guest_calls);
		mini.pfn_limit = limit / PAGE;
		the_call = LHCALL_CRASH;
		arg1 = at;
		expect_formatted(mini_run_again(), "bad read address %#x len 128", at);
	}
	expect_reason(call(LHCALL_CRASH, -1, 0, 0), "bad read address 0xffffffff len 128");
	expect_reason(call(LHCALL_CRASH, -128, 0, 0), "bad read address 0xffffff80 len 128");
	expect_reason(call(LHCALL_CRASH, -100, 0, 0), "bad read address 0xffffff9c len 128");
}

/* A message that crosses into a page that is not there. */
static void crash_at_hole(void)
{
	char *p = mini_shared(2 * PAGE);

	munmap(p + PAGE, PAGE);
	strcpy(p + PAGE - 10, "abc");
	expect_formatted(call(LHCALL_CRASH, (u32)p + PAGE - 10, 0, 0),
			 "bad read address %#x len 128", (u32)p + PAGE - 10);
}

static void guest_gdt(void)
{
	hcall2(LHCALL_LOAD_GDT, mini.gdt, arg2);
}

static const char *load_gdt(u32 index, u32 low, u32 high)
{
	static const u32 keep[] = { KERNEL_CODE, KERNEL_DATA };
	u32 i;

	reset(guest_gdt);
	for (i = 0; i < 2; i++) {
		mini.gdt[KERNEL_CS / 8 + i][0] = FLAT_LOW;
		mini.gdt[KERNEL_CS / 8 + i][1] = keep[i];
	}
	mini.gdt[index][0] = low;
	mini.gdt[index][1] = high;
	arg2 = GDT_ENTRIES;
	return mini_run_again();
}

static bool hosts(u32 index)
{
	return index == 10 || index == 11 || index == 16 || index == 31;
}

static void bad_gdt_entries(void)
{
	static const u32 bad[] = {
		0x00008200, 0x00008900, 0x00008b00, 0x0000ec00, 0x0000e500,
		0x0000ee00, 0x0000ef00, 0x00eff300, 0x0020fb00, 0xff008000
	};
	u32 i, index;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		for (index = 0; index < GDT_ENTRIES; index++) {
			if (hosts(index))
				expect_reason(load_gdt(index, 0x1234, bad[i]), "CRASH: done");
			else
				expect_formatted(load_gdt(index, 0x1234, bad[i]),
						 "bad GDT entry %u: %#x:%#x", index, bad[i],
						 0x1234);
		}
	}
}

static void bad_gdt_counts(void)
{
	static const u32 bad[] = {
		33, 34, 256, 65536, 0x1fffffff, 0x20000000, 0x20000001, 0x80000000,
		0xfffffff0, 0xffffffff
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		expect_formatted(call(LHCALL_LOAD_GDT, (u32)mini.gdt, bad[i], 0),
				 "too many GDT entries: %u", bad[i]);
	expect_reason(call(LHCALL_LOAD_GDT, (u32)mini.gdt, 0, 0), "CRASH: done");
	/* nothing is read for none */
	expect_reason(call(LHCALL_LOAD_GDT, LIMIT, 0, 0), "CRASH: done");
	expect_formatted(call(LHCALL_LOAD_GDT, LIMIT, 1, 0), "bad read address %#x len 8", LIMIT);
	expect_formatted(call(LHCALL_LOAD_GDT, LIMIT - 4, 1, 0), "bad read address %#x len 8",
			 LIMIT - 4);
	expect_reason(call(LHCALL_LOAD_GDT, -4, 1, 0), "bad read address 0xfffffffc len 8");
	expect_reason(call(LHCALL_LOAD_GDT, -256, 32, 0), "bad read address 0xffffff00 len 256");
	expect_formatted(call(LHCALL_LOAD_TLS, LIMIT - 23, 0, 0), "bad read address %#x len 24",
			 LIMIT - 23);
	expect_reason(call(LHCALL_LOAD_TLS, -24, 0, 0), "bad read address 0xffffffe8 len 24");
}

static void live_segment_removed(void)
{
	/* all zero: cs, ds and ss vanish */
	expect_reason(call(LHCALL_LOAD_GDT, (u32)mini.gdt, 13, 0), "removed live GDT entry 12");
	reset(guest_gdt);
	mini.gdt[KERNEL_CS / 8][0] = FLAT_LOW;
	mini.gdt[KERNEL_CS / 8][1] = KERNEL_CODE;
	arg2 = 14;
	expect_reason(mini_run_again(), "removed live GDT entry 13");
	/* the tables stop short of them */
	expect_reason(call(LHCALL_LOAD_GDT, (u32)mini.gdt, 12, 0), "CRASH: done");
}

static void bad_gates(void)
{
	u32 vector, type;

	for (type = 0; type < 16; type++) {
		for (vector = 0; vector <= 256; vector++) {
			const char *got;
			bool ignored = vector == 2 || vector == 8 || vector == 15 ||
				       vector == 18 || vector == 31 ||
				       (vector >= 64 && vector != SYSCALL_VECTOR);

			if (vector > 34 && vector < 62)
				vector = 62;
			else if (vector > 66 && vector < 126)
				vector = 126;
			else if (vector > 130 && vector < 254)
				vector = 254;
			got = call(LHCALL_LOAD_IDT_ENTRY, vector, 0x610000, 0x8000 | type << 8);
			if (ignored || type >= 14)
				expect_reason(got, "CRASH: done");
			else
				expect_formatted(got, "bad gate type 0x%x for vector %u", type,
						 vector);
			/* not present: anything goes */
			if (vector < 2)
				expect_reason(call(LHCALL_LOAD_IDT_ENTRY, vector, -1, type << 8),
					      "CRASH: done");
		}
	}
	expect_reason(call(LHCALL_LOAD_IDT_ENTRY, -1, -1, -1), "CRASH: done");
	expect_reason(call(LHCALL_LOAD_IDT_ENTRY, 0x80000001, -1, 0x8000), "CRASH: done");
}

static void bad_stacks(void)
{
	static const u32 pages[] = { 3, 4, 1024, 0x80000000, 0xffffffff };
	u32 top = (u32)mini.stack[1], i;

	for (i = 0; i < ARRAY_SIZE(pages); i++)
		expect_formatted(call(LHCALL_SET_STACK, KERNEL_DS, top, pages[i]),
				 "bad number of stack pages %u", pages[i]);
	for (i = 0; i < 3; i++)
		expect_reason(call(LHCALL_SET_STACK, KERNEL_DS, STACK_TOP, i), "CRASH: done");
	for (i = 0; i < 4; i++) {
		if (i != 1)
			expect_formatted(call(LHCALL_SET_STACK, 0x68 | i, top, 1),
					 "bad stack segment %#x", 0x68 | i);
	}
	expect_reason(call(LHCALL_SET_STACK, 0, top, 1), "bad stack segment 0x0");
	/* the top is one past the end: this page alone, not the one above */
	expect_reason(call(LHCALL_SET_STACK, KERNEL_DS, 0, 0), "CRASH: done");
	expect_reason(call(LHCALL_SET_STACK, KERNEL_DS, 0x1000, 1), "bad stack page at 0xfff");
	expect_reason(call(LHCALL_SET_STACK, KERNEL_DS, 0x2001, 2), "bad stack page at 0x2000");
	expect_reason(call(LHCALL_SET_STACK, KERNEL_DS, 0, 1),
		      "attempt to use the host's addresses at 0xffffffff");
	expect_reason(call(LHCALL_SET_STACK, KERNEL_DS, 0xffc00001, 1),
		      "attempt to use the host's addresses at 0xffc00000");
}

static void map_read_only_stack(void)
{
	mini.low[1] = (u32)mini.scratch[0] | P_PRESENT | P_USER;
	mini.low[2] = (u32)mini.scratch[1] | P_ALL;
}

static void stack_not_writable(void)
{
	reset(guest_calls);
	map_read_only_stack();
	the_call = LHCALL_SET_STACK;
	arg1 = KERNEL_DS;
	arg2 = 0x3000;
	arg3 = 1;
	expect_reason(mini_run_again(), "CRASH: done");
	reset(guest_calls);
	map_read_only_stack();
	arg3 = 2;
	expect_reason(mini_run_again(), "bad stack page at 0x1fff");
}

static void bad_dma_keys(void)
{
	static const u32 nrs[] = { LHCALL_BIND_DMA, LHCALL_SEND_DMA };
	static const u32 keys[] = {
		0x90000001, 0x90000002, 0x90000003, LIMIT - 3, LIMIT, LIMIT + 4,
		0x60000000, 0xfffffffc, 0xffffffff, 0xffc00000, LIMIT - 4
	};
	u32 i, n;

	for (n = 0; n < 2; n++) {
		for (i = 0; i < ARRAY_SIZE(keys); i++)
			expect_formatted(call(nrs[n], keys[i], (u32)mini.scratch, 0x101),
					 "bad DMA key %#x", keys[i]);
	}
	/* also to take it back */
	expect_reason(call(LHCALL_BIND_DMA, 2, 0, 0), "bad DMA key 0x2");
}

static void bad_dma_lists(void)
{
	static const u32 bad[] = { LIMIT - 99, LIMIT - 1, LIMIT, 0xffffffff, 0xffffff9c };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		expect_formatted(call(LHCALL_SEND_DMA, (u32)mini.scratch, bad[i], 0),
				 "bad DMA list at %#x", bad[i]);
}

int main(void)
{
	RUN(bad_hypercall_numbers);
	RUN(bad_hypercall_in_ring);
	RUN(before_init);
	RUN(second_init);
	RUN(bad_shared_structure);
	RUN(shared_structure_at_limit);
	RUN(crash_messages);
	RUN(crash_at_limit);
	RUN(crash_at_hole);
	RUN(bad_gdt_entries);
	RUN(bad_gdt_counts);
	RUN(live_segment_removed);
	RUN(bad_gates);
	RUN(bad_stacks);
	RUN(stack_not_writable);
	RUN(bad_dma_keys);
	RUN(bad_dma_lists);
	return mini_done();
}
