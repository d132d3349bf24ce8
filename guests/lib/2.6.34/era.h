/* SPDX-License-Identifier: GPL-2.0 */
/*
 * 2.6.34 to 2.6.37: calls by int again, but for the one that brings interrupts.
 * internal.h says what each line means.
 */
#ifndef GUEST_ERA_H
#define GUEST_ERA_H

#define ERA_RELEASE		"2.6.34"

#include "../2.6.31/calls.h"

#define HCALL			int $0x1f

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
#define CONSOLE_THROWS_AWAY	1

#endif /* GUEST_ERA_H */
