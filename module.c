// SPDX-License-Identifier: GPL-2.0
/*
 * The module is loaded and unloaded: what the host needs before there can be guests,
 * from the switcher's place up to /dev/lguest.
 */
#include <linux/kernel.h>
#include <linux/module.h>
#include "async_fault.h"
#include "lg.h"

#ifdef COMPAT_UNKNOWN_KERNEL
#warning "lguest knows Linux 5.10 to 7.3: this kernel is outside of that range"
#endif
#if !IS_ENABLED(CONFIG_KVM) || !defined(CONFIG_MMU_NOTIFIER) || \
	!defined(CONFIG_USER_RETURN_NOTIFIER)
#error "lguest needs what CONFIG_KVM_INTEL or CONFIG_KVM_AMD brings: FPU states and notifiers"
#endif

/* A guest of lguest's, say, has no ring below its own to put guests in. */
static bool runs_in_ring_0(void)
{
	unsigned long cs;

	savesegment(cs, cs);
	return !(cs & SEGMENT_RPL_MASK);
}

/* Why this machine cannot have guests, and what helps; NULL: it can. */
static const char *refusal(void)
{
	if (!runs_in_ring_0())
		return "this kernel does not run in ring 0: load lguest in its host instead";
	return host_refusal() ?: async_fault_refusal();
}

static int __init lguest_init(void)
{
	const char *why_not = refusal();
	int err;

	if (why_not) {
		pr_err("lguest: %s\n", why_not);
		return -EPERM;
	}
	err = host_map_init();
	if (err)
		return err;
	err = host_cpus_init();
	if (err)
		goto unmap;
	err = system_calls_init();
	if (err)
		goto cpus;
	err = lguest_device_init();
	if (err)
		goto system_calls;
	return 0;

system_calls:
	system_calls_exit();
cpus:
	host_cpus_exit();
unmap:
	host_map_exit();
	return err;
}

static void __exit lguest_exit(void)
{
	lguest_device_exit();
	system_calls_exit();
	host_cpus_exit();
	host_map_exit();
}

module_init(lguest_init);
module_exit(lguest_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("lguest hypervisor host for x86");
