/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Page tables as the 386 knew them: a directory whose 1024 entries name page
 * tables, each entry one word.  The other format is in pae/format.h; guest.h
 * and paging.c make the rest of these numbers.
 */
#ifndef GUEST_FORMAT_H
#define GUEST_FORMAT_H

#include <linux/types.h>

typedef __u32 pte_t;

#define FORMAT_NAME	"2-level"
#define TABLE_BITS	10	/* of an address, for each level */
#define DIR_LEVEL	1	/* tables from the directory down to a page */
#define DIR_ENTRIES	1024
#define DIR_FLAGS	TABLE_FLAGS

/* Every page that can be read can be run. */
#define PTE_NX		0U

#endif /* GUEST_FORMAT_H */
