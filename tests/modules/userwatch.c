// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/userwatch: a timer on each CPU looks, more than a thousand times a
 * second, at what it has interrupted.  User space must always have SYSENTER, and
 * SYSCALL where it is used, and the host its CR0 and CR4 (but for PGE), as when
 * this module was loaded.
 * A guest's run looks like an interrupt of lguest.ko, in the host's own code
 * segment, with no flag that only a guest can have set.
 * hoststate.c looks once and at everything; this catches the moments between
 * a guest's run and its launcher's.  While guests run, both must have been off
 * at times.
 */
#include <linux/cpu.h>
#include <linux/hrtimer.h>
#include <linux/kallsyms.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/proc_fs.h>
#include <linux/ptrace.h>
#include <linux/seq_file.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <asm/irq_regs.h>
#include <asm/msr.h>
#include <asm/special_insns.h>
#include "compat.h"

#define PERIOD_NS	700000
#define GUEST_FLAGS	(X86_EFLAGS_TF | X86_EFLAGS_DF | X86_EFLAGS_IOPL | \
			 X86_EFLAGS_NT | X86_EFLAGS_RF | X86_EFLAGS_VM | \
			 X86_EFLAGS_AC)

static DEFINE_PER_CPU(struct hrtimer, timer);
static atomic_t in_user, in_lguest;
static atomic_t without_sysenter, sysenter_off, wrong_cr, wrong_frame;
static atomic_t without_syscall, syscall_off;

struct registers {
	unsigned long cr0, cr4;
	u64 sysenter_cs;
	bool sce;
};

static DEFINE_PER_CPU(struct registers, expected);

static unsigned long cr4_but_pge(void)
{
	return __read_cr4() & ~X86_CR4_PGE;
}

static void look_at_registers(struct registers *now)
{
	u64 efer = 0;

	now->cr0 = read_cr0();
	now->cr4 = cr4_but_pge();
	now->sysenter_cs = 0;
	if (boot_cpu_has(X86_FEATURE_SEP))
		rdmsrq(MSR_IA32_SYSENTER_CS, now->sysenter_cs);
	if (boot_cpu_has(X86_FEATURE_SYSCALL))
		rdmsrq(MSR_EFER, efer);
	now->sce = efer & EFER_SCE;
}

static bool is_lguests(unsigned long addr)
{
	char name[KSYM_SYMBOL_LEN];

	sprint_symbol(name, addr);
	return strstr(name, "[lguest]");
}

/* A frame of the kernel's own making, instead of the CPU's? */
static void look_at_frame(const struct pt_regs *regs)
{
	if ((u16)regs->cs != __KERNEL_CS)
		atomic_inc(&wrong_frame);
	if (!is_lguests(regs->ip))
		return;
	atomic_inc(&in_lguest);
	if (regs->flags & GUEST_FLAGS)
		atomic_inc(&wrong_frame);
}

static enum hrtimer_restart look(struct hrtimer *self)
{
	struct pt_regs *regs = get_irq_regs();
	struct registers *wanted = this_cpu_ptr(&expected), now;
	bool user = regs && user_mode(regs);

	if (user)
		atomic_inc(&in_user);
	else if (regs)
		look_at_frame(regs);
	look_at_registers(&now);
	if (now.sysenter_cs != wanted->sysenter_cs)
		atomic_inc(user ? &without_sysenter : &sysenter_off);
	if (now.sce != wanted->sce)
		atomic_inc(user ? &without_syscall : &syscall_off);
	if (now.cr0 != wanted->cr0 || now.cr4 != wanted->cr4)
		atomic_inc(&wrong_cr);
	hrtimer_forward_now(self, PERIOD_NS);
	return HRTIMER_RESTART;
}

static void start(void *unused)
{
	struct hrtimer *mine = this_cpu_ptr(&timer);

	look_at_registers(this_cpu_ptr(&expected));
	hrtimer_setup(mine, look, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
	hrtimer_start(mine, PERIOD_NS, HRTIMER_MODE_REL_PINNED_HARD);
}

static int userwatch_show(struct seq_file *m, void *v)
{
	seq_printf(m, "in_user %d\n", atomic_read(&in_user));
	seq_printf(m, "without_sysenter %d\n", atomic_read(&without_sysenter));
	seq_printf(m, "sysenter_off %d\n", atomic_read(&sysenter_off));
	seq_printf(m, "without_syscall %d\n", atomic_read(&without_syscall));
	seq_printf(m, "syscall_off %d\n", atomic_read(&syscall_off));
	seq_printf(m, "in_lguest %d\n", atomic_read(&in_lguest));
	seq_printf(m, "wrong_cr %d\n", atomic_read(&wrong_cr));
	seq_printf(m, "wrong_frame %d\n", atomic_read(&wrong_frame));
	return 0;
}

static int __init userwatch_init(void)
{
	if (!proc_create_single("userwatch", 0400, NULL, userwatch_show))
		return -ENOMEM;
	on_each_cpu(start, NULL, 1);
	return 0;
}

static void __exit userwatch_exit(void)
{
	int cpu;

	remove_proc_entry("userwatch", NULL);
	for_each_online_cpu(cpu)
		hrtimer_cancel(per_cpu_ptr(&timer, cpu));
}

module_init(userwatch_init);
module_exit(userwatch_exit);
MODULE_DESCRIPTION("Watches what user space is left with, for tests");
MODULE_LICENSE("GPL");
