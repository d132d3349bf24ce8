/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How calls are made from 2.6.24 to 2.6.29, and what guest and host share; for the
 * era.h of each era.
 */
#define HCALL			int $0x1f
#define HCALL_ARG1		edx
#define HCALL_ARG2		ebx
#define HCALL_ARG3		ecx
#define HCALL_ARG4		esi

#define ERA_DATA		struct lguest_data_2_6_24
#define ERA_DATA_START \
	.noirq_start = (u32)noirq_start, .noirq_end = (u32)noirq_end, \
	.kernel_address = PAGE_OFFSET, .syscall_vec = SYSCALL_VECTOR

#define SLOT_WORDS		4
#define SLOT_ARG1		3
#define SLOT_ARG2		1
#define SLOT_ARG3		2
#define SLOT_ARG4		0

#define GDT_LOADED_WHOLE	1
#define HAS_SET_PMD		0
#define IRQ_WAITS		0
#define IRQ_MAY_WAIT		1
#define IRQ_HCALL		HCALL
#define IRQ_CALL		LHCALL_FLUSH_ASYNC
#define LEAVE			leave_in_range

#define DATA_PGDIR		1116
