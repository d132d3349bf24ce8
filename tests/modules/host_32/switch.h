/* SPDX-License-Identifier: GPL-2.0 */
/* For switchwatch.c: the world switch of a 32-bit host, and the tables of its guests. */
#ifndef SWITCH_H
#define SWITCH_H

#include <linux/pgtable.h>
#include <linux/ptrace.h>
#include <linux/string.h>

/* What of the host's pages is in a guest's tables: text, registers and tables. */
#define FIRST_OF_HOST	0xffc00000UL
#define HOSTS_PAGES	3

/* "pushfl; lcall", the call through memory. */
static inline bool is_switch(const u8 *insn)
{
	return !memcmp(insn, "\x9c\xff\x1d", 3);
}

/* edx is the guest's CR3, as switcher_32.S has it. */
static inline unsigned long guest_cr3(const struct pt_regs *regs)
{
	return regs->dx;
}

/* With PAE the root's entries are looked at by their addresses alone. */
static inline const pmdval_t *slots_of(unsigned long cr3, unsigned long addr)
{
#ifdef CONFIG_X86_PAE
	const u64 *root = __va(cr3 & ~31UL);
	u64 entry = root[addr >> PGDIR_SHIFT];

	return entry & _PAGE_PRESENT ? __va(entry & PTE_PFN_MASK) : NULL;
#else
	return __va(cr3 & PAGE_MASK);
#endif
}

/* Call table() for each page table, and empty() for each slot that has none. */
static inline void walk_tables(unsigned long cr3, void *data,
			       void (*table)(unsigned long addr, const pte_t *table, void *data),
			       void (*empty)(u64 slot))
{
	unsigned long addr = 0;

	do {
		const pmdval_t *slots = slots_of(cr3, addr);
		pmdval_t slot = slots ? slots[(addr >> PMD_SHIFT) %
					      (PAGE_SIZE / sizeof(*slots))] : 0;

		if (slot & _PAGE_PRESENT)
			table(addr, __va(slot & PTE_PFN_MASK), data);
		else
			empty(slot);
		addr += PMD_SIZE;
	} while (addr);
}

#endif
