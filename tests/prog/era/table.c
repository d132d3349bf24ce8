// SPDX-License-Identifier: GPL-2.0
/*
 * The eras, one row each: what its launchers write, where its guests' shared
 * structure has what, and which of the things that came and went it has.  What
 * no host can tell apart is one row: 2.6.24 is 2.6.28 too, and a guest that
 * would not do CLI looks like one that would.
 */
#include "era.h"

static const struct era_layout layout_2_6_24 = {
	.size = 1136, .status = 20, .ring = 84, .slot = 16,
	.reserve_mem = 1108, .tsc_khz = 1112, .pgdir = 1116,
	.noirq_start = 1120, .noirq_end = 1124,
	.kernel_address = 1128, .syscall_vec = 1132,
};

static const struct era_layout layout_2_6_31 = {
	.size = 1396, .irq_pending = 20, .status = 24, .ring = 88, .slot = 20,
	.reserve_mem = 1368, .tsc_khz = 1372, .pgdir = 1376,
	.noirq_start = 1380, .noirq_end = 1384,
	.kernel_address = 1388, .syscall_vec = 1392,
};

static const struct era_layout layout_2_6_38 = {
	.size = 1392, .irq_pending = 20, .status = 24, .ring = 88, .slot = 20,
	.reserve_mem = 1368, .tsc_khz = 1372,
	.noirq_start = 1376, .noirq_end = 1380,
	.kernel_address = 1384, .syscall_vec = 1388,
};

static const struct era_layout layout_4_1 = {
	.size = 1388, .irq_pending = 20, .status = 24, .ring = 88, .slot = 20,
	.reserve_mem = 1368, .tsc_khz = 1372,
	.noirq_iret = 1376,
	.kernel_address = 1380, .syscall_vec = 1384,
};

/* What several neighbours share. */
#define HOST_2_6_24	(ERA_BREAK | ERA_OWNER | ERA_NOTIFY)
#define CALLS_2_6_30	(ERA_EBX | ERA_GDT_ENTRY | ERA_RING_PLAIN)
#define CALLS_2_6_31	(CALLS_2_6_30 | ERA_SEND | ERA_PAE)
#define HOST_2_6_31	(CALLS_2_6_31 | ERA_EVENTFD | ERA_NOTIFY)
#define HOST_4_0	(CALLS_2_6_31 | ERA_TRAPS | ERA_LINEAR)

const struct era eras[] = {
	{ "2.6.24", LGUEST_RELEASE(2, 6, 24), &layout_2_6_24, 4,
	  HOST_2_6_24 | ERA_GDT | ERA_LAUNCHER_DIR },
	{ "2.6.29", LGUEST_RELEASE(2, 6, 29), &layout_2_6_24, 3,
	  HOST_2_6_24 | ERA_GDT | ERA_HOST_DIR },
	{ "2.6.30", LGUEST_RELEASE(2, 6, 30), &layout_2_6_24, 3,
	  HOST_2_6_24 | CALLS_2_6_30 | ERA_VMCALL | ERA_HOST_DIR },
	{ "2.6.32", LGUEST_RELEASE(2, 6, 32), &layout_2_6_31, 3,
	  HOST_2_6_31 | ERA_VMCALL | ERA_HOST_DIR | ERA_CLI },
	{ "2.6.35", LGUEST_RELEASE(2, 6, 35), &layout_2_6_31, 3,
	  HOST_2_6_31 | ERA_VMCALL_TOO | ERA_HOST_DIR | ERA_CLI },
	{ "3.0", LGUEST_RELEASE(3, 0, 0), &layout_2_6_38, 3,
	  HOST_2_6_31 | ERA_VMCALL_TOO | ERA_LINEAR | ERA_CLI },
	{ "4.0", LGUEST_RELEASE(4, 0, 0), &layout_2_6_38, 4, HOST_4_0 },
	{ "4.4", LGUEST_RELEASE(4, 4, 0), &layout_4_1, 4, HOST_4_0 | ERA_IRET },
};

const u32 nr_eras = ARRAY_SIZE(eras);

const struct era *era;
bool era_pae;
