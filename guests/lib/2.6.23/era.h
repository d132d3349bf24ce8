/* SPDX-License-Identifier: GPL-2.0 */
/*
 * 2.6.23: the launcher starts the guest at its virtual address, on page tables of
 * the launcher's, and its devices are served by DMA.
 * internal.h says what each line means.
 */
#ifndef GUEST_ERA_H
#define GUEST_ERA_H

#define ERA_RELEASE		"2.6.23"

#define HCALL			int $0x1f
#define HCALL_ARG1		edx
#define HCALL_ARG2		ebx
#define HCALL_ARG3		ecx
#define HCALL_ARG4		esi

#define ERA_DATA		struct lguest_data
#define ERA_DATA_START \
	.noirq_start = (u32)noirq_start, .noirq_end = (u32)noirq_end

#define SLOT_WORDS		4
#define SLOT_ARG1		1
#define SLOT_ARG2		2
#define SLOT_ARG3		3
#define SLOT_ARG4		0

#define GDT_LOADED_WHOLE	1
#define HAS_SET_PMD		0
#define IRQ_WAITS		0
#define IRQ_MAY_WAIT		1
#define IRQ_HCALL		HCALL
#define IRQ_CALL		LHCALL_FLUSH_ASYNC
#define LEAVE			leave_in_range

#endif /* GUEST_ERA_H */
