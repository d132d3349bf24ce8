/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For hoststate.c: a 32-bit host's page tables, where the switcher lives in them, and
 * what else is its own.  Left out are the accessed and dirty bits, which change in the
 * life of any host.
 */
#ifndef TABLES_H
#define TABLES_H

#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/seq_file.h>
#include <asm/desc.h>
#include <asm/msr-index.h>
#include <asm/special_insns.h>

#define FIRST_PDE	0xff000000UL
#define FIRST_PTE	0xffc00000UL
#define NUM_PTES	(-FIRST_PTE / PAGE_SIZE)
#define NUM_PDES	(-FIRST_PDE / PMD_SIZE)

struct tables {
	u64 pde[NUM_PDES];
	u64 pte[NUM_PTES];
};

/* the entry of the middle level, or the only one, in the tables in use */
static inline pmd_t *pmd_of(unsigned long addr)
{
	pgd_t *pgd = pgd_offset_pgd((pgd_t *)__va(read_cr3_pa()), addr);
	pud_t *pud = pud_offset(p4d_offset(pgd, addr), addr);

	return pud_present(*pud) ? pmd_offset(pud, addr) : NULL;
}

static inline void look_at_tables(struct tables *t)
{
	unsigned int i;
	pmd_t *pmd;

	for (i = 0; i < NUM_PDES; i++) {
		pmd = pmd_of(FIRST_PDE + i * PMD_SIZE);
		t->pde[i] = pmd ? pmd_val(*pmd) & ~(u64)_PAGE_ACCESSED : 0;
	}
	for (i = 0; i < NUM_PTES; i++) {
		unsigned long addr = FIRST_PTE + i * PAGE_SIZE;

		pmd = pmd_of(addr);
		if (!pmd || !pmd_present(*pmd) || pmd_leaf(*pmd))
			continue;
		t->pte[i] = pte_val(*pte_offset_kernel(pmd, addr)) &
			    ~(u64)(_PAGE_ACCESSED | _PAGE_DIRTY);
	}
}

static inline void tell_tables(struct seq_file *m, const struct tables *t)
{
	unsigned int i;

	for (i = 0; i < NUM_PDES; i++)
		seq_printf(m, "pde %08lx %016llx\n",
			   FIRST_PDE + i * PMD_SIZE, t->pde[i]);
	for (i = 0; i < NUM_PTES; i++)
		if (t->pte[i])
			seq_printf(m, "pte %08lx %016llx\n",
				   FIRST_PTE + i * PAGE_SIZE, t->pte[i]);
}

static const struct {
	u32 nr;
	const char *name;
} msrs[] = {
	{ MSR_IA32_SYSENTER_CS, "sysenter_cs" },
	{ MSR_IA32_SYSENTER_ESP, "sysenter_esp" },
	{ MSR_IA32_SYSENTER_EIP, "sysenter_eip" },
	{ MSR_EFER, "efer" },
};

/* What a GDT entry is, but for what belongs to the running task. */
static inline u64 gdt_entry_of_host(unsigned int slot, u64 entry)
{
	if ((slot >= GDT_ENTRY_TLS_MIN && slot <= GDT_ENTRY_TLS_MAX) ||
	    slot == GDT_ENTRY_ESPFIX_SS)
		return 0;
	return entry;
}

#endif
