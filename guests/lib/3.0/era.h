/* SPDX-License-Identifier: GPL-2.0 */
/*
 * 2.6.38 to about 3.3: nobody makes page tables for the guest, which runs without
 * until it has its own.  The launcher hears when features are settled.
 * internal.h says what each line means.
 */
#ifndef GUEST_ERA_H
#define GUEST_ERA_H

#define ERA_RELEASE		"3.0"

#define HCALL			int $0x1f
#define HCALL_ARG1		ebx
#define HCALL_ARG2		ecx
#define HCALL_ARG3		edx
#define HCALL_ARG4		esi

#define ERA_DATA		struct lguest_data_2_6_38
#define ERA_DATA_START \
	.noirq_start = (u32)noirq_start, .noirq_end = (u32)noirq_end, \
	.kernel_address = PAGE_OFFSET, .syscall_vec = SYSCALL_VECTOR

#define SLOT_WORDS		5
#define SLOT_ARG1		1
#define SLOT_ARG2		2
#define SLOT_ARG3		3
#define SLOT_ARG4		4

#define GDT_LOADED_WHOLE	0
#define HAS_SET_PMD		1
#define IRQ_WAITS		shared_word(irq_pending)
#define IRQ_MAY_WAIT		IRQ_WAITS
#define IRQ_HCALL		vmcall
#define IRQ_CALL		LHCALL_SEND_INTERRUPTS
#define LEAVE			leave_in_range

#define FIRST_TABLES		tables_own
#define STATUS_NOTICES		(NOTICE_RESET | NOTICE_FEATURES)
#define RESET_WRITES_STATUS	1

#endif /* GUEST_ERA_H */
