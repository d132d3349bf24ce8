// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/hoststate: what of each CPU's state the world switch touches, so that
 * a test can compare the host before and after.  Left out, since they change
 * in the life of any host: the accessed and dirty bits of page table entries,
 * and the GDT entries of the running task (TLS and ESPFIX).  nmistorm.c is its
 * neighbour that disturbs instead of looking.
 */
#include <linux/cpu.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pgtable.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <asm/debugreg.h>
#include <asm/desc.h>
#include <asm/msr.h>
#include "compat.h"
#include "tables.h"

/*
 * Bit 10 is always 1, but QEMU shows what was written there; and the kernel
 * leaves bit 9 (GE), which does nothing, as its first breakpoint had it.
 */
#define DR7_MEANINGLESS	0x600

struct hoststate {
	unsigned long cr0, cr4, dr6, dr7;
	u16 ldtr, tr;
	struct desc_ptr gdtr, idtr;
	u64 gdt[GDT_ENTRIES];
	u64 idt[IDT_ENTRIES * sizeof(gate_desc) / sizeof(u64)];
	bool has_msr[ARRAY_SIZE(msrs)];
	u64 msr[ARRAY_SIZE(msrs)];
	struct tables tables;
};

static bool is_sysenters(u32 nr)
{
	return nr >= MSR_IA32_SYSENTER_CS && nr <= MSR_IA32_SYSENTER_EIP;
}

static void look(void *data)
{
	struct hoststate *s = data;
	unsigned int i;

	s->cr0 = read_cr0();
	s->cr4 = __read_cr4();
	get_debugreg(s->dr6, 6);
	get_debugreg(s->dr7, 7);
	s->dr7 &= ~DR7_MEANINGLESS;
	store_ldt(s->ldtr);
	store_tr(s->tr);
	native_store_gdt(&s->gdtr);
	store_idt(&s->idtr);
	memcpy(s->gdt, (void *)s->gdtr.address,
	       min_t(size_t, s->gdtr.size + 1, sizeof(s->gdt)));
	memcpy(s->idt, (void *)s->idtr.address,
	       min_t(size_t, s->idtr.size + 1, sizeof(s->idt)));
	for (i = 0; i < ARRAY_SIZE(msrs); i++) {
		if (is_sysenters(msrs[i].nr) && !boot_cpu_has(X86_FEATURE_SEP))
			continue;
		s->has_msr[i] = !rdmsrq_safe(msrs[i].nr, &s->msr[i]);
	}
	look_at_tables(&s->tables);
}

static void tell(struct seq_file *m, const struct hoststate *s)
{
	unsigned int i;

	seq_printf(m, "cr0 %08lx\ncr4 %08lx\n", s->cr0, s->cr4);
	seq_printf(m, "dr6 %08lx\ndr7 %08lx\n", s->dr6, s->dr7);
	seq_printf(m, "ldtr %04x\ntr %04x\n", s->ldtr, s->tr);
	seq_printf(m, "gdtr %08lx %04x\n", s->gdtr.address, s->gdtr.size);
	seq_printf(m, "idtr %08lx %04x\n", s->idtr.address, s->idtr.size);
	for (i = 0; i < ARRAY_SIZE(msrs); i++)
		if (s->has_msr[i])
			seq_printf(m, "%s %016llx\n", msrs[i].name, s->msr[i]);
	for (i = 0; i < GDT_ENTRIES; i++)
		seq_printf(m, "gdt %u %016llx\n", i, gdt_entry_of_host(i, s->gdt[i]));
	for (i = 0; i < ARRAY_SIZE(s->idt); i++)
		seq_printf(m, "idt %u %016llx\n", i, s->idt[i]);
	tell_tables(m, &s->tables);
}

static int hoststate_show(struct seq_file *m, void *v)
{
	struct hoststate *s;
	int cpu, err = 0;

	s = kvmalloc(sizeof(*s), GFP_KERNEL);
	if (!s)
		return -ENOMEM;

	cpus_read_lock();
	for_each_online_cpu(cpu) {
		memset(s, 0, sizeof(*s));
		err = smp_call_function_single(cpu, look, s, 1);
		if (err)
			break;
		seq_printf(m, "cpu %d\n", cpu);
		tell(m, s);
	}
	cpus_read_unlock();
	kvfree(s);
	return err;
}

static int __init hoststate_init(void)
{
	if (!proc_create_single("hoststate", 0400, NULL, hoststate_show))
		return -ENOMEM;
	return 0;
}

static void __exit hoststate_exit(void)
{
	remove_proc_entry("hoststate", NULL);
}

module_init(hoststate_init);
module_exit(hoststate_exit);
MODULE_DESCRIPTION("Shows CPU state, for tests");
MODULE_LICENSE("GPL");
