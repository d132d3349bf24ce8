// SPDX-License-Identifier: GPL-2.0
/*
 * Where things are on a 32-bit host.  The switcher's text and, for each CPU, three
 * pages lie in the top 4 MiB of the address space, in the host's page tables and
 * in every guest's, so that they survive the change of CR3.  Of a CPU's pages the
 * guest that runs there has two: its registers, which are the ring 0 stack, and
 * the tables that the CPU reads.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <asm/fixmap.h>
#include <asm/pgtable.h>
#include <asm/tlbflush.h>
#include "lg.h"

/* Where the switcher likes to be: classic guests leave the top 4 MiB free. */
#define SWITCHER_ADDR		0xFFC00000UL
#define TOP_SLOT		0xFFC00000UL

/* Address of the switcher's text; the pages of each CPU follow it. */
unsigned long switcher_base;

static unsigned long switcher_addr = SWITCHER_ADDR;
module_param(switcher_addr, ulong, 0444);
MODULE_PARM_DESC(switcher_addr,
		 "First address to try for the switcher, in the top 4 MiB (default 0xFFC00000)");

/* A copy of switcher_text, which is executed where it is mapped. */
static struct page *text_page;

/**
 * switcher_page() - the address of one of a CPU's pages in the switcher
 * @cpu: the CPU
 * @which: SWITCHER_REGS, SWITCHER_TABLES or SWITCHER_CPU
 *
 * Return: the same virtual address in the host and in the guest that runs on
 * that CPU; in no guest for SWITCHER_CPU.
 */
unsigned long switcher_page(int cpu, int which)
{
	return switcher_base +
	       (1 + cpu * SWITCHER_CPU_PAGES + which) * PAGE_SIZE;
}

static unsigned int switcher_pages(void)
{
	return 1 + nr_cpu_ids * SWITCHER_CPU_PAGES;
}

/**
 * host_pte() - the host's page table entry for an address of the switcher
 * @addr: virtual address
 *
 * The page tables for the top of the address space belong to every process.
 *
 * Return: the entry, or NULL if there is no page table.
 */
pte_t *host_pte(unsigned long addr)
{
	unsigned int level;
	pte_t *pte = lookup_address(addr, &level);

	return pte && level == PG_LEVEL_4K ? pte : NULL;
}

/* Both of these areas are used without all of their entries being present. */
static bool host_may_use(unsigned long addr)
{
	unsigned long fixmap =
		__fix_to_virt(__end_of_permanent_fixed_addresses - 1);
	bool entry_area = addr >= CPU_ENTRY_AREA_BASE &&
			  addr < CPU_ENTRY_AREA_BASE + CPU_ENTRY_AREA_MAP_SIZE;

	return addr >= fixmap || entry_area;
}

static bool range_is_free(unsigned long start)
{
	unsigned long addr = start;
	unsigned int i;

	for (i = 0; i < switcher_pages(); i++, addr += PAGE_SIZE) {
		pte_t *pte;

		if (addr < TOP_SLOT || host_may_use(addr))
			return false;
		pte = host_pte(addr);
		if (!pte || !pte_none(*pte))
			return false;
	}
	return true;
}

static unsigned long find_free_range(void)
{
	unsigned long addr;

	if (range_is_free(switcher_addr))
		return switcher_addr;
	for (addr = TOP_SLOT; addr >= TOP_SLOT; addr += PAGE_SIZE) {
		if (range_is_free(addr))
			return addr;
	}
	return 0;
}

static void map_text(void)
{
	set_pte(host_pte(switcher_base),
		mk_pte(text_page, switcher_prot(PAGE_KERNEL_ROX)));
}

/* (The switcher's entries are not global: switcher_prot().) */
static void flush_this_cpu(void *unused)
{
	write_cr3(__read_cr3());
}

/**
 * host_map_exit() - take the switcher out of the address space
 *
 * No CPU uses it any more.  May sleep.
 */
void host_map_exit(void)
{
	unsigned int i;

	for (i = 0; i < switcher_pages(); i++)
		pte_clear(&init_mm, switcher_base + i * PAGE_SIZE,
			  host_pte(switcher_base + i * PAGE_SIZE));
	on_each_cpu(flush_this_cpu, NULL, 1);
	__free_page(text_page);
}

/**
 * host_map_init() - give the switcher its place
 *
 * Return: 0, -EINVAL or -ENOMEM; which of these is logged, where a person can do
 * something about it.
 */
int host_map_init(void)
{
	if (switcher_addr & ~PAGE_MASK || switcher_addr < TOP_SLOT) {
		pr_err("lguest: switcher_addr must be a page in the top 4 MiB\n");
		return -EINVAL;
	}
	switcher_base = find_free_range();
	if (!switcher_base) {
		pr_err("lguest: no room for the switcher, %u pages in the top 4 MiB of addresses: boot with nr_cpus=1 or so, and without reservetop=\n",
		       switcher_pages());
		return -ENOMEM;
	}
	text_page = alloc_page(GFP_KERNEL);
	if (!text_page)
		return -ENOMEM;
	memcpy(page_address(text_page), switcher_text, PAGE_SIZE);
	map_text();
	return 0;
}

/* The entry for an address in the top 4 MiB. */
static pteval_t *switcher_entry(struct lguest *lg, u32 vaddr)
{
	u32 page = (vaddr >> PAGE_SHIFT) % (SWITCHER_SLOTS * PTRS_PER_PTE);

	return &lg->host.switcher_ptes[page / PTRS_PER_PTE][page % PTRS_PER_PTE];
}

/**
 * map_switcher_pages() - put the guest's own pages at a CPU's place
 * @vcpu: the guest's CPU
 * @cpu: the CPU it is about to run on
 *
 * Nothing else of the host is in a guest's tables but the switcher's text.
 */
void map_switcher_pages(struct lguest_vcpu *vcpu, int cpu)
{
	struct lguest *lg = vcpu->lg;

	if (vcpu->host.mapped_cpu >= 0) {
		*switcher_entry(lg, switcher_page(vcpu->host.mapped_cpu, SWITCHER_REGS)) = 0;
		*switcher_entry(lg, switcher_page(vcpu->host.mapped_cpu, SWITCHER_TABLES)) = 0;
	}
	/* The CPU pushes onto the one, and only reads the other. */
	*switcher_entry(lg, switcher_page(cpu, SWITCHER_REGS)) =
		shadow_entry(__pa((unsigned long)vcpu->regs & PAGE_MASK),
			     _PAGE_RW | _PAGE_ACCESSED | _PAGE_DIRTY | shadow_nx());
	*switcher_entry(lg, switcher_page(cpu, SWITCHER_TABLES)) =
		shadow_entry(__pa(vcpu->tables), _PAGE_ACCESSED | shadow_nx());
}

/**
 * host_guest_alloc() - make what the host needs for a guest
 * @lg: a new guest
 *
 * Return: 0 or -ENOMEM; host_guest_free() cleans up either way.
 */
int host_guest_alloc(struct lguest *lg)
{
	pte_t text = *host_pte(switcher_base);
	int i;

	for (i = 0; i < SWITCHER_SLOTS; i++) {
		lg->host.switcher_ptes[i] = (pteval_t *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
		if (!lg->host.switcher_ptes[i])
			return -ENOMEM;
	}
	*switcher_entry(lg, switcher_base) = shadow_entry(PFN_PHYS(pte_pfn(text)), 0);
	return 0;
}

/**
 * host_guest_free() - undo that
 * @lg: a guest that never runs again
 */
void host_guest_free(struct lguest *lg)
{
	int i;

	for (i = 0; i < SWITCHER_SLOTS; i++)
		free_page((unsigned long)lg->host.switcher_ptes[i]);
}

/**
 * host_vcpu_alloc() - make what the host needs for a guest's CPU
 * @vcpu: a new one
 *
 * Its registers and tables are empty.
 *
 * Return: 0 or -ENOMEM; host_vcpu_free() cleans up either way.
 */
int host_vcpu_alloc(struct lguest_vcpu *vcpu)
{
	unsigned long page = get_zeroed_page(GFP_KERNEL_ACCOUNT);

	vcpu->host.mapped_cpu = -1;
	if (!page)
		return -ENOMEM;
	vcpu->regs = (void *)(page + PAGE_SIZE - sizeof(*vcpu->regs));
	vcpu->tables = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	return vcpu->tables ? 0 : -ENOMEM;
}

/**
 * host_vcpu_free() - undo that
 * @vcpu: one that never runs again, and whose pages are in no CPU's tables
 */
void host_vcpu_free(struct lguest_vcpu *vcpu)
{
	free_page((unsigned long)vcpu->regs & PAGE_MASK);
	free_page((unsigned long)vcpu->tables);
}

/*
 * With PAE there is a root of four entries above a directory's pages.  CR3 takes
 * an address below 4 GB that is a multiple of 32.
 */
#define ROOT_ENTRIES		4

static pteval_t *make_pae_root(const struct shadow_dir *dir)
{
	/* slab objects of a power of two are aligned to it */
	pteval_t *root = kcalloc(ROOT_ENTRIES, sizeof(*root), GFP_KERNEL_ACCOUNT);
	int i;

	for (i = 0; root && i < SHADOW_DIR_PAGES; i++)
		root[i] = __pa(dir->pages[i]) | _PAGE_PRESENT;
	return root;
}

static void map_switcher_slots(struct lguest *lg, struct shadow_dir *dir)
{
	u32 slot = SHADOW_SLOTS - SWITCHER_SLOTS, i;

	for (i = 0; i < SWITCHER_SLOTS; i++)
		*shadow_slot(dir, slot + i) = shadow_slot_value(lg->host.switcher_ptes[i]);
}

/**
 * host_root_alloc() - make a directory one that the CPU can use
 * @lg: the guest
 * @dir: an empty shadow directory
 *
 * Return: 0 or -ENOMEM; host_root_free() cleans up either way.
 */
int host_root_alloc(struct lguest *lg, struct shadow_dir *dir)
{
	map_switcher_slots(lg, dir);
	dir->host.cr3 = __pa(dir->pages[0]);
	if (SHADOW_DIR_PAGES == 1)
		return 0;
	dir->host.root = make_pae_root(dir);
	if (!dir->host.root)
		return -ENOMEM;
	dir->host.cr3 = __pa(dir->host.root);
	return 0;
}

/**
 * host_root_free() - undo that
 * @dir: the directory, which no CPU uses
 */
void host_root_free(struct shadow_dir *dir)
{
	kfree(dir->host.root);
}
