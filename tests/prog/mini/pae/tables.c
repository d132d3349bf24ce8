// SPDX-License-Identifier: GPL-2.0
/*
 * PAE page tables.  A guest begins on tables of two levels, of which there is
 * just what its image needs, and changes over to its own with its first call.
 */
#include "mini.h"

#define DIRS	4u	/* a page of directory entries for each GiB */

static pte_t pmd[DIRS][TABLE_ENTRIES] page_aligned;
static u32 first[1024] page_aligned;
static u32 first_image[IMAGE_SIZE / PAGE] page_aligned;

pte_t *mini_pde_of(pte_t *root, u32 vaddr)
{
	pte_t *dir = (pte_t *)(u32)(root[vaddr >> 30] & ~0xfffull);

	return &dir[(vaddr >> 21) % TABLE_ENTRIES];
}

void mini_reset_root(void)
{
	u32 i;

	memset(pmd, 0, sizeof(pmd));
	for (i = 0; i < DIRS; i++)
		mini.pgdir[i] = (u32)pmd[i] | P_PRESENT;
	memset(first, 0, sizeof(first));
	for (i = 0; i < IMAGE_SIZE / PAGE; i++) {
		first_image[i] = (IMAGE_BASE + i * PAGE) | P_ALL;
		first[(IMAGE_BASE + i * PAGE) >> 22] = (u32)&first_image[i & ~1023u] | P_ALL;
	}
	mini.root = (u32)first;
}

void mini_load_root(void)
{
	hcall1(LHCALL_NEW_PGTABLE, mini.pgdir);
}

void mini_copy_root(struct mini_root *to)
{
	memset(to, 0, sizeof(*to));
	memcpy(to->dir, mini.pgdir, DIRS * sizeof(pte_t));
	memcpy(to->user, pmd[0], sizeof(to->user));
	to->dir[0] = (u32)to->user | P_PRESENT;
}
