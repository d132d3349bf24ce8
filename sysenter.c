// SPDX-License-Identifier: GPL-2.0
/*
 * SYSENTER goes to ring 0 wherever it was executed, so guests must not have it.
 * Only user space needs it: it is off from a task's first run of its guest
 * until the task returns to user space or loses the CPU, and not turned off and
 * on around each run.  The next task may be one that the kernel writes the MSR
 * for (vm86 mode), or that suspends the machine, after which the kernel writes
 * it anew: it must find the MSR as it left it.
 */
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <asm/debugreg.h>
#include <asm/msr.h>
#include <asm/processor.h>
#include "lg.h"

static DEFINE_PER_CPU(bool, sysenter_is_off);

/* Where the kernel remembers what is in the MSR. */
static u32 sysenter_cs_of_task(void)
{
	return this_cpu_read(cpu_tss_rw.x86_tss.ss1);
}

/**
 * sysenter_off() - make SYSENTER fault on this CPU
 *
 * With interrupts off, by the owner, between watch_owner() and unwatch_owner().
 */
void sysenter_off(void)
{
	if (likely(this_cpu_read(sysenter_is_off)))
		return;
	this_cpu_write(sysenter_is_off, true);
	if (boot_cpu_has(X86_FEATURE_SEP))
		wrmsrl(MSR_IA32_SYSENTER_CS, 0);
}

static void sysenter_on(void)
{
	unsigned long flags;

	local_irq_save(flags);
	if (this_cpu_read(sysenter_is_off)) {
		this_cpu_write(sysenter_is_off, false);
		if (boot_cpu_has(X86_FEATURE_SEP))
			wrmsrl(MSR_IA32_SYSENTER_CS, sysenter_cs_of_task());
		/* What guests single-stepped is no business of the host's. */
		set_debugreg(DR6_RESERVED, 6);
	}
	local_irq_restore(flags);
}

static void on_sched_in(struct preempt_notifier *notifier, int cpu)
{
}

static void on_sched_out(struct preempt_notifier *notifier,
			 struct task_struct *next)
{
	sysenter_on();
}

static struct preempt_ops owner_preempt_ops = {
	.sched_in = on_sched_in,
	.sched_out = on_sched_out,
};

/**
 * watch_owner() - the guest's owner is about to run it
 * @lg: the guest; the caller is its owner
 */
void watch_owner(struct lguest *lg)
{
	preempt_notifier_init(&lg->preempt, &owner_preempt_ops);
	preempt_notifier_register(&lg->preempt);
}

/**
 * unwatch_owner() - the owner returns to user space
 * @lg: the guest; the caller is its owner
 */
void unwatch_owner(struct lguest *lg)
{
	sysenter_on();
	preempt_notifier_unregister(&lg->preempt);
}
