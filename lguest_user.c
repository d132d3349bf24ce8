// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/lguest: one open file is one guest.  A launcher writes requests, and
 * reads to run the guest.  This file knows the life and death of a guest, and
 * who may ask for what; core.c runs it.
 *
 * The task that initialised the guest is its owner.  Nobody else may run it or
 * touch it, so hardly anything needs a lock; LHREQ_BREAK alone may come from
 * others, since the classic launcher has a helper process send it.
 */
#include <linux/fs.h>
#include <linux/idr.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "lg.h"

/* The words of LHREQ_INITIALIZE after the first. */
struct initialize_args {
	u32 pfn_limit;
	u32 pgdir;
	u32 start;
	u32 page_offset;
};

/* The top slot is the switcher's, and the kernel needs one too. */
#define PAGE_OFFSET_SLOTS	1023
#define PAGE_OFFSET_SLOT_SHIFT	22

/* The id goes into the 16 bits of lguest_data.guestid. */
#define MAX_GUEST_ID		U16_MAX

static DEFINE_IDA(guest_ids);
/* Against two threads that initialise the same file. */
static DEFINE_MUTEX(initialize_lock);

static const char * const stat_names[NR_LGUEST_STATS] = {
	[STAT_EXITS] = "exits",
	[STAT_HYPERCALLS] = "hypercalls",
	[STAT_ASYNC_HYPERCALLS] = "async_hypercalls",
	[STAT_PF_FIXED] = "pf_fixed",
	[STAT_PF_GUEST] = "pf_guest",
	[STAT_TRAPS_REFLECTED] = "traps_reflected",
	[STAT_IO_EXITS] = "io_exits",
	[STAT_IRQ_EXITS] = "irq_exits",
	[STAT_NMI_EXITS] = "nmi_exits",
	[STAT_MCE_EXITS] = "mce_exits",
	[STAT_IRQ_INJECTIONS] = "irq_injections",
	[STAT_HALT_EXITS] = "halt_exits",
	[STAT_SIGNAL_EXITS] = "signal_exits",
	[STAT_TLB_FLUSH] = "tlb_flush",
	[STAT_PGTABLE_SWITCHES] = "pgtable_switches",
	[STAT_PGTABLE_MISSES] = "pgtable_misses",
	[STAT_CPU_MOVES] = "cpu_moves",
	[STAT_INVALIDATIONS] = "invalidations",
};

static struct lguest *guest_of(struct file *file)
{
	/* Pairs with initialize(). */
	return smp_load_acquire(&file->private_data);
}

static bool is_owner(const struct lguest *lg)
{
	return current == lg->owner && current->mm == lg->mm;
}

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

static int alloc_pages_for_switcher(struct lguest *lg)
{
	unsigned long page = get_zeroed_page(GFP_KERNEL_ACCOUNT);

	if (!page)
		return -ENOMEM;
	lg->regs = (void *)(page + PAGE_SIZE - sizeof(*lg->regs));
	lg->tables = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	return lg->tables ? 0 : -ENOMEM;
}

static void free_pages_for_switcher(struct lguest *lg)
{
	free_page((unsigned long)lg->regs & PAGE_MASK);
	free_page((unsigned long)lg->tables);
}

static int get_guest_id(struct lguest *lg)
{
	int id = ida_alloc_max(&guest_ids, MAX_GUEST_ID, GFP_KERNEL);

	if (id < 0)
		return id;
	lg->guestid = id;
	return 0;
}

/* Everything that create_guest() made, whatever became of the guest. */
static void free_guest(struct lguest *lg)
{
	stop_clock(lg);
	release_dma(lg);
	free_shadow(lg);
	host_cpus_put(lg);
	free_pages_for_switcher(lg);
	compat_fpu_free(&lg->fpu);
	ida_free(&guest_ids, lg->guestid);
	mmdrop(lg->mm);
	put_task_struct(lg->owner);
	free_death_reason(lg);
	kfree(lg);
}

/*
 * The launcher names a limit, and may have no memory below it.  What is beyond
 * its address space can not be mapped.
 */
static void set_memory(struct lguest *lg, u32 pfn_limit)
{
	lg->pfn_limit = min_t(u32, pfn_limit, MAX_GUEST_PAGES);
	lg->mem_size = min_t(u64, max(lg->pfn_limit, 1U) * (u64)PAGE_SIZE,
			     TASK_SIZE - lg->mem_base);
}

static struct lguest *create_guest(const struct initialize_args *args)
{
	struct lguest *lg = kzalloc(sizeof(*lg), GFP_KERNEL_ACCOUNT);
	int err = -ENOMEM;

	if (!lg)
		return ERR_PTR(-ENOMEM);
	set_memory(lg, args->pfn_limit);
	lg->page_offset = args->page_offset;
	lg->mapped_cpu = -1;
	INIT_LIST_HEAD(&lg->dma_arrays);
	INIT_LIST_HEAD(&lg->sets);
	init_waitqueue_head(&lg->break_wait);
	init_waitqueue_head(&lg->halt_wait);
	init_clock(lg);

	err = get_guest_id(lg);
	if (err)
		goto free_lg;
	err = -ENOMEM;
	if (alloc_pages_for_switcher(lg))
		goto free_pages;
	err = init_shadow(lg, args->pgdir);
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
	free_pages_for_switcher(lg);
	ida_free(&guest_ids, lg->guestid);
free_lg:
	kfree(lg);
	return ERR_PTR(err);
}

static int already_initialized(const struct lguest *lg)
{
	if (guest_is_dead(lg))
		return -ENOENT;
	return is_owner(lg) ? -EBUSY : -EPERM;
}

static ssize_t initialize(struct file *file, const u32 __user *input,
			  size_t size)
{
	struct initialize_args args;
	struct lguest *lg;
	ssize_t ret = sizeof(args);

	mutex_lock(&initialize_lock);
	lg = file->private_data;
	if (lg) {
		ret = already_initialized(lg);
		goto unlock;
	}
	if (size < sizeof(args)) {
		ret = -EINVAL;
		goto unlock;
	}
	if (copy_from_user(&args, input, sizeof(args))) {
		ret = -EFAULT;
		goto unlock;
	}
	if (args.page_offset >> PAGE_OFFSET_SLOT_SHIFT >= PAGE_OFFSET_SLOTS) {
		ret = -EINVAL;
		goto unlock;
	}
	lg = create_guest(&args);
	if (IS_ERR(lg))
		ret = PTR_ERR(lg);
	else	/* the guest is complete before anybody can find it */
		smp_store_release(&file->private_data, lg);
unlock:
	mutex_unlock(&initialize_lock);
	return ret;
}

/*
 * The classic launcher must serve its devices while its one task runs the
 * guest: a helper stops the guest, and waits until the launcher has done so.
 */
static long break_guest(struct lguest *lg, u32 on)
{
	if (!on) {
		WRITE_ONCE(lg->break_out, false);
		wake_up(&lg->break_wait);
		return 0;
	}
	WRITE_ONCE(lg->break_out, true);
	wake_guest(lg);
	return wait_event_interruptible(lg->break_wait,
					!READ_ONCE(lg->break_out) ||
					guest_is_dead(lg));
}

static long do_request(struct lguest *lg, u32 request, u32 arg)
{
	switch (request) {
	case LHREQ_GETDMA:
		return get_dma(lg, arg);
	case LHREQ_IRQ:
		return raise_irq(lg, arg);
	case LHREQ_BREAK:
		return break_guest(lg, arg);
	default:
		return -EINVAL;
	}
}

/* May the caller ask a guest for this, whatever the arguments? */
static int check_request(const struct lguest *lg, u32 request)
{
	if (!lg)
		return -EINVAL;
	if (guest_is_dead(lg))
		return -ENOENT;
	if (!is_owner(lg) && request != LHREQ_BREAK)
		return -EPERM;
	return request <= LHREQ_BREAK ? 0 : -EINVAL;
}

/*
 * A request.  Only as many words as it needs are read, and never more than the
 * caller says there are.
 */
static ssize_t lguest_dev_write(struct file *file, const char __user *in,
				size_t size, loff_t *off)
{
	struct lguest *lg = guest_of(file);
	const u32 __user *input = (const u32 __user *)in;
	u32 request, arg;
	int err;

	if (size < sizeof(request))
		return -EINVAL;
	if (get_user(request, input++))
		return -EFAULT;
	size -= sizeof(request);
	if (request == LHREQ_INITIALIZE)
		return initialize(file, input, size);
	err = check_request(lg, request);
	if (err)
		return err;
	if (size < sizeof(arg))
		return -EINVAL;
	if (get_user(arg, input))
		return -EFAULT;
	return do_request(lg, request, arg);
}

static ssize_t tell_death(const struct lguest *lg, char __user *user,
			  size_t size)
{
	if (!lg->dead[0])
		return -ENOMEM;		/* not even for the reason */
	size = min(size, strlen(lg->dead) + 1);
	return copy_to_user(user, lg->dead, size) ? -EFAULT : size;
}

/* Run the guest, or say why it cannot run any more. */
static ssize_t lguest_dev_read(struct file *file, char __user *user,
			       size_t size, loff_t *off)
{
	struct lguest *lg = guest_of(file);
	ssize_t ret;

	if (!lg)
		return -EINVAL;
	if (!is_owner(lg))
		return -EPERM;
	if (guest_is_dead(lg))
		return tell_death(lg, user, size);
	if (size < sizeof(struct lguest_dma_notice))
		return -EINVAL;
	/* The launcher's own FPU state and the guest's never meet. */
	compat_fpu_swap(&lg->fpu, true);
	ret = run_guest(lg, user);
	compat_fpu_swap(&lg->fpu, false);
	return ret;
}

static int lguest_dev_open(struct inode *inode, struct file *file)
{
	file->private_data = NULL;	/* misc devices find themselves here */
	return 0;
}

static int lguest_dev_release(struct inode *inode, struct file *file)
{
	if (file->private_data)
		free_guest(file->private_data);
	return 0;
}

/* The counters, in /proc/PID/fdinfo/FD. */
static void lguest_dev_show_fdinfo(struct seq_file *m, struct file *file)
{
	struct lguest *lg = guest_of(file);
	int i;

	if (!lg)
		return;
	seq_printf(m, "guestid:\t%u\n", lg->guestid);
	for (i = 0; i < NR_LGUEST_STATS; i++)
		seq_printf(m, "%s:\t%llu\n", stat_names[i], lg->stats[i]);
}

static const struct file_operations lguest_fops = {
	.owner = THIS_MODULE,
	.open = lguest_dev_open,
	.release = lguest_dev_release,
	.write = lguest_dev_write,
	.read = lguest_dev_read,
	.llseek = noop_llseek,
	.show_fdinfo = lguest_dev_show_fdinfo,
};

static struct miscdevice lguest_dev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "lguest",
	.fops = &lguest_fops,
};

/**
 * lguest_device_init() - offer /dev/lguest
 *
 * Return: 0 or what registering the device gave.
 */
int lguest_device_init(void)
{
	return misc_register(&lguest_dev);
}

/**
 * lguest_device_exit() - take /dev/lguest away
 *
 * No file is open: the module is in use as long as one is.
 */
void lguest_device_exit(void)
{
	misc_deregister(&lguest_dev);
	ida_destroy(&guest_ids);
}
