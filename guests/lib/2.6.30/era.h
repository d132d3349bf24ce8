/* SPDX-License-Identifier: GPL-2.0 */
/*
 * 2.6.30: calls by vmcall, with their arguments in another order of registers; the
 * descriptor table is loaded by the entry.
 * internal.h says what each line means.
 */
#ifndef GUEST_ERA_H
#define GUEST_ERA_H

#define ERA_RELEASE		"2.6.30"

#define HCALL			vmcall
#define HCALL_ARG1		ebx
#define HCALL_ARG2		ecx
#define HCALL_ARG3		edx
#define HCALL_ARG4		esi

#define ERA_DATA		struct lguest_data_2_6_24
#define ERA_DATA_START \
	.noirq_start = (u32)noirq_start, .noirq_end = (u32)noirq_end, \
	.kernel_address = PAGE_OFFSET, .syscall_vec = SYSCALL_VECTOR

#define SLOT_WORDS		4
#define SLOT_ARG1		1
#define SLOT_ARG2		2
#define SLOT_ARG3		3
#define SLOT_ARG4		0

#define GDT_LOADED_WHOLE	0
#define HAS_SET_PMD		0
#define IRQ_WAITS		0
#define IRQ_MAY_WAIT		1
#define IRQ_HCALL		HCALL
#define IRQ_CALL		LHCALL_FLUSH_ASYNC
#define LEAVE			leave_in_range

#define FIRST_TABLES		tables_given
#define DATA_PGDIR		1116
#define STATUS_NOTICES		(NOTICE_RESET | NOTICE_STATUS)
#define RESET_WRITES_STATUS	1
#define CONSOLE_THROWS_AWAY	0

#endif /* GUEST_ERA_H */
