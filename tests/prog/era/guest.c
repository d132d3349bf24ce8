// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's side: its first instructions, hypercalls in the era's registers
 * and by its instruction, the ring, gates and segments.  Traps and the way to
 * end are mini's.
 */
#include "era.h"

__attribute__((used)) static void start(void);

#define STACK_END	(ERA_LOW + offsetof(struct era_low, stack) + 2 * PAGE)

__attribute__((naked)) void era_entry(void)
{
	asm volatile("movl %0, %%esp\n\t"
		     "call %P1" : : "i" (STACK_END), "i" (start));
}

u32 era_vmcall(u32 call, u32 arg1, u32 arg2, u32 arg3, u32 arg4)
{
	asm volatile(".byte 0x0f, 0x01, 0xc1" : "+a" (call)
		     : "b" (arg1), "c" (arg2), "d" (arg3), "S" (arg4) : "memory");
	return call;
}

static u32 int_ebx(u32 call, u32 arg1, u32 arg2, u32 arg3, u32 arg4)
{
	asm volatile("int $0x1f" : "+a" (call)
		     : "b" (arg1), "c" (arg2), "d" (arg3), "S" (arg4) : "memory");
	return call;
}

u32 era_int(u32 call, u32 arg1, u32 arg2, u32 arg3, u32 arg4)
{
	if (era_has(ERA_EBX))
		return int_ebx(call, arg1, arg2, arg3, arg4);
	return hcall4(call, arg1, arg2, arg3, arg4);
}

u32 era_call(u32 call, u32 arg1, u32 arg2, u32 arg3, u32 arg4)
{
	if (era_has(ERA_VMCALL) || run.vmcall)
		return era_vmcall(call, arg1, arg2, arg3, arg4);
	return era_int(call, arg1, arg2, arg3, arg4);
}

/**
 * era_fill_slot() - put a call into the ring, without saying so
 * @view: 0 in the guest, ERA_BASE in the launcher
 * @slot: which
 * @call: and its arguments
 * @arg1: -
 * @arg2: -
 * @arg3: -
 * @arg4: only where slots have room for it
 */
void era_fill_slot(u32 view, u32 slot, u32 call, u32 arg1, u32 arg2, u32 arg3, u32 arg4)
{
	u32 at = view + run.data + era->data->ring + slot * era->data->slot;
	volatile u32 *word = (volatile u32 *)at;
	bool plain = era_has(ERA_RING_PLAIN);

	word[0] = call;
	word[1] = plain ? arg1 : arg2;
	word[2] = plain ? arg2 : arg3;
	word[3] = plain ? arg3 : arg1;
	if (era->data->slot == 20)
		word[4] = arg4;
}

void era_later(u32 slot, u32 call, u32 arg1, u32 arg2, u32 arg3)
{
	era_fill_slot(0, slot, call, arg1, arg2, arg3, 0);
	*(volatile u8 *)(run.data + era->data->status + slot) = LHCALL_RING_READY;
}

void era_gate_to(u32 vector, u32 type, void (*handler)(void))
{
	u32 at = (u32)handler;

	call3(LHCALL_LOAD_IDT_ENTRY, vector, KERNEL_CS << 16 | (at & 0xffff),
	      (at & 0xffff0000) | type);
}

void era_gate(u32 vector, u32 type)
{
	u32 index = vector == SYSCALL_VECTOR ? 64 : vector;

	era_gate_to(vector, type, (void (*)(void))(mini_trap_stubs + 16 * index));
}

void era_load_gdt_entry(u32 index, u32 low, u32 high)
{
	IN_GUEST->gdt[index][0] = low;
	IN_GUEST->gdt[index][1] = high;
	if (era_has(ERA_GDT_ENTRY))
		call3(LHCALL_LOAD_GDT_ENTRY, index, low, high);
	else
		call2(LHCALL_LOAD_GDT, PHYS(gdt), GDT_ENTRIES);
}

void era_load_gdt(void)
{
	static const u32 high[] = { KERNEL_CODE, KERNEL_DATA, USER_CODE, USER_DATA };
	u32 i;

	/* the table as a whole must always have the segments that are in use */
	for (i = 0; i < 2; i++) {
		IN_GUEST->gdt[KERNEL_CS / 8 + i][0] = FLAT_LOW;
		IN_GUEST->gdt[KERNEL_CS / 8 + i][1] = high[i];
	}
	for (i = 0; i < ARRAY_SIZE(high); i++)
		era_load_gdt_entry(KERNEL_CS / 8 + i, FLAT_LOW, high[i]);
}

void era_irqs(bool on)
{
	*guest_word(DATA_IRQ_ENABLED) = on ? FL_IF : 0;
}

void era_set_pte(u32 root, u32 vaddr, u64 pte)
{
	era_call(LHCALL_SET_PTE, root, vaddr, pte, pte >> 32);
}

static void end_it(u32 text)
{
	call2(LHCALL_SHUTDOWN, text, LGUEST_SHUTDOWN_POWEROFF);
}

static void set_gates(void)
{
	u32 vector;

	for (vector = 0; vector < 64; vector++)
		era_gate(vector, vector == 3 ? GATE_INTERRUPT | GATE_DPL1 : GATE_INTERRUPT);
	era_gate(SYSCALL_VECTOR, GATE_TRAP | GATE_DPL3);
}

static void start(void)
{
	mini_end_it = end_it;
	if (!run.no_init) {
		call3(LHCALL_LGUEST_INIT, run.data, run.init2, run.init3);
		if (!run.no_root)
			call1(LHCALL_NEW_PGTABLE, run.root);
		if (!run.no_gates)
			set_gates();
	}
	run.main();
	crash("done");
}

/**
 * era_user() - run a function in ring 3, with interrupts
 * @f: it ends in a trap, and mini.on_trap goes on
 *
 * The GDT must be loaded.
 */
void era_user(void (*f)(void))
{
	call3(LHCALL_SET_STACK, KERNEL_DS, STACK_END - 0x400, 2);
	mini_enter_user(f, PHYS(ustack) + PAGE);
}

void era_tell_fault(struct frame *f)
{
	crash("trap %u errcode %x cr2 %x", f->vector, f->errcode, *guest_word(DATA_CR2));
}
