// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/switchwatch: looks at what a guest's CPU is about to be given, at each
 * moment at which lguest.ko makes the world switch (probes stand there).  Of the
 * guest's page tables:
 * - an entry that is not present holds nothing that a CPU could fetch through;
 * - the addresses that are the host's hold some pages, which the host has at the same
 *   addresses on this CPU: one that may be written to, one that may be executed, if the
 *   CPU can tell, and not the same; nothing there is for ring 3;
 * - nothing is global;
 * - any other page is one that some program still has mapped.
 * A VERW of lguest.ko's is counted, too: there must be one for each switch where
 * the CPU wants it.  Each walk takes long, so there is one for so many switches as
 * the parameter says.
 */
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pgtable.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <asm/cpufeature.h>
#include "compat.h"
#include "switch.h"

#define MAX_PROBES	8
#define LONGEST_INSN	5	/* of those that are looked for */
#define VERW		"\x0f\x00"	/* and 5 in the next byte's middle */

static unsigned long text;
module_param(text, ulong, 0444);
MODULE_PARM_DESC(text, "/sys/module/lguest/sections/.text");

static unsigned int every = 1;
module_param(every, uint, 0444);
MODULE_PARM_DESC(every, "look at the tables at each so many switches (1)");

static struct kprobe probes[MAX_PROBES];
static unsigned int nr_probes;
static atomic_t switches, verws, walks, entries;
static atomic_t leftovers, global, unmapped, missing, foreign, writable, executable, user;

/* Does the host have this page there?  (It may do so by a large one.) */
static bool is_hosts(unsigned long addr, pte_t pte)
{
	unsigned int level;
	pte_t *hosts = lookup_address(addr, &level);

	return hosts && pte_present(*hosts) &&
	       pte_pfn(*hosts) + (addr & (page_level_size(level) - 1)) / PAGE_SIZE == pte_pfn(pte);
}

static void look_at_switchers_page(unsigned long addr, pte_t pte)
{
	if (!is_hosts(addr, pte))
		atomic_inc(&foreign);
	if (pte_flags(pte) & _PAGE_USER)
		atomic_inc(&user);
}

/* Its launcher, or another one's, still has it; or the page is everybody's. */
static bool is_somebodys(pte_t pte)
{
	struct page *page;

	if (!pfn_valid(pte_pfn(pte)))
		return false;
	page = pte_page(pte);
	return page_mapped(page) || PageReserved(page);
}

struct counts {
	unsigned int present, writable, executable;
};

static void look_at_entry(unsigned long addr, pte_t pte, struct counts *tops)
{
	if (!pte_present(pte)) {
		if (!pte_none(pte))
			atomic_inc(&leftovers);
		return;
	}
	atomic_inc(&entries);
	if (pte_flags(pte) & _PAGE_GLOBAL)
		atomic_inc(&global);
	if (addr < FIRST_OF_HOST) {
		if (!is_somebodys(pte))
			atomic_inc(&unmapped);
		return;
	}
	look_at_switchers_page(addr, pte);
	tops->present++;
	tops->writable += !!(pte_flags(pte) & _PAGE_RW);
	tops->executable += !(pte_flags(pte) & _PAGE_NX);
}

static void look_at_table(unsigned long addr, const pte_t *table, void *tops)
{
	unsigned int i;

	for (i = 0; i < PTRS_PER_PTE; i++)
		look_at_entry(addr + i * PAGE_SIZE, table[i], tops);
}

static void look_at_empty_slot(u64 slot)
{
	if (slot)
		atomic_inc(&leftovers);
}

static void look_at_tables(unsigned long cr3)
{
	struct counts tops = { 0 };

	walk_tables(cr3, &tops, look_at_table, look_at_empty_slot);
	if (tops.present != HOSTS_PAGES)
		atomic_inc(&missing);
	if (tops.writable != 1)
		atomic_inc(&writable);
	if ((__supported_pte_mask & _PAGE_NX) && tops.executable != 1)
		atomic_inc(&executable);
	atomic_inc(&walks);
}

static int on_switch(struct kprobe *probe, struct pt_regs *regs)
{
	if ((unsigned int)atomic_inc_return(&switches) % every == 0)
		look_at_tables(guest_cr3(regs));
	return 0;
}

static int on_verw(struct kprobe *probe, struct pt_regs *regs)
{
	atomic_inc(&verws);
	return 0;
}

/* It is here so that no jump takes the place of the instructions that follow. */
static void afterwards(struct kprobe *probe, struct pt_regs *regs, unsigned long flags)
{
}

static bool is_lguests(unsigned long addr)
{
	char name[KSYM_SYMBOL_LEN];

	sprint_symbol(name, addr);
	return strstr(name, "[lguest]");
}

/* Refused if no instruction begins there. */
static void probe_at(const u8 *insn, kprobe_pre_handler_t handler)
{
	struct kprobe *probe = &probes[nr_probes];

	if (nr_probes == MAX_PROBES)
		return;
	probe->addr = (kprobe_opcode_t *)insn;
	probe->pre_handler = handler;
	probe->post_handler = afterwards;
	if (!register_kprobe(probe))
		nr_probes++;
	else
		memset(probe, 0, sizeof(*probe));
}

static bool is_verw(const u8 *insn)
{
	return !memcmp(insn, VERW, 2) && (insn[2] >> 3 & 7) == 5;
}

static void probe_page(const u8 *page)
{
	const u8 *insn;

	/* an instruction that crosses into the next page is missed */
	for (insn = page; insn < page + PAGE_SIZE - LONGEST_INSN; insn++) {
		if (is_switch(insn))
			probe_at(insn, on_switch);
		else if (is_verw(insn))
			probe_at(insn, on_verw);
	}
}

static void remove_probes(void)
{
	while (nr_probes)
		unregister_kprobe(&probes[--nr_probes]);
}

static bool has_switch(void)
{
	unsigned int i;

	for (i = 0; i < nr_probes; i++) {
		if (probes[i].pre_handler == on_switch)
			return true;
	}
	return false;
}

static int switchwatch_show(struct seq_file *m, void *v)
{
	seq_printf(m, "switches: %d\n", atomic_read(&switches));
	seq_printf(m, "verws: %d\n", atomic_read(&verws));
	seq_printf(m, "walks: %d\n", atomic_read(&walks));
	seq_printf(m, "entries: %d\n", atomic_read(&entries));
	seq_printf(m, "leftovers: %d\n", atomic_read(&leftovers));
	seq_printf(m, "global: %d\n", atomic_read(&global));
	seq_printf(m, "unmapped: %d\n", atomic_read(&unmapped));
	seq_printf(m, "missing: %d\n", atomic_read(&missing));
	seq_printf(m, "foreign: %d\n", atomic_read(&foreign));
	seq_printf(m, "writable: %d\n", atomic_read(&writable));
	seq_printf(m, "executable: %d\n", atomic_read(&executable));
	seq_printf(m, "user: %d\n", atomic_read(&user));
	return 0;
}

static int __init switchwatch_init(void)
{
	unsigned long page;

	for (page = text & PAGE_MASK; is_lguests(max(page, text)); page += PAGE_SIZE)
		probe_page((const u8 *)page);
	if (has_switch() && proc_create_single("switchwatch", 0400, NULL, switchwatch_show))
		return 0;
	remove_probes();
	return -ENOENT;
}

static void __exit switchwatch_exit(void)
{
	remove_proc_entry("switchwatch", NULL);
	remove_probes();
}

module_init(switchwatch_init);
module_exit(switchwatch_exit);
MODULE_DESCRIPTION("Watches what guests' CPUs are given, for tests");
MODULE_LICENSE("GPL");
