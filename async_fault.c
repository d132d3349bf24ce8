// SPDX-License-Identifier: GPL-2.0
/*
 * A host that is a guest of KVM may get page faults that are none: a page of its own
 * memory has been swapped out, and its address is a token for that page, which comes
 * with an interrupt.  KVM takes a guest's rings 1 and 3 for a program of the host's.
 *
 * (lg.h is not for this file: the kernel's headers for KVM have a gpa_t of their own.)
 */
#include <linux/kernel.h>
#include <linux/kvm_para.h>
#include <asm/hypervisor.h>
#include <asm/msr.h>
#include "async_fault.h"

#ifdef COMPAT_KEPT_FOR_KVM

/*
 * Newer kernels keep the way to wait for such a page for KVM alone, and there is no
 * other.
 */
const char *async_fault_refusal(void)
{
	u64 enabled;

	if (!hypervisor_is_type(X86_HYPER_KVM) ||
	    rdmsrq_safe(MSR_KVM_ASYNC_PF_EN, &enabled) || !(enabled & KVM_ASYNC_PF_ENABLED))
		return NULL;
	return "this kernel keeps its host's page faults to KVM: boot with no-kvmapf";
}

bool async_fault_noted(void)
{
	return false;
}

void async_fault_wait(u32 token)
{
}

#else

/**
 * async_fault_refusal() - would such a fault be more than can be dealt with?
 *
 * Return: why the machine cannot have guests, and what helps; NULL if it can.
 */
const char *async_fault_refusal(void)
{
	return NULL;
}

/**
 * async_fault_noted() - was the page fault that has just ended a run such a one?
 *
 * With interrupts off, once for each page fault.
 *
 * Return: true if it was: it is nothing of the guest's.
 */
bool async_fault_noted(void)
{
	return kvm_read_and_reset_apf_flags() & KVM_PV_REASON_PAGE_NOT_PRESENT;
}

/**
 * async_fault_wait() - sleep until the page is there
 * @token: the address of the fault
 *
 * With interrupts off, as the kernel's own handler calls it.
 */
void async_fault_wait(u32 token)
{
	kvm_async_pf_task_wait_schedule(token);
}

#endif
