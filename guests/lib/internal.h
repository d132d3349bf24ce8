/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the library's files know of each other, and of the assembler and the
 * linker script.
 */
#ifndef GUEST_INTERNAL_H
#define GUEST_INTERNAL_H

#include "guest.h"

/*
 * What the era.h of each era says:
 *
 * ERA_RELEASE		the release of Linux that it is named after
 * HCALL		the instruction of a hypercall
 * HCALL_ARG1 ... 4	the registers of its arguments
 * ERA_DATA		the structure that guest and host share
 * ERA_DATA_START	what is in it when the host first sees it, but for what is
 *			the same in all eras
 * SLOT_WORDS		the length of a slot of the ring, in words of 4 bytes
 * SLOT_ARG1 ... 4	in which word an argument is; 0: there is no fourth
 * GDT_LOADED_WHOLE	the descriptor table is loaded in one call, not by entry
 * HAS_SET_PMD		with PAE, there is a call for a table between directory and
 *			page tables
 * IRQ_WAITS		is it known that an interrupt waits for irq_enabled?
 * IRQ_MAY_WAIT		is it possible?
 * IRQ_HCALL, IRQ_CALL	the call that brings it
 * LEAVE		how to enable interrupts and leave; a macro of entry.S
 * FIRST_TABLES		how page tables come about; a macro of boot/start.S
 * DATA_PGDIR		where in ERA_DATA the host tells of them
 * STATUS_NOTICES	which changes of a device's status the launcher is told of
 * RESET_WRITES_STATUS	a reset is more than that notice
 * CONSOLE_THROWS_AWAY	input is lost that comes before the console is one
 */

/* Every guest provides this; when it returns, the guest powers off. */
int main(void);

/* boot/ */
extern const char banner[];
extern pte_t boot_tables[];

u32 boot_tables_make(pte_t *tables);

/* guest.lds.S */
extern const char __image_end[];

/* entry.S: see there for the first two; one stub per vector */
extern const char noirq_start[], noirq_end[], trap_stubs[];

#endif /* GUEST_INTERNAL_H */
