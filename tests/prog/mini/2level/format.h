/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Guests with page tables of two levels, which is what mini.h makes of most
 * programs.
 */
#ifndef FORMAT_H
#define FORMAT_H

#include <linux/types.h>

typedef __u32 pte_t;

#define TABLE_ENTRIES	1024u	/* in a page */
#define DIR_SHIFT	22	/* what SET_PMD's index is of an address */
#define P_NX		0u

/* Bits of an entry that are an address, and those that nobody may set. */
#define ENTRY_FRAME	0xfffff000u
#define ENTRY_RESERVED	0u

#endif /* FORMAT_H */
