// SPDX-License-Identifier: GPL-2.0
/*
 * The top level of PAE's page tables, four entries that know no rights: which
 * first directories make a guest a PAE guest, where in memory they may lie, what
 * each bit of an entry does, and tables that stand in for tables of another
 * level.  The levels below are hostile_paging's and deaths_paging's.
 */
#include "mini/mini.h"

#define TEST_VADDR	0x2400000u	/* in the first GiB */
#define OTHER_GIB	0x40000000u	/* in the second */
#define KERNEL_ENTRY	(MINI_PAGE_OFFSET >> 30)
#define LOW		((u32)mini.low)
#define DATA_PAGE	((u32)mini.scratch[0])
#define ROOTS_PER_PAGE	(PAGE / 32)
#define NOT_MAPPED	"stack at "	/* where the page fault should go */

static pte_t *root;
static pte_t root_page[TABLE_ENTRIES] page_aligned;
static pte_t other_dir[TABLE_ENTRIES] page_aligned;
static volatile u32 *target;
static u32 value;

static void read_it(void)
{
	value = *target;
}

static void write_it(void)
{
	*target = 0x12345678;
}

/* An absent page: vector and error code, to be compared in one go. */
static bool faults(void (*access)(void), u32 errcode)
{
	return mini_try(access) == TRAP_PF && mini.trap_errcode == errcode &&
	       mini.trap_cr2 == (u32)target;
}

/* Load a directory, and see whether it counts: first of all, and a second time. */
static void guest_loads_root(void)
{
	hcall1(LHCALL_NEW_PGTABLE, root);
	*(volatile u32 *)TEST_VADDR = 1;
	hcall1(LHCALL_FLUSH_TLB, 1);
	*(volatile u32 *)TEST_VADDR = 2;
	guest_expect(*(volatile u32 *)DATA_PAGE == 2);
}

/* A guest that has yet to load its first directory: here, as mini.pgdir is. */
static void reset_first(pte_t *first)
{
	mini_reset(guest_loads_root);
	mini.no_root = true;
	*mini_pde(TEST_VADDR) = LOW | P_ALL;
	mini.low[0] = DATA_PAGE | P_ALL;
	memset(root_page, 0, sizeof(root_page));
	root = first;
	memcpy(first, mini.pgdir, 4 * sizeof(pte_t));
}

static void anywhere_in_a_page(void)
{
	u32 at;

	for (at = 0; at < TABLE_ENTRIES; at += 4) {
		/* where a directory of two levels would have the kernel's entry */
		if (at == (MINI_PAGE_OFFSET >> 22) / 2)
			continue;
		reset_first(root_page + at);
		expect_reason(mini_run_again(), "CRASH: done");
	}
}

static void at_the_end_of_memory(void)
{
	char *page = mmap((void *)0x98000000, PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	reset_first((pte_t *)(page + PAGE - 32));
	mini.pfn_limit = (u32)page / PAGE + 1;
	expect_reason(mini_run_again(), "CRASH: done");
	/* here is memory, but not the guest's */
	reset_first((pte_t *)page);
	mini.pfn_limit = (u32)page / PAGE;
	expect_prefix(mini_run_again(), "bad read address 0x9800");
	reset_first((pte_t *)(page + PAGE - 32));
	mini.pfn_limit = (u32)page / PAGE;
	expect_prefix(mini_run_again(), "bad read address 0x9800");
}

/* What is no PAE directory is one of two levels, which has nothing there. */
static void not_taken_for_pae(void)
{
	u32 at, bit;

	for (at = 1; at < 4; at++) {
		reset_first(root_page + at);
		expect_prefix(mini_run_again(), NOT_MAPPED);
	}
	for (at = 0; at < 4; at++) {
		for (bit = 1; bit < 64; bit++) {
			pte_t flag = 1ull << bit;

			if (flag & ENTRY_FRAME && bit < 32)
				continue;
			reset_first(root_page);
			root[at] ^= flag;
			expect_prefix(mini_run_again(), NOT_MAPPED);
		}
		reset_first(root_page);
		root[at] = (pte_t)MINI_PFN_LIMIT * PAGE | P_PRESENT;
		expect_prefix(mini_run_again(), NOT_MAPPED);
	}
	reset_first(root_page);
	root[KERNEL_ENTRY] = 0;
	expect_prefix(mini_run_again(), NOT_MAPPED);
	reset_first(root_page);
	root_page[(MINI_PAGE_OFFSET >> 22) / 2] = P_PRESENT;
	expect_prefix(mini_run_again(), NOT_MAPPED);
}

static void guest_loads_both(void)
{
	hcall1(LHCALL_NEW_PGTABLE, mini.root);
	guest_loads_root();
}

/* The first one decides. */
static void format_holds(void)
{
	reset_first(root_page);
	mini.main = guest_loads_both;
	expect_prefix(mini_run_again(), NOT_MAPPED);

	reset_first(root_page);
	mini.no_root = false;
	expect_reason(mini_run_again(), "CRASH: done");
	mini_reset(guest_loads_root);
	root = (pte_t *)mini.root;
	expect_prefix(mini_run_again(), NOT_MAPPED);
}

static u32 entry_index;
static pte_t new_entry, new_pte;
static bool by_call;

static void guest_changes_entry(void)
{
	*target = 1;
	mini.pgdir[entry_index] = new_entry;
	if (by_call) {
		hcall_set_pte(mini.pgdir, (u32)target, new_pte);
	} else {
		hcall2(LHCALL_SET_PGD, mini.pgdir, entry_index);
		*target = 2;
	}
}

/* The guest is alive, and has used what the entry leads to, when it is changed. */
static const char *changed(u32 index, pte_t entry, bool call)
{
	mini_reset(guest_changes_entry);
	mini_map_low(mini.pgdir, (index << 30) + TEST_VADDR);
	mini.low[0] = DATA_PAGE | P_ALL;
	target = (u32 *)((index << 30) + TEST_VADDR);
	entry_index = index;
	new_entry = entry ? entry : mini.pgdir[index];
	new_pte = DATA_PAGE | P_ALL | P_ACCESSED | P_DIRTY;
	by_call = call;
	return mini_run_again();
}

static void each_bit(u32 index, bool call)
{
	pte_t good, bad;
	u32 bit;

	expect_reason(changed(index, 0, call), "CRASH: done");
	good = new_entry;
	for (bit = 1; bit < 64; bit++) {
		/* another frame of the guest's is no crime, but no table either */
		if (bit >= 12 && bit < 32)
			continue;
		bad = good | 1ull << bit;
		expect_formatted(changed(index, bad, call),
				 "bad page directory entry %#llx", bad);
	}
	bad = (pte_t)MINI_PFN_LIMIT * PAGE | P_PRESENT;
	expect_formatted(changed(index, bad, call), "bad page directory entry %#llx", bad);
	expect_reason(changed(index, 0x60000000 | P_PRESENT, call),
		      "bad read address 0x60000090 len 8");
}

static void each_bit_by_demand(void)
{
	each_bit(0, false);
	each_bit(1, false);
}

static void each_bit_by_set_pte(void)
{
	each_bit(0, true);
	each_bit(1, true);
}

/* Entries come, change and go, and everything below with them. */
static void guest_changes_gib(void)
{
	u32 way;

	*mini_pde(TEST_VADDR) = LOW | P_ALL;
	other_dir[TEST_VADDR / TABLE_SPAN] = (u32)&mini.low[TABLE_ENTRIES] | P_ALL;
	mini.low[0] = DATA_PAGE | P_ALL;
	mini.low[TABLE_ENTRIES] = (u32)mini.scratch[1] | P_ALL;
	*(u32 *)mini.scratch[0] = 100;
	*(u32 *)mini.scratch[1] = 101;
	target = (u32 *)(OTHER_GIB + TEST_VADDR);
	new_entry = mini.pgdir[0];
	for (way = 0; way < 3; way++) {
		pte_t entries[] = { 0, (u32)other_dir | P_PRESENT, new_entry };
		u32 i;

		for (i = 0; i < ARRAY_SIZE(entries); i++) {
			mini.pgdir[1] = entries[i];
			if (way == 0)
				hcall2(LHCALL_SET_PGD, mini.pgdir, 1);
			else
				hcall1(LHCALL_FLUSH_TLB, way - 1);
			if (entries[i])
				guest_expect(mini_try(read_it) == -1 &&
					     value == (i == 1 ? 101 : 100));
			else
				guest_expect(faults(read_it, 0));
		}
		/* both GiB show the same page, and one may go alone */
		*target = 200;
		guest_expect(*(volatile u32 *)TEST_VADDR == 200);
		*target = 100;
		mini.pgdir[1] = 0;
		hcall2(LHCALL_SET_PGD, mini.pgdir, 1);
		guest_expect(*(volatile u32 *)TEST_VADDR == 100);
		guest_expect(faults(write_it, 2));
		/* an entry that was absent needs no call */
		mini.pgdir[1] = new_entry;
		guest_expect(mini_try(read_it) == -1 && value == 100);
	}
}

static void gib_by_gib(void)
{
	expect_reason(mini_run(guest_changes_gib), "CRASH: done");
}

static void guest_loses_itself(void)
{
	mini.pgdir[KERNEL_ENTRY] = 0;
	hcall2(LHCALL_SET_PGD, mini.pgdir, KERNEL_ENTRY);
}

static void without_kernel(void)
{
	expect_prefix(mini_run(guest_loses_itself), "stack at ");
}

/* As many directories as fit in a page, of which every other one has the GiB. */
static void guest_uses_many(void)
{
	u32 round, n;
	pte_t *dir;

	other_dir[0] = LOW | P_ALL;
	mini.low[0] = DATA_PAGE | P_ALL;
	target = (u32 *)OTHER_GIB;
	for (n = 0; n < ROOTS_PER_PAGE; n++) {
		dir = mini.pgdir2 + 4 * n;
		dir[0] = mini.pgdir[0];
		dir[1] = n & 1 ? (u32)other_dir | P_PRESENT : 0;
		dir[2] = mini.pgdir[2];
		dir[3] = mini.pgdir[3];
	}
	for (round = 0; round < 5; round++) {
		for (n = 0; n < ROOTS_PER_PAGE; n++) {
			dir = mini.pgdir2 + 4 * ((n * (round * 2 + 1)) % ROOTS_PER_PAGE);
			hcall1(LHCALL_NEW_PGTABLE, dir);
			if (dir[1])
				guest_expect(mini_try(write_it) == -1);
			else
				guest_expect(faults(write_it, 2));
		}
	}
	/* one of them loses it, not being the current one */
	dir = mini.pgdir2 + 4;
	dir[1] = 0;
	hcall2(LHCALL_SET_PGD, dir, 1);
	hcall1(LHCALL_NEW_PGTABLE, dir);
	guest_expect(faults(read_it, 0));
	hcall1(LHCALL_NEW_PGTABLE, dir + 8);
	guest_expect(mini_try(read_it) == -1);
	hcall1(LHCALL_NEW_PGTABLE, mini.pgdir);
}

static void many_in_a_page(void)
{
	expect_reason(mini_run(guest_uses_many), "CRASH: done");
}

/*
 * The top level as a directory: its entries forbid writing there, so all tables
 * can be read, and none written.
 */
static void guest_maps_top(void)
{
	mini.pgdir[1] = (u32)mini.pgdir | P_PRESENT;
	*mini_pde(TEST_VADDR) = LOW | P_ALL;
	mini.low[0] = DATA_PAGE | P_ALL;
	/* the first GiB's directory is the table here, TEST_VADDR's table a page */
	target = (u32 *)(OTHER_GIB + TEST_VADDR / TABLE_SPAN * PAGE);
	guest_expect(mini_try(read_it) == -1);
	guest_expect(value == (u32)mini.low[0]);
	guest_expect(faults(write_it, 3));
	guest_expect((u32)mini.low[0] == value);
}

/* As a page table, too: then the accessed bit comes to where it may not be. */
static void guest_spoils_top(void)
{
	guest_maps_top();
	target = (u32 *)(OTHER_GIB + TABLE_SPAN);
	read_it();
	hcall1(LHCALL_FLUSH_TLB, 1);
	target = (u32 *)TEST_VADDR;
	read_it();
}

/* A page of the top level's that a page table names: the guest's own to write. */
static void guest_writes_top(void)
{
	*mini_pde(TEST_VADDR) = LOW | P_ALL;
	mini.low[0] = (u32)mini.pgdir | P_ALL;
	target = (u32 *)(TEST_VADDR + 8);
	*target = (u32)other_dir | P_PRESENT;
	other_dir[0] = LOW | P_ALL;
	target = (u32 *)OTHER_GIB;
	guest_expect(mini_try(read_it) == -1);
	guest_expect(value == (u32)mini.pgdir[0]);
	*(volatile u32 *)(TEST_VADDR + 8) |= P_RW;
	hcall1(LHCALL_FLUSH_TLB, 0);
	read_it();
}

static void levels_in_place_of_others(void)
{
	expect_reason(mini_run(guest_maps_top), "CRASH: done");
	expect_prefix(mini_run(guest_spoils_top), "bad page directory entry 0x");
	expect_prefix(mini_run(guest_writes_top), "bad page directory entry 0x");
}

int main(void)
{
	RUN(anywhere_in_a_page);
	RUN_WITH_3_GIB(at_the_end_of_memory);
	RUN(not_taken_for_pae);
	RUN(format_holds);
	RUN_WITH_3_GIB(each_bit_by_demand);
	RUN(each_bit_by_set_pte);
	RUN_WITH_3_GIB(gib_by_gib);
	RUN(without_kernel);
	RUN_WITH_3_GIB(many_in_a_page);
	RUN_WITH_3_GIB(levels_in_place_of_others);
	return mini_done();
}
