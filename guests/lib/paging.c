// SPDX-License-Identifier: GPL-2.0
/*
 * Page tables.  Ours are ordinary memory; the CPU uses the host's shadow of
 * them, which is filled as we fault.  So an entry that becomes present needs
 * no announcement, but every change of an entry that the host may have seen
 * does: with the directory that it belongs to, since the host keeps shadows
 * of several.  An entry with the accessed and dirty bits already set and
 * announced is mapped at once, and saves the fault.
 *
 * This is for both formats.  What differs are numbers, see format.h: how many
 * levels there are, and how large an entry is.
 */
#include "guest.h"

#define PTE_KERNEL	(PTE_P | PTE_RW | PTE_A | PTE_D)

pte_t *kernel_pgdir, *current_pgdir;

static u32 window_next = WINDOW_BASE;

static pte_t *pte_must(u32 addr)
{
	pte_t *pte = pte_find(kernel_pgdir, addr, true);

	if (!pte)
		panic("no memory for the first page tables");
	return pte;
}

/* The kernel's part is the same, down to the tables, in every directory. */
static void map_linear(u32 end)
{
	u32 addr;

	for (addr = 0; addr < end; addr += PAGE_SIZE)
		*pte_must(PAGE_OFFSET + addr) = addr | PTE_KERNEL;
}

static void make_window(void)
{
	u32 at;

	for (at = 0; at < WINDOW_SIZE; at += TABLE_SPAN)
		pte_must(WINDOW_BASE + at);
}

/* From the page tables that we started with to those that stay. */
void paging_init(void)
{
	pages_init();
	kernel_pgdir = page_alloc();
	if (!kernel_pgdir)
		panic("no memory for the first page directory");
	map_linear(min(boot_info.mem_size, WINDOW_BASE - PAGE_OFFSET));
	make_window();
	pgdir_switch(kernel_pgdir);
}

/* A directory without user part; NULL if there is no memory. */
pte_t *pgdir_new(void)
{
	pte_t *pgdir = page_alloc();

	if (pgdir)
		memcpy(pgdir + DIR_KERNEL, kernel_pgdir + DIR_KERNEL,
		       (DIR_ENTRIES - DIR_KERNEL) * sizeof(*pgdir));
	return pgdir;
}

/* Frees a table, whose entries are of @level, and the tables that it names. */
static void table_free(pte_t *table, u32 level)
{
	u32 i;

	for (i = 0; level && i < TABLE_ENTRIES; i++)
		if (table[i] & PTE_P)
			table_free(virt(table[i] & PTE_ADDR), level - 1);
	page_free(table);
}

/*
 * Frees a directory and its user tables, not the pages in them.  The host is
 * told of each entry that goes, since the page may be a directory again soon.
 */
void pgdir_free(pte_t *pgdir)
{
	u32 i;

	for (i = 0; i < DIR_KERNEL; i++) {
		pte_t entry = pgdir[i];

		if (!entry)
			continue;
		pgdir[i] = 0;
		hcall_later(LHCALL_SET_PGD, phys(pgdir), i, 0);
		table_free(virt(entry & PTE_ADDR), DIR_LEVEL - 1);
	}
	page_free(pgdir);
}

void pgdir_switch(pte_t *pgdir)
{
	if (pgdir == current_pgdir)
		return;
	current_pgdir = pgdir;
	hcall(LHCALL_NEW_PGTABLE, phys(pgdir), 0, 0);
}

/**
 * entry_find - where an entry for an address is
 * @pgdir: directory
 * @addr: virtual address
 * @level: which entry: 0 for that of the page, 1 for that of its page table
 * @create: make the tables above it if they are not there
 *
 * Return: NULL if there is no table, or no memory for one.
 */
pte_t *entry_find(pte_t *pgdir, u32 addr, u32 level, bool create)
{
	pte_t *table = pgdir, *entry;
	u32 at;

	for (at = DIR_LEVEL; ; at--) {
		entry = &table[addr >> LEVEL_SHIFT(at) & (TABLE_ENTRIES - 1)];
		if (at == level)
			return entry;
		if (!(*entry & PTE_P)) {
			table = create ? page_alloc() : NULL;
			if (!table)
				return NULL;
			*entry = phys(table) |
				 (at == DIR_LEVEL ? DIR_FLAGS : TABLE_FLAGS);
		}
		table = virt(*entry & PTE_ADDR);
	}
}

static u32 upper_half(pte_t value)
{
	return (u64)value >> 32;
}

static void announce_now(pte_t *pgdir, u32 addr, pte_t value)
{
	hcall4(LHCALL_SET_PTE, phys(pgdir), addr & PTE_ADDR, value,
	       upper_half(value));
}

/* Tells the host of an entry, whose upper half not every ring has room for. */
void pte_announce(pte_t *pgdir, u32 addr, pte_t value)
{
	if (upper_half(value) && !RING_HAS_ARG4)
		announce_now(pgdir, addr, value);
	else
		hcall_later4(LHCALL_SET_PTE, phys(pgdir), addr & PTE_ADDR,
			     value, upper_half(value));
}

/* Changes an entry and lets the host know, if it can have seen the old one. */
void pte_set(pte_t *pgdir, u32 addr, pte_t *pte, pte_t value)
{
	pte_t old = *pte;

	*pte = value;
	if ((old & PTE_P) || (value & PTE_A))
		pte_announce(pgdir, addr, value);
}

/* The same when it cannot wait: the host has forgotten the old entry after it. */
void pte_set_now(pte_t *pgdir, u32 addr, pte_t *pte, pte_t value)
{
	*pte = value;
	announce_now(pgdir, addr, value);
}

/*
 * The entry of a page table was changed.  It is told by the directory's, or by
 * its own if that is in a table in between and there is a call for it.
 */
void table_changed(pte_t *pgdir, u32 addr)
{
	pte_t *entry = entry_find(pgdir, addr, 1, false);
	u32 in_page = (u32)entry % PAGE_SIZE;

	if (HAS_SET_PMD && DIR_LEVEL > 1 && entry)
		hcall(LHCALL_SET_PMD, phys(entry) - in_page,
		      in_page / sizeof(*entry), 0);
	else
		hcall(LHCALL_SET_PGD, phys(pgdir), addr >> DIR_SHIFT, 0);
}

/* False if there is no memory for the table. */
bool map_page(pte_t *pgdir, u32 addr, pte_t value)
{
	pte_t *pte = pte_find(pgdir, addr, true);

	if (!pte)
		return false;
	pte_set(pgdir, addr, pte, value);
	return true;
}

/* Everything below PAGE_OFFSET that the host knows of the current directory. */
void flush_user(void)
{
	hcall(LHCALL_FLUSH_TLB, 0, 0, 0);
}

/* Everything of all directories. */
void flush_all(void)
{
	hcall(LHCALL_FLUSH_TLB, 1, 0, 0);
}

/* Maps device memory in the window; it stays there. */
void *io_map(u32 addr, u32 pages)
{
	u32 start = window_next;

	if (pages > (WINDOW_BASE + WINDOW_SIZE - start) / PAGE_SIZE)
		panic("no room for %u device pages", pages);
	for (; pages; pages--, addr += PAGE_SIZE, window_next += PAGE_SIZE)
		map_page(kernel_pgdir, window_next, addr | PTE_KERNEL);
	return (void *)start;
}
