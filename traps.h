/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a guest hears of and what it traps with: interrupts_and_traps.c, segments.c,
 * emulation.c.
 */
#ifndef LGUEST_TRAPS_H
#define LGUEST_TRAPS_H

#include <linux/hrtimer.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <asm/desc_defs.h>
#include "guest_memory.h"
#include "host.h"

struct lguest_vcpu;

/* The segments that a guest kernel starts with, in ring 1. */
#define GUEST_PL		1
#define GUEST_KERNEL_CS		(12 * 8 + GUEST_PL)
#define GUEST_KERNEL_DS		(13 * 8 + GUEST_PL)

#define SYSCALL_VECTOR		0x80
#define FIRST_IRQ_VECTOR	32

/* Descriptors for all 4 GB: present, accessed, DPL 0. */
#define FLAT_LOW		0x0000ffff
#define FLAT_CODE		0x00cf9b00
#define FLAT_DATA		0x00cf9300

static inline void set_descriptor(struct desc_struct *desc, u32 low, u32 high)
{
	u32 *words = (u32 *)desc;

	words[0] = low;
	words[1] = high;
}

/**
 * struct guest_gate - how a guest handles a trap or an interrupt
 * @offset: of its handler, in its kernel's code segment
 * @present: it does
 * @type: GATE_TRAP, or GATE_INTERRUPT, which turns interrupts off
 * @dpl: the highest ring that may use it with "int n"
 */
struct guest_gate {
	u32 offset;
	bool present;
	u8 type;
	u8 dpl;
};

/**
 * struct vcpu_traps - traps and interrupts of a guest's CPU
 * @gates: how it handles them, by vector
 * @kernel_esp: the stack that what comes from ring 3 gets
 * @kernel_ss: its selector
 * @irqs_pending: [any] a bit for each
 * @irq_raised: [any] look at them again
 * @irq_waits: one does, and the guest was told so
 * @gates_stale: its gates, or what they use, have changed: see renew_gates()
 * @halted: it waits for one
 * @halt_wait: the owner sleeps here meanwhile
 * @timer: [any] its clock
 */
struct vcpu_traps {
	struct guest_gate gates[IDT_VECTORS];
	u32 kernel_esp;
	u16 kernel_ss;
	unsigned long irqs_pending;
	bool irq_raised;
	bool irq_waits;
	bool gates_stale;
	bool halted;
	wait_queue_head_t halt_wait;
	struct hrtimer timer;
};

/* interrupts_and_traps.c */
void init_idt(struct lguest_vcpu *vcpu);
__must_check int load_idt_entry(struct lguest_vcpu *vcpu, u32 vector, u32 low,
				u32 high);
__must_check int reflect_trap(struct lguest_vcpu *vcpu, u32 vector);
__must_check int reflect_page_fault(struct lguest_vcpu *vcpu);
__must_check int write_guest_time(struct lguest *lg);
bool guest_handles_trap(const struct lguest_vcpu *vcpu, u32 vector);
void reinstall_gates(struct lguest_vcpu *vcpu);
u32 virtual_eflags(struct lguest_vcpu *vcpu);
__must_check int wake_halted(struct lguest_vcpu *vcpu);
__must_check int deliver_interrupt(struct lguest_vcpu *vcpu);
u32 acceptable_irqs(struct lguest_vcpu *vcpu);
__must_check int set_guest_stack(struct lguest_vcpu *vcpu, u32 seg, u32 esp,
				 u32 pages);
int raise_irq(struct lguest_vcpu *vcpu, u32 irq);
void init_clock(struct lguest_vcpu *vcpu);
void set_clock(struct lguest_vcpu *vcpu, u32 ns);
void stop_clock(struct lguest_vcpu *vcpu);

/* segments.c */
void init_gdt(struct lguest_vcpu *vcpu);
__must_check int load_guest_gdt(struct lguest_vcpu *vcpu, gpa_t table, u32 count);
__must_check int load_guest_gdt_entry(struct lguest_vcpu *vcpu, u32 index, u32 low,
				      u32 high);
__must_check int load_guest_tls(struct lguest_vcpu *vcpu, gpa_t table);
bool guest_segment(const struct lguest_vcpu *vcpu, u16 sel, u32 *base, bool *is_32bit);
bool guest_stack_is_plain(const struct lguest_vcpu *vcpu);
bool guest_may_run(const struct lguest_vcpu *vcpu, u32 cs, u32 ss);
bool guest_may_use(const struct lguest_vcpu *vcpu, u32 cs, u32 sel);

/* emulation.c: instructions that trap */
__must_check int emulate_invalid_opcode(struct lguest_vcpu *vcpu);
__must_check int emulate_general_protection(struct lguest_vcpu *vcpu);
__must_check int tell_device_access(struct lguest_vcpu *vcpu, gpa_t addr);
u32 *launcher_register(struct lguest_vcpu *vcpu, u32 offset, bool write);
int launcher_trap(struct lguest_vcpu *vcpu, u32 vector);

#endif /* LGUEST_TRAPS_H */
