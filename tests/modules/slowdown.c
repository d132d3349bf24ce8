// SPDX-License-Identifier: GPL-2.0
/*
 * Makes chosen functions slow, so that what can only happen in between does: the
 * CPU waits for a while, as it would for an interrupt of the host's, before each call of
 * them by lguest.ko.
 */
#include <linux/delay.h>
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/string.h>

#define MAX_PROBES	4

static char *before[MAX_PROBES];
static unsigned int nr_before;
module_param_array(before, charp, &nr_before, 0444);
MODULE_PARM_DESC(before, "functions to wait before");

static unsigned int us = 500;
module_param(us, uint, 0444);
MODULE_PARM_DESC(us, "how long at most, in microseconds (500)");

static unsigned int waits;
module_param(waits, uint, 0444);
MODULE_PARM_DESC(waits, "how often that was");

static struct kprobe calls[MAX_PROBES];

static void wait_a_while(void)
{
	udelay(get_random_u32() % us);
	waits++;
}

static bool is_lguests(unsigned long addr)
{
	char symbol[KSYM_SYMBOL_LEN];

	sprint_symbol(symbol, addr);
	return strstr(symbol, "[lguest]");
}

static int at_call(struct kprobe *probe, struct pt_regs *regs)
{
	/* the function has done nothing yet: its return address is on top */
	if (is_lguests(*(unsigned long *)kernel_stack_pointer(regs)))
		wait_a_while();
	return 0;
}

static void remove_probes(void)
{
	unsigned int i;

	for (i = 0; i < MAX_PROBES; i++)
		if (calls[i].addr)
			unregister_kprobe(&calls[i]);
}

static int add_probes(void)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < nr_before && !err; i++) {
		calls[i].symbol_name = before[i];
		calls[i].pre_handler = at_call;
		err = register_kprobe(&calls[i]);
	}
	return err;
}

static int __init slowdown_init(void)
{
	int err = add_probes();

	if (err) {
		pr_err("slowdown: cannot probe: %d\n", err);
		remove_probes();
	}
	return err;
}

static void __exit slowdown_exit(void)
{
	remove_probes();
}

module_init(slowdown_init);
module_exit(slowdown_exit);
MODULE_DESCRIPTION("Makes functions slow, for tests");
MODULE_LICENSE("GPL");
