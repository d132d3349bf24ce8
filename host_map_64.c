// SPDX-License-Identifier: GPL-2.0
/*
 * Where things are on a 64-bit host: nowhere but where they are anyway.  The switcher's
 * text is a page of the module's, and what the CPU needs of a guest is a block of pages
 * in the direct map.  Both have the same addresses in the guest's page tables, in the
 * upper half of the address space, which no guest can name.  The lower half begins with
 * the guest's 4 GB.
 */
#include <linux/kernel.h>
#include <linux/mem_encrypt.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>
#include <asm/pgtable.h>
#include "lg.h"

#define GFP_TABLE		(GFP_KERNEL_ACCOUNT | __GFP_ZERO)

/* A table has 512 entries; at its level one of them leads to so many bits of address. */
#define INDEX_BITS		9
#define level_shift(level)	(PAGE_SHIFT + ((level) - 1) * INDEX_BITS)

/* As deep as the host's tables are: long mode cannot be left for a change of that. */
static int root_level(void)
{
	return pgtable_l5_enabled() ? 5 : 4;
}

static pteval_t *alloc_table(void)
{
	return (pteval_t *)__get_free_page(GFP_TABLE);
}

static pteval_t *table_of(pteval_t entry)
{
	return __va(entry & PTE_PFN_MASK);
}

/* Nothing in the upper half is for ring 3. */
static pteval_t upper_entry(const pteval_t *table)
{
	return shadow_slot_value(table) & ~_PAGE_USER;
}

static int map_upper(pteval_t *root, const void *page, phys_addr_t frame, pteval_t flags)
{
	unsigned long addr = (unsigned long)page;
	pteval_t *table = root, *entry;
	int level;

	for (level = root_level(); ; level--) {
		entry = &table[addr >> level_shift(level) & (PTRS_PER_PTE - 1)];
		if (level == 1)
			break;
		if (!*entry) {
			table = alloc_table();
			if (!table)
				return -ENOMEM;
			*entry = upper_entry(table);
		}
		table = table_of(*entry);
	}
	*entry = shadow_entry(frame, flags);
	return 0;
}

/* All of the upper half's tables below one of a level. */
static void free_upper(pteval_t *table, int level)
{
	int i;

	for (i = 0; level > 1 && i < PTRS_PER_PTE; i++) {
		if (!table[i])
			continue;
		if (level > 2)
			free_upper(table_of(table[i]), level - 1);
		free_page((unsigned long)table_of(table[i]));
	}
}

/**
 * host_map_init() - give the switcher its place
 *
 * Return: 0; it has one.
 */
int host_map_init(void)
{
	return 0;
}

/**
 * host_map_exit() - undo that
 */
void host_map_exit(void)
{
}

/**
 * host_guest_alloc() - make what the host needs for a guest
 * @lg: a new guest
 *
 * Return: 0 or -ENOMEM; host_guest_free() cleans up either way.
 */
int host_guest_alloc(struct lguest *lg)
{
	lg->host.root = alloc_table();
	if (!lg->host.root)
		return -ENOMEM;
	return map_upper(lg->host.root, switcher_text,
			 PFN_PHYS(vmalloc_to_pfn(switcher_text)), 0);
}

/**
 * host_guest_free() - undo that
 * @lg: a guest that never runs again
 */
void host_guest_free(struct lguest *lg)
{
	if (!lg->host.root)
		return;
	free_upper(lg->host.root, root_level());
	free_page((unsigned long)lg->host.root);
}

/* What the CPU pushes onto is writable, what it only reads is not. */
static int map_vcpu(pteval_t *root, void *pages)
{
	void *gdt = pages + GDT_PAGE * PAGE_SIZE, *idt = pages + IDT_PAGE * PAGE_SIZE;

	return map_upper(root, pages, __pa(pages), _PAGE_RW | _PAGE_DIRTY | shadow_nx()) ?:
	       map_upper(root, gdt, __pa(gdt), shadow_nx()) ?:
	       map_upper(root, idt, __pa(idt), shadow_nx());
}

/**
 * host_vcpu_alloc() - make what the host needs for a guest's CPU
 * @vcpu: a new one, of a guest that has no directories yet
 *
 * Its registers and tables are empty.
 *
 * Return: 0 or -ENOMEM; host_vcpu_free() cleans up either way.
 */
int host_vcpu_alloc(struct lguest_vcpu *vcpu)
{
	void *pages = alloc_pages_exact(VCPU_PAGES * PAGE_SIZE, GFP_TABLE);

	if (!pages)
		return -ENOMEM;
	vcpu->host.world = pages;
	vcpu->regs = &vcpu->host.world->regs;
	vcpu->tables = pages + GDT_PAGE * PAGE_SIZE;
	return map_vcpu(vcpu->lg->host.root, pages);
}

/**
 * host_vcpu_free() - undo that
 * @vcpu: one that never runs again
 */
void host_vcpu_free(struct lguest_vcpu *vcpu)
{
	if (vcpu->host.world)
		free_pages_exact(vcpu->host.world, VCPU_PAGES * PAGE_SIZE);
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
	struct host_dir *host = &dir->host;
	int i;

	host->root = alloc_table();
	host->level3 = alloc_table();
	if (!host->root || !host->level3)
		return -ENOMEM;
	for (i = 0; i < SHADOW_DIR_PAGES; i++)
		host->level3[i] = shadow_slot_value(dir->pages[i]);
	memcpy(host->root, lg->host.root, PAGE_SIZE);
	if (pgtable_l5_enabled()) {
		host->level4 = alloc_table();
		if (!host->level4)
			return -ENOMEM;
		host->level4[0] = shadow_slot_value(host->level3);
		host->root[0] = shadow_slot_value(host->level4);
	} else {
		host->root[0] = shadow_slot_value(host->level3);
	}
	host->cr3 = __sme_set(__pa(host->root));
	return 0;
}

/**
 * host_root_free() - undo that
 * @dir: the directory, which no CPU uses
 */
void host_root_free(struct shadow_dir *dir)
{
	free_page((unsigned long)dir->host.root);
	free_page((unsigned long)dir->host.level4);
	free_page((unsigned long)dir->host.level3);
}
