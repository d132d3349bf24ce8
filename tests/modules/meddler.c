// SPDX-License-Identifier: GPL-2.0
/*
 * Writes to registers that keep guests out of ring 0, behind the kernel's back, as
 * KVM or a debugger may: from a timer on each CPU, in the middle of a guest's run,
 * and from a thread, between two runs.  /proc/meddler tells how often each met a CPU
 * on which lguest.ko had work.  What guests must not get is then SYSENTER, SYSCALL
 * (where 32-bit code may have it), writable read-only pages, and a breakpoint.
 */
#include <linux/cpu.h>
#include <linux/hrtimer.h>
#include <linux/kallsyms.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/proc_fs.h>
#include <linux/ptrace.h>
#include <linux/seq_file.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/wait.h>
#include <asm/debugreg.h>
#include <asm/irq_regs.h>
#include <asm/msr.h>
#include <asm/special_insns.h>
#include "compat.h"

#define PERIOD_NS	1000000

static unsigned long watch;
module_param(watch, ulong, 0444);
MODULE_PARM_DESC(watch, "set a breakpoint on writes to this address (0: none)");

static DEFINE_PER_CPU(struct hrtimer, timer);
static DEFINE_PER_CPU(struct task_struct *, thread);
static DEFINE_PER_CPU(unsigned int, ticks);
static atomic_t by_timer, by_thread;
static u64 hosts_sce;
static DECLARE_WAIT_QUEUE_HEAD(ticked);

/* The kernel's own function would put WP back. */
static void set_cr0(unsigned long cr0)
{
	asm volatile("mov %0, %%cr0" : : "r" (cr0) : "memory");
}

static void meddle_with_syscalls(void)
{
	u64 efer;

	if (boot_cpu_has(X86_FEATURE_SEP))
		wrmsrq(MSR_IA32_SYSENTER_CS, __KERNEL_CS);
	if (!boot_cpu_has(X86_FEATURE_SYSCALL))
		return;
	rdmsrq(MSR_EFER, efer);
	wrmsrq(MSR_EFER, efer | EFER_SCE);
}

static void meddle(void)
{
	meddle_with_syscalls();
	if (!watch)
		return;
	set_debugreg(watch, 0);
	set_debugreg(DR_GLOBAL_ENABLE | (DR_RW_WRITE | DR_LEN_4) << DR_CONTROL_SHIFT, 7);
}

static void undo(void *unused)
{
	u64 efer;

	set_cr0(read_cr0() | X86_CR0_WP);
	if (watch) {
		set_debugreg(0UL, 7);
		set_debugreg(0UL, 0);
	}
	if (!boot_cpu_has(X86_FEATURE_SYSCALL))
		return;
	rdmsrq(MSR_EFER, efer);
	wrmsrq(MSR_EFER, (efer & ~(u64)EFER_SCE) | hosts_sce);
}

static bool interrupted_lguest(void)
{
	struct pt_regs *regs = get_irq_regs();
	char name[KSYM_SYMBOL_LEN];

	if (!regs || user_mode(regs))
		return false;
	sprint_symbol(name, regs->ip);
	return strstr(name, "[lguest]");
}

/*
 * Without WP the kernel, too, can write to pages that others share: so just for a
 * moment, of which much is a guest's.
 */
static enum hrtimer_restart tick(struct hrtimer *self)
{
	set_cr0(read_cr0() | X86_CR0_WP);
	if (interrupted_lguest()) {
		atomic_inc(&by_timer);
		meddle();
		set_cr0(read_cr0() & ~X86_CR0_WP);
	}
	this_cpu_inc(ticks);
	wake_up_all(&ticked);
	hrtimer_forward_now(self, PERIOD_NS);
	return HRTIMER_RESTART;
}

static int meddler(void *unused)
{
	unsigned int seen = 0;

	while (!kthread_should_stop()) {
		wait_event_interruptible(ticked, this_cpu_read(ticks) != seen ||
					 kthread_should_stop());
		seen = this_cpu_read(ticks);
		preempt_disable();
		meddle();
		preempt_enable();
		atomic_inc(&by_thread);
	}
	return 0;
}

static void start(void *unused)
{
	struct hrtimer *mine = this_cpu_ptr(&timer);

	hrtimer_setup(mine, tick, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED);
	hrtimer_start(mine, PERIOD_NS, HRTIMER_MODE_REL_PINNED);
}

static void stop_all(void)
{
	int cpu;

	for_each_online_cpu(cpu) {
		struct task_struct *task = per_cpu(thread, cpu);

		hrtimer_cancel(per_cpu_ptr(&timer, cpu));
		if (!IS_ERR_OR_NULL(task))
			kthread_stop(task);
	}
	on_each_cpu(undo, NULL, 1);
}

static int meddler_show(struct seq_file *m, void *v)
{
	seq_printf(m, "timer: %d\n", atomic_read(&by_timer));
	seq_printf(m, "thread: %d\n", atomic_read(&by_thread));
	return 0;
}

/* Does the host itself use SYSCALL? */
static void note_sce(void)
{
	if (!boot_cpu_has(X86_FEATURE_SYSCALL))
		return;
	rdmsrq(MSR_EFER, hosts_sce);
	hosts_sce &= EFER_SCE;
}

static int __init meddler_init(void)
{
	int cpu;

	note_sce();
	if (!proc_create_single("meddler", 0444, NULL, meddler_show))
		return -ENOMEM;
	on_each_cpu(start, NULL, 1);
	for_each_online_cpu(cpu) {
		struct task_struct *task = kthread_create(meddler, NULL, "meddler/%d", cpu);

		per_cpu(thread, cpu) = task;
		if (IS_ERR(task)) {
			remove_proc_entry("meddler", NULL);
			stop_all();
			return PTR_ERR(task);
		}
		kthread_bind(task, cpu);
		wake_up_process(task);
	}
	return 0;
}

static void __exit meddler_exit(void)
{
	remove_proc_entry("meddler", NULL);
	stop_all();
}

module_init(meddler_init);
module_exit(meddler_exit);
MODULE_DESCRIPTION("Writes to registers, for tests");
MODULE_LICENSE("GPL");
