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

static void init_registers(struct lguest_vcpu *vcpu, u32 start)
{
	struct lguest_regs *regs = vcpu->regs;

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
	lg->id = id;
	return 0;
}

/* What there is once for each CPU of a guest; free_vcpu() cleans up either way. */
static int init_vcpu(struct lguest *lg, struct lguest_vcpu *vcpu, u32 start)
{
	vcpu->lg = lg;
	if (host_vcpu_alloc(vcpu) || compat_fpu_alloc(&vcpu->fpu))
		return -ENOMEM;
	init_waitqueue_head(&vcpu->traps.halt_wait);
	init_clock(vcpu);
	host_init_tables(vcpu);
	init_gdt(vcpu);
	init_idt(vcpu);
	init_registers(vcpu, start);
	return 0;
}

static void free_vcpu(struct lguest_vcpu *vcpu)
{
	host_vcpu_free(vcpu);
	compat_fpu_free(&vcpu->fpu);
}

static void init_devices(struct guest_devices *devices)
{
	INIT_LIST_HEAD(&devices->dma_arrays);
	xa_init_flags(&devices->eventfds, XA_FLAGS_ACCOUNT);
}

static void set_owner(struct lguest_vcpu *vcpu, struct task_struct *task)
{
	vcpu->owner = get_task_struct(task);
	vcpu->lg->mm = task->mm;
	mmgrab(task->mm);
}

/**
 * free_guest() - undo create_guest(), whatever has become of the guest
 * @lg: the guest, which nobody can find any more
 *
 * May sleep.  Who still holds a reference finds a guest that is dead.
 */
void free_guest(struct lguest *lg)
{
	stop_clock(&lg->vcpu);
	release_dma(lg);
	release_eventfds(lg);
	free_shadow(lg);
	host_cpus_put(lg);
	free_vcpu(&lg->vcpu);
	host_guest_free(lg);
	ida_free(&guest_ids, lg->id);
	user_loses_guest(lg->user);
	put_guest(lg);
}

/*
 * Where a launcher's addresses end, which are words of 32 bits whatever program it
 * is.
 */
static u64 launcher_end(void)
{
	return min_t(u64, TASK_SIZE, BIT_ULL(32));
}

/*
 * The launcher names limits, and may have no memory below them.  What is beyond
 * its address space is no memory, whatever it says, and no device either.
 */
static int set_memory(struct guest_memory *memory, const struct initialize_args *args)
{
	if (offset_in_page(args->base) || args->base >= launcher_end())
		return -EINVAL;
	memory->base = args->base;
	memory->pfn_limit = min_t(u32, args->pfn_limit,
				  (launcher_end() - memory->base) >> PAGE_SHIFT);
	memory->device_start = args->pfn_limit;
	memory->device_limit = min_t(u32, args->device_limit, MAX_GUEST_PAGES);
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
	lg->paging.page_offset = args->page_offset;
	INIT_LIST_HEAD(&lg->paging.sets);
	INIT_LIST_HEAD(&lg->paging.kernel_tables);
	INIT_LIST_HEAD(&lg->paging.spare_tables);
	init_waitqueue_head(&lg->break_wait);
	init_devices(&lg->devices);

	err = set_memory(&lg->memory, args);
	if (err)
		goto free_lg;
	err = user_gets_guest(opener, &lg->user);
	if (err)
		goto free_lg;
	err = get_guest_id(lg);
	if (err)
		goto loses;
	err = host_guest_alloc(lg) ?: init_vcpu(lg, &lg->vcpu, args->start) ?:
	      init_shadow(lg) ?: give_first_tables(&lg->vcpu, args->pgdir);
	if (err)
		goto free_parts;
	set_owner(&lg->vcpu, current);
	host_cpus_get();
	return lg;

free_parts:
	free_shadow(lg);
	free_vcpu(&lg->vcpu);
	host_guest_free(lg);
	ida_free(&guest_ids, lg->id);
loses:
	user_loses_guest(lg->user);
free_lg:
	kfree(lg);
	return ERR_PTR(err);
}
