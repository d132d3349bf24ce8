// SPDX-License-Identifier: GPL-2.0
/*
 * Reading the guest's own page tables: what the guest says of an address,
 * whether it may say so, and the accessed and dirty bits that a CPU would have
 * set.  page_tables.c makes shadow entries of the answers; the copies to and
 * from guest-virtual addresses use them directly.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <asm/pgtable_types.h>
#include <asm/processor-flags.h>
#include "lg.h"

#define GUEST_PDE_SHIFT		22
#define GUEST_PTRS		1024

/* All that a guest may set in a directory entry: no large pages. */
#define PDE_ALLOWED	(_PAGE_PRESENT | _PAGE_RW | _PAGE_USER | \
			 _PAGE_ACCESSED | _PAGE_DIRTY)
/* Write-through and PAT are the host's business. */
#define PTE_FORBIDDEN	(_PAGE_PWT | _PAGE_PAT)

static u32 pde_index(u32 vaddr)
{
	return vaddr >> GUEST_PDE_SHIFT;
}

static u32 pte_index_of(u32 vaddr)
{
	return (vaddr >> PAGE_SHIFT) & (GUEST_PTRS - 1);
}

static u32 entry_pfn(u32 entry)
{
	return entry >> PAGE_SHIFT;
}

static int check_pde(struct lguest *lg, u32 pde)
{
	if ((pde & ~PAGE_MASK & ~PDE_ALLOWED) || entry_pfn(pde) >= lg->pfn_limit)
		return kill_guest(lg, "bad page directory entry %#x", pde);
	return 0;
}

static int check_pte(struct lguest *lg, u32 pte)
{
	if ((pte & PTE_FORBIDDEN) || entry_pfn(pte) >= lg->pfn_limit)
		return kill_guest(lg, "bad page table entry %#x", pte);
	return 0;
}

/* A present directory entry: 1, an absent one: 0. */
static int read_pde(struct lguest *lg, gpa_t pgdir, u32 vaddr, u32 *pde)
{
	gpa_t addr = (pgdir & PAGE_MASK) + pde_index(vaddr) * sizeof(*pde);
	int err = guest_read_word(lg, pde, addr);

	if (err)
		return err;
	if (!(*pde & _PAGE_PRESENT))
		return 0;
	err = check_pde(lg, *pde);
	return err ? err : 1;
}

/* The CPU combines the levels, so what either forbids is forbidden. */
static void describe(struct guest_page *page, u32 pde, u32 pte)
{
	page->present = pde & pte & _PAGE_PRESENT;
	page->gpa = pte & PAGE_MASK;
	page->writable = pde & pte & _PAGE_RW;
	page->user = pde & pte & _PAGE_USER;
	page->dirty = pte & _PAGE_DIRTY;
}

/* The host keeps CR0.WP set, so read-only holds for the guest's kernel too. */
static bool access_allowed(const struct guest_page *page, u32 access)
{
	if ((access & PF_WRITE) && !page->writable)
		return false;
	if ((access & PF_USER) && !page->user)
		return false;
	return true;
}

/**
 * guest_walk() - look an address up in the guest's current page tables
 * @lg: the guest; the caller is its owner
 * @vaddr: guest-virtual address
 * @access: the access to be made: PF_WRITE and PF_USER count
 * @page: what was found; of an address that is not mapped, only @page->present
 *
 * An access that the tables allow sets the accessed bit, and for a write the
 * dirty bit, in the guest's page table entry.
 *
 * Return: 1 if the access is allowed, 0 if the guest should get a page fault,
 * negative if the entries were illegal and the guest was killed.
 */
int guest_walk(struct lguest *lg, u32 vaddr, u32 access,
	       struct guest_page *page)
{
	u32 pde, pte, wanted = _PAGE_ACCESSED;
	gpa_t pte_addr;
	int found = read_pde(lg, lg->set->gpgdir, vaddr, &pde);
	int err;

	page->present = false;
	if (found <= 0)
		return found;
	pte_addr = (pde & PAGE_MASK) + pte_index_of(vaddr) * sizeof(pte);
	err = guest_read_word(lg, &pte, pte_addr);
	if (err)
		return err;
	if (!(pte & _PAGE_PRESENT))
		return 0;
	describe(page, pde, pte);
	if (!access_allowed(page, access))
		return 0;
	err = check_pte(lg, pte);
	if (err)
		return err;

	if (access & PF_WRITE)
		wanted |= _PAGE_DIRTY;
	if ((pte & wanted) != wanted) {
		pte |= wanted;
		err = guest_write_word(lg, pte_addr, pte);
		if (err)
			return err;
		describe(page, pde, pte);
	}
	return 1;
}

/**
 * guest_check_pte() - see what an entry that the guest announces would mean
 * @lg: the guest; the caller is its owner
 * @pgdir: guest-physical address of the page directory
 * @vaddr: the address that the entry is for
 * @pte: the entry
 * @page: what it means
 *
 * Return: 1 if the page may be mapped at once, because the guest has used it
 * before; 0 if it may not; negative if the guest was killed.
 */
int guest_check_pte(struct lguest *lg, gpa_t pgdir, u32 vaddr, u32 pte,
		    struct guest_page *page)
{
	u32 pde;
	int found;

	if (!(pte & _PAGE_PRESENT) || !(pte & (_PAGE_ACCESSED | _PAGE_DIRTY)))
		return 0;
	found = check_pte(lg, pte);
	if (found)
		return found;
	found = read_pde(lg, pgdir, vaddr, &pde);
	if (found > 0)
		describe(page, pde, pte);
	return found;
}

static u32 bytes_left_in_page(u32 addr, u32 len)
{
	return min_t(u32, len, PAGE_SIZE - offset_in_page(addr));
}

/**
 * guest_read_virt() - copy from the guest's address space, as its kernel would
 * @lg: the guest; the caller is its owner
 * @to: where to
 * @from: guest-virtual address
 * @len: bytes
 *
 * Return: 1 if all was copied, 0 if some page was not mapped, negative if the
 * guest was killed.
 */
int guest_read_virt(struct lguest *lg, void *to, u32 from, u32 len)
{
	while (len) {
		u32 part = bytes_left_in_page(from, len);
		struct guest_page page;
		int found = guest_walk(lg, from, 0, &page);

		if (found <= 0)
			return found;
		if (guest_read(lg, to, page.gpa + offset_in_page(from), part))
			return -ENOENT;
		to += part;
		from += part;
		len -= part;
	}
	return 1;
}

/**
 * guest_write_virt() - copy to the guest's address space, as its kernel would
 * @lg: the guest; the caller is its owner
 * @to: guest-virtual address
 * @from: where from
 * @len: bytes, at most a page
 *
 * Nothing is written unless all of it can be.
 *
 * Return: 1 if all was copied, 0 if some page was not mapped or not writable,
 * negative if the guest was killed.
 */
int guest_write_virt(struct lguest *lg, u32 to, const void *from, u32 len)
{
	u32 first = bytes_left_in_page(to, len);
	struct guest_page page, next;
	int found = guest_walk(lg, to, PF_WRITE, &page);

	if (found > 0 && first < len)
		found = guest_walk(lg, to + first, PF_WRITE, &next);
	if (found <= 0)
		return found;
	if (guest_write(lg, page.gpa + offset_in_page(to), from, first))
		return -ENOENT;
	if (first < len && guest_write(lg, next.gpa, from + first, len - first))
		return -ENOENT;
	return 1;
}
