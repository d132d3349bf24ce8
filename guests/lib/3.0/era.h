/* SPDX-License-Identifier: GPL-2.0 */
/*
 * 2.6.38 to about 3.3: nobody makes page tables for the guest, which runs without
 * until it has its own.  The launcher hears when features are settled.
 * internal.h says what each line means.
 */
#ifndef GUEST_ERA_H
#define GUEST_ERA_H

#define ERA_RELEASE		"3.0"

#include "../2.6.31/calls.h"

#define HCALL			int $0x1f

#define ERA_DATA		struct lguest_data_2_6_38
#define ERA_DATA_START \
	.noirq_start = (u32)noirq_start, .noirq_end = (u32)noirq_end, \
	.kernel_address = PAGE_OFFSET, .syscall_vec = SYSCALL_VECTOR

#define IRQ_HCALL		vmcall
#define LEAVE			leave_in_range

#define FIRST_TABLES		tables_own
#define STATUS_NOTICES		(NOTICE_RESET | NOTICE_FEATURES)
#define RESET_WRITES_STATUS	1
#define CONSOLE_THROWS_AWAY	1

#endif /* GUEST_ERA_H */
