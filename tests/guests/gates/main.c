// SPDX-License-Identifier: GPL-2.0
/*
 * gates: "int n" for every n, from ring 1 and ring 3, with no gate, and with
 * interrupt and trap gates of every DPL.  A gate may be used by code whose
 * ring is not above its DPL; otherwise, and for vectors that a guest cannot
 * have, #GP tells the gate: n * 8 + 2.  A broken host would let a program call
 * the host's own gates, lose a gate's DPL (then int3 and the system call fail
 * in ring 3), or put a wrong eip or error code on the frame.
 *
 * Vectors 10 to 14 and 17 are the ones to watch: their traps push an error
 * code, "int n" does not.  Gates that lead to the host's stubs therefore
 * cannot be open to "int", or the host would misread the stack.
 */
#include "raw.h"
#include "tap.h"
#include "../../lib/host.h"

#define ANY_VECTOR	256
#define NO_GATE		(~0U)
#define GP		13
#define NM		7

/* cd nn, then ud2 in case it does nothing */
static u8 int_n[] __attribute__((aligned(16))) = { 0xcd, 0, 0x0f, 0x0b };

static bool is_settable(u32 v)
{
	return (v < 64 && v != 2 && v != 8 && v != 15 && v != 18 && v != 31) ||
	       v == SYSCALL_VECTOR;
}

static bool has_error_code(u32 v)
{
	return (v >= 10 && v <= 14) || v == 17;
}

/* Does the CPU find our gate there, and not a stub of the host's?  (Never in long mode.) */
static bool is_direct(u32 v, enum gate_type type)
{
	return !guest_is_on_64bit() && type == GATE_TRAP && (v < 32 || v == SYSCALL_VECTOR) &&
	       v != 1 && v != 7 && v != 13 && v != 14 && v != 17;
}

/* Which ring may come through?  The host's gates for interrupts have DPL 0. */
static u32 effective_dpl(u32 v, enum gate_type type, u32 dpl)
{
	if (dpl == NO_GATE || !is_settable(v) || (v >= 32 && v != SYSCALL_VECTOR))
		return 0;
	if ((has_error_code(v) || v == NM) && !is_direct(v, type))
		return 0;
	return dpl;
}

/* Refused, with an error code that names the gate? */
static bool is_refused(u32 vector, u32 eip)
{
	return raw_trapped(GP, true, raw.word[0], eip) &&
	       guest_gate_error_is(raw.word[0], vector);
}

static bool try(u32 v, u32 ring, enum gate_type type, u32 dpl)
{
	struct raw_regs start;
	bool good, open;

	int_n[1] = v;
	(ring == 3 ? raw_user : raw_kernel)(&start, int_n);
	open = effective_dpl(v, type, dpl) >= ring;
	raw_run(&start);
	if (open)
		good = raw_trapped(v, false, 0, start.eip + 2);
	else
		good = is_refused(v, start.eip);
	/* The host may take this for a #NM of its own making. */
	if (v == NM && raw_trapped(6, false, 0, start.eip + 2))
		good = true;
	good = good && !memcmp(&raw.regs, &start, offsetof(struct raw_regs, eip));
	if (!good)
		diag("int %u from ring %u: gate %u eip - start %d error 0x%x eax 0x%x",
		     v, ring, raw.vector,
		     raw.word[open ? 0 : 1] - start.eip, raw.word[0],
		     raw.regs.eax);
	return good;
}

/* All of them, with gates made by the caller.  31 in ring 1 is a hypercall. */
static u32 count_bad(u32 ring, enum gate_type type, u32 dpl)
{
	u32 v, bad = 0;

	for (v = 0; v < ANY_VECTOR && bad < 5; v++) {
		if (v == LGUEST_TRAP_ENTRY && ring == 1)
			continue;
		/* #GP is what we measure with, so its gate stays closed. */
		bad += !try(v, ring, type, v == GP ? NO_GATE : dpl);
	}
	return bad;
}

static void set_all(enum gate_type type, u32 dpl)
{
	u32 v;

	for (v = 0; v < ANY_VECTOR; v++) {
		u32 entry = (u32)raw_entry(is_settable(v) ? v : 0);
		u32 gate = dpl == NO_GATE ? 0 : 0x8000 | dpl << 13 | type << 8;

		if (v == GP)
			continue;
		hcall_later(LHCALL_LOAD_IDT_ENTRY, v,
			    KERNEL_CS << 16 | (entry & 0xffff),
			    (entry & 0xffff0000) | gate);
	}
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
}

static void no_gates(void)
{
	set_all(GATE_TRAP, NO_GATE);
	is(count_bad(1, GATE_TRAP, NO_GATE), 0, "without gates, ring 1 can call none");
	is(count_bad(3, GATE_TRAP, NO_GATE), 0, "without gates, ring 3 can call none");
}

static void gates_of(enum gate_type type, const char *name)
{
	u32 dpl;

	for (dpl = 0; dpl < 4; dpl++) {
		set_all(type, dpl);
		is(count_bad(1, type, dpl), 0, "%s gates of DPL %u, ring 1",
		   name, dpl);
		is(count_bad(3, type, dpl), 0, "%s gates of DPL %u, ring 3",
		   name, dpl);
	}
}

/* One-byte forms of "int" look at the DPL; bound is no "int" and does not. */
static u8 int3[] = { 0xcc, 0x0f, 0x0b };
static u8 into[] = { 0xce, 0x0f, 0x0b };
static u8 bound[] = { 0x62, 0x01, 0x0f, 0x0b };	/* bound %eax, (%ecx) */
static u32 bounds[2] = { 0, 1 };

static void short_forms(enum gate_type type, u32 dpl, u32 ring, const char *name)
{
	bool open = dpl >= ring;
	struct raw_regs start;

	set_all(type, dpl);
	(ring == 3 ? raw_user : raw_kernel)(&start, int3);
	raw_run(&start);
	ok(open ? raw_trapped(3, false, 0, start.eip + 1)
		: is_refused(3, start.eip),
	   "int3 from ring %u, %s gate of DPL %u", ring, name, dpl);

	(ring == 3 ? raw_user : raw_kernel)(&start, into);
	start.eflags |= EFLAGS_OF;
	raw_run(&start);
	ok(open ? raw_trapped(4, false, 0, start.eip + 1)
		: is_refused(4, start.eip),
	   "into from ring %u, %s gate of DPL %u", ring, name, dpl);

	(ring == 3 ? raw_user : raw_kernel)(&start, bound);
	start.ecx = ring == 3 ? user_addr(bounds) : (u32)bounds;
	start.eax = 2;
	raw_run(&start);
	ok(raw_trapped(5, false, 0, start.eip),
	   "bound from ring %u does not look at DPL %u", ring, dpl);
}

/* An interrupt gate for the system call turns interrupts off, a trap gate not. */
static void system_call(enum gate_type type, const char *name, u32 enabled,
			u32 expected)
{
	struct raw_regs start;

	raw_gate(SYSCALL_VECTOR, type, 3);
	int_n[1] = SYSCALL_VECTOR;
	raw_user(&start, int_n);
	lguest_data.irq_enabled = enabled;
	raw_run(&start);
	lguest_data.irq_enabled = 0;
	ok(raw_trapped(SYSCALL_VECTOR, false, 0, start.eip + 2),
	   "int 0x80 through %s gate arrives", name);
	is(raw.irq_enabled, expected, "irq_enabled 0x%x becomes 0x%x", enabled,
	   expected);
}

int main(void)
{
	paging_init();
	raw_init();
	raw_gate(GP, GATE_INTERRUPT, 0);
	no_gates();
	gates_of(GATE_INTERRUPT, "interrupt");
	gates_of(GATE_TRAP, "trap");

	short_forms(GATE_INTERRUPT, 0, 1, "interrupt");
	short_forms(GATE_TRAP, 0, 1, "trap");
	short_forms(GATE_INTERRUPT, 1, 3, "interrupt");
	short_forms(GATE_TRAP, 1, 3, "trap");
	short_forms(GATE_INTERRUPT, 3, 3, "interrupt");
	short_forms(GATE_TRAP, 3, 3, "trap");
	short_forms(GATE_INTERRUPT, 1, 1, "interrupt");

	system_call(GATE_INTERRUPT, "an interrupt", EFLAGS_IF, 0);
	system_call(GATE_TRAP, "a trap", EFLAGS_IF, EFLAGS_IF);
	system_call(GATE_TRAP, "a trap", 0, 0);
	done();
}
