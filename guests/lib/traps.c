// SPDX-License-Identifier: GPL-2.0
/*
 * The interrupt descriptor table and the first C function after a stub.  The
 * host knows vectors 0 to 63 and the system call's; it keeps 2, 8, 15 and 31
 * for itself.  A trap gate (type 0xF) may be installed in the real table, so
 * that the CPU comes straight to us; an interrupt gate goes through the host.
 */
#include "guest.h"
#include "internal.h"

#define VECTORS		64
#define SYSCALL_STUB	VECTORS		/* the last stub, after the others' */
#define STUB_SIZE	16
#define PAGE_FAULT	14

static trap_handler handlers[VECTORS + 1];
static bool is_trap_gate[VECTORS + 1];

static u32 stub_index(u32 vector)
{
	if (vector == SYSCALL_VECTOR)
		return SYSCALL_STUB;
	if (vector >= VECTORS)
		panic("vector %u is out of range", vector);
	return vector;
}

/* The stub that leads to trap_dispatch(), for set_gate(). */
const void *trap_entry(u32 vector)
{
	return trap_stubs + stub_index(vector) * STUB_SIZE;
}

static void queue_gate(u32 vector, const void *entry, enum gate_type type,
		       u32 dpl)
{
	u32 low = KERNEL_CS << 16 | ((u32)entry & 0xffff);
	u32 high = ((u32)entry & 0xffff0000) | 0x8000 | dpl << 13 | type << 8;

	is_trap_gate[stub_index(vector)] = type == GATE_TRAP;
	hcall_later(LHCALL_LOAD_IDT_ENTRY, vector, low, high);
}

/**
 * set_gate - tell the host where a trap goes
 * @vector: 0 to 63, or SYSCALL_VECTOR
 * @entry: trap_entry() of it, or code of one's own
 * @type: interrupts off on entry and through the host, or neither
 * @dpl: 3 if ring 3 may use "int" with it, else 1
 */
void set_gate(u32 vector, const void *entry, enum gate_type type, u32 dpl)
{
	queue_gate(vector, entry, type, dpl);
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
}

void clear_gate(u32 vector)
{
	hcall(LHCALL_LOAD_IDT_ENTRY, vector, 0, 0);
}

/* NULL: what is not caught by catch_fault() is the end of the guest. */
void set_trap_handler(u32 vector, trap_handler handler)
{
	handlers[stub_index(vector)] = handler;
}

void show_frame(const struct trap_frame *f)
{
	printf("trap %u error %x at %x:%08x flags %x cr2 %08x\n", f->vector,
	       f->error, f->cs, f->eip, f->eflags, lguest_data.cr2);
	printf("eax %08x ebx %08x ecx %08x edx %08x\n", f->eax, f->ebx,
	       f->ecx, f->edx);
	printf("esi %08x edi %08x ebp %08x esp %08x\n", f->esi, f->edi,
	       f->ebp, from_user(f) ? f->esp : (u32)&f->esp);
}

/*
 * A frame that the CPU pushed through a direct gate shows the real IF, which
 * is always on; the virtual one, untouched by a trap gate, is the truth.
 */
static void fix_flags(struct trap_frame *frame)
{
	if (is_trap_gate[stub_index(frame->vector)])
		frame->eflags = (frame->eflags & ~EFLAGS_IF) |
				lguest_data.irq_enabled;
}

/* Called by the stubs; when it returns, the frame is restored. */
void trap_dispatch(struct trap_frame *frame)
{
	trap_handler handler = handlers[stub_index(frame->vector)];

	fix_flags(frame);
	if (handler) {
		handler(frame);
	} else if (!catch_pending(frame)) {
		show_frame(frame);
		panic("unexpected trap %u", frame->vector);
	}
}

/*
 * Page faults are the exception to "trap gates for traps": an interrupt
 * between the fault and the reading of cr2 could bring another fault.
 */
void traps_init(void)
{
	u32 v;

	for (v = 0; v < IRQ_BASE; v++)
		queue_gate(v, trap_entry(v),
			   v == PAGE_FAULT ? GATE_INTERRUPT : GATE_TRAP,
			   v == 3 || v == 4 ? 3 : 1);
	for (v = IRQ_BASE; v < VECTORS; v++) {
		queue_gate(v, trap_entry(v), GATE_INTERRUPT, 1);
		set_trap_handler(v, irq_dispatch);
	}
	set_gate(SYSCALL_VECTOR, trap_entry(SYSCALL_VECTOR), GATE_TRAP, 3);
}
