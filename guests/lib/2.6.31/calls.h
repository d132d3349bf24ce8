/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How calls are made from 2.6.31 on, and what the ring and the host's word of
 * waiting interrupts are like; for the era.h of each era.
 */
#define HCALL_ARG1		ebx
#define HCALL_ARG2		ecx
#define HCALL_ARG3		edx
#define HCALL_ARG4		esi

#define SLOT_WORDS		5
#define SLOT_ARG1		1
#define SLOT_ARG2		2
#define SLOT_ARG3		3
#define SLOT_ARG4		4

#define GDT_LOADED_WHOLE	0
#define HAS_SET_PMD		1
#define IRQ_WAITS		shared_word(irq_pending)
#define IRQ_MAY_WAIT		IRQ_WAITS
#define IRQ_CALL		LHCALL_SEND_INTERRUPTS
