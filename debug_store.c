// SPDX-License-Identifier: GPL-2.0
/*
 * Intel's debug store: perf lets the processor write samples (PEBS) and branches (BTS)
 * to buffers at addresses of the host's, which a guest's page tables do not have, or
 * have for something else.  So both stop while a guest runs, as they do for KVM's.
 * (Intel PT writes to physical addresses, and the kernel's counters go on.)
 *
 * Only perf is known to this: two words in memory tell whether it has buffers at all,
 * and the MSRs, which are slow, are asked only if it has.
 */
#include <asm/cpu_entry_area.h>
#include <asm/msr.h>
#include <asm/processor.h>
#include "lg.h"

/* Branches are sent, and stored. */
#define DEBUGCTL_BTS	(DEBUGCTLMSR_TR | DEBUGCTLMSR_BTS)

static bool has_buffers(void)
{
#ifdef CONFIG_CPU_SUP_INTEL
	const struct debug_store *store;

	if (!boot_cpu_has(X86_FEATURE_DS))
		return false;
	store = &get_cpu_entry_area(smp_processor_id())->cpu_debug_store;
	return READ_ONCE(store->bts_buffer_base) || READ_ONCE(store->pebs_buffer_base);
#else
	return false;
#endif
}

/**
 * debug_store_off() - no sample and no branch is written from here on
 * @was: for debug_store_on()
 *
 * With interrupts off.
 *
 * Return: false if there is nothing to be turned on again, as nearly always.
 */
bool debug_store_off(struct debug_store_state *was)
{
	if (likely(!has_buffers()))
		return false;
	*was = (struct debug_store_state){ 0 };
	if (boot_cpu_has(X86_FEATURE_PEBS)) {
		was->pebs = __rdmsr(MSR_IA32_PEBS_ENABLE);
		if (was->pebs)
			wrmsrq(MSR_IA32_PEBS_ENABLE, 0);
	}
	if (boot_cpu_has(X86_FEATURE_BTS)) {
		was->debugctl = __rdmsr(MSR_IA32_DEBUGCTLMSR);
		if (was->debugctl & DEBUGCTL_BTS)
			wrmsrq(MSR_IA32_DEBUGCTLMSR, was->debugctl & ~(u64)DEBUGCTL_BTS);
	}
	return true;
}

/**
 * debug_store_on() - let perf go on
 * @was: as debug_store_off() found it, if that was true
 */
void debug_store_on(const struct debug_store_state *was)
{
	if (was->pebs)
		wrmsrq(MSR_IA32_PEBS_ENABLE, was->pebs);
	if (was->debugctl & DEBUGCTL_BTS)
		wrmsrq(MSR_IA32_DEBUGCTLMSR, was->debugctl);
}
