// SPDX-License-Identifier: GPL-2.0
/*
 * What can be seen of a guest from outside, in /proc/PID/fdinfo/FD of its
 * launcher: which forms of the ABI it has, and the counters.
 */
#include <linux/kernel.h>
#include <linux/seq_file.h>
#include "lg.h"

static const char * const stat_names[NR_LGUEST_STATS] = {
	[STAT_EXITS] = "exits",
	[STAT_HYPERCALLS] = "hypercalls",
	[STAT_ASYNC_HYPERCALLS] = "async_hypercalls",
	[STAT_PF_FIXED] = "pf_fixed",
	[STAT_PF_GUEST] = "pf_guest",
	[STAT_PF_DIRECT] = "pf_direct",
	[STAT_TRAPS_REFLECTED] = "traps_reflected",
	[STAT_IO_EXITS] = "io_exits",
	[STAT_IRQ_EXITS] = "irq_exits",
	[STAT_NMI_EXITS] = "nmi_exits",
	[STAT_MCE_EXITS] = "mce_exits",
	[STAT_IRQ_INJECTIONS] = "irq_injections",
	[STAT_HALT_EXITS] = "halt_exits",
	[STAT_SIGNAL_EXITS] = "signal_exits",
	[STAT_TLB_FLUSH] = "tlb_flush",
	[STAT_PGTABLE_SWITCHES] = "pgtable_switches",
	[STAT_PGTABLE_MISSES] = "pgtable_misses",
	[STAT_PGTABLE_DIRECT] = "pgtable_direct",
	[STAT_CPU_MOVES] = "cpu_moves",
	[STAT_INVALIDATIONS] = "invalidations",
	[STAT_NOTIFIES] = "notifies",
	[STAT_DEVICE_EXITS] = "device_exits",
};

/**
 * show_stats() - print what there is to be seen of a guest
 * @m: where to
 * @lg: the guest, which may be running
 */
void show_stats(struct seq_file *m, const struct lguest *lg)
{
	const struct lguest_abi *abi = READ_ONCE(lg->kernel.abi);
	int i;

	seq_printf(m, "guestid:\t%u\n", lg->id);
	seq_printf(m, "launcher:\t%s\n", lg->launcher->name);
	seq_printf(m, "guest:\t%s\n", abi ? abi->name : "unknown");
	for (i = 0; i < NR_LGUEST_STATS; i++)
		seq_printf(m, "%s:\t%llu\n", stat_names[i], lg->stats[i]);
}
