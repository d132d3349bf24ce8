// SPDX-License-Identifier: GPL-2.0
/*
 * SYSENTER and SYSCALL go to ring 0 wherever they were executed, so guests must not
 * have them.  Only user space needs them: they are off from a CPU's first run of a guest
 * until that CPU next returns to user space, and not turned off and on around each
 * run.  A user-return notifier stays with the CPU when tasks change.  (A preempt
 * notifier would come earlier, but the first one makes the kernel patch its
 * scheduler, and QEMU's translator now and then hangs in the middle of that.)
 *
 * In between, others turn them on: KVM each time that a guest of its leaves VMX
 * operation, kernels with virtual 8086 mode when tasks change, for they let no
 * task that is in it have SYSENTER, and 64-bit kernels when they wake from a suspend.
 * Interrupts are on between two runs, so each asks the MSRs: to read one takes a CPU
 * half of what it takes to write it.
 *
 * SYSCALL, 32-bit kernels never turn on; 32-bit code has it on AMD's alone.
 *
 * What is left: KVM takes for the host's what it finds in these MSRs when it is loaded,
 * or makes a machine, and so what a run has left, if its owner was preempted just then.
 */
#include <linux/cpuhotplug.h>
#include <linux/percpu.h>
#include <linux/smp.h>
#include <linux/user-return-notifier.h>
#include <asm/msr.h>
#include <asm/processor.h>
#include "lg.h"

/**
 * struct system_call_guard - what was done to a CPU
 * @notifier: undoes it
 * @off: SYSENTER was turned off, which the notifier is registered for
 * @syscall_off: and SYSCALL, which was on
 */
struct system_call_guard {
	struct user_return_notifier notifier;
	bool off;
	bool syscall_off;
};

static DEFINE_PER_CPU(struct system_call_guard, guards);
static int dead_state;

/* Let this CPU have them again, if they were turned off. */
static void system_calls_on(void *unused)
{
	struct system_call_guard *guard;
	unsigned long flags;

	local_irq_save(flags);
	guard = this_cpu_ptr(&guards);
	if (guard->off) {
		guard->off = false;
		user_return_notifier_unregister(&guard->notifier);
		if (boot_cpu_has(X86_FEATURE_SEP))
			wrmsrq(MSR_IA32_SYSENTER_CS, host_sysenter_cs());
		if (unlikely(guard->syscall_off)) {
			guard->syscall_off = false;
			wrmsrq(MSR_EFER, __rdmsr(MSR_EFER) | EFER_SCE);
		}
	}
	local_irq_restore(flags);
}

static void on_user_return(struct user_return_notifier *notifier)
{
	system_calls_on(NULL);
}

static void guard_this_cpu(struct system_call_guard *guard)
{
	guard->off = true;
	guard->notifier.on_user_return = on_user_return;
	user_return_notifier_register(&guard->notifier);
}

static void syscall_off(struct system_call_guard *guard)
{
	u64 efer = __rdmsr(MSR_EFER);

	if (likely(!(efer & EFER_SCE)))
		return;
	guard->syscall_off = true;
	wrmsrq(MSR_EFER, efer & ~(u64)EFER_SCE);
}

/**
 * system_calls_off() - make SYSENTER and SYSCALL fault on this CPU
 *
 * With interrupts off, until the guest runs.
 */
void system_calls_off(void)
{
	struct system_call_guard *guard = this_cpu_ptr(&guards);

	if (unlikely(!guard->off))
		guard_this_cpu(guard);
	if (boot_cpu_has(X86_FEATURE_SEP) && unlikely(__rdmsr(MSR_IA32_SYSENTER_CS)))
		wrmsrq(MSR_IA32_SYSENTER_CS, 0);
	if (boot_cpu_has(X86_FEATURE_SYSCALL))
		syscall_off(guard);
}

/* On another CPU.  The kernel writes the MSRs anew if this one comes back. */
static int cpu_is_dead(unsigned int cpu)
{
	struct system_call_guard *guard = per_cpu_ptr(&guards, cpu);

	if (!guard->off)
		return 0;
	guard->off = false;
	guard->syscall_off = false;
	user_return_notifier_unregister(&guard->notifier);
	return 0;
}

/**
 * system_calls_init() - prepare for CPUs that go while they have none
 *
 * Return: 0 or a negative error.
 */
int system_calls_init(void)
{
	int state = cpuhp_setup_state(CPUHP_BP_PREPARE_DYN, "x86/lguest:system_calls",
				      NULL, cpu_is_dead);

	if (state < 0)
		return state;
	dead_state = state;
	return 0;
}

/**
 * system_calls_exit() - undo all that is left of the last guests
 *
 * May sleep.
 */
void system_calls_exit(void)
{
	on_each_cpu(system_calls_on, NULL, 1);
	cpuhp_remove_state(dead_state);
}
