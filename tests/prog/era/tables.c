// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's page tables in either format.  Tables are known by their
 * guest-physical addresses, so that launcher and guest can share this.
 */
#include "era.h"

extern char _end[];

#define ENTRIES		(era_pae ? 512u : 1024u)
#define ENTRY_SIZE	(era_pae ? 8u : 4u)
#define PMDS		4u

u64 era_get(u32 view, u32 entry)
{
	volatile u32 *at = (volatile u32 *)(view + entry);

	return era_pae ? at[0] | (u64)at[1] << 32 : at[0];
}

void era_put(u32 view, u32 entry, u64 value)
{
	volatile u32 *at = (volatile u32 *)(view + entry);

	if (era_pae)
		at[1] = value >> 32;
	at[0] = value;
}

static u32 address_in(u64 entry)
{
	return entry & 0xfffff000;
}

u32 era_dir_entry(u32 view, u32 root, u32 vaddr)
{
	if (!era_pae)
		return root + (vaddr >> 22) * 4;
	return address_in(era_get(view, root + (vaddr >> 30) * 8)) +
	       (vaddr >> 21) % 512 * 8;
}

u32 era_page_entry(u32 view, u32 root, u32 vaddr)
{
	u64 dir = era_get(view, era_dir_entry(view, root, vaddr));

	return address_in(dir) + vaddr / PAGE % ENTRIES * ENTRY_SIZE;
}

u32 era_new_table(void)
{
	expect(run.tables < ARRAY_SIZE(IN_LAUNCHER->tables), "too many tables");
	return PHYS(tables) + run.tables++ * PAGE;
}

/**
 * era_map() - set the entry of a page, and give it a table
 * @root: physical address of the directory
 * @vaddr: of the page
 * @entry: of the table
 */
void era_map(u32 root, u32 vaddr, u64 entry)
{
	u32 dir = era_dir_entry(ERA_BASE, root, vaddr);

	if (!era_get(ERA_BASE, dir))
		era_put(ERA_BASE, dir, era_new_table() | P_ALL);
	era_put(ERA_BASE, era_page_entry(ERA_BASE, root, vaddr), entry);
}

u32 era_image_end(void)
{
	return ((u32)_end + PAGE - 1) & -PAGE;
}

static void map_range(u32 root, u32 from, u32 to)
{
	u32 entry = 0;

	for (; from < to; from += PAGE, entry += ENTRY_SIZE) {
		if (!entry || !(from % era_span())) {
			era_map(root, from, from | P_ALL);
			entry = era_page_entry(ERA_BASE, root, from);
		}
		era_put(ERA_BASE, entry, from | P_ALL);
	}
}

/**
 * era_new_root() - a directory that maps what every guest needs, one to one
 *
 * Return: its physical address.
 */
u32 era_new_root(void)
{
	u32 root = era_new_table(), i;

	for (i = 0; era_pae && i < PMDS; i++)
		era_put(ERA_BASE, root + i * 8, era_new_table() | P_PRESENT);
	map_range(root, 0, ERA_LOW_MAPPED);
	map_range(root, IMAGE_BASE, era_image_end());
	return root;
}
