/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Guests with PAE page tables: the same programs, built once more, and those
 * that are about PAE alone.
 */
#ifndef FORMAT_H
#define FORMAT_H

#include <linux/types.h>

typedef __u64 pte_t;

#define TABLE_ENTRIES	512u	/* in a page */
#define DIR_SHIFT	30	/* what SET_PMD's index is of an address */
#define P_NX		(1ull << 63)

/* Bits of an entry that are an address, and those that nobody may set. */
#define ENTRY_FRAME	0x000ffffffffff000ull
#define ENTRY_RESERVED	0x7ff0000000000000ull

#endif /* FORMAT_H */
