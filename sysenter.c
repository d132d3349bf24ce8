// SPDX-License-Identifier: GPL-2.0
/*
 * SYSENTER goes to ring 0 wherever it was executed, so guests must not have it.
 * Only user space needs it: it is off from a CPU's first run of a guest until
 * that CPU next returns to user space, and not turned off and on around each
 * run.  A user-return notifier stays with the CPU when tasks change.  (A preempt
 * notifier would come earlier, but the first one makes the kernel patch its
 * scheduler, and QEMU's translator now and then hangs in the middle of that.)
 *
 * In between, others turn it on: KVM each time that a guest of its leaves VMX
 * operation, and kernels with virtual 8086 mode when tasks change, for they let no
 * task that is in it have SYSENTER.  Interrupts are on between two runs, so each
 * asks the MSR: to read one takes a CPU half of what it takes to write it.
 *
 * SYSCALL, where 32-bit code has it (on AMD's), is the same danger.  No 32-bit
 * kernel uses it; but if it is on, guests must not have it either.
 */
#include <linux/cpuhotplug.h>
#include <linux/percpu.h>
#include <linux/smp.h>
#include <linux/user-return-notifier.h>
#include <asm/msr.h>
#include <asm/processor.h>
#include "lg.h"

/**
 * struct sysenter_guard - what was done to a CPU
 * @notifier: undoes it
 * @off: SYSENTER was turned off
 * @syscall_off: and SYSCALL, which was on
 */
struct sysenter_guard {
	struct user_return_notifier notifier;
	bool off;
	bool syscall_off;
};

static DEFINE_PER_CPU(struct sysenter_guard, sysenter_guard);
static int dead_state;

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
		if (unlikely(guard->syscall_off)) {
			guard->syscall_off = false;
			wrmsrl(MSR_EFER, __rdmsr(MSR_EFER) | EFER_SCE);
		}
	}
	local_irq_restore(flags);
}

static void on_user_return(struct user_return_notifier *notifier)
{
	sysenter_on(NULL);
}

static void guard_this_cpu(struct sysenter_guard *guard)
{
	guard->off = true;
	guard->notifier.on_user_return = on_user_return;
	user_return_notifier_register(&guard->notifier);
}

static void syscall_off(struct sysenter_guard *guard)
{
	u64 efer = __rdmsr(MSR_EFER);

	if (likely(!(efer & EFER_SCE)))
		return;
	guard->syscall_off = true;
	wrmsrl(MSR_EFER, efer & ~(u64)EFER_SCE);
}

/**
 * sysenter_off() - make SYSENTER and SYSCALL fault on this CPU
 *
 * With interrupts off, until the guest runs.
 */
void sysenter_off(void)
{
	struct sysenter_guard *guard = this_cpu_ptr(&sysenter_guard);

	if (unlikely(!guard->off))
		guard_this_cpu(guard);
	if (boot_cpu_has(X86_FEATURE_SEP) && unlikely(__rdmsr(MSR_IA32_SYSENTER_CS)))
		wrmsrl(MSR_IA32_SYSENTER_CS, 0);
	if (boot_cpu_has(X86_FEATURE_SYSCALL))
		syscall_off(guard);
}

/* On another CPU.  The kernel writes the MSR anew if this one comes back. */
static int cpu_is_dead(unsigned int cpu)
{
	struct sysenter_guard *guard = per_cpu_ptr(&sysenter_guard, cpu);

	if (!guard->off)
		return 0;
	guard->off = false;
	guard->syscall_off = false;
	user_return_notifier_unregister(&guard->notifier);
	return 0;
}

/**
 * sysenter_init() - prepare for CPUs that go while they have no SYSENTER
 *
 * Return: 0 or a negative error.
 */
int sysenter_init(void)
{
	int state = cpuhp_setup_state(CPUHP_BP_PREPARE_DYN, "x86/lguest:sysenter",
				      NULL, cpu_is_dead);

	if (state < 0)
		return state;
	dead_state = state;
	return 0;
}

/**
 * sysenter_exit() - undo all that is left of the last guests
 *
 * May sleep.
 */
void sysenter_exit(void)
{
	on_each_cpu(sysenter_on, NULL, 1);
	cpuhp_remove_state(dead_state);
}
