// SPDX-License-Identifier: GPL-2.0
/*
 * What a guest tells of changes of its page tables: to other ones, of an entry, of a
 * range or of all.  What is mapped goes, or becomes what it should be.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <asm/pgtable.h>
#include "lg.h"

/* Of how many pages the guest's own entries are looked at, to leave them writable. */
#define MAX_WRITABLE_ASKED	32

/* Return: true if something was there. */
static bool clear_entry(struct lguest *lg, struct shadow_table *table, u32 index)
{
	bool cleared;

	spin_lock(&lg->shadow.lock);
	cleared = shadow_clear(lg, table, index);
	spin_unlock(&lg->shadow.lock);
	return cleared;
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
	struct shadow_set *set = shadow_set_find(lg, pgdir);

	lguest_count(lg, STAT_PGTABLE_SWITCHES);
	if (!set) {
		lguest_count(lg, STAT_PGTABLE_MISSES);
		set = shadow_set_for(lg, pgdir);
	}
	shadow_set_use(vcpu, set);
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
		shadow_set_use(vcpu, shadow_set_find(vcpu->lg, pgdir));
}

/*
 * Where a guest announces what its page faults were answered with, it is about to use
 * that, and if it has been used before, what is beside it: as after any other page fault.
 */
static bool maps_announced(const struct lguest_vcpu *vcpu, const struct shadow_set *set)
{
	return vcpu->lg->kernel.direct_faults && set == vcpu->paging.set;
}

/*
 * A page that may be written to mostly comes alone, which is soon seen: of those that come
 * with others, as a guest of guests/linux maps them, the next one does.
 */
static bool has_neighbours(struct lguest *lg, const struct guest_page *page)
{
	return !may_be_writable(page->rights) || guest_uses_next(lg, page);
}

/* @table: for the address; NULL: there is none yet */
static int replace_entry(struct lguest_vcpu *vcpu, struct shadow_set *set,
			 struct shadow_table **table, u32 vaddr, u64 pte)
{
	struct lguest *lg = vcpu->lg;
	bool was_mapped = *table && clear_entry(lg, *table, shadow_index(vaddr));
	struct guest_page page;
	int found;
	bool around;

	found = guest_check_pte(lg, set->gpgdir, vaddr, pte, &page);
	if (found <= 0 || shadow_is_full(lg))
		return min(found, 0);
	if (!*table)
		*table = shadow_set_make_table(lg, set, vaddr);
	if (IS_ERR(*table))
		return PTR_ERR(*table);
	around = maps_announced(vcpu, set) && !was_mapped && has_neighbours(lg, &page);
	return map_guest_page(lg, *table, shadow_index(vaddr), &page, false, around);
}

static int announce_pte(struct lguest_vcpu *vcpu, struct shadow_set *set, u32 vaddr, u64 pte)
{
	struct shadow_table *table = shadow_set_table(set, vaddr);
	int err;

	if (!table && !maps_announced(vcpu, set))
		return 0;
	err = replace_entry(vcpu, set, &table, vaddr, pte);
	if (!err && set == vcpu->paging.set)
		learn_direct_fault(vcpu, vaddr, pte, shadow_table_entry(table, vaddr));
	return err;
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
	struct shadow_set *set = kernel ? vcpu->paging.set : shadow_set_find(lg, pgdir);

	if (is_host_address(vaddr))
		return kill_guest(lg, "attempt to map the host's address %#x",
				  vaddr);
	return set ? announce_pte(vcpu, set, vaddr, pte) : 0;
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
	struct shadow_set *set = shadow_set_find(lg, pgdir);
	u32 start, last;
	u8 shift;

	if (!set || !guest_dir_range(lg, index, &start, &shift))
		return 0;
	last = start + GENMASK(shift - 1, 0);
	shadow_set_empty_range(lg, set, start, last);
	return last >= lg->paging.page_offset ? pin_guest_stack(vcpu) : 0;
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
 *
 * A guest that has other calls for all that changes while it runs asks for this when a
 * process begins.
 */
void guest_flush_user(struct lguest_vcpu *vcpu)
{
	struct lguest *lg = vcpu->lg;

	lguest_count(lg, STAT_TLB_FLUSH);
	shadow_set_empty(lg, vcpu->paging.set);
	if (lg->kernel.direct_faults)
		map_as_before(vcpu);
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
		table = shadow_set_table(vcpu->paging.set, addr);
		if (table)
			shadow_table_clear(lg, table, shadow_index(addr),
					   shadow_index(next - 1));
		cond_resched();
	}
	if (start < end)
		learn_direct_range(vcpu, start, end);
}

/*
 * Which pages of a table the guest lets be written to yet, if there are few to ask about.
 * (What is taken out meanwhile is no entry that could stay as it is.)
 */
static void find_writable(struct lguest_vcpu *vcpu, const struct shadow_table *table,
			  unsigned long *writable, u32 *may_ask)
{
	u32 i;

	bitmap_zero(writable, PTRS_PER_PTE);
	for_each_set_bit(i, table->writable, PTRS_PER_PTE) {
		if (!*may_ask)
			return;
		--*may_ask;
		if (guest_lets_write(vcpu, shadow_vaddr(table, i)))
			__set_bit(i, writable);
	}
}

/**
 * guest_protect_user() - LHCALL_FLUSH_TLB(LGUEST_FLUSH_WRITABLE)
 * @vcpu: the guest's CPU; the caller is its owner
 *
 * Writes will fault; what is read stays mapped, which a flush would not leave.  So do pages
 * that the guest has not made read-only, if a process has written to no more than a few since
 * the last time: its fork() may have copied them.
 */
void guest_protect_user(struct lguest_vcpu *vcpu)
{
	DECLARE_BITMAP(writable, PTRS_PER_PTE);
	u32 may_ask = MAX_WRITABLE_ASKED;
	struct lguest *lg = vcpu->lg;
	struct shadow_table *table;

	lguest_count(lg, STAT_TLB_FLUSH);
	expect_write_faults(vcpu);
	list_for_each_entry(table, &vcpu->paging.set->tables, in_set) {
		find_writable(vcpu, table, writable, &may_ask);
		shadow_table_protect(lg, table, writable);
		cond_resched();
	}
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
	if (is_host_address(vaddr))
		return kill_guest(lg, "bad kernel address %#x", vaddr);
	shadow_sets_empty(lg);		/* as it was divided until now */
	lg->paging.page_offset = vaddr;
	return 0;
}
