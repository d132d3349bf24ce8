// SPDX-License-Identifier: GPL-2.0
/*
 * Looks at the shadow page tables that lguest.ko makes read-only for a guest: what is
 * not present there must be 0, for a processor may fetch speculatively through what is
 * left of an address.
 */
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pgtable.h>

/* How lguest.ko's own begins (lg.h). */
struct shadow_table {
	pteval_t *entries;
};

static unsigned int tables;
module_param(tables, uint, 0444);
MODULE_PARM_DESC(tables, "how many tables were looked at");

static unsigned int empty;
module_param(empty, uint, 0444);
MODULE_PARM_DESC(empty, "entries that were not present");

static unsigned int leftovers;
module_param(leftovers, uint, 0444);
MODULE_PARM_DESC(leftovers, "those of them that were not 0");

static int look_at_table(struct kprobe *probe, struct pt_regs *regs)
{
	const struct shadow_table *table =
		(const struct shadow_table *)regs_get_kernel_argument(regs, 1);
	unsigned int i;

	for (i = 0; i < PTRS_PER_PTE; i++) {
		if (table->entries[i] & _PAGE_PRESENT)
			continue;
		empty++;
		leftovers += !!table->entries[i];
	}
	tables++;
	return 0;
}

static struct kprobe probe = {
	.symbol_name = "shadow_table_protect",
	.pre_handler = look_at_table,
};

static int __init shadowwatch_init(void)
{
	return register_kprobe(&probe);
}

static void __exit shadowwatch_exit(void)
{
	unregister_kprobe(&probe);
}

module_init(shadowwatch_init);
module_exit(shadowwatch_exit);
MODULE_DESCRIPTION("Looks at shadow page tables, for tests");
MODULE_LICENSE("GPL");
