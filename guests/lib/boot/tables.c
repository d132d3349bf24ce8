// SPDX-License-Identifier: GPL-2.0
/*
 * Page tables for the first moments of a guest that has none (tables_own in
 * start.S): the beginning of memory, where it is and at PAGE_OFFSET.
 */
#include "guest.h"
#include "internal.h"

/* Room for the image and for what paging_init() makes. */
#define BOOT_MAPPED	(16U << 20)
#define NR_TABLES	(BOOT_MAPPED / TABLE_SPAN)

pte_t boot_tables[(DIR_LEVEL + NR_TABLES) * TABLE_ENTRIES] __aligned(PAGE_SIZE);

/**
 * boot_tables_make - fill in the tables
 * @tables: physical address of boot_tables
 *
 * Runs where it is not linked to run: it may use its argument and the stack, but
 * no variable.
 *
 * Return: physical address of the directory.
 */
u32 boot_tables_make(pte_t *tables)
{
	pte_t *above = tables + (DIR_LEVEL - 1) * TABLE_ENTRIES;
	pte_t *table = above + TABLE_ENTRIES;
	u32 high = PAGE_OFFSET >> LEVEL_SHIFT(1) & (TABLE_ENTRIES - 1);
	u32 i;

	for (i = 0; i < BOOT_MAPPED / PAGE_SIZE; i++)
		table[i] = i << PAGE_SHIFT | PTE_P | PTE_RW;
	for (i = 0; i < NR_TABLES; i++) {
		above[i] = (u32)(table + i * TABLE_ENTRIES) | TABLE_FLAGS;
		above[high + i] = above[i];
	}
	if (DIR_LEVEL > 1) {
		tables[0] = (u32)above | DIR_FLAGS;
		tables[DIR_KERNEL] = tables[0];
	}
	return (u32)tables;
}
