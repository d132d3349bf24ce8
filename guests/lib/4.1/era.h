/* SPDX-License-Identifier: GPL-2.0 */
/*
 * 4.1 to 4.13: devices are on a PCI bus that the launcher plays; the host mends an
 * interrupt at the iret instead of holding it back.
 * internal.h says what each line means.
 */
#ifndef GUEST_ERA_H
#define GUEST_ERA_H

#define ERA_RELEASE		"4.1"

#include "../2.6.31/calls.h"

#define HCALL			int $0x1f

#define ERA_DATA		struct lguest_data_4_1
#define ERA_DATA_START \
	.noirq_iret = (u32)noirq_start, \
	.kernel_address = PAGE_OFFSET, .syscall_vec = SYSCALL_VECTOR

#define IRQ_HCALL		int $0x1f
#define LEAVE			leave_at_iret

#define FIRST_TABLES		tables_own

#endif /* GUEST_ERA_H */
