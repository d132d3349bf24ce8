// SPDX-License-Identifier: GPL-2.0
/*
 * A guest is made, and taken apart: everything that the other files have of one, in
 * order.
 */
#include <linux/err.h>
#include <linux/idr.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include "lg.h"

/* The id goes into the 16 bits of lguest_data.guestid. */
#define MAX_GUEST_ID		U16_MAX

static DEFINE_IDA(guest_ids);

static void init_registers(struct lguest *lg, u32 start)
{
	struct lguest_regs *regs = lg->regs;

	regs->eip = start;
	regs->cs = GUEST_KERNEL_CS;
	regs->ds = GUEST_KERNEL_DS;
	regs->es = GUEST_KERNEL_DS;
	regs->ss = GUEST_KERNEL_DS;
	regs->eflags = X86_EFLAGS_IF | X86_EFLAGS_FIXED;
	/* esi = 0: the boot parameters are at the start of memory. */
}

static int get_guest_id(struct lguest *lg)
{
	int id = ida_alloc_max(&guest_ids, MAX_GUEST_ID, GFP_KERNEL);

	if (id < 0)
		return id;
	lg->guestid = id;
	return 0;
}

/**
 * free_guest() - undo create_guest(), whatever has become of the guest
 * @lg: the guest, which nobody can find any more
 *
 * May sleep.  Who still holds a reference finds a guest that is dead.
 */
void free_guest(struct lguest *lg)
{
	stop_clock(lg);
	release_dma(lg);
	release_eventfds(lg);
	free_shadow(lg);
	host_cpus_put(lg);
	host_guest_free(lg);
	compat_fpu_free(&lg->fpu);
	ida_free(&guest_ids, lg->guestid);
	user_loses_guest(lg->user);
	put_guest(lg);
}

/*
 * The launcher names limits, and may have no memory below them.  What is beyond
 * its address space is no memory, whatever it says, and no device either.
 */
static int set_memory(struct lguest *lg, const struct initialize_args *args)
{
	if (offset_in_page(args->base) || args->base >= TASK_SIZE)
		return -EINVAL;
	lg->mem_base = args->base;
	lg->pfn_limit = min_t(u32, args->pfn_limit,
			      (TASK_SIZE - lg->mem_base) >> PAGE_SHIFT);
	lg->device_start = args->pfn_limit;
	lg->device_limit = min_t(u32, args->device_limit, MAX_GUEST_PAGES);
	return 0;
}

/**
 * create_guest() - make a guest
 * @launcher: the form of its launcher's ABI
 * @args: what the launcher said
 * @opener: who pays for it
 *
 * The caller becomes its owner.  May sleep.
 *
 * Return: the guest, complete, or ERR_PTR().
 */
struct lguest *create_guest(const struct launcher_abi *launcher,
			    const struct initialize_args *args, const struct cred *opener)
{
	struct lguest *lg = kzalloc(sizeof(*lg), GFP_KERNEL_ACCOUNT);
	int err;

	if (!lg)
		return ERR_PTR(-ENOMEM);
	refcount_set(&lg->refs, 1);
	lg->launcher = launcher;
	err = set_memory(lg, args);
	if (err)
		goto free_lg;
	lg->page_offset = args->page_offset;
	INIT_LIST_HEAD(&lg->dma_arrays);
	xa_init_flags(&lg->eventfds, XA_FLAGS_ACCOUNT);
	INIT_LIST_HEAD(&lg->sets);
	init_waitqueue_head(&lg->break_wait);
	init_waitqueue_head(&lg->halt_wait);
	init_clock(lg);

	err = user_gets_guest(opener, &lg->user);
	if (err)
		goto free_lg;
	err = get_guest_id(lg);
	if (err)
		goto loses;
	err = -ENOMEM;
	if (host_guest_alloc(lg))
		goto free_pages;
	err = init_shadow(lg);
	if (!err)
		err = give_first_tables(lg, args->pgdir);
	if (err)
		goto free_shadow;
	err = -ENOMEM;
	if (compat_fpu_alloc(&lg->fpu))
		goto free_shadow;
	init_gdt(lg);
	init_idt(lg);
	init_registers(lg, args->start);
	lg->owner = get_task_struct(current);
	lg->mm = current->mm;
	mmgrab(lg->mm);
	host_cpus_get();
	return lg;

free_shadow:
	free_shadow(lg);
free_pages:
	host_guest_free(lg);
	ida_free(&guest_ids, lg->guestid);
loses:
	user_loses_guest(lg->user);
free_lg:
	kfree(lg);
	return ERR_PTR(err);
}
