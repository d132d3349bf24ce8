// SPDX-License-Identifier: GPL-2.0
/*
 * Address spaces.  Pages come when they are touched (heap, stack), when a
 * program is loaded, or are shared after a fork until somebody writes.  What
 * the host may have seen of a table is announced when it changes; see the
 * library's paging.c.
 */
#include "tiny.h"

#define PTE_USER	(PTE_P | PTE_US)
#define PTE_DATA	(PTE_USER | PTE_RW | PTE_NX)

u32 cow_copies;

static u8 *refs;		/* users of each physical page */

void vm_init(void)
{
	u32 pages = pages_end() / PAGE_SIZE;

	refs = page_alloc_run((pages + PAGE_SIZE - 1) / PAGE_SIZE);
	if (!refs)
		panic("no memory to count pages; give more --mem");
}

static u8 *page_of(pte_t pte)
{
	return virt(pte & PTE_ADDR);
}

static u8 *page_new(void)
{
	u8 *page = page_alloc();

	if (page)
		refs[phys(page) / PAGE_SIZE] = 1;
	return page;
}

static void page_put(u8 *page)
{
	if (!--refs[phys(page) / PAGE_SIZE])
		page_free(page);
}

/*
 * The page at @addr, made if there is none, for a table that the host does
 * not know yet or where nothing was.  NULL: no memory.
 */
u8 *vm_page(pte_t *pgdir, u32 addr, bool writable, bool code)
{
	pte_t *pte = pte_find(pgdir, addr, true);
	u8 *page;

	if (!pte)
		return NULL;
	if (!(*pte & PTE_P)) {
		page = page_new();
		if (!page)
			return NULL;
		*pte = phys(page) | PTE_USER | PTE_NX;
	}
	if (writable)
		*pte |= PTE_RW;
	if (code)
		*pte &= ~PTE_NX;
	return page_of(*pte);
}

/* Shares the pages of one table; writable ones become copy-on-write. */
static bool share_table(pte_t *table, u32 base, pte_t *to)
{
	pte_t *pte;
	u32 i;

	for (i = 0; i < TABLE_ENTRIES; i++) {
		if (!(table[i] & PTE_P))
			continue;
		pte = pte_find(to, base + i * PAGE_SIZE, true);
		if (!pte)
			return false;
		if (table[i] & PTE_RW)
			table[i] = (table[i] & ~PTE_RW) | PTE_COW;
		*pte = table[i];
		refs[(table[i] & PTE_ADDR) / PAGE_SIZE]++;
	}
	return true;
}

/* A copy of the current address space; NULL: no memory. */
pte_t *vm_copy(pte_t *pgdir)
{
	pte_t *copy = pgdir_new(), *table;
	bool good = true;
	u32 base;

	if (!copy)
		return NULL;
	for (base = 0; base < PAGE_OFFSET && good; base += TABLE_SPAN) {
		table = pte_find(pgdir, base, false);
		if (table)
			good = share_table(table, base, copy);
	}
	/* From now on, writes to what is shared must fault. */
	flush_user();
	if (good)
		return copy;
	vm_free(copy);
	return NULL;
}

/* Not for the directory in use. */
void vm_free(pte_t *pgdir)
{
	pte_t *table;
	u32 base, n;

	for (base = 0; base < PAGE_OFFSET; base += TABLE_SPAN) {
		table = pte_find(pgdir, base, false);
		for (n = 0; table && n < TABLE_ENTRIES; n++)
			if (table[n] & PTE_P)
				page_put(page_of(table[n]));
	}
	pgdir_free(pgdir);
}

u32 vm_pages(pte_t *pgdir)
{
	u32 base, n, count = 0;
	pte_t *table;

	for (base = 0; base < PAGE_OFFSET; base += TABLE_SPAN) {
		table = pte_find(pgdir, base, false);
		for (n = 0; table && n < TABLE_ENTRIES; n++)
			count += table[n] & PTE_P;
	}
	return count;
}

/* Gives the process a page of its own in place of one that it shares. */
static bool unshare(struct proc *p, u32 addr, pte_t *pte)
{
	u8 *old = page_of(*pte), *page = old;

	if (refs[phys(old) / PAGE_SIZE] > 1) {
		page = page_new();
		if (!page)
			return false;
		memcpy(page, old, PAGE_SIZE);
		cow_copies++;
	}
	/* The host must forget the old page before others can have it. */
	pte_set_now(p->pgdir, addr, pte, phys(page) | (*pte & PTE_NX) |
		    PTE_USER | PTE_RW | PTE_A | PTE_D);
	if (page != old)
		page_put(old);
	return true;
}

static bool may_grow(const struct proc *p, u32 addr)
{
	return (addr >= p->heap_start && addr < p->heap_end) ||
	       (addr >= USER_STACK_TOP - USER_STACK_SIZE &&
		addr < USER_STACK_TOP);
}

/* Makes one access good.  False: it is the program's fault. */
bool vm_fault(struct proc *p, u32 addr, bool write)
{
	pte_t *pte;
	u8 *page;

	if (addr >= USER_STACK_TOP)
		return false;
	pte = pte_find(p->pgdir, addr, false);
	if (pte && (*pte & PTE_P))
		return write && (*pte & PTE_COW) && unshare(p, addr, pte);
	if (!may_grow(p, addr))
		return false;
	pte = pte_find(p->pgdir, addr, true);
	page = pte ? page_new() : NULL;
	if (!page)
		return false;
	/* Announced as dirty, the page is there without a second fault. */
	pte_set_now(p->pgdir, addr, pte,
		    phys(page) | PTE_DATA | PTE_A | PTE_D);
	return true;
}

/* Whether the running process may use this memory; brings it in. */
bool vm_reach(u32 addr, u32 len, bool write)
{
	u32 last = addr + len - 1;
	u32 need = PTE_USER | (write ? PTE_RW : 0);
	pte_t *pte;

	if (!len)
		return true;
	if (last < addr || last >= USER_STACK_TOP)
		return false;
	for (addr &= PTE_ADDR; addr <= last; addr += PAGE_SIZE) {
		pte = pte_find(current->pgdir, addr, false);
		if (pte && (*pte & need) == need)
			continue;
		if (!vm_fault(current, addr, write))
			return false;
	}
	return true;
}

/* Copies a string from the running process; its length, or an error. */
int vm_string(u32 addr, char *buf, u32 size)
{
	u32 len;

	for (len = 0; len < size; len++) {
		if (!vm_reach(addr + len, 1, false))
			return -EFAULT;
		buf[len] = *(const char *)(addr + len);
		if (!buf[len])
			return len;
	}
	return -EINVAL;
}

static void unmap(struct proc *p, u32 addr)
{
	pte_t *pte = pte_find(p->pgdir, addr, false), old;

	if (!pte || !(*pte & PTE_P))
		return;
	old = *pte;
	pte_set_now(p->pgdir, addr, pte, 0);
	page_put(page_of(old));
}

/* Moves the end of the heap; returns where it was. */
int vm_sbrk(int more)
{
	struct proc *p = current;
	u32 old = p->heap_end, end = old + more, addr;

	if (end < p->heap_start || end > USER_HEAP_MAX)
		return -ENOMEM;
	addr = (end + PAGE_SIZE - 1) & PTE_ADDR;
	for (; addr < old; addr += PAGE_SIZE)
		unmap(p, addr);
	p->heap_end = end;
	return old;
}
