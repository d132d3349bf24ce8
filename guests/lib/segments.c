// SPDX-License-Identifier: GPL-2.0
/*
 * The global descriptor table.  The host keeps the real one and takes 32
 * entries from ours, each forced to ring 1 at least and marked accessed.
 */
#include "guest.h"

/* Flat 4 GB segments: code and data for ring 1, code and data for ring 3. */
u32 gdt[GDT_ENTRIES][2] = {
	[GDT_KERNEL_CS] = { 0x0000ffff, 0x00cfbb00 },
	[GDT_KERNEL_DS] = { 0x0000ffff, 0x00cfb300 },
	[GDT_USER_CS] = { 0x0000ffff, 0x00cffb00 },
	[GDT_USER_DS] = { 0x0000ffff, 0x00cff300 },
};

void gdt_load(void)
{
	u32 i;

	if (GDT_LOADED_WHOLE) {
		hcall(LHCALL_LOAD_GDT, phys(gdt), GDT_ENTRIES, 0);
		return;
	}
	for (i = 0; i < GDT_ENTRIES; i++)
		hcall_later(LHCALL_LOAD_GDT_ENTRY, i, gdt[i][0], gdt[i][1]);
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
}
