// SPDX-License-Identifier: GPL-2.0
/*
 * Page tables.  Ours are ordinary memory; the CPU uses the host's shadow of
 * them, which is filled as we fault.  So an entry that becomes present needs
 * no announcement, but every change of an entry that the host may have seen
 * does: with the directory that it belongs to, since the host keeps shadows
 * of several.  An entry with the accessed and dirty bits already set and
 * announced is mapped at once, and saves the fault.
 */
#include "guest.h"

#define PTE_KERNEL	(PTE_P | PTE_RW | PTE_A | PTE_D)
#define PDE_TABLE	(PTE_P | PTE_RW | PTE_US | PTE_A)

u32 *kernel_pgdir, *current_pgdir;

static u32 window_next = WINDOW_BASE;

static void *page_must(void)
{
	void *page = page_alloc();

	if (!page)
		panic("no memory for the first page tables");
	return page;
}

/* The kernel's part is the same, down to the tables, in every directory. */
static void map_linear(u32 end)
{
	u32 addr, *pte;

	for (addr = 0; addr < end; addr += PAGE_SIZE) {
		pte = pte_find(kernel_pgdir, PAGE_OFFSET + addr, true);
		if (!pte)
			panic("no memory for the first page tables");
		*pte = addr | PTE_KERNEL;
	}
}

/* From the launcher's page tables to our own. */
void paging_init(void)
{
	pages_init();
	kernel_pgdir = page_must();
	map_linear(min(boot_info.mem_size, WINDOW_BASE - PAGE_OFFSET));
	kernel_pgdir[WINDOW_BASE >> 22] = phys(page_must()) | PDE_TABLE;
	pgdir_switch(kernel_pgdir);
}

/* A directory without user part; NULL if there is no memory. */
u32 *pgdir_new(void)
{
	u32 *pgdir = page_alloc();

	if (pgdir)
		memcpy(pgdir + PGDIR_KERNEL, kernel_pgdir + PGDIR_KERNEL,
		       (PGDIR_ENTRIES - PGDIR_KERNEL) * sizeof(u32));
	return pgdir;
}

/*
 * Frees a directory and its user tables, not the pages in them.  The host is
 * told of each entry that goes, since the page may be a directory again soon.
 */
void pgdir_free(u32 *pgdir)
{
	u32 i;

	for (i = 0; i < PGDIR_KERNEL; i++) {
		u32 pde = pgdir[i];

		if (!pde)
			continue;
		pgdir[i] = 0;
		hcall_later(LHCALL_SET_PMD, phys(pgdir), i, 0);
		page_free(virt(pde & PTE_ADDR));
	}
	page_free(pgdir);
}

void pgdir_switch(u32 *pgdir)
{
	if (pgdir == current_pgdir)
		return;
	current_pgdir = pgdir;
	hcall(LHCALL_NEW_PGTABLE, phys(pgdir), 0, 0);
}

/**
 * pte_find - where the entry for an address is
 * @pgdir: directory
 * @addr: virtual address
 * @create: make the table if there is none
 *
 * Return: NULL if there is no table, or no memory for one.
 */
u32 *pte_find(u32 *pgdir, u32 addr, bool create)
{
	u32 *pde = &pgdir[addr >> 22];
	u32 *table;

	if (!(*pde & PTE_P)) {
		if (!create)
			return NULL;
		table = page_alloc();
		if (!table)
			return NULL;
		*pde = phys(table) | PDE_TABLE;
	}
	table = virt(*pde & PTE_ADDR);
	return &table[addr >> PAGE_SHIFT & (PGDIR_ENTRIES - 1)];
}

/* Changes an entry and lets the host know, if it can have seen the old one. */
void pte_set(u32 *pgdir, u32 addr, u32 *pte, u32 value)
{
	u32 old = *pte;

	*pte = value;
	if ((old & PTE_P) || (value & PTE_A))
		hcall_later(LHCALL_SET_PTE, phys(pgdir), addr & PTE_ADDR,
			    value);
}

/* False if there is no memory for the table. */
bool map_page(u32 *pgdir, u32 addr, u32 value)
{
	u32 *pte = pte_find(pgdir, addr, true);

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
