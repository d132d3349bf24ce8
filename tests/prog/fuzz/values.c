// SPDX-License-Identifier: GPL-2.0
/*
 * Values that are likely to matter where a guest uses them.  Most are such that the guest
 * lives on, for what it does then is worth more than one more death; how many are anything
 * at all is the guest's plan.
 */
#include "fuzz.h"

bool fuzz_wild(void)
{
	return plan.wild && rnd_one_in(plan.wild);
}

/* Where something is; the end of a page counts more than its middle. */
static u32 place(void)
{
	static const u32 places[] = {
		FUZZ_DATA, FUZZ_VARS, FUZZ_GDT, FUZZ_DMA, FUZZ_SCRATCH, FUZZ_SCRATCH,
		FUZZ_TABLES, FUZZ_CODE, FUZZ_STACK - PAGE, FUZZ_USTACK - PAGE,
	};
	u32 at = rnd_of(places);

	if (at == FUZZ_SCRATCH)
		at += rnd_below(FUZZ_SCRATCH_PAGES) * PAGE;
	else if (at == FUZZ_TABLES)
		at += rnd_below(plan.nr_tables) * PAGE;
	else if (at == FUZZ_CODE)
		at += rnd_below(plan.units) * FUZZ_UNIT;
	return at;
}

static u32 in_page(void)
{
	switch (rnd_below(3)) {
	case 0:
		return PAGE - rnd_below(16);
	case 1:
		return rnd_below(PAGE / 4) * 4;
	default:
		return rnd_below(PAGE);
	}
}

static u32 anywhere(void)
{
	static const u32 edges[] = {
		0, FUZZ_FIRST, FUZZ_RAM, FUZZ_RAM + FUZZ_DEVICES, 0x80000000, 0xc0000000,
		0xff800000, 0xffc00000, 0xffe00000, 0xfff00000, 0xfffff000,
	};

	return rnd_one_in(3) ? rnd_word() : rnd_of(edges) + rnd_below(64) - 32;
}

u32 fuzz_vaddr(void)
{
	if (fuzz_wild())
		return anywhere();
	if (rnd_one_in(4))
		return FUZZ_WINDOW + rnd_below(512) * PAGE + in_page();
	return place() + (rnd_one_in(2) ? plan.view : plan.kernel_address) +
		(rnd_one_in(2) ? 0 : in_page());
}

/* For what faults in ring 1, the stack must be there. */
u32 fuzz_stack(void)
{
	if (fuzz_wild())
		return fuzz_vaddr();
	return plan.view + FUZZ_STACK - PAGE + in_page();
}

u32 fuzz_paddr(u32 len)
{
	u32 at = place() + (rnd_one_in(2) ? 0 : in_page());

	if (fuzz_wild())
		return rnd_one_in(2) ? anywhere() : plan.pfn_limit * PAGE - rnd_below(2 * len + 1);
	return at & ~3u;
}

u32 fuzz_selector(void)
{
	static const u32 known[] = { KERNEL_CS, KERNEL_DS, USER_CS, USER_DS };

	switch (rnd_below(4)) {
	case 0:
		return rnd_below(4);
	case 1:
		return rnd_below(40 * 8);
	case 2:
		return fuzz_wild() ? rnd() : (6 + rnd_below(3)) * 8 + rnd_below(4);
	default:
		return rnd_of(known);
	}
}

/* Gates, and segments of the system's, of a ring that may use them: all are refused. */
u32 fuzz_system_descriptor(void)
{
	static const u32 types[] = { 0x1, 0x2, 0x4, 0x5, 0x6, 0x7, 0x9, 0xb, 0xc, 0xe, 0xf };

	return 0x8000 | (1 + rnd_below(3)) << 13 | rnd_of(types) << 8 |
		(rnd_one_in(2) ? rnd() & 0xffff00ff : 0);
}

u32 fuzz_descriptor(void)
{
	u32 high = rnd() & 0xffdfffff;		/* 64-bit code is refused */

	if (fuzz_wild())
		return rnd_one_in(2) ? rnd() : fuzz_system_descriptor();
	if (high & 0x8000)
		high |= 0x1000;			/* and so is what is the system's */
	return rnd_one_in(2) ? high : (high & ~0xf00000u) | 0xcf0000;
}

/* Of a gate it has the selector of where that leads to, which may be one of the host's. */
u32 fuzz_descriptor_low(void)
{
	static const u32 selectors[] = { 0x10, 0x18, 0x60, 0x68, 0x73, 0x7b, 0x80, KERNEL_CS };

	if (rnd_one_in(2))
		return FLAT_LOW;
	return rnd_one_in(2) ? rnd() : rnd_of(selectors) << 16 | (rnd() & 0xffff);
}

u32 fuzz_vector(void)
{
	switch (rnd_below(4)) {
	case 0:
		return SYSCALL_VECTOR;
	case 1:
		return 32 + rnd_below(32);
	case 2:
		return rnd_below(256);
	default:
		return rnd_below(32);
	}
}

u32 fuzz_gate(void)
{
	u32 high = (plan.view + FUZZ_HANDLER) & 0xffff0000;

	if (fuzz_wild())
		return rnd();
	if (rnd_one_in(16))
		return high;
	return high | (rnd_one_in(2) ? GATE_TRAP : GATE_INTERRUPT) | rnd_below(4) << 13;
}

u64 fuzz_entry(void)
{
	static const u32 flags[] = {
		P_ALL, P_ALL | P_ACCESSED | P_DIRTY, P_PRESENT | P_USER,
		P_PRESENT | P_RW, P_PRESENT | P_RW | P_ACCESSED | P_DIRTY, 0,
	};
	u64 entry = (place() & -PAGE) | rnd_of(flags);

	if (rnd_one_in(4))
		entry = rnd_below(FUZZ_RAM / PAGE) * PAGE | (entry & 0xfff);
	if (rnd_one_in(8))
		entry ^= rnd() & (P_ALL | P_ACCESSED | P_DIRTY);
	if (era_pae && rnd_one_in(8))
		entry |= 1ull << 63;
	if (fuzz_wild())
		entry ^= 1ull << rnd_below(era_pae ? 64 : 32);
	return entry;
}

/* What is said to be there is of the window more often than not. */
u32 fuzz_entry_place(void)
{
	u32 entries = era_pae ? 512 : 1024, size = era_pae ? 8 : 4;
	u32 page = fuzz_wild() ? rnd_below(plan.nr_tables) : plan.nr_tables - 1;

	return FUZZ_TABLES + page * PAGE + rnd_below(entries) * size;
}

u32 fuzz_root(void)
{
	return fuzz_wild() ? fuzz_paddr(PAGE) & -PAGE : rnd_of(plan.roots);
}
