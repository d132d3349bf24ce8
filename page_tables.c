// SPDX-License-Identifier: GPL-2.0
/*
 * Shadow paging: which tables the CPU really uses while a guest runs, and what
 * is in them.  They start empty and are filled by page faults (demand_page())
 * from what guest_tables.c reads in the guest's own; the guest announces its
 * changes.  shadow_tables.c knows what a table looks like.
 *
 * A guest has several sets, one for each page directory that it used lately.
 * Their user parts are their own.  The kernel part, from page_offset up, is
 * one for all: every shadow directory points to the same shadow tables, so a
 * kernel page faults once, not once for each process.  The last slots are the
 * host's.
 *
 * Only the owner adds and removes tables.  Entries are changed under mmu_lock,
 * since mmu_notifier.c takes them out at any time.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <asm/pgtable.h>
#include "lg.h"
#include "trace.h"

#define FIRST_RESERVED_SLOT	(SHADOW_SLOTS - RESERVED_SLOTS)

/*
 * Tables and entries kept per guest.  Beyond that all are dropped and fault in
 * again.  So many tables are 24 MB, or 16 MB with PAE, charged to the launcher's
 * memory control group; an ordinary guest needs one for each 4 MB (2 MB) that it
 * uses.  Entries for 1 GB bound how long mmu_lock can be held to take them out.
 */
#define MAX_SHADOW_TABLES	2048
#define MAX_SHADOW_ENTRIES	BIT(18)

static u32 slot_of(u32 vaddr)
{
	return vaddr >> PMD_SHIFT;
}

static u32 index_of(u32 vaddr)
{
	return (vaddr >> PAGE_SHIFT) & (PTRS_PER_PTE - 1);
}

static u32 first_kernel_slot(const struct lguest *lg)
{
	return slot_of(lg->paging.page_offset);
}

static bool is_kernel_slot(const struct lguest *lg, u32 slot)
{
	return slot >= first_kernel_slot(lg);
}

static pteval_t *slot_in(struct shadow_set *set, u32 slot)
{
	return shadow_slot(&set->dir, slot);
}

static void set_slot(struct shadow_set *set, u32 slot, pteval_t value)
{
	*slot_in(set, slot) = value;
}

static void set_slot_in_all(struct lguest *lg, u32 slot, pteval_t value)
{
	struct shadow_set *set;

	list_for_each_entry(set, &lg->paging.sets, lru)
		set_slot(set, slot, value);
}

/* The table for a slot, or NULL. */
static struct shadow_table *table_in(struct shadow_set *set, u32 slot)
{
	return shadow_slot_table(*slot_in(set, slot));
}

static void free_table(struct lguest *lg, struct shadow_table *table)
{
	lg->paging.nr_tables--;
	shadow_table_free(lg, table);
}

static void release_slot(struct lguest *lg, struct shadow_set *set, u32 slot)
{
	struct shadow_table *table = table_in(set, slot);

	if (!table)
		return;
	set_slot(set, slot, 0);
	free_table(lg, table);
}

/* For what is the same in all. */
static struct shadow_set *any_set(struct lguest *lg)
{
	return list_first_entry_or_null(&lg->paging.sets, struct shadow_set, lru);
}

/* Every set points to the same table. */
static void release_kernel_slot(struct lguest *lg, u32 slot)
{
	struct shadow_set *set = any_set(lg);
	struct shadow_table *table = set ? table_in(set, slot) : NULL;

	if (!table)
		return;
	set_slot_in_all(lg, slot, 0);
	free_table(lg, table);
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

	for (slot = first_kernel_slot(lg); slot < FIRST_RESERVED_SLOT; slot++)
		release_kernel_slot(lg, slot);
}

static void release_everything(struct lguest *lg)
{
	struct shadow_set *set;

	list_for_each_entry(set, &lg->paging.sets, lru)
		release_user_part(lg, set);
	release_kernel_part(lg);
}

static struct shadow_set *find_set(struct lguest *lg, gpa_t pgdir)
{
	struct shadow_set *set;

	list_for_each_entry(set, &lg->paging.sets, lru) {
		if (set->gpgdir == pgdir)
			return set;
	}
	return NULL;
}

static void free_set(struct shadow_set *set)
{
	host_root_free(&set->dir);
	shadow_dir_free(&set->dir);
	kfree(set);
}

/* A new set begins with the kernel part that all share, and the host's. */
static struct shadow_set *new_set(struct lguest *lg)
{
	struct shadow_set *set = kzalloc(sizeof(*set), GFP_KERNEL_ACCOUNT);
	struct shadow_set *other = any_set(lg);
	u32 slot;

	if (!set)
		return NULL;
	if (shadow_dir_alloc(&set->dir) || host_root_alloc(lg, &set->dir)) {
		free_set(set);
		return NULL;
	}
	for (slot = first_kernel_slot(lg); other && slot < FIRST_RESERVED_SLOT; slot++)
		set_slot(set, slot, *slot_in(other, slot));
	list_add(&set->lru, &lg->paging.sets);
	lg->paging.nr_sets++;
	return set;
}

/* Also what is done when there is no memory for one more. */
static struct shadow_set *reuse_oldest_set(struct lguest *lg)
{
	struct shadow_set *set = list_last_entry(&lg->paging.sets, struct shadow_set,
						 lru);

	release_user_part(lg, set);
	forbid_direct_switch(&lg->vcpu, set);
	return set;
}

/* Where a mapping for an address goes; its table is made if need be. */
static struct shadow_table *table_for(struct lguest_vcpu *vcpu, u32 vaddr)
{
	struct lguest *lg = vcpu->lg;
	u32 slot = slot_of(vaddr);
	struct shadow_table *table = table_in(vcpu->paging.set, slot);
	pteval_t value;

	if (table)
		return table;
	table = shadow_table_alloc();
	if (!table)
		return NULL;
	lg->paging.nr_tables++;
	value = shadow_slot_value(table->entries);
	if (is_kernel_slot(lg, slot))
		set_slot_in_all(lg, slot, value);
	else
		set_slot(vcpu->paging.set, slot, value);
	return table;
}

static void clear_entry(struct lguest *lg, struct shadow_table *table, u32 index)
{
	spin_lock(&lg->shadow.lock);
	shadow_clear(lg, table, index);
	spin_unlock(&lg->shadow.lock);
}

/*
 * Fill an entry.  A page that will be written is taken for writing at once,
 * which saves a fault; if the launcher may only read it, so may the guest.  If
 * the page changes hands meanwhile, the entry stays as it is: the guest will
 * fault again.
 */
static int fill_entry(struct lguest *lg, struct shadow_table *table, u32 index,
		      const struct guest_page *guest, bool must_write)
{
	bool writable = may_be_writable(guest);
	u32 gfn = guest->gpa >> PAGE_SHIFT;
	unsigned long seq;
	struct page *page;

	if (shadow_prepare(lg, gfn))
		return kill_guest(lg, "out of memory for page tables");
	page = take_launcher_page(lg, guest->gpa, writable, &seq);
	if (!page && writable) {
		writable = false;
		page = take_launcher_page(lg, guest->gpa, writable, &seq);
	}
	if (!page)
		return kill_guest(lg, "no memory at %#x", guest->gpa);
	if (must_write && !writable) {
		put_page(page);
		return kill_guest(lg, "read-only memory at %#x", guest->gpa);
	}

	spin_lock(&lg->shadow.lock);
	if (!launcher_page_changed(lg, seq))
		shadow_set(lg, table, index,
			   shadow_entry(PFN_PHYS(page_to_pfn(page)),
					entry_flags(guest, writable)),
			   gfn);
	spin_unlock(&lg->shadow.lock);
	put_page(page);
	return 0;
}

/* In the current directory; @around: its neighbours, too. */
static int map_page(struct lguest_vcpu *vcpu, u32 vaddr, const struct guest_page *page,
		    bool must_write, bool around)
{
	struct lguest *lg = vcpu->lg;
	struct shadow_table *table = table_for(vcpu, vaddr);
	int err;

	if (!table)
		return kill_guest(lg, "out of memory for page tables");
	err = fill_entry(lg, table, index_of(vaddr), page, must_write);
	if (!err && around)
		map_around(lg, table, index_of(vaddr), page);
	return err;
}

static bool has_too_much(const struct lguest *lg)
{
	return lg->shadow.nr_entries >= MAX_SHADOW_ENTRIES ||
	       lg->paging.nr_tables >= MAX_SHADOW_TABLES;
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
	*errcode = guest_errcode(lg, *errcode, false);
	return 0;
}

static int __demand_page(struct lguest_vcpu *vcpu, u32 vaddr, u32 *errcode, gpa_t *device)
{
	struct lguest *lg = vcpu->lg;
	struct guest_page page;
	int found, err;

	if (*errcode & PF_RESERVED)
		return kill_guest(lg, "reserved page table bit at %#x", vaddr);
	if (slot_of(vaddr) >= FIRST_RESERVED_SLOT)
		return refuse_host_address(lg, vaddr, errcode);
	found = guest_walk(vcpu, vaddr, *errcode, &page);
	if (!found) {
		*errcode = guest_errcode(lg, *errcode, page.present);
		learn_direct_faults(vcpu, vaddr);
	}
	if (found <= 0)
		return found;
	if (page.device) {
		*device = page.gpa + offset_in_page(vaddr);
		return FAULT_OF_DEVICE;
	}
	if (has_too_much(lg)) {
		err = guest_flush_all(vcpu);
		if (err)
			return err;
	}
	/* A page that is written to is mostly new, and has no neighbours yet. */
	return map_page(vcpu, vaddr, &page, *errcode & PF_WRITE, !(*errcode & PF_WRITE)) ?:
	       FAULT_MENDED;
}

/**
 * demand_page() - make an address present in the shadow tables
 * @vcpu: the guest's CPU; the caller is its owner
 * @vaddr: guest-virtual address
 * @errcode: the page fault's error code: PF_WRITE and so on.  If the fault is
 *	the guest's own, PF_PRESENT comes to mean the guest's tables.
 * @device: guest-physical address of a device's register
 *
 * Return: one of enum page_fault; negative if the guest was killed.
 */
int demand_page(struct lguest_vcpu *vcpu, u32 vaddr, u32 *errcode, gpa_t *device)
{
	int handled = __demand_page(vcpu, vaddr, errcode, device);

	trace_lguest_page_fault(vaddr, *errcode, handled);
	return handled;
}

/* The entry for an address, or 0. */
static pteval_t shadow_of(struct lguest_vcpu *vcpu, u32 vaddr)
{
	struct shadow_table *table = table_in(vcpu->paging.set, slot_of(vaddr));

	return table ? READ_ONCE(table->entries[index_of(vaddr)]) : 0;
}

static bool is_mapped_writable(struct lguest_vcpu *vcpu, u32 vaddr)
{
	return shadow_of(vcpu, vaddr) & _PAGE_RW;
}

/* Return 1, 0 if the guest has no such page, negative if it was killed. */
static int map_stack_page(struct lguest_vcpu *vcpu, u32 index)
{
	u32 addr = vcpu->paging.stack_top - 1 - index * PAGE_SIZE, errcode = PF_WRITE;
	gpa_t device;
	int mapped;

	if (is_mapped_writable(vcpu, addr))
		return 1;
	mapped = demand_page(vcpu, addr, &errcode, &device);
	if (mapped == FAULT_OF_DEVICE)
		return FAULT_OF_GUEST;
	/* The launcher's memory has just changed: once more, before it runs. */
	if (mapped > 0 && !is_mapped_writable(vcpu, addr))
		WRITE_ONCE(vcpu->mmu.pages_lost, true);
	return mapped;
}

/**
 * pin_guest_stack() - map the guest kernel's stack
 * @vcpu: the guest's CPU; the caller is its owner
 *
 * A direct gate makes the CPU push onto this stack; a page fault there costs
 * an exit, or is a double fault.
 *
 * Return: 0, or negative if the guest was killed.
 */
int pin_guest_stack(struct lguest_vcpu *vcpu)
{
	struct lguest *lg = vcpu->lg;
	u32 i;

	for (i = 0; i < vcpu->paging.stack_pages; i++) {
		int mapped = map_stack_page(vcpu, i);

		if (mapped < 0)
			return mapped;
		if (!mapped)
			return kill_guest(lg, "bad stack page at %#x",
					  vcpu->paging.stack_top - 1 - i * (u32)PAGE_SIZE);
	}
	return 0;
}

/*
 * Map the stack again where the guest still has it: for when the host has taken pages
 * away, of which the guest knows nothing.
 */
static int restore_guest_stack(struct lguest_vcpu *vcpu)
{
	int mapped = 0;
	u32 i;

	for (i = 0; i < vcpu->paging.stack_pages && mapped >= 0; i++)
		mapped = map_stack_page(vcpu, i);
	return min(mapped, 0);
}

/**
 * restore_lost_pages() - after guest_may_enter() has said no
 * @vcpu: the guest's CPU; the caller is its owner
 *
 * Return: 0, or negative if the guest was killed.
 */
int restore_lost_pages(struct lguest_vcpu *vcpu)
{
	struct lguest *lg = vcpu->lg;

	/* Whoever changes the tables mostly holds this. */
	spin_lock(&lg->shadow.lock);
	spin_unlock(&lg->shadow.lock);
	if (!READ_ONCE(vcpu->mmu.pages_lost))
		return 0;
	WRITE_ONCE(vcpu->mmu.pages_lost, false);
	return restore_guest_stack(vcpu);
}

static void use_set(struct lguest_vcpu *vcpu, struct shadow_set *set)
{
	list_move(&set->lru, &vcpu->lg->paging.sets);
	vcpu->paging.set = set;
}

/**
 * guest_new_pgtable() - LHCALL_NEW_PGTABLE, LHCALL_SWITCH_PGTABLE: to another page directory
 * @vcpu: the guest's CPU; the caller is its owner
 * @pgdir: its guest-physical address
 *
 * Return: 0, or negative if the guest was killed.
 */
int guest_new_pgtable(struct lguest_vcpu *vcpu, gpa_t pgdir)
{
	struct lguest *lg = vcpu->lg;
	struct shadow_set *set = find_set(lg, pgdir);

	lguest_count(lg, STAT_PGTABLE_SWITCHES);
	if (!set) {
		lguest_count(lg, STAT_PGTABLE_MISSES);
		if (lg->paging.nr_sets < MAX_SHADOW_SETS)
			set = new_set(lg);
		if (!set)
			set = reuse_oldest_set(lg);
		set->gpgdir = pgdir;
	}
	use_set(vcpu, set);
	allow_direct_switch(vcpu, set);
	/* What is mapped came from tables of another format. */
	return guest_choose_format(lg, pgdir) ? guest_flush_all(vcpu) : 0;
}

/**
 * adopt_pgtable() - the guest has loaded a page directory without an exit
 * @vcpu: the guest's CPU; the caller is its owner
 * @pgdir: its guest-physical address.  (On a 32-bit host a guest can make that up: nothing
 *	is heard of what it could not have loaded.)
 */
void adopt_pgtable(struct lguest_vcpu *vcpu, gpa_t pgdir)
{
	if (may_switch_directly(vcpu, pgdir))
		use_set(vcpu, find_set(vcpu->lg, pgdir));
}

/*
 * Where a guest announces what its page faults were answered with, it is about to use
 * that, and if it has been used before, what is beside it: as after any other page fault.
 */
static bool maps_announced(const struct lguest_vcpu *vcpu, const struct shadow_set *set)
{
	return vcpu->lg->kernel.direct_faults && set == vcpu->paging.set;
}

static int announce_pte(struct lguest_vcpu *vcpu, struct shadow_set *set, u32 vaddr, u64 pte)
{
	struct lguest *lg = vcpu->lg;
	struct shadow_table *table = table_in(set, slot_of(vaddr));
	bool is_new = !table || !(READ_ONCE(table->entries[index_of(vaddr)]) & _PAGE_PRESENT);
	struct guest_page page;
	int found;

	if (table)
		clear_entry(lg, table, index_of(vaddr));
	else if (!maps_announced(vcpu, set))
		return 0;
	found = guest_check_pte(lg, set->gpgdir, vaddr, pte, &page);
	if (found <= 0 || has_too_much(lg))
		return min(found, 0);
	if (maps_announced(vcpu, set))
		return map_page(vcpu, vaddr, &page, false, is_new && !may_be_writable(&page));
	return fill_entry(lg, table, index_of(vaddr), &page, false);
}

/**
 * guest_set_pte() - LHCALL_SET_PTE: the guest changed a page table entry
 * @vcpu: the guest's CPU; the caller is its owner
 * @pgdir: guest-physical address of its page directory
 * @vaddr: the address that the entry is for
 * @pte: the new entry, from guest_pte()
 *
 * A page that the guest has used before is mapped at once, which saves the
 * page fault.
 *
 * Return: 0, or negative if the guest was killed.
 */
int guest_set_pte(struct lguest_vcpu *vcpu, gpa_t pgdir, u32 vaddr, u64 pte)
{
	struct lguest *lg = vcpu->lg;
	bool kernel = vaddr >= lg->paging.page_offset;
	struct shadow_set *set = kernel ? vcpu->paging.set : find_set(lg, pgdir);
	int err;

	if (slot_of(vaddr) >= FIRST_RESERVED_SLOT)
		return kill_guest(lg, "attempt to map the host's address %#x",
				  vaddr);
	if (!set)
		return 0;
	err = announce_pte(vcpu, set, vaddr, pte);
	if (!err && set == vcpu->paging.set)
		learn_direct_fault(vcpu, vaddr, pte, shadow_of(vcpu, vaddr));
	return err;
}

/**
 * guest_set_pgd() - LHCALL_SET_PGD: the guest changed a top-level entry
 * @vcpu: the guest's CPU; the caller is its owner
 * @pgdir: guest-physical address of its page directory
 * @index: the entry
 *
 * The host's entry, and what is beyond, is ignored.
 *
 * Return: 0, or negative if the guest was killed.
 */
int guest_set_pgd(struct lguest_vcpu *vcpu, gpa_t pgdir, u32 index)
{
	struct lguest *lg = vcpu->lg;
	struct shadow_set *set = find_set(lg, pgdir);
	u32 start, slot, end;
	u8 shift;

	if (!set || !guest_dir_range(lg, index, &start, &shift))
		return 0;
	end = slot_of(start) + (1U << (shift - PMD_SHIFT));
	end = min_t(u32, end, FIRST_RESERVED_SLOT);
	for (slot = slot_of(start); slot < end; slot++) {
		if (is_kernel_slot(lg, slot))
			release_kernel_slot(lg, slot);
		else
			release_slot(lg, set, slot);
	}
	return end > first_kernel_slot(lg) ? pin_guest_stack(vcpu) : 0;
}

/**
 * guest_set_pmd() - LHCALL_SET_PMD: a guest with PAE changed the middle level
 * @vcpu: the guest's CPU; the caller is its owner
 *
 * Which addresses the entry is for is not known: any top-level entry of any
 * directory may lead to it.
 *
 * Return: 0, or negative if the guest was killed.
 */
int guest_set_pmd(struct lguest_vcpu *vcpu)
{
	struct lguest *lg = vcpu->lg;

	if (!guest_may_have_pmd(lg))
		return kill_guest(lg, "bad hypercall %u", LHCALL_SET_PMD);
	return guest_flush_all(vcpu);
}

/**
 * guest_flush_user() - LHCALL_FLUSH_TLB(0)
 * @vcpu: the guest's CPU; the caller is its owner
 */
void guest_flush_user(struct lguest_vcpu *vcpu)
{
	struct lguest *lg = vcpu->lg;

	lguest_count(lg, STAT_TLB_FLUSH);
	release_user_part(lg, vcpu->paging.set);
}

/**
 * guest_flush_range() - LHCALL_FLUSH_RANGE: forget a part of the user part
 * @vcpu: the guest's CPU; the caller is its owner
 * @start: the first address
 * @end: one that follows the last; what is the kernel's is left out
 */
void guest_flush_range(struct lguest_vcpu *vcpu, u32 start, u32 end)
{
	struct lguest *lg = vcpu->lg;
	struct shadow_table *table;
	u32 addr, next;

	lguest_count(lg, STAT_TLB_FLUSH);
	end = min(end, lg->paging.page_offset);
	for (addr = start; addr < end; addr = next) {
		next = min_t(u64, end, ((u64)addr | ~(u32)PMD_MASK) + 1);
		table = table_in(vcpu->paging.set, slot_of(addr));
		if (table)
			shadow_table_clear(lg, table, index_of(addr), index_of(next - 1));
		cond_resched();
	}
	if (start < end)
		learn_direct_range(vcpu, start, end);
}

/**
 * guest_protect_user() - LHCALL_FLUSH_TLB(LGUEST_FLUSH_WRITABLE)
 * @vcpu: the guest's CPU; the caller is its owner
 *
 * Writes will fault; what is read stays mapped, which a flush would not leave.
 */
void guest_protect_user(struct lguest_vcpu *vcpu)
{
	struct lguest *lg = vcpu->lg;
	struct shadow_table *table;
	u32 slot;

	lguest_count(lg, STAT_TLB_FLUSH);
	expect_write_faults(vcpu);
	for (slot = 0; slot < first_kernel_slot(lg); slot++) {
		table = table_in(vcpu->paging.set, slot);
		if (table)
			shadow_table_protect(lg, table);
		cond_resched();
	}
}

/**
 * guest_flush_all() - LHCALL_FLUSH_TLB(1)
 * @vcpu: the guest's CPU; the caller is its owner
 *
 * Return: 0, or negative if the guest was killed.
 */
int guest_flush_all(struct lguest_vcpu *vcpu)
{
	struct lguest *lg = vcpu->lg;

	lguest_count(lg, STAT_TLB_FLUSH);
	release_everything(lg);
	return pin_guest_stack(vcpu);
}

/**
 * guest_set_kernel_address() - where addresses begin that all directories share
 * @lg: the guest; the caller is its owner
 * @vaddr: the first of them
 *
 * Return: 0, or negative if the guest was killed.
 */
int guest_set_kernel_address(struct lguest *lg, u32 vaddr)
{
	if (slot_of(vaddr) >= FIRST_RESERVED_SLOT)
		return kill_guest(lg, "bad kernel address %#x", vaddr);
	release_everything(lg);		/* as it was divided until now */
	lg->paging.page_offset = vaddr;
	return 0;
}

/**
 * set_first_pgdir() - name a new guest's first page directory
 * @vcpu: the guest's CPU
 * @pgdir: its guest-physical address, or NO_PGDIR
 */
void set_first_pgdir(struct lguest_vcpu *vcpu, gpa_t pgdir)
{
	struct lguest *lg = vcpu->lg;

	lg->paging.first_pgdir = pgdir;
	vcpu->paging.set->gpgdir = pgdir;
}

/**
 * init_shadow() - start with one set
 * @lg: the guest, with nothing of this but an empty list of sets; its memory's place
 *	is known
 *
 * Return: 0 or a negative error; free_shadow() cleans up either way.
 */
int init_shadow(struct lguest *lg)
{
	if (shadow_lists_alloc(lg))
		return -ENOMEM;
	lg->vcpu.paging.set = new_set(lg);
	if (!lg->vcpu.paging.set)
		return -ENOMEM;
	return follow_launcher(lg);
}

/**
 * free_shadow() - give all that back
 * @lg: a guest that never runs again
 */
void free_shadow(struct lguest *lg)
{
	struct shadow_set *set, *next;

	release_everything(lg);
	stop_following(lg);
	list_for_each_entry_safe(set, next, &lg->paging.sets, lru)
		free_set(set);
	shadow_lists_free(lg);
}
