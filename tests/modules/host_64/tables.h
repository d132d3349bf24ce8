/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For hoststate.c: a 64-bit host's page tables, of which lguest.ko must change nothing,
 * and what else is its own.  The entries are those of the top level's upper half, and
 * below its last one, where the kernel's text, its modules and fixed addresses are.
 * Left out are the accessed and dirty bits, which change in the life of any host.
 */
#ifndef TABLES_H
#define TABLES_H

#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/seq_file.h>
#include <asm/desc.h>
#include <asm/msr-index.h>
#include <asm/special_insns.h>

#define FIRST_TOP	(PTRS_PER_PGD / 2)
#define IGNORED		((u64)(_PAGE_ACCESSED | _PAGE_DIRTY))

struct tables {
	u64 top[PTRS_PER_PGD];
	u64 next[PTRS_PER_PUD];
};

static inline void look_at_tables(struct tables *t)
{
	const u64 *top = __va(read_cr3_pa());
	const u64 *next = __va(top[PTRS_PER_PGD - 1] & PTE_PFN_MASK);
	unsigned int i;

	for (i = FIRST_TOP; i < PTRS_PER_PGD; i++)
		t->top[i] = top[i] & ~IGNORED;
	for (i = 0; i < PTRS_PER_PUD; i++)
		t->next[i] = next[i] & ~IGNORED;
}

static inline void tell_tables(struct seq_file *m, const struct tables *t)
{
	unsigned int i;

	for (i = FIRST_TOP; i < PTRS_PER_PGD; i++)
		seq_printf(m, "pte top.%u %016llx\n", i, t->top[i]);
	for (i = 0; i < PTRS_PER_PUD; i++)
		seq_printf(m, "pte next.%u %016llx\n", i, t->next[i]);
}

/* (The base of GS is the CPU's own while the kernel runs, that of FS the task's.) */
static const struct {
	u32 nr;
	const char *name;
} msrs[] = {
	{ MSR_IA32_SYSENTER_CS, "sysenter_cs" },
	{ MSR_IA32_SYSENTER_ESP, "sysenter_esp" },
	{ MSR_IA32_SYSENTER_EIP, "sysenter_eip" },
	{ MSR_EFER, "efer" },
	{ MSR_STAR, "star" },
	{ MSR_LSTAR, "lstar" },
	{ MSR_CSTAR, "cstar" },
	{ MSR_SYSCALL_MASK, "syscall_mask" },
	{ MSR_GS_BASE, "gs_base" },
	{ MSR_IA32_XSS, "xss" },
	{ MSR_IA32_DEBUGCTLMSR, "debugctl" },
};

#define TYPE_AND_S	0x1f

/*
 * What a GDT entry is, but for what belongs to the running task.  Two slots are those
 * of its LDT, or of the last task's that had one; nothing else may be there.
 */
static inline u64 gdt_entry_of_host(unsigned int slot, u64 entry)
{
	if (slot >= GDT_ENTRY_TLS_MIN && slot <= GDT_ENTRY_TLS_MAX)
		return 0;
	if (slot == GDT_ENTRY_LDT && (entry >> 40 & TYPE_AND_S) == DESC_LDT)
		return 0;
	if (slot == GDT_ENTRY_LDT + 1)
		return entry >> 32;
	return entry;
}

#endif
