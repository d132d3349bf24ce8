/* SPDX-License-Identifier: GPL-2.0 */
/*
 * 2.6.31 to 2.6.33: the host says when an interrupt waits, the ring has room for a
 * fourth argument, and PAE has a call of its own.
 * internal.h says what each line means.
 */
#ifndef GUEST_ERA_H
#define GUEST_ERA_H

#define ERA_RELEASE		"2.6.31"

#include "calls.h"

#define HCALL			vmcall

#define ERA_DATA		struct lguest_data_2_6_31
#define ERA_DATA_START \
	.noirq_start = (u32)noirq_start, .noirq_end = (u32)noirq_end, \
	.kernel_address = PAGE_OFFSET, .syscall_vec = SYSCALL_VECTOR

#define IRQ_HCALL		vmcall
#define LEAVE			leave_in_range

#define FIRST_TABLES		tables_given
#define DATA_PGDIR		1376
#define STATUS_NOTICES		(NOTICE_RESET | NOTICE_STATUS)
#define RESET_WRITES_STATUS	1
#define CONSOLE_THROWS_AWAY	0

#endif /* GUEST_ERA_H */
