// SPDX-License-Identifier: GPL-2.0
/*
 * Page tables in every era: what a guest runs on before its first NEW_PGTABLE
 * (its launcher's tables, the host's, or none), and what the calls and the
 * entries of its own tables mean, in both formats.
 */
#include "era.h"

#define WINDOW		ERA_WINDOW	/* in the guest's user part */
#define KERNEL_WINDOW	ERA_KERNEL_WINDOW	/* in its kernel part */
#define FIXMAP		0xff800000u	/* the last table below the host's */
#define MARK		0x600df00du
#define NOT_MARK	0x0bad0badu

static u32 the_vaddr, the_pte, the_high;

/* On first tables, whatever these are. */
static void prepare_first(void (*main)(void))
{
	era_prepare(main);
	run.no_root = true;
	mini.on_trap = era_tell_fault;
}

static void prepare(void (*main)(void))
{
	era_prepare(main);
	mini.on_trap = era_tell_fault;
}

/* -- Before the first NEW_PGTABLE -- */

/* where the program has mapped memory that the guest's first tables show */
static const u32 places[] = {
	0, PAGE - 4, 0x1234, 0x00100000, 0x00fff000, 0x01800000, 0x01ffe000, ERA_LOW_SIZE - 4,
};

static u32 places_mapped(void)
{
	u32 n = ARRAY_SIZE(places);

	/* a launcher's own tables are the test's, which are smaller */
	return era_has(ERA_LAUNCHER_DIR) ? n - 3 : n;
}

static void guest_walks_identity(void)
{
	u32 i;

	for (i = 0; i < places_mapped(); i++) {
		guest_expect(*word_at(places[i]) == MARK + i);
		*word_at(places[i]) = NOT_MARK + i;
		guest_expect(*word_at(places[i]) == NOT_MARK + i);
	}
}

static void mark_places(void)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(places); i++)
		*(u32 *)seen(places[i]) = MARK + i;
}

static void check_places(void)
{
	u32 i;

	for (i = 0; i < places_mapped(); i++)
		expect_value(*(u32 *)seen(places[i]), NOT_MARK + i);
}

static void first_addresses_are_physical(void)
{
	prepare_first(guest_walks_identity);
	mark_places();
	expect_reason(era_run_again(), "CRASH: done");
	check_places();
}

static void guest_walks_alias(void)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		guest_expect(*word_at(ERA_ALIAS + places[i]) == MARK + i);
		*word_at(ERA_ALIAS + places[i]) = NOT_MARK + i;
		guest_expect(*word_at(places[i]) == NOT_MARK + i);
	}
}

static void host_makes_alias(void)
{
	prepare_first(guest_walks_alias);
	mark_places();
	expect_reason(era_run_again(), "CRASH: done");
	check_places();
}

/* The guests of 2.6.24 to 2.6.28 make it themselves, and tell nobody. */
static void guest_copies_entries(void)
{
	volatile u32 *dir = (volatile u32 *)*guest_word(era->data->pgdir);
	u32 i;

	for (i = 0; i < 4; i++)
		dir[(ERA_ALIAS >> 22) + i] = dir[i];
	for (i = 0; i < places_mapped(); i++)
		guest_expect(*word_at(ERA_ALIAS + places[i]) == MARK + i);
}

static void guest_makes_alias(void)
{
	prepare_first(guest_copies_entries);
	mark_places();
	expect_reason(era_run_again(), "CRASH: done");
}

static void guest_goes_beyond(void)
{
	*word_at(the_vaddr) = 1;
}

static void first_addresses_end(void)
{
	static const u32 beyond[] = { 0xb0000000, 0xa0000000, 0xffbff000 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(beyond); i++) {
		prepare_first(guest_goes_beyond);
		the_vaddr = beyond[i];
		expect(strcmp(era_run_again(), "CRASH: done"), "%#x", beyond[i]);
	}
	prepare_first(guest_goes_beyond);
	the_vaddr = 0xffc00000;
	expect_prefix(era_run_again(), "attempt to use the host's addresses");
}

/* Device pages are as good as RAM to those that have them. */
static void guest_uses_device_page(void)
{
	*word_at(ERA_RAM) = MARK;
	*word_at(ERA_RAM + (ERA_DEVICE_PAGES - 1) * PAGE) = MARK;
	*word_at(ERA_RAM + ERA_DEVICE_PAGES * PAGE) = MARK;
}

static void linear_to_limit(void)
{
	u32 size = (ERA_DEVICE_PAGES + 1) * PAGE, last = ERA_DEVICE_PAGES * PAGE;
	u32 *p;

	prepare_first(guest_uses_device_page);
	p = mmap(seen(ERA_RAM), size, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	expect(p == seen(ERA_RAM), "mmap: %m");
	expect(strcmp(era_run_again(), "CRASH: done"), "there is no limit");
	expect_value(p[0], MARK);
	expect_value(p[(last - PAGE) / 4], MARK);
	expect_value(p[last / 4], 0);
}

/* No tables are read, and none is written, until there are some. */
static void guest_calls_in_linear_mode(void)
{
	u32 entry = era_page_entry(0, run.root, WINDOW);

	era_put(0, entry, PHYS(scratch[1]) | P_ALL);
	era_set_pte(run.root, 0x1000, PHYS(scratch[1]) | P_ALL | P_ACCESSED | P_DIRTY);
	call2(LHCALL_SET_PGD, run.root, 0);
	call1(LHCALL_FLUSH_TLB, 0);
	call1(LHCALL_FLUSH_TLB, 1);
	call3(LHCALL_SET_STACK, KERNEL_DS, PHYS(stack) + 2 * PAGE, 2);
	*word_at(0x1000) = MARK;
	guest_expect(*word_at(PHYS(scratch[1])) == 0);
	/* the same address is another page from now on */
	call1(LHCALL_NEW_PGTABLE, run.root);
	guest_expect(*word_at(0x1000) == NOT_MARK);
	guest_expect(*word_at(WINDOW) == 0 && *word_at(PHYS(scratch[1])) == 0);
	guest_expect(era_get(0, era_page_entry(0, run.root, 0x1000)) & P_ACCESSED);
}

static void linear_mode_ends(void)
{
	prepare_first(guest_calls_in_linear_mode);
	era_map(run.root, WINDOW, 0);
	era_map(run.root, 0x1000, PHYS(scratch[2]) | P_ALL);
	*(u32 *)IN_LAUNCHER->scratch[2] = NOT_MARK;
	expect_reason(era_run_again(), "CRASH: done");
	expect_value(*(u32 *)seen(0x1000), MARK);
}

/* -- The directory that pgdir names -- */

static void put_fixmap_table(u32 entry)
{
	u32 table = PHYS(scratch[4]);

	era_put(0, table + 3 * (era_pae ? 8 : 4), PHYS(scratch[5]) | P_ALL);
	era_put(0, entry, table | 0x67);
}

static void guest_makes_fixmap(void)
{
	u32 dir = *guest_word(era->data->pgdir);
	u32 entry = era_dir_entry(0, dir, FIXMAP);

	put_fixmap_table(entry);
	if (era_pae)
		call2(LHCALL_SET_PMD, entry & -PAGE, entry % PAGE / 8);
	else
		call2(LHCALL_SET_PGD, dir, FIXMAP >> 22);
	*word_at(FIXMAP + 3 * PAGE) = MARK;
	guest_expect(*word_at(PHYS(scratch[5])) == MARK);
	/* and the windows are still there */
	guest_expect(*word_at(0x00100000) == MARK);
	if (era_has(ERA_HOST_DIR))
		guest_expect(*word_at(ERA_ALIAS + 0x00100000) == MARK);
	call1(LHCALL_FLUSH_TLB, 1);
	guest_expect(*word_at(FIXMAP + 3 * PAGE) == MARK);
	guest_expect(*word_at(0x01800000 / 2) == 0);
}

static void first_directory_is_real(void)
{
	prepare_first(guest_makes_fixmap);
	*(u32 *)seen(0x00100000) = MARK;
	expect_reason(era_run_again(), "CRASH: done");
}

/* -- The guest's own tables -- */

static void guest_changes_entry(void)
{
	u32 entry = era_page_entry(0, run.root, WINDOW);
	u64 pte = PHYS(scratch[1]) | P_ALL;

	guest_expect(*word_at(WINDOW) == MARK);
	era_put(0, entry, pte);
	era_set_pte(run.root, WINDOW, pte);
	guest_expect(*word_at(WINDOW) == NOT_MARK);
	guest_expect(era_get(0, entry) == (pte | P_ACCESSED));
	*word_at(WINDOW + 4) = 1;
	guest_expect(era_get(0, entry) == (pte | P_ACCESSED | P_DIRTY));
	/* with the bits that say that it was used */
	pte = PHYS(scratch[0]) | P_ALL | P_ACCESSED | P_DIRTY;
	era_put(0, entry, pte);
	era_later(0, LHCALL_SET_PTE, run.root, WINDOW, pte);
	call0(LHCALL_FLUSH_ASYNC);
	guest_expect(*word_at(WINDOW) == MARK);
}

static void prepare_window(void (*main)(void))
{
	prepare(main);
	*(u32 *)IN_LAUNCHER->scratch[0] = MARK;
	*(u32 *)IN_LAUNCHER->scratch[1] = NOT_MARK;
	era_map(run.root, WINDOW, PHYS(scratch[0]) | P_ALL);
	era_map(run.root, KERNEL_WINDOW, PHYS(scratch[0]) | P_ALL);
}

static void set_pte(void)
{
	prepare_window(guest_changes_entry);
	expect_reason(era_run_again(), "CRASH: done");
}

static u32 other_root;

/* A user address belongs to one directory, a kernel's to all of them. */
static void guest_has_two_roots(void)
{
	u64 pte = PHYS(scratch[1]) | P_ALL;

	guest_expect(*word_at(WINDOW) == MARK && *word_at(KERNEL_WINDOW) == MARK);
	call1(LHCALL_NEW_PGTABLE, other_root);
	guest_expect(*word_at(WINDOW) == MARK && *word_at(KERNEL_WINDOW) == MARK);
	era_put(0, era_page_entry(0, run.root, WINDOW), pte);
	era_put(0, era_page_entry(0, run.root, KERNEL_WINDOW), pte);
	era_put(0, era_page_entry(0, other_root, KERNEL_WINDOW), pte);
	era_set_pte(run.root, WINDOW, pte);
	era_set_pte(run.root, KERNEL_WINDOW, pte);
	guest_expect(*word_at(WINDOW) == MARK);
	guest_expect(*word_at(KERNEL_WINDOW) == NOT_MARK);
	call1(LHCALL_NEW_PGTABLE, run.root);
	guest_expect(*word_at(WINDOW) == NOT_MARK);
	guest_expect(*word_at(KERNEL_WINDOW) == NOT_MARK);
}

static void user_and_kernel_entries(void)
{
	prepare_window(guest_has_two_roots);
	other_root = era_new_root();
	era_map(other_root, WINDOW, PHYS(scratch[0]) | P_ALL);
	era_map(other_root, KERNEL_WINDOW, PHYS(scratch[0]) | P_ALL);
	expect_reason(era_run_again(), "CRASH: done");
}

static u32 other_table;

static void dir_changed(void)
{
	u32 entry = era_dir_entry(0, run.root, WINDOW);

	if (era_pae)
		call2(LHCALL_SET_PMD, entry & -PAGE, entry % PAGE / 8);
	else
		call2(LHCALL_SET_PGD, run.root, era_pgd_index(WINDOW));
}

static void guest_changes_table(void)
{
	u32 entry = era_dir_entry(0, run.root, WINDOW);
	u64 before = era_get(0, entry);

	guest_expect(*word_at(WINDOW) == MARK);
	era_put(0, entry, other_table | P_ALL);
	dir_changed();
	guest_expect(*word_at(WINDOW) == NOT_MARK);
	era_put(0, entry, before);
	dir_changed();
	guest_expect(*word_at(WINDOW) == MARK);
	/* a top-level entry, in either format */
	era_put(0, entry, other_table | P_ALL);
	call2(LHCALL_SET_PGD, run.root, era_pgd_index(WINDOW));
	call1(LHCALL_FLUSH_TLB, 0);
	guest_expect(*word_at(WINDOW) == NOT_MARK);
	era_put(0, entry, before);
	call1(LHCALL_FLUSH_TLB, 1);
	guest_expect(*word_at(WINDOW) == MARK);
}

static void set_pmd_and_pgd(void)
{
	prepare_window(guest_changes_table);
	other_table = era_new_table();
	era_put(ERA_BASE, other_table, PHYS(scratch[1]) | P_ALL);
	expect_reason(era_run_again(), "CRASH: done");
}

/* -- What may be in an entry -- */

static void guest_uses_entry(void)
{
	era_put(0, era_page_entry(0, run.root, WINDOW), the_pte | (u64)the_high << 32);
	*word_at(WINDOW);
}

static void guest_announces_entry(void)
{
	*word_at(WINDOW);
	era_set_pte(run.root, WINDOW, the_pte | (u64)the_high << 32);
}

/* Is such an entry survived, on demand and with SET_PTE? */
static bool survives(u32 pte, u32 high)
{
	bool demand, call;

	the_pte = pte;
	the_high = high;
	prepare_window(guest_uses_entry);
	run.release = era->release;
	demand = !strcmp(era_run_again(), "CRASH: done");
	prepare_window(guest_announces_entry);
	run.release = era->release;
	call = !strcmp(era_run_again(), "CRASH: done");
	expect(demand == call, "entry %#x: %u on demand, %u by the call", pte, demand, call);
	return demand;
}

static void flags_of_pages(void)
{
	u32 good = PHYS(scratch[0]) | P_ALL | P_ACCESSED | P_DIRTY;
	u32 limit;

	expect(survives(good, 0), "nothing is wrong");
	expect(survives(good | P_PWT | P_PCD | P_GLOBAL | 0xe00, 0), "PWT, PCD, G, AVL");
	expect(!survives(good | P_LARGE, 0), "PAT");
	limit = run.pfn_limit * PAGE;
	if (era_has(ERA_TRAPS))
		limit = run.device_limit * PAGE;
	expect(!survives(limit | 0x67, 0), "beyond the limit");
	expect(!survives(0xfffff000 | 0x67, 0), "the last page");
}

/* In two levels, the fourth argument is nobody's. */
static void upper_halves(void)
{
	u32 good = PHYS(scratch[0]) | P_ALL | P_ACCESSED | P_DIRTY;

	the_high = 0xffffffff;
	the_pte = good;
	if (!era_pae) {
		prepare_window(guest_announces_entry);
		expect_reason(era_run_again(), "CRASH: done");
		return;
	}
	expect(!survives(good, 1), "frame above 4 GiB");
	expect(!survives(good, 0x000fffff), "frame far above 4 GiB");
	expect(!survives(good, 0x7ff00000), "reserved bits");
	expect(survives(good, 0x80000000), "no-execute");
}

/* The ring's fourth argument. */
static void guest_leaves_upper_half(void)
{
	*word_at(WINDOW);
	era_fill_slot(0, 0, LHCALL_SET_PTE, run.root, WINDOW, the_pte, the_high);
	*(volatile u8 *)(run.data + era->data->status) = LHCALL_RING_READY;
	call0(LHCALL_FLUSH_ASYNC);
}

static void upper_half_in_ring(void)
{
	the_pte = PHYS(scratch[0]) | 0x67;
	the_high = 1;
	prepare_window(guest_leaves_upper_half);
	if (era_pae)
		expect_prefix(era_run_again(), "bad page table entry");
	else
		expect_reason(era_run_again(), "CRASH: done");
}

static void guest_uses_dir_entry(void)
{
	u32 entry = era_dir_entry(0, run.root, WINDOW);

	era_put(0, entry, era_get(0, entry) | the_pte);
	dir_changed();
	*word_at(WINDOW);
}

static void flags_of_tables(void)
{
	static const u32 bad[] = { P_PWT, P_PCD, P_LARGE, P_GLOBAL, 0x200, 0x800 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		the_pte = bad[i];
		prepare_window(guest_uses_dir_entry);
		expect_prefix(era_run_again(), "bad page directory entry");
	}
	the_pte = P_ACCESSED | P_DIRTY;
	prepare_window(guest_uses_dir_entry);
	expect_reason(era_run_again(), "CRASH: done");
}

/* -- Where the launcher's directory may be -- */

static void launcher_directories(void)
{
	static const u32 wrong[] = {
		0x97fff000,		/* not there */
		0x00800000,		/* empty */
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		prepare_first(guest_goes_beyond);
		run.pgdir = wrong[i];
		expect(strncmp(era_run_again(), "CRASH", 5), "directory %#x", wrong[i]);
	}
}

int main(void)
{
	RUN_ERAS(first_addresses_are_physical, 0, 0);
	RUN_ERAS(host_makes_alias, ERA_HOST_DIR, 0);
	RUN_ERAS(guest_makes_alias, ERA_LAUNCHER_DIR, 0);
	RUN_ERAS(first_addresses_end, 0, ERA_TRAPS);
	RUN_ERAS(linear_to_limit, ERA_LINEAR, ERA_TRAPS);
	RUN_FORMATS(linear_mode_ends, ERA_LINEAR, 0);
	RUN_FORMATS(first_directory_is_real, ERA_HOST_DIR, 0);
	RUN_ERAS(first_directory_is_real, ERA_LAUNCHER_DIR, 0);
	RUN_ERAS(launcher_directories, ERA_LAUNCHER_DIR, 0);
	RUN_FORMATS(set_pte, 0, 0);
	RUN_FORMATS(user_and_kernel_entries, 0, 0);
	RUN_FORMATS(set_pmd_and_pgd, 0, 0);
	RUN_FORMATS(flags_of_pages, 0, 0);
	RUN_FORMATS(upper_halves, 0, 0);
	era_case_pae("upper_half_in_ring", upper_half_in_ring, 0, 0);
	era_case("upper_half_in_ring", upper_half_in_ring, ERA_PAE, 0);
	RUN_FORMATS(flags_of_tables, 0, 0);
	return mini_done();
}
