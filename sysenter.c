// SPDX-License-Identifier: GPL-2.0
/*
 * SYSENTER goes to ring 0 wherever it was executed, so guests must not have it.
 * Only user space needs it: it is off from a CPU's first run of a guest until
 * that CPU next returns to user space, and not turned off and on around each
 * run.  A user-return notifier stays with the CPU when tasks change.  (A preempt
 * notifier would come earlier, but the first one makes the kernel patch its
 * scheduler, and QEMU's translator now and then hangs in the middle of that.)
 */
#include <linux/percpu.h>
#include <linux/smp.h>
#include <linux/syscore_ops.h>
#include <linux/user-return-notifier.h>
#include <asm/debugreg.h>
#include <asm/msr.h>
#include <asm/processor.h>
#include "lg.h"

struct sysenter_guard {
	struct user_return_notifier notifier;
	bool off;
};

static DEFINE_PER_CPU(struct sysenter_guard, sysenter_guard);

/*
 * Kernels with virtual 8086 mode have no SYSENTER in a task that is in it: they
 * write the MSR when tasks change.
 */
#define TASKS_CHANGE_SYSENTER	IS_ENABLED(CONFIG_VM86)

/* Where the kernel remembers what is in the MSR. */
static u32 sysenter_cs_of_task(void)
{
	return this_cpu_read(cpu_tss_rw.x86_tss.ss1);
}

/* Let this CPU have SYSENTER again, if it was turned off. */
static void sysenter_on(void *unused)
{
	struct sysenter_guard *guard;
	unsigned long flags;

	local_irq_save(flags);
	guard = this_cpu_ptr(&sysenter_guard);
	if (guard->off) {
		guard->off = false;
		user_return_notifier_unregister(&guard->notifier);
		if (boot_cpu_has(X86_FEATURE_SEP))
			wrmsrl(MSR_IA32_SYSENTER_CS, sysenter_cs_of_task());
		/* What guests single-stepped is no business of the host's. */
		set_debugreg(DR6_RESERVED, 6);
	}
	local_irq_restore(flags);
}

static void on_user_return(struct user_return_notifier *notifier)
{
	sysenter_on(NULL);
}

/**
 * sysenter_off() - make SYSENTER fault on this CPU
 *
 * With interrupts off.
 */
void sysenter_off(void)
{
	struct sysenter_guard *guard = this_cpu_ptr(&sysenter_guard);

	if (likely(guard->off) && !TASKS_CHANGE_SYSENTER)
		return;
	if (!guard->off) {
		guard->off = true;
		guard->notifier.on_user_return = on_user_return;
		user_return_notifier_register(&guard->notifier);
	}
	if (boot_cpu_has(X86_FEATURE_SEP))
		wrmsrl(MSR_IA32_SYSENTER_CS, 0);
}

/**
 * sysenter_cpu_is_dead() - a CPU has gone, perhaps without SYSENTER
 * @cpu: the CPU, on which nothing runs any more
 *
 * The kernel writes the MSR anew if it comes back.
 */
void sysenter_cpu_is_dead(unsigned int cpu)
{
	struct sysenter_guard *guard = per_cpu_ptr(&sysenter_guard, cpu);

	if (!guard->off)
		return;
	guard->off = false;
	user_return_notifier_unregister(&guard->notifier);
}

/*
 * The kernel writes the MSR anew when it wakes up, and has perhaps not been in
 * user space between the last run of a guest and its sleep.  This is for the CPU
 * that suspends the machine; the others die and come back.
 */
static int suspend(void)
{
	sysenter_on(NULL);
	return 0;
}

static struct syscore_ops sleep_ops = {
	.suspend = suspend,
};

/**
 * sysenter_init() - be told when the machine sleeps
 */
void sysenter_init(void)
{
	register_syscore_ops(&sleep_ops);
}

/**
 * sysenter_exit() - undo that, and all that is left of the last guests
 *
 * May sleep.
 */
void sysenter_exit(void)
{
	unregister_syscore_ops(&sleep_ops);
	on_each_cpu(sysenter_on, NULL, 1);
}
