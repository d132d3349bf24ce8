// SPDX-License-Identifier: GPL-2.0
/*
 * Shadow page tables: the tables that the CPU really uses while a guest runs.
 * They start empty and are filled by page faults (demand_page()) from what
 * guest_tables.c reads in the guest's own; the guest announces its changes.
 *
 * A guest has several sets, one for each page directory that it used lately.
 * Their user parts are their own.  The kernel part, from page_offset up, is
 * one for all: every shadow directory points to the same shadow tables, so a
 * kernel page faults once, not once for each process.  The last directory
 * entry is the switcher's.
 *
 * Each present shadow entry holds a pin on the launcher's page.  The page is
 * pinned for writing wherever the launcher may write to it, even for a read:
 * a pin for reading would keep the old page when the launcher later breaks its
 * copy-on-write, and guest and launcher would no longer share the memory.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <asm/pgtable.h>
#include "lg.h"
#include "trace.h"

#define SHADOW_PTRS		1024
#define SHADOW_PDE_SHIFT	22
#define SWITCHER_SLOT		(SHADOW_PTRS - 1)

/*
 * Directories kept per guest.  A process that is switched to again within so
 * many others finds its pages mapped.  The price is bounded: a hostile guest
 * can make each hold the tables for its whole user part, at most 4 MB, and
 * these are charged to the launcher's memory control group.
 */
#define MAX_SHADOW_SETS		16

/* The rights are in the last level alone. */
#define SHADOW_PDE_FLAGS	(_PAGE_PRESENT | _PAGE_RW | _PAGE_USER | \
				 _PAGE_ACCESSED | _PAGE_DIRTY)

/*
 * Entries kept per guest: 1 GB of mappings.  Beyond that all are dropped and
 * fault in again.  Each pin adds 1024 to a page's reference count, so that a
 * guest which maps one page everywhere must be stopped long before 2^21.
 */
#define MAX_SHADOW_ENTRIES	BIT(18)

#define GFP_SHADOW		(GFP_KERNEL_ACCOUNT | __GFP_ZERO)

static u32 slot_of(u32 vaddr)
{
	return vaddr >> SHADOW_PDE_SHIFT;
}

static u32 first_kernel_slot(const struct lguest *lg)
{
	return slot_of(lg->page_offset);
}

static bool is_kernel_slot(const struct lguest *lg, u32 slot)
{
	return slot >= first_kernel_slot(lg);
}

static u32 *shadow_table(u32 pde)
{
	return __va(pde & PAGE_MASK);
}

/* How many entries of a shadow table are present, so that empty ones are skipped. */
static unsigned long *entries_in(u32 *table)
{
	return &virt_to_page(table)->private;
}

static u32 *alloc_table(void)
{
	u32 *table = (u32 *)__get_free_page(GFP_SHADOW);

	if (table)
		*entries_in(table) = 0;
	return table;
}

static void free_table(u32 *table)
{
	*entries_in(table) = 0;
	free_page((unsigned long)table);
}

static void release_entry(struct lguest *lg, u32 *table, u32 index)
{
	u32 entry = table[index];
	struct page *page = pfn_to_page(entry >> PAGE_SHIFT);

	if (!(entry & _PAGE_PRESENT))
		return;
	table[index] = 0;
	--*entries_in(table);
	lg->nr_entries--;
	unpin_user_pages_dirty_lock(&page, 1, entry & _PAGE_DIRTY);
}

/* Empty and free one slot's shadow table. */
static void release_table(struct lguest *lg, u32 pde)
{
	u32 *table = shadow_table(pde);
	u32 i;

	for (i = 0; *entries_in(table); i++)
		release_entry(lg, table, i);
	free_table(table);
	cond_resched();		/* there may be thousands */
}

static void release_slot(struct lguest *lg, struct shadow_set *set, u32 slot)
{
	u32 pde = set->pgdir[slot];

	if (!(pde & _PAGE_PRESENT))
		return;
	set->pgdir[slot] = 0;
	release_table(lg, pde);
}

/* Every set points to the same table. */
static void release_kernel_slot(struct lguest *lg, u32 slot)
{
	u32 pde = lg->set->pgdir[slot];
	struct shadow_set *set;

	if (!(pde & _PAGE_PRESENT))
		return;
	list_for_each_entry(set, &lg->sets, lru)
		set->pgdir[slot] = 0;
	release_table(lg, pde);
}

static void release_user_part(struct lguest *lg, struct shadow_set *set)
{
	u32 slot;

	for (slot = 0; slot < first_kernel_slot(lg); slot++)
		release_slot(lg, set, slot);
}

static void release_kernel_part(struct lguest *lg)
{
	u32 slot;

	for (slot = first_kernel_slot(lg); slot < SWITCHER_SLOT; slot++)
		release_kernel_slot(lg, slot);
}

static void release_everything(struct lguest *lg)
{
	struct shadow_set *set;

	list_for_each_entry(set, &lg->sets, lru)
		release_user_part(lg, set);
	release_kernel_part(lg);
}

static struct shadow_set *find_set(struct lguest *lg, gpa_t pgdir)
{
	struct shadow_set *set;

	list_for_each_entry(set, &lg->sets, lru) {
		if (set->gpgdir == pgdir)
			return set;
	}
	return NULL;
}

/* A new set begins with the kernel part that all share, and the switcher. */
static struct shadow_set *new_set(struct lguest *lg)
{
	struct shadow_set *set = kzalloc(sizeof(*set), GFP_KERNEL_ACCOUNT);
	u32 first = first_kernel_slot(lg);

	if (!set)
		return NULL;
	set->pgdir = alloc_table();
	if (!set->pgdir) {
		kfree(set);
		return NULL;
	}
	if (lg->set)
		memcpy(set->pgdir + first, lg->set->pgdir + first,
		       (SHADOW_PTRS - first) * sizeof(u32));
	set->pgdir[SWITCHER_SLOT] = __pa(lg->switcher_ptes) | SHADOW_PDE_FLAGS;
	list_add(&set->lru, &lg->sets);
	lg->nr_sets++;
	return set;
}

/* Also what is done when there is no memory for one more. */
static struct shadow_set *reuse_oldest_set(struct lguest *lg)
{
	struct shadow_set *set = list_last_entry(&lg->sets, struct shadow_set,
						 lru);

	release_user_part(lg, set);
	return set;
}

/* Where a mapping for an address goes; its table is made if need be. */
static u32 *shadow_table_for(struct lguest *lg, u32 vaddr)
{
	u32 slot = slot_of(vaddr);
	struct shadow_set *set;
	u32 *table, pde;

	if (lg->set->pgdir[slot] & _PAGE_PRESENT)
		return shadow_table(lg->set->pgdir[slot]);
	table = alloc_table();
	if (!table)
		return NULL;
	pde = __pa(table) | SHADOW_PDE_FLAGS;
	lg->set->pgdir[slot] = pde;
	if (is_kernel_slot(lg, slot)) {
		list_for_each_entry(set, &lg->sets, lru)
			set->pgdir[slot] = pde;
	}
	return table;
}

static struct page *pin_launcher_page(struct lguest *lg, gpa_t gpa,
				      bool *writable)
{
	unsigned long addr = (unsigned long)guest_uaddr(lg, gpa);
	struct page *page;

	*writable = pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) == 1;
	if (*writable || pin_user_pages_fast(addr, 1, 0, &page) == 1)
		return page;
	return NULL;
}

/*
 * Fill an entry.  Until the guest's own entry is dirty the shadow is read-only,
 * so that the first write faults and the dirty bit can be set.
 */
static int fill_entry(struct lguest *lg, u32 *table, u32 index,
		      const struct guest_page *guest)
{
	bool writable;
	struct page *page = pin_launcher_page(lg, guest->gpa, &writable);
	bool want_write = guest->writable && guest->dirty;
	u32 entry = _PAGE_PRESENT | _PAGE_ACCESSED;

	if (!page)
		return kill_guest(lg, "no memory at %#x", guest->gpa);
	if (want_write && !writable) {
		unpin_user_page(page);
		return kill_guest(lg, "read-only memory at %#x", guest->gpa);
	}
	if (want_write)
		entry |= _PAGE_RW;
	if (guest->user)
		entry |= _PAGE_USER;
	release_entry(lg, table, index);
	table[index] = page_to_pfn(page) << PAGE_SHIFT | entry;
	++*entries_in(table);
	lg->nr_entries++;
	return 0;
}

static bool has_too_many_entries(const struct lguest *lg)
{
	return lg->nr_entries >= MAX_SHADOW_ENTRIES;
}

static u32 index_of(u32 vaddr)
{
	return (vaddr >> PAGE_SHIFT) & (SHADOW_PTRS - 1);
}

/*
 * The host's addresses: no page of the guest's is there, and its kernel must
 * not try.  A user program of the guest's must not be able to end the guest.
 */
static int refuse_host_address(struct lguest *lg, u32 vaddr, u32 *errcode)
{
	if (!(*errcode & PF_USER))
		return kill_guest(lg, "attempt to use the host's addresses at %#x",
				  vaddr);
	*errcode &= ~PF_PRESENT;
	return 0;
}

static int __demand_page(struct lguest *lg, u32 vaddr, u32 *errcode)
{
	struct guest_page page;
	u32 *table;
	int found, err;

	if (*errcode & PF_RESERVED)
		return kill_guest(lg, "reserved page table bit at %#x", vaddr);
	if (slot_of(vaddr) == SWITCHER_SLOT)
		return refuse_host_address(lg, vaddr, errcode);
	found = guest_walk(lg, vaddr, *errcode, &page);
	if (!found)	/* what the CPU said of it was about the shadow */
		*errcode = (*errcode & ~PF_PRESENT) |
			   (page.present ? PF_PRESENT : 0);
	if (found <= 0)
		return found;
	if (has_too_many_entries(lg)) {
		err = guest_flush_all(lg);
		if (err)
			return err;
	}
	table = shadow_table_for(lg, vaddr);
	if (!table)
		return kill_guest(lg, "out of memory for page tables");
	err = fill_entry(lg, table, index_of(vaddr), &page);
	return err ? err : 1;
}

/**
 * demand_page() - make an address present in the shadow tables
 * @lg: the guest; the caller is its owner
 * @vaddr: guest-virtual address
 * @errcode: the page fault's error code: PF_WRITE and so on.  If the fault is
 *	the guest's own, PF_PRESENT comes to mean the guest's tables.
 *
 * Return: 1 if the guest may try again, 0 if the fault is the guest's own,
 * negative if it was killed.
 */
int demand_page(struct lguest *lg, u32 vaddr, u32 *errcode)
{
	int handled = __demand_page(lg, vaddr, errcode);

	trace_lguest_page_fault(vaddr, *errcode, handled);
	return handled;
}

/**
 * pin_guest_stack() - map the guest kernel's stack
 * @lg: the guest; the caller is its owner
 *
 * A direct gate makes the CPU push onto this stack; a page fault there costs
 * an exit, or is a double fault.
 *
 * Return: 0, or negative if the guest was killed.
 */
int pin_guest_stack(struct lguest *lg)
{
	u32 i;

	for (i = 0; i < lg->stack_pages; i++) {
		u32 addr = lg->stack_top - 1 - i * PAGE_SIZE;
		u32 errcode = PF_WRITE;
		int mapped = demand_page(lg, addr, &errcode);

		if (mapped < 0)
			return mapped;
		if (!mapped)
			return kill_guest(lg, "bad stack page at %#x", addr);
	}
	return 0;
}

/**
 * guest_new_pgtable() - LHCALL_NEW_PGTABLE: switch to another page directory
 * @lg: the guest; the caller is its owner
 * @pgdir: its guest-physical address
 *
 * Return: 0, or negative if the guest was killed.
 */
int guest_new_pgtable(struct lguest *lg, gpa_t pgdir)
{
	struct shadow_set *set = find_set(lg, pgdir);

	lguest_count(lg, STAT_PGTABLE_SWITCHES);
	if (!set) {
		lguest_count(lg, STAT_PGTABLE_MISSES);
		if (lg->nr_sets < MAX_SHADOW_SETS)
			set = new_set(lg);
		if (!set)
			set = reuse_oldest_set(lg);
		set->gpgdir = pgdir;
	}
	list_move(&set->lru, &lg->sets);
	lg->set = set;
	return 0;
}

/**
 * guest_set_pte() - LHCALL_SET_PTE: the guest changed a page table entry
 * @lg: the guest; the caller is its owner
 * @pgdir: guest-physical address of its page directory
 * @vaddr: the address that the entry is for
 * @pte: the new entry
 *
 * A page that the guest has used before is mapped at once, which saves the
 * page fault.
 *
 * Return: 0, or negative if the guest was killed.
 */
int guest_set_pte(struct lguest *lg, gpa_t pgdir, u32 vaddr, u32 pte)
{
	bool kernel = vaddr >= lg->page_offset;
	struct shadow_set *set = kernel ? lg->set : find_set(lg, pgdir);
	struct guest_page page;
	u32 *table;
	int found;

	if (slot_of(vaddr) == SWITCHER_SLOT)
		return kill_guest(lg, "attempt to map the host's address %#x",
				  vaddr);
	if (!set || !(set->pgdir[slot_of(vaddr)] & _PAGE_PRESENT))
		return 0;
	table = shadow_table(set->pgdir[slot_of(vaddr)]);
	release_entry(lg, table, index_of(vaddr));
	found = guest_check_pte(lg, set->gpgdir, vaddr, pte, &page);
	if (found <= 0 || has_too_many_entries(lg))
		return min(found, 0);
	return fill_entry(lg, table, index_of(vaddr), &page);
}

/**
 * guest_set_pmd() - LHCALL_SET_PMD: the guest changed a directory entry
 * @lg: the guest; the caller is its owner
 * @pgdir: guest-physical address of its page directory
 * @index: the entry
 *
 * The switcher's entry, and what is beyond, is ignored.
 *
 * Return: 0, or negative if the guest was killed.
 */
int guest_set_pmd(struct lguest *lg, gpa_t pgdir, u32 index)
{
	struct shadow_set *set = find_set(lg, pgdir);

	if (index >= SWITCHER_SLOT || !set)
		return 0;
	if (is_kernel_slot(lg, index)) {
		release_kernel_slot(lg, index);
		return pin_guest_stack(lg);
	}
	release_slot(lg, set, index);
	return 0;
}

/**
 * guest_flush_user() - LHCALL_FLUSH_TLB(0)
 * @lg: the guest; the caller is its owner
 */
void guest_flush_user(struct lguest *lg)
{
	lguest_count(lg, STAT_TLB_FLUSH);
	release_user_part(lg, lg->set);
}

/**
 * guest_flush_all() - LHCALL_FLUSH_TLB(1)
 * @lg: the guest; the caller is its owner
 *
 * Return: 0, or negative if the guest was killed.
 */
int guest_flush_all(struct lguest *lg)
{
	lguest_count(lg, STAT_TLB_FLUSH);
	release_everything(lg);
	return pin_guest_stack(lg);
}

/**
 * map_switcher_pages() - put the guest's own pages at a CPU's place
 * @lg: the guest
 * @cpu: the CPU it is about to run on
 *
 * Nothing else of the host is in a guest's tables but the switcher's text.
 */
void map_switcher_pages(struct lguest *lg, int cpu)
{
	u32 regs, tables;

	if (lg->mapped_cpu >= 0) {
		regs = switcher_page(lg->mapped_cpu, SWITCHER_REGS);
		tables = switcher_page(lg->mapped_cpu, SWITCHER_TABLES);
		lg->switcher_ptes[index_of(regs)] = 0;
		lg->switcher_ptes[index_of(tables)] = 0;
	}
	regs = switcher_page(cpu, SWITCHER_REGS);
	tables = switcher_page(cpu, SWITCHER_TABLES);
	/* The CPU pushes onto the one, and only reads the other. */
	lg->switcher_ptes[index_of(regs)] =
		__pa((unsigned long)lg->regs & PAGE_MASK) | _PAGE_PRESENT |
		_PAGE_RW | _PAGE_ACCESSED | _PAGE_DIRTY;
	lg->switcher_ptes[index_of(tables)] =
		__pa(lg->tables) | _PAGE_PRESENT | _PAGE_ACCESSED;
}

/**
 * init_shadow() - start with one set
 * @lg: the guest, with nothing of this yet
 * @pgdir: guest-physical address of its first page directory
 *
 * Return: 0 or -ENOMEM; free_shadow() cleans up either way.
 */
int init_shadow(struct lguest *lg, gpa_t pgdir)
{
	phys_addr_t text =
		(phys_addr_t)pte_pfn(*host_pte(switcher_base)) << PAGE_SHIFT;

	INIT_LIST_HEAD(&lg->sets);
	lg->switcher_ptes = alloc_table();
	if (!lg->switcher_ptes)
		return -ENOMEM;
	lg->switcher_ptes[index_of(switcher_base)] =
		text | _PAGE_PRESENT | _PAGE_ACCESSED;
	lg->set = new_set(lg);
	if (!lg->set)
		return -ENOMEM;
	lg->set->gpgdir = pgdir;
	return 0;
}

/**
 * free_shadow() - give every page back
 * @lg: a guest that never runs again
 */
void free_shadow(struct lguest *lg)
{
	struct shadow_set *set, *next;

	if (lg->set)
		release_everything(lg);
	list_for_each_entry_safe(set, next, &lg->sets, lru) {
		free_table(set->pgdir);
		kfree(set);
	}
	if (lg->switcher_ptes)
		free_table(lg->switcher_ptes);
}
