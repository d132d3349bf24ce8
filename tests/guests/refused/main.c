// SPDX-License-Identifier: GPL-2.0
/*
 * refused: instructions that only ring 0 may use are general protection faults
 * of the guest, from ring 1 and ring 3 alike, and change nothing; popf keeps
 * the interrupt flag and IOPL without a fault.  A broken host would let a
 * guest turn interrupts off, reach a control register, or enter ring 0 by
 * sysenter; or it would not pass the fault on.
 */
#include "raw.h"
#include "tap.h"

#define DB	1
#define UD	6
#define TS	10
#define GP	13

/* Either is right where CPUs differ. */
#define UD_OR_GP	0x100

struct refusal {
	const char *name;
	u8 code[10];
	u32 vector, error;
};

/* ecx points to 16 harmless bytes, edx is 0x70, eax is 0. */
static struct refusal refusals[] = {
	{ "cli", { 0xfa }, GP, 0 },
	{ "sti", { 0xfb }, GP, 0 },
	{ "hlt", { 0xf4 }, GP, 0 },
	{ "lgdt", { 0x0f, 0x01, 0x11 }, GP, 0 },
	{ "lidt", { 0x0f, 0x01, 0x19 }, GP, 0 },
	{ "lldt %ax", { 0x0f, 0x00, 0xd0 }, GP, 0 },
	{ "ltr %ax", { 0x0f, 0x00, 0xd8 }, GP, 0 },
	{ "lmsw %ax", { 0x0f, 0x01, 0xf0 }, GP, 0 },
	{ "clts", { 0x0f, 0x06 }, GP, 0 },
	{ "mov %cr0, %eax", { 0x0f, 0x20, 0xc0 }, GP, 0 },
	{ "mov %cr2, %eax", { 0x0f, 0x20, 0xd0 }, GP, 0 },
	{ "mov %cr3, %eax", { 0x0f, 0x20, 0xd8 }, GP, 0 },
	{ "mov %cr4, %eax", { 0x0f, 0x20, 0xe0 }, GP, 0 },
	{ "mov %eax, %cr0", { 0x0f, 0x22, 0xc0 }, GP, 0 },
	{ "mov %eax, %cr2", { 0x0f, 0x22, 0xd0 }, GP, 0 },
	{ "mov %eax, %cr3", { 0x0f, 0x22, 0xd8 }, GP, 0 },
	{ "mov %eax, %cr4", { 0x0f, 0x22, 0xe0 }, GP, 0 },
	{ "mov %dr0, %eax", { 0x0f, 0x21, 0xc0 }, GP, 0 },
	{ "mov %dr7, %eax", { 0x0f, 0x21, 0xf8 }, GP, 0 },
	{ "mov %eax, %dr0", { 0x0f, 0x23, 0xc0 }, GP, 0 },
	{ "mov %eax, %dr7", { 0x0f, 0x23, 0xf8 }, GP, 0 },
	{ "invlpg", { 0x0f, 0x01, 0x39 }, GP, 0 },
	{ "invd", { 0x0f, 0x08 }, GP, 0 },
	{ "wbinvd", { 0x0f, 0x09 }, GP, 0 },
	{ "rdmsr", { 0x0f, 0x32 }, GP, 0 },
	{ "wrmsr", { 0x0f, 0x30 }, GP, 0 },
	{ "sysenter", { 0x0f, 0x34 }, UD_OR_GP, 0 },
	{ "sysexit", { 0x0f, 0x35 }, UD_OR_GP, 0 },
	{ "syscall", { 0x0f, 0x05 }, UD_OR_GP, 0 },
	{ "sysret", { 0x0f, 0x07 }, UD_OR_GP, 0 },
	{ "rsm", { 0x0f, 0xaa }, UD, 0 },
	{ "vmcall", { 0x0f, 0x01, 0xc1 }, UD_OR_GP, 0 },
	{ "vmmcall", { 0x0f, 0x01, 0xd9 }, UD_OR_GP, 0 },
	{ "insb", { 0x6c }, GP, 0 },
	{ "insl", { 0x6d }, GP, 0 },
	{ "outsb", { 0x6e }, GP, 0 },
	{ "rep outsl", { 0xf3, 0x6f }, GP, 0 },
	{ "far jump to the host's code",
	  { 0xea, 0, 0, 0, 0, 0x50, 0 }, GP, 0x50 },
	{ "far call to the host's code",
	  { 0x9a, 0, 0, 0, 0, 0x50, 0 }, GP, 0x50 },
	{ "far jump to the TSS", { 0xea, 0, 0, 0, 0, 0x80, 0 }, GP, 0x80 },
	{ "far call to the TSS", { 0x9a, 0, 0, 0, 0, 0x80, 0 }, GP, 0x80 },
	{ "far jump to nothing", { 0xea, 0, 0, 0, 0, 0, 0 }, GP, 0 },
	{ "load of the host's data segment", { 0xb8, 0x58, 0, 0, 0, 0x8e, 0xd8 },
	  GP, 0x58 },
	{ "load of the TSS as data", { 0xb8, 0x80, 0, 0, 0, 0x8e, 0xd8 },
	  GP, 0x80 },
	{ "null stack segment", { 0xb8, 0, 0, 0, 0, 0x8e, 0xd0 }, GP, 0 },
};

static bool vector_is_right(const struct refusal *r, u32 eip)
{
	if (r->vector != UD_OR_GP)
		return raw_trapped(r->vector, r->vector == GP, r->error, eip);
	return raw_trapped(UD, false, 0, eip) || raw_trapped(GP, true, 0, eip);
}

/* The two-step ones fault in their second instruction. */
static u32 fault_offset(const struct refusal *r)
{
	return r->code[0] == 0xb8 ? 5 : 0;
}

static bool is_refused(const struct refusal *r, u32 ring)
{
	static u32 harmless[4];
	static u8 code[16];
	struct raw_regs start;

	memset(code, 0x90, sizeof(code));
	memcpy(code, r->code, sizeof(r->code));
	(ring == 3 ? raw_user : raw_kernel)(&start, code);
	start.eax = 0;
	start.edx = 0x70;
	start.ecx = ring == 3 ? user_addr(harmless) : (u32)harmless;
	start.esi = start.ecx;
	start.edi = start.ecx;
	raw_run(&start);
	if (fault_offset(r))
		start.eax = raw.regs.eax;
	if (vector_is_right(r, start.eip + fault_offset(r)) &&
	    !memcmp(&raw.regs, &start, offsetof(struct raw_regs, eip)))
		return true;
	diag("%s in ring %u: gate %u at +%d, error 0x%x", r->name, ring,
	     raw.vector, RAW_EIP(raw.vector == GP) - start.eip, raw.word[0]);
	return false;
}

static void all_refusals(enum gate_type type, const char *name)
{
	u32 i;

	raw_gates(type, 3);
	for (i = 0; i < ARRAY_SIZE(refusals); i++)
		ok(is_refused(&refusals[i], 1) & is_refused(&refusals[i], 3),
		   "%s: %s gates", refusals[i].name, name);
}

/* pushl %eax; popfl; pushfl; popl %eax; int3 */
static u8 set_flags[] = { 0x50, 0x9d, 0x9c, 0x58, 0xcc };

#define EFLAGS_IOPL	0x3000
#define EFLAGS_VM	0x20000

static void flags_in(u32 ring)
{
	struct raw_regs start;

	(ring == 3 ? raw_user : raw_kernel)(&start, set_flags);
	start.eax = EFLAGS_FIXED | EFLAGS_IOPL | EFLAGS_NT | EFLAGS_AC;
	raw_run(&start);
	is(raw.regs.eax, EFLAGS_FIXED | EFLAGS_IF | EFLAGS_NT | EFLAGS_AC,
	   "popf in ring %u keeps IF and IOPL, and sets NT and AC", ring);
	is(raw.vector, 3, "and goes on");
}

/* iret in ring 1 is the other way to load flags. */
static void flags_by_iret(u32 ring)
{
	struct raw_regs start;

	(ring == 3 ? raw_user : raw_kernel)(&start, set_flags + 4);
	start.eflags = EFLAGS_FIXED | EFLAGS_IOPL;
	raw_gate(3, GATE_TRAP, 3);
	raw_run(&start);
	is(raw.word[2] & (EFLAGS_IOPL | EFLAGS_IF | EFLAGS_VM), EFLAGS_IF,
	   "iret to ring %u keeps IF and IOPL", ring);
}

/* iret to a ring that is not for us: pushl $0x202; pushl $0x50; push; iret */
static void iret_inwards(u32 ring)
{
	static u8 code[] = { 0x68, 2, 2, 0, 0, 0x6a, 0x50, 0x6a, 0, 0xcf };
	struct raw_regs start;

	(ring == 3 ? raw_user : raw_kernel)(&start, code);
	raw_run(&start);
	raw_ok(raw_trapped(GP, true, 0x50, start.eip + 9),
	       "iret from ring %u to ring 0", ring);
}

int main(void)
{
	paging_init();
	raw_init();
	all_refusals(GATE_INTERRUPT, "interrupt");
	all_refusals(GATE_TRAP, "trap");
	flags_in(1);
	flags_in(3);
	iret_inwards(1);
	iret_inwards(3);
	flags_by_iret(1);
	flags_by_iret(3);
	done();
}
