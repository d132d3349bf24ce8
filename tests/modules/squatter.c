// SPDX-License-Identifier: GPL-2.0
/*
 * Sits where the switcher would like to be, as some other module might: in
 * page table entries at the top of the address space, or in a slot of a CPU's
 * GDT.  Only what is empty is taken, and given back on unload.  It also makes
 * the table at the address that the CPUs have in their GDTR read-only, as some
 * kernels have it.  A test loads it before lguest.ko.
 */
#include <linux/module.h>
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/smp.h>
#include <asm/desc.h>
#include <asm/fixmap.h>

#define TOP_SLOT	0xffc00000UL
#define NR_ENTRIES	(-TOP_SLOT / PAGE_SIZE)
#define GDT_SLOT	10

static unsigned long pte = TOP_SLOT;
module_param(pte, ulong, 0444);
MODULE_PARM_DESC(pte, "the first address to take (0xffc00000)");

static unsigned int ptes;
module_param(ptes, uint, 0444);
MODULE_PARM_DESC(ptes, "how many pages from there on (0)");

static int gdt_cpu = -1;
module_param(gdt_cpu, int, 0444);
MODULE_PARM_DESC(gdt_cpu, "the CPU whose GDT slot 10 to take (-1: none)");

static bool gdt_ro;
module_param(gdt_ro, bool, 0444);
MODULE_PARM_DESC(gdt_ro, "make every CPU's loaded GDT read-only (0)");

static DECLARE_BITMAP(taken, NR_ENTRIES);

static unsigned long address(unsigned int entry)
{
	return TOP_SLOT + entry * PAGE_SIZE;
}

static pte_t *empty_entry(unsigned long addr)
{
	unsigned int level;
	pte_t *entry = lookup_address(addr, &level);

	return entry && level == PG_LEVEL_4K && pte_none(*entry) ? entry : NULL;
}

static void take_entries(void)
{
	unsigned int first = (pte - TOP_SLOT) / PAGE_SIZE, i;
	unsigned long fixmap =
		__fix_to_virt(__end_of_permanent_fixed_addresses - 1);

	for (i = first; i < NR_ENTRIES && i - first < ptes; i++) {
		pte_t *entry = empty_entry(address(i));

		if (!entry || address(i) >= fixmap)
			continue;
		set_pte(entry, mk_pte(ZERO_PAGE(0), PAGE_KERNEL_RO));
		__set_bit(i, taken);
	}
	pr_info("squatter: took %u pages\n", bitmap_weight(taken, NR_ENTRIES));
}

static void flush_page(unsigned long addr)
{
	asm volatile("invlpg (%0)" : : "r" (addr) : "memory");
}

static void flush(void *unused)
{
	unsigned int i;

	for_each_set_bit(i, taken, NR_ENTRIES)
		flush_page(address(i));
}

static void give_entries_back(void)
{
	unsigned int i, level;

	for_each_set_bit(i, taken, NR_ENTRIES)
		pte_clear(&init_mm, address(i),
			  lookup_address(address(i), &level));
	on_each_cpu(flush, NULL, 1);
}

/* On each CPU: its own table, at the address that is only for that. */
static void protect_gdt(void *writable)
{
	struct desc_ptr gdt;
	unsigned int level;
	pte_t *entry;

	native_store_gdt(&gdt);
	entry = lookup_address(gdt.address, &level);
	if (!entry || level != PG_LEVEL_4K)
		return;
	set_pte(entry, writable ? pte_set_flags(*entry, _PAGE_RW) :
				  pte_clear_flags(*entry, _PAGE_RW));
	flush_page(gdt.address);
}

static struct desc_struct *gdt_slot(void)
{
	return &get_cpu_gdt_rw(gdt_cpu)[GDT_SLOT];
}

static int __init squatter_init(void)
{
	if (pte < TOP_SLOT || gdt_cpu >= (int)nr_cpu_ids)
		return -EINVAL;
	if (gdt_cpu >= 0) {
		if (!desc_empty(gdt_slot()))
			return -EBUSY;
		*gdt_slot() = (struct desc_struct)GDT_ENTRY_INIT(0xc093, 0, 0);
	}
	take_entries();
	if (gdt_ro)
		on_each_cpu(protect_gdt, NULL, 1);
	return 0;
}

static void __exit squatter_exit(void)
{
	if (gdt_cpu >= 0)
		*gdt_slot() = (struct desc_struct){};
	if (gdt_ro)
		on_each_cpu(protect_gdt, (void *)true, 1);
	give_entries_back();
}

module_init(squatter_init);
module_exit(squatter_exit);
MODULE_DESCRIPTION("Takes the switcher's place, for tests");
MODULE_LICENSE("GPL");
