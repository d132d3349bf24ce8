// SPDX-License-Identifier: GPL-2.0
/*
 * Page tables of two levels: the launcher makes them, and the guest stays there.
 */
#include "mini.h"

pte_t *mini_pde_of(pte_t *root, u32 vaddr)
{
	return &root[vaddr >> 22];
}

void mini_reset_root(void)
{
	mini.root = (u32)mini.pgdir;
}

void mini_load_root(void)
{
}

void mini_copy_root(struct mini_root *to)
{
	memcpy(to->dir, mini.pgdir, sizeof(to->dir));
}
