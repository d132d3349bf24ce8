// SPDX-License-Identifier: GPL-2.0
/*
 * Shadow paging: which tables the CPU really uses while a guest runs, and what
 * is in them.  They start empty and are filled by page faults (demand_page())
 * from what guest_tables.c reads in the guest's own.  The guest announces its changes
 * (guest_changes.c).  shadow_sets.c has the tables.
 *
 * Entries are changed under mmu_lock, since mmu_notifier.c takes them out at any time.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <asm/pgtable.h>
#include "lg.h"
#include "trace.h"

/* Return: false if the launcher's page is not known so. */
static bool map_known(struct lguest *lg, struct shadow_table *table, u32 index,
		      const struct guest_page *page, bool writable)
{
	bool mapped;

	spin_lock(&lg->shadow.lock);
	mapped = shadow_map(lg, table, index, page->gpa >> PAGE_SHIFT,
			    entry_flags(page->rights, writable) | _PAGE_ACCESSED);
	spin_unlock(&lg->shadow.lock);
	return mapped;
}

/*
 * A page that may be written is taken for writing at once, which saves a fault, if the
 * launcher may write to it.  But it is not made writable for a guest that reads: it may be
 * shared with others, by KSM or since a fork, and be copied only for who writes.
 */
static int find_page(struct lguest *lg, gpa_t gpa, bool writable, bool must_write)
{
	int found = know_launcher_page(lg, gpa, writable, must_write);

	if (found == -EFAULT && !must_write)	/* it has to be made or fetched */
		found = know_launcher_page(lg, gpa, writable, true);
	return found;
}

/*
 * Fill an entry.  If the page changes hands meanwhile, the entry stays as it is: the guest
 * will fault again.
 */
static int fill_entry(struct lguest *lg, struct shadow_table *table, u32 index,
		      const struct guest_page *page, bool must_write)
{
	bool writable = may_be_writable(page->rights);
	int found;

	if (map_known(lg, table, index, page, writable))
		return 0;
	found = find_page(lg, page->gpa, writable, must_write);
	if (found == -ENOMEM)
		return kill_guest(lg, "out of memory for page tables");
	if (found < 0)
		return kill_guest(lg, "no memory at %#x", page->gpa);
	if (must_write && !found)
		return kill_guest(lg, "read-only memory at %#x", page->gpa);
	map_known(lg, table, index, page, found);
	return 0;
}

/**
 * map_guest_page() - map a page of the guest's
 * @lg: the guest; the caller is its owner
 * @table: the table for its address
 * @index: of its entry there
 * @page: what the guest's tables say
 * @must_write: the guest is about to write to it
 * @around: its neighbours, too
 *
 * Return: 0, or negative if the guest was killed.
 */
int map_guest_page(struct lguest *lg, struct shadow_table *table, u32 index,
		   const struct guest_page *page, bool must_write, bool around)
{
	int err = fill_entry(lg, table, index, page, must_write);

	if (!err && around)
		map_around(lg, table, index, page);
	return err;
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
	struct shadow_table *table;
	struct guest_page page;
	int found, err;

	if (*errcode & PF_RESERVED)
		return kill_guest(lg, "reserved page table bit at %#x", vaddr);
	if (is_host_address(vaddr))
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
	if (shadow_is_full(lg)) {
		err = guest_flush_all(vcpu);
		if (err)
			return err;
	}
	table = shadow_set_make_table(lg, vcpu->paging.set, vaddr);
	if (IS_ERR(table))
		return PTR_ERR(table);
	/* A page that is written to is mostly new, and has no neighbours yet. */
	return map_guest_page(lg, table, shadow_index(vaddr), &page, *errcode & PF_WRITE,
			      !(*errcode & PF_WRITE)) ?: FAULT_MENDED;
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

static bool is_mapped_writable(struct lguest_vcpu *vcpu, u32 vaddr)
{
	return shadow_set_entry(vcpu->paging.set, vaddr) & _PAGE_RW;
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
	shadow_sets_empty(lg);
	return pin_guest_stack(vcpu);
}
