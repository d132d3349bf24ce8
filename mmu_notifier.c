// SPDX-License-Identifier: GPL-2.0
/*
 * Following the launcher's address space.  The kernel may swap out, move, copy
 * or drop the launcher's pages at any time, and says so before it does: then
 * the shadow entries of those pages go (shadow_tables.c), and the guest faults
 * the pages in again, from whatever the launcher has there by then.
 *
 * Tables change only while the guest does not run.  So whoever tells of a
 * change first makes the guest leave its CPU and keeps it out.  This is more
 * than the flush of the TLB that is needed anyway: a guest whose stack were
 * gone for a moment could get a double fault in that moment.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/pagemap.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include "lg.h"

/* Receiving the interrupt is what ends a guest's run. */
static void leave_guest(void *unused)
{
}

/* With mmu_lock held. */
static void keep_guest_out(struct lguest *lg)
{
	int cpu;

	lguest_count(lg, STAT_INVALIDATIONS);
	WRITE_ONCE(lg->mmu.keep_out, lg->mmu.keep_out + 1);
	/* Pairs with guest_may_enter(): one of us sees what the other wrote. */
	smp_mb();
	cpu = READ_ONCE(lg->vcpu.mmu.running_on);
	if (cpu >= 0)
		smp_call_function_single(cpu, leave_guest, NULL, true);
}

/* With mmu_lock held; it will see first that pages are lost. */
static void let_guest_in(struct lguest *lg)
{
	WRITE_ONCE(lg->vcpu.mmu.pages_lost, true);
	/* Pairs with guest_may_enter(). */
	smp_store_release(&lg->mmu.keep_out, lg->mmu.keep_out - 1);
}

/**
 * guest_may_enter() - announce that a guest is about to run
 * @vcpu: the guest's CPU; the caller is its owner
 * @cpu: this CPU; interrupts are off until guest_has_left()
 *
 * Return: false if its tables are being changed, or have lost pages that must
 * be there.
 */
bool guest_may_enter(struct lguest_vcpu *vcpu, int cpu)
{
	struct lguest *lg = vcpu->lg;

	WRITE_ONCE(vcpu->mmu.running_on, cpu);
	/* Pairs with keep_guest_out(). */
	smp_mb();
	/* Pairs with let_guest_in(). */
	if (likely(!smp_load_acquire(&lg->mmu.keep_out) && !READ_ONCE(vcpu->mmu.pages_lost)))
		return true;
	guest_has_left(vcpu);
	return false;
}

/**
 * guest_has_left() - say that a guest does not run any more
 * @vcpu: the guest's CPU
 */
void guest_has_left(struct lguest_vcpu *vcpu)
{
	/* What the run did to memory comes before. */
	smp_store_release(&vcpu->mmu.running_on, -1);
}

/* Where the launcher's part of its memory ends, which is below the kernel's. */
static unsigned long mem_end(const struct lguest *lg)
{
	return lg->memory.base + guest_mem_size(lg);
}

static u32 gfn_of(const struct lguest *lg, unsigned long addr)
{
	return (addr - lg->memory.base) >> PAGE_SHIFT;
}

/*
 * Several entries may have gone before the guest is let in again; so many, perhaps,
 * that the lock is given to others in between.
 */
static void drop_pages(struct lguest *lg, u32 gfn, u32 end, bool may_sleep)
{
	bool kept_out = false;

	for (gfn = shadow_find_frame(lg, gfn, end); gfn < end;
	     gfn = shadow_find_frame(lg, gfn, end)) {
		if (shadow_forget_page(lg, gfn)) {
			if (!kept_out)
				keep_guest_out(lg);
			kept_out = true;
			shadow_unmap_one(lg, gfn);
		}
		if (may_sleep)
			cond_resched_lock(&lg->shadow.lock);
	}
	if (kept_out)
		let_guest_in(lg);
}

/* The kernel does not let go of the pages until this has returned. */
static bool invalidate(struct mmu_interval_notifier *notifier,
		       const struct mmu_notifier_range *range,
		       unsigned long seq)
{
	struct lguest *lg = container_of(notifier, struct lguest, mmu.notifier);
	unsigned long start = max(range->start, lg->memory.base);
	unsigned long last = min(range->end, mem_end(lg)) - 1;

	spin_lock(&lg->shadow.lock);
	mmu_interval_set_seq(notifier, seq);
	drop_pages(lg, gfn_of(lg, start), gfn_of(lg, last) + 1,
		   mmu_notifier_range_blockable(range));
	spin_unlock(&lg->shadow.lock);
	return true;
}

static const struct mmu_interval_notifier_ops notifier_ops = {
	.invalidate = invalidate,
};

/* The guest's accesses, too, make a page one that is better not swapped out. */
static bool was_used(struct mmu_notifier *aging, unsigned long start,
		     unsigned long end, bool clear)
{
	struct lguest *lg = container_of(aging, struct lguest, mmu.aging);
	unsigned long stop = min(end, mem_end(lg));
	unsigned long addr;
	bool used = false;

	spin_lock(&lg->shadow.lock);
	for (addr = max(start, lg->memory.base); addr < stop; addr += PAGE_SIZE)
		used |= shadow_page_used(lg, gfn_of(lg, addr), clear);
	spin_unlock(&lg->shadow.lock);
	return used;
}

static compat_young_t clear_young(struct mmu_notifier *aging, struct mm_struct *mm,
				  unsigned long start, unsigned long end)
{
	return was_used(aging, start, end, true);
}

static compat_young_t test_young(struct mmu_notifier *aging, struct mm_struct *mm,
				 unsigned long addr)
{
	return was_used(aging, addr, addr + PAGE_SIZE, false);
}

static const struct mmu_notifier_ops aging_ops = {
	.clear_flush_young = clear_young,
	.clear_young = clear_young,
	.test_young = test_young,
};

static int follow(struct lguest *lg, struct mm_struct *mm)
{
	int err = __mmu_notifier_register(&lg->mmu.aging, mm);

	if (err)
		return err;
	lg->mmu.followed = mm;
	/* (It cannot follow nothing: a guest without memory has one page followed.) */
	return mmu_interval_notifier_insert_locked(&lg->mmu.notifier, mm, lg->memory.base,
						   max(guest_mem_size(lg), PAGE_SIZE),
						   &notifier_ops);
}

/**
 * follow_launcher() - hear of changes of the launcher's memory
 * @lg: the guest; its memory is set, and its lists of mappings exist; the
 *	caller is its owner
 *
 * Return: 0 or a negative error; stop_following() cleans up either way.
 */
int follow_launcher(struct lguest *lg)
{
	int err;

	lg->vcpu.mmu.running_on = -1;
	lg->mmu.aging.ops = &aging_ops;
	if (mmap_write_lock_killable(current->mm))
		return -EINTR;
	err = follow(lg, current->mm);
	mmap_write_unlock(current->mm);
	return err;
}

/**
 * stop_following() - undo follow_launcher(), as far as it came
 * @lg: the guest, in which nothing is mapped any more
 *
 * May sleep.
 */
void stop_following(struct lguest *lg)
{
	if (!lg->mmu.followed)
		return;
	mmu_notifier_unregister(&lg->mmu.aging, lg->mmu.followed);
	if (lg->mmu.notifier.mm)
		mmu_interval_notifier_remove(&lg->mmu.notifier);
}

/*
 * The CPU will not set the dirty bit in the launcher's own tables.  They are not
 * made clean again without our hearing of it.
 */
static bool make_dirty(struct page *page, bool may_wait)
{
	if (PageDirty(page))
		return true;
	if (may_wait ? compat_lock_page_killable(page) : !trylock_page(page))
		return false;
	set_page_dirty(page);
	unlock_page(page);
	return true;
}

static bool take_page(unsigned long addr, bool write, bool may_wait, struct page **page)
{
	unsigned int flags = write ? FOLL_WRITE : 0;

	if (may_wait)
		return get_user_pages_fast(addr, 1, flags, page) == 1;
	return get_user_pages_fast_only(addr, 1, flags, page) == 1;
}

/* Return: false if there is none, for writing if @write. */
static bool note_launcher_page(struct lguest *lg, gpa_t gpa, bool write, bool may_wait)
{
	void __user *at = guest_uaddr(lg, gpa, PAGE_SIZE);
	u32 gfn = gpa >> PAGE_SHIFT;
	struct page *page;
	unsigned long seq;
	bool usable;

	if (IS_ERR(at))
		return false;
	seq = mmu_interval_read_begin(&lg->mmu.notifier);
	if (!take_page((unsigned long)at, write, may_wait, &page))
		return false;
	usable = !write || make_dirty(page, may_wait);
	spin_lock(&lg->shadow.lock);
	if (usable && !mmu_interval_read_retry(&lg->mmu.notifier, seq))
		shadow_note_page(lg, gfn, PFN_PHYS(page_to_pfn(page)), write);
	spin_unlock(&lg->shadow.lock);
	put_page(page);
	return usable;
}

/**
 * know_launcher_page() - find the page that the launcher has for a guest's
 * @lg: the guest; the caller is its owner
 * @gpa: guest-physical address
 * @write: for writing, if that can be
 * @may_wait: for what must be made or fetched; or else that is not there
 *
 * It is noted for shadow_map(), unless it becomes another one at this moment.  May sleep.
 *
 * Return: 1 if it was found for writing, 0 if for reading alone; -EFAULT if there is none,
 * or the caller is being killed; -ENOMEM.
 */
int know_launcher_page(struct lguest *lg, gpa_t gpa, bool write, bool may_wait)
{
	if (shadow_prepare(lg, gpa >> PAGE_SHIFT))
		return -ENOMEM;
	if (write && note_launcher_page(lg, gpa, true, may_wait))
		return 1;
	return note_launcher_page(lg, gpa, false, may_wait) ? 0 : -EFAULT;
}
