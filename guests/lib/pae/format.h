/* SPDX-License-Identifier: GPL-2.0 */
/*
 * PAE: three levels with entries of two words.  The directory has just four
 * of them, each for 1 GB, and they know no rights.  The host takes a guest for
 * a PAE guest by its first directory: it must be 32-byte aligned, and what a
 * 2-level guest has at the place of the kernel's entry must look like none;
 * all zeroes in the rest of its page, as here, are good for that.
 */
#ifndef GUEST_FORMAT_H
#define GUEST_FORMAT_H

#include <linux/types.h>

typedef __u64 pte_t;

#define FORMAT_NAME	"PAE"
#define TABLE_BITS	9	/* of an address, for each level */
#define DIR_LEVEL	2	/* tables from the directory down to a page */
#define DIR_ENTRIES	4
#define DIR_FLAGS	PTE_P

/* No instruction may come from there, if host and CPU can see to it. */
#define PTE_NX		(1ULL << 63)

#endif /* GUEST_FORMAT_H */
