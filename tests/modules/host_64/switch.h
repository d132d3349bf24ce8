/* SPDX-License-Identifier: GPL-2.0 */
/* For switchwatch.c: the world switch of a 64-bit host, and the tables of its guests. */
#ifndef SWITCH_H
#define SWITCH_H

#include <linux/bits.h>
#include <linux/kallsyms.h>
#include <linux/pgtable.h>
#include <linux/ptrace.h>
#include <linux/string.h>
#include <asm/special_insns.h>

/* What of the host's pages is in a guest's tables: text, registers, GDT and IDT. */
#define FIRST_OF_HOST	BIT(32)
#define HOSTS_PAGES	4

#define CALL		0xe8
#define CALL_SIZE	5
#define GUEST_CR3	32	/* in struct lguest_world */
#define TABLE_BITS	9

/* "call switcher_enter" */
static inline bool is_switch(const u8 *insn)
{
	char name[KSYM_SYMBOL_LEN];
	s32 offset;

	if (*insn != CALL)
		return false;
	memcpy(&offset, insn + 1, sizeof(offset));
	sprint_symbol(name, (unsigned long)insn + CALL_SIZE + offset);
	return strstarts(name, "switcher_enter+0x0/");
}

/* rdi is the guest's world. */
static inline unsigned long guest_cr3(const struct pt_regs *regs)
{
	return *(const u64 *)(regs->di + GUEST_CR3);
}

struct walk {
	void *data;
	void (*table)(unsigned long addr, const pte_t *table, void *data);
	void (*empty)(u64 slot);
};

static inline void walk_level(const u64 *entries, unsigned int level, unsigned long base,
			      const struct walk *walk)
{
	unsigned int shift = PAGE_SHIFT + (level - 1) * TABLE_BITS, i;

	for (i = 0; i < PTRS_PER_PTE; i++) {
		unsigned long addr = base + ((unsigned long)i << shift);

		if (!(entries[i] & _PAGE_PRESENT))
			walk->empty(entries[i]);
		else if (level == 2)
			walk->table(addr, __va(entries[i] & PTE_PFN_MASK), walk->data);
		else
			walk_level(__va(entries[i] & PTE_PFN_MASK), level - 1, addr, walk);
	}
}

/* Call table() for each page table, and empty() for each slot that has none. */
static inline void walk_tables(unsigned long cr3, void *data,
			       void (*table)(unsigned long addr, const pte_t *table, void *data),
			       void (*empty)(u64 slot))
{
	const struct walk walk = { data, table, empty };

	walk_level(__va(cr3 & PTE_PFN_MASK), __read_cr4() & X86_CR4_LA57 ? 5 : 4, 0, &walk);
}

#endif
