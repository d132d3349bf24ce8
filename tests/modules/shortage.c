// SPDX-License-Identifier: GPL-2.0
/*
 * A shortage of memory for lguest alone: what it asks the kernel for is not to be had.
 * "at" says which allocation fails, from now on: the first, the second ...; 0: none.
 * With "all" those after it fail, too; with "process" only those of that process count.
 * "failed" tells how many have.
 *
 * (The kernel's own fault injection is not in distributions' kernels.)  Breakpoints are at
 * the beginning of all that lguest allocates with.  When lguest is who called, another
 * function answers, as if that one had found nothing; so nothing has to be undone.
 */
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/sched.h>
#include "host.h"

#define NULL_POINTER	0ul
#define NO_MEMORY	((unsigned long)-ENOMEM)

/* The names differ between kernels; what a kernel does not have is left out. */
static const struct source {
	const char *name;
	unsigned long failure;
} sources[] = {
	{ "__alloc_pages", NULL_POINTER },
	{ "__alloc_pages_noprof", NULL_POINTER },
	{ "alloc_pages_noprof", NULL_POINTER },
	{ "alloc_pages", NULL_POINTER },
	{ "alloc_pages_current", NULL_POINTER },
	{ "__alloc_pages_nodemask", NULL_POINTER },
	{ "__get_free_pages", NULL_POINTER },
	{ "get_free_pages_noprof", NULL_POINTER },
	{ "get_zeroed_page", NULL_POINTER },
	{ "get_zeroed_page_noprof", NULL_POINTER },
	{ "alloc_pages_exact", NULL_POINTER },
	{ "alloc_pages_exact_noprof", NULL_POINTER },
	{ "kmem_cache_alloc_trace", NULL_POINTER },
	{ "kmalloc_trace", NULL_POINTER },
	{ "__kmalloc_cache_noprof", NULL_POINTER },
	{ "kmalloc_order_trace", NULL_POINTER },
	{ "kmalloc_large", NULL_POINTER },
	{ "__kmalloc_large_noprof", NULL_POINTER },
	{ "__kmalloc", NULL_POINTER },
	{ "__kmalloc_noprof", NULL_POINTER },
	{ "kvmalloc_node", NULL_POINTER },
	{ "__kvmalloc_node_noprof", NULL_POINTER },
	{ "kvasprintf", NULL_POINTER },
	{ "vmap", NULL_POINTER },
	{ "get_vm_area", NULL_POINTER },
	{ "__get_vm_area_caller", NULL_POINTER },
	{ "fpu_alloc_guest_fpstate", 0 },	/* false */
	{ "ida_alloc_range", NO_MEMORY },
	{ "__xa_insert", NO_MEMORY },
	{ "__mmu_notifier_register", NO_MEMORY },
	{ "mmu_interval_notifier_insert_locked", NO_MEMORY },
	{ "get_user_pages_fast", NO_MEMORY },
	{ "get_user_pages_fast_only", 0 },	/* pages */
	{ "pin_user_pages_remote", NO_MEMORY },
	{ "__cpuhp_setup_state", NO_MEMORY },
	{ "misc_register", NO_MEMORY },
};

static struct kprobe probes[ARRAY_SIZE(sources)];
static const struct module *lguest;
static atomic_t seen, failed;
static unsigned int at;
static bool all;
static int process;

/* What is called in an allocation's stead. */
static noinline notrace unsigned long give(unsigned long result)
{
	return result;
}

static bool is_meant(unsigned long caller)
{
	const struct module *mod = READ_ONCE(lguest);

	return mod && within_module(caller, mod) &&
		(!process || process == task_tgid_nr(current));
}

static bool fails(void)
{
	unsigned int number = atomic_inc_return(&seen);

	return at && (number == at || (all && number > at));
}

static int before_allocation(struct kprobe *probe, struct pt_regs *regs)
{
	if (!is_meant(regs_get_kernel_stack_nth(regs, 0)) || !fails())
		return 0;
	atomic_inc(&failed);
	FIRST_ARGUMENT(regs) = sources[probe - probes].failure;
	regs->ip = (unsigned long)give;
	return 1;
}

/* Whoever has it gets breakpoints that may change where the CPU goes on. */
static void after_breakpoint(struct kprobe *probe, struct pt_regs *regs, unsigned long flags)
{
}

/* (0 leaves to be read how many have failed.) */
static int set_at(const char *text, const struct kernel_param *param)
{
	unsigned int number;
	int err = kstrtouint(text, 0, &number);

	if (err)
		return err;
	WRITE_ONCE(at, 0);
	if (number) {
		atomic_set(&seen, 0);
		atomic_set(&failed, 0);
	}
	WRITE_ONCE(at, number);
	return 0;
}

static const struct kernel_param_ops at_ops = {
	.set = set_at,
	.get = param_get_uint,
};

static int get_failed(char *text, const struct kernel_param *param)
{
	return sysfs_emit(text, "failed: %d\n", atomic_read(&failed));
}

static const struct kernel_param_ops failed_ops = {
	.get = get_failed,
};

module_param_cb(at, &at_ops, &at, 0600);
MODULE_PARM_DESC(at, "the number of the allocation that fails; 0: none");
module_param(all, bool, 0600);
MODULE_PARM_DESC(all, "those after it fail, too");
module_param(process, int, 0600);
MODULE_PARM_DESC(process, "only those of this process count; 0: all");
module_param_cb(failed, &failed_ops, NULL, 0400);
MODULE_PARM_DESC(failed, "how many have failed");

/* Each time it is loaded begins with the first allocation (insmod may try twice). */
static int on_module(struct notifier_block *self, unsigned long event, void *data)
{
	const struct module *mod = data;

	if (strcmp(mod->name, "lguest"))
		return NOTIFY_DONE;
	if (event == MODULE_STATE_COMING) {
		atomic_set(&seen, 0);
		WRITE_ONCE(lguest, mod);
	} else if (event == MODULE_STATE_GOING) {
		WRITE_ONCE(lguest, NULL);
	}
	return NOTIFY_DONE;
}

static struct notifier_block notifier = {
	.notifier_call = on_module,
};

static void remove_probes(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(probes); i++) {
		if (probes[i].addr)
			unregister_kprobe(&probes[i]);
	}
}

static int add_probe(struct kprobe *probe, const char *name)
{
	int err;

	probe->symbol_name = name;
	probe->pre_handler = before_allocation;
	probe->post_handler = after_breakpoint;
	err = register_kprobe(probe);
	if (err)
		probe->addr = NULL;
	return err == -ENOENT ? 0 : err;
}

static int __init shortage_init(void)
{
	int err = register_module_notifier(&notifier);
	size_t i;

	for (i = 0; !err && i < ARRAY_SIZE(probes); i++) {
		err = add_probe(&probes[i], sources[i].name);
		if (err)
			pr_err("shortage: %s: error %d\n", sources[i].name, err);
	}
	if (!err)
		return 0;
	remove_probes();
	unregister_module_notifier(&notifier);
	return err;
}

static void __exit shortage_exit(void)
{
	remove_probes();
	unregister_module_notifier(&notifier);
}

module_init(shortage_init);
module_exit(shortage_exit);
MODULE_DESCRIPTION("Has lguest find no memory, for tests");
MODULE_LICENSE("GPL");
