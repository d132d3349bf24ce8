// SPDX-License-Identifier: GPL-2.0
/*
 * Traps, gates and segments in every era: what is reflected and how, system
 * calls through either kind of gate, instructions that the host serves itself,
 * and the calls that load descriptors.
 */
#include "era.h"

#define FL_TF	0x100u
#define FL_NT	0x4000u

static u32 value, index_, low_word, high_word;

static u32 flags_now(void)
{
	u32 flags;

	asm volatile("pushfl\n\tpopl %0" : "=r" (flags));
	return flags;
}

static void tell_trap(struct frame *f)
{
	crash("trap %u errcode %x cs %x irqs %x live %x", f->vector, f->errcode, f->cs,
	      *guest_word(DATA_IRQ_ENABLED), flags_now() & (FL_TF | FL_NT));
}

static void prepare(void (*main)(void))
{
	era_prepare(main);
	mini.on_trap = tell_trap;
}

/* -- I/O that the host serves: era 4.0 and later tell the launcher -- */

static const struct {
	u8 code[4], len, is_in;
	u32 ones;
} ports[] = {
	{ { 0xe4, 0x80 }, 2, 1, 0xff },
	{ { 0xec }, 1, 1, 0xff },
	{ { 0xe5, 0x80 }, 2, 1, 0xffffffff },
	{ { 0xed }, 1, 1, 0xffffffff },
	{ { 0x66, 0xe5, 0x80 }, 3, 1, 0xffff },
	{ { 0x66, 0xed }, 2, 1, 0xffff },
	{ { 0x66, 0xec }, 2, 1, 0xff },
	{ { 0xe6, 0x80 }, 2, 0, 0 },
	{ { 0xe7, 0x80 }, 2, 0, 0 },
	{ { 0xee }, 1, 0, 0 },
	{ { 0xef }, 1, 0, 0 },
	{ { 0x66, 0xef }, 2, 0, 0 },
};

static u32 run_code(u32 eax)
{
	asm volatile("call *%1" : "+a" (eax) : "r" (PHYS(scratch[0])), "d" (0x80) : "memory");
	return eax;
}

static void guest_does_ports(void)
{
	volatile u8 *code = IN_GUEST->scratch[0];
	u32 i, j;

	for (i = 0; i < ARRAY_SIZE(ports); i++) {
		for (j = 0; j < ports[i].len; j++)
			code[j] = ports[i].code[j];
		code[j] = 0xc3;
		value = run_code(0x12345600);
		if (value != (0x12345600 | ports[i].ones))
			crash("%u: %x", i, value);
	}
}

static void ports_have_nothing(void)
{
	expect_reason(era_run(guest_does_ports), "CRASH: done");
}

static void user_does_in(void)
{
	asm volatile("inb $0x80, %%al" : : : "eax");
}

static void guest_runs_user_in(void)
{
	era_load_gdt();
	era_user(user_does_in);
}

/* The code segment's ring decides, not where the code is. */
static void users_have_no_ports(void)
{
	prepare(guest_runs_user_in);
	expect_prefix(era_run_again(), "CRASH: trap 13 errcode 0 cs 73");
}

static void does_cli(void)
{
	asm volatile("cli");
}

static void guest_does_cli(void)
{
	int trap;

	era_irqs(true);
	trap = mini_try(does_cli);
	crash("trap %d irqs %x", trap, *guest_word(DATA_IRQ_ENABLED));
}

/* Skipped, and no more than that; or a fault as any other. */
static void cli(void)
{
	prepare(guest_does_cli);
	expect_reason(era_run_again(), era_has(ERA_CLI) ? "CRASH: trap -1 irqs 200" :
		      "CRASH: trap 13 irqs 0");
}

static void guest_runs_user_cli(void)
{
	era_load_gdt();
	era_user(does_cli);
}

static void cli_of_user(void)
{
	prepare(guest_runs_user_cli);
	expect_prefix(era_run_again(), "CRASH: trap 13 errcode 0 cs 73");
}

static void does_sti(void)
{
	asm volatile("sti");
}

static void does_hlt(void)
{
	asm volatile("hlt");
}

static void does_lgdt(void)
{
	asm volatile("lgdt (%0)" : : "r" (PHYS(scratch)));
}

static void guest_does_privileged(void)
{
	guest_expect(mini_try(does_sti) == 13);
	guest_expect(mini_try(does_hlt) == 13);
	guest_expect(mini_try(does_lgdt) == 13);
}

static void others_are_reflected(void)
{
	expect_reason(era_run(guest_does_privileged), "CRASH: done");
}

/* -- System calls -- */

static void user_calls(void)
{
	syscall_of_user(0);
}

static u32 gate_type;

static void guest_runs_user(void)
{
	era_gate(SYSCALL_VECTOR, gate_type);
	era_load_gdt();
	era_irqs(true);
	era_user(user_calls);
}

/* #GP for a gate that this ring may not use: the error code names it. */
static const char *refused_gate(u32 vector)
{
	static char reason[64];

	snprintf(reason, sizeof(reason), "CRASH: trap 13 errcode %x cs 73 ",
		 host_gate_error(vector));
	return reason;
}

static void system_call_gates(void)
{
	prepare(guest_runs_user);
	gate_type = GATE_TRAP | GATE_DPL3;
	expect_reason(era_run_again(), "CRASH: trap 128 errcode 0 cs 73 irqs 200 live 0");
	prepare(guest_runs_user);
	gate_type = GATE_INTERRUPT | GATE_DPL3;
	expect_reason(era_run_again(), "CRASH: trap 128 errcode 0 cs 73 irqs 0 live 0");
	/* not for users */
	prepare(guest_runs_user);
	gate_type = GATE_TRAP;
	expect_prefix(era_run_again(), refused_gate(SYSCALL_VECTOR));
	prepare(guest_runs_user);
	gate_type = GATE_INTERRUPT | GATE_DPL1;
	expect_prefix(era_run_again(), refused_gate(SYSCALL_VECTOR));
	prepare(guest_runs_user);
	gate_type = 0;
	expect(strncmp(era_run_again(), "CRASH: trap 128", 15), "no gate");
}

static volatile u32 calls;

static void count_call(struct frame *f)
{
	guest_expect(f->vector == SYSCALL_VECTOR);
	guest_expect(*guest_word(DATA_IRQ_ENABLED) == 0);
	era_irqs(true);		/* what the return does */
	f->eax++;
	calls++;
}

static void user_calls_often(void)
{
	u32 i;

	for (i = 0; i < 1000; i++) {
		if (syscall_of_user(i) != i + 1)
			asm volatile("ud2");
	}
	asm volatile("int $0x1f");	/* not for users: the end */
}

static void count_or_end(struct frame *f)
{
	if (f->vector == SYSCALL_VECTOR)
		count_call(f);
	else
		crash("trap %u after %u", f->vector, calls);
}

static void guest_runs_callers(void)
{
	era_gate(SYSCALL_VECTOR, GATE_INTERRUPT | GATE_DPL3);
	era_load_gdt();
	era_irqs(true);
	era_user(user_calls_often);
}

static void many_calls_by_interrupt_gate(void)
{
	calls = 0;
	prepare(guest_runs_callers);
	mini.on_trap = count_or_end;
	expect_reason(era_run_again(), "CRASH: trap 13 after 1000");
}

/* -- Gates -- */

static void user_does_int3(void)
{
	asm volatile("int3");
}

static void guest_gives_int3(void)
{
	era_gate(3, gate_type);
	era_load_gdt();
	era_irqs(true);
	era_user(user_does_int3);
}

#define INT3_VECTOR	3

static void gates_keep_dpl(void)
{
	const struct {
		u32 type;
		const char *reason;
	} gates[] = {
		{ GATE_INTERRUPT | GATE_DPL3, "CRASH: trap 3 errcode 0 cs 73 irqs 0 live 0" },
		{ GATE_TRAP | GATE_DPL3, "CRASH: trap 3 errcode 0 cs 73 irqs 200 live 0" },
		{ GATE_INTERRUPT, refused_gate(INT3_VECTOR) },
		{ GATE_TRAP, refused_gate(INT3_VECTOR) },
		{ GATE_INTERRUPT | GATE_DPL1, refused_gate(INT3_VECTOR) },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(gates); i++) {
		prepare(guest_gives_int3);
		gate_type = gates[i].type;
		expect_prefix(era_run_again(), gates[i].reason);
	}
}

static void guest_loads_gate(void)
{
	call3(LHCALL_LOAD_IDT_ENTRY, index_, low_word, high_word);
}

static const char *load_gate(u32 vector, u32 high)
{
	prepare(guest_loads_gate);
	index_ = vector;
	low_word = KERNEL_CS << 16;
	high_word = high;
	return era_run_again();
}

static void gate_vectors(void)
{
	static const u32 far_off[] = { 256, 257, 0x1000, 0x80000000, 0xffffffff };
	static const u32 ignored[] = { 2, 8, 15, 31, 64, 127, 129, 200, 255 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(far_off); i++)
		expect(strncmp(load_gate(far_off[i], GATE_TRAP), "CRASH", 5),
		       "vector %u", far_off[i]);
	for (i = 0; i < ARRAY_SIZE(ignored); i++)
		expect_reason(load_gate(ignored[i], GATE_TRAP), "CRASH: done");
	for (i = 0; i < 14; i++)
		expect_prefix(load_gate(5, 0x8000 | i << 8), "bad gate type");
	expect_reason(load_gate(5, 0), "CRASH: done");
}

/* The gates of the interrupts' vectors lead nowhere but by interrupts. */
static void uses_irq_vector(void)
{
	asm volatile("int $0x28");
}

static void uses_far_vector(void)
{
	asm volatile("int $0xc8");
}

static void guest_uses_vectors(void)
{
	era_gate(0x28, GATE_TRAP | GATE_DPL3);
	guest_expect(mini_try(uses_irq_vector) == 13);
	guest_expect(guest_gate_error_is(mini.trap_errcode, 0x28));
	guest_expect(mini_try(uses_far_vector) == 13);
	guest_expect(guest_gate_error_is(mini.trap_errcode, 0xc8));
}

static void vectors_of_interrupts(void)
{
	expect_reason(era_run(guest_uses_vectors), "CRASH: done");
}

/* -- Frames -- */

static u32 frame_flags;

static void note_flags(struct frame *f)
{
	frame_flags = f->eflags;
	f->eflags &= ~FL_TF;
}

static void guest_traps_with_flags(void)
{
	era_irqs(false);
	asm volatile("int3");
	guest_expect(!(frame_flags & FL_IF));
	era_irqs(true);
	asm volatile("int3");
	guest_expect(frame_flags & FL_IF);
	guest_expect(*guest_word(DATA_IRQ_ENABLED) == 0);
	/* nothing but the flag's own bit counts */
	*guest_word(DATA_IRQ_ENABLED) = ~FL_IF;
	asm volatile("int3");
	guest_expect(!(frame_flags & FL_IF));
}

static void frames_have_virtual_flag(void)
{
	prepare(guest_traps_with_flags);
	mini.on_trap = note_flags;
	expect_reason(era_run_again(), "CRASH: done");
}

static void touches_nothing(void)
{
	*(volatile u32 *)(ERA_WINDOW + 0x1234568) = 0;
}

static void guest_faults(void)
{
	guest_expect(mini_try(touches_nothing) == 14);
	guest_expect(mini.trap_errcode == 2);
	guest_expect(*guest_word(DATA_CR2) == (ERA_WINDOW + 0x1234568));
}

static void faults_have_address(void)
{
	expect_reason(era_run(guest_faults), "CRASH: done");
}

static void guest_dies_of_trap(void)
{
	asm volatile("ud2");
}

static void without_gate(void)
{
	prepare(guest_dies_of_trap);
	run.no_gates = true;
	expect_prefix(era_run_again(), "unhandled trap 6 at ");
}

/* -- The GDT -- */

static void guest_loads_entry(void)
{
	call3(LHCALL_LOAD_GDT_ENTRY, index_, low_word, high_word);
	call0(LHCALL_FLUSH_ASYNC);
}

static const char *load_entry(u32 index, u32 low, u32 high)
{
	prepare(guest_loads_entry);
	index_ = index;
	low_word = low;
	high_word = high;
	return era_run_again();
}

static void gdt_entries_by_number(void)
{
	static const u32 wrong[] = {
		32, 33, 64, 255, 0x1fffffff, 0x20000000, 0x2000000c, 0x80000000,
		0xfffffff0, 0xfffffffe, 0xffffffff
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		expect(strncmp(load_entry(wrong[i], FLAT_LOW, USER_DATA), "CRASH", 5),
		       "entry %#x", wrong[i]);
	for (i = 0; i < GDT_ENTRIES; i++) {
		if (i != KERNEL_CS / 8 && i != KERNEL_DS / 8)
			expect_reason(load_entry(i, FLAT_LOW, USER_DATA), "CRASH: done");
	}
}

/* Such tables are no segment's, or end with the host's descriptors. */
static void bad_gdt_entries(void)
{
	static const u32 bad[] = {
		0x00008200, 0x00008900, 0x00008b00, 0x0000ec00, 0x0000e500, 0x0000ee00
	};
	static const u32 hosts[] = { 10, 11, 16, 31 };
	u32 i, j;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		expect_prefix(load_entry(20, 0x1234, bad[i]), "bad GDT entry 20");
		for (j = 0; j < ARRAY_SIZE(hosts); j++)
			expect_reason(load_entry(hosts[j], 0x1234, bad[i]), "CRASH: done");
	}
	expect_prefix(load_entry(KERNEL_CS / 8, 0, 0), "removed live GDT entry 12");
}

static u32 rights_of(u32 selector)
{
	u32 rights = 0;

	asm volatile("larl %1, %0" : "+r" (rights) : "r" (selector));
	return rights;
}

static void guest_looks_at_segments(void)
{
	/* DPL 0 is ring 1's, and all are accessed */
	era_load_gdt();
	era_load_gdt_entry(20, FLAT_LOW, 0x00cf9200);
	guest_expect(rights_of(20 * 8 + 1) == 0x00cfb300 ||
		     rights_of(20 * 8 + 1) == (0x00cfb300 & 0x00f0ff00));
	era_load_gdt_entry(20, FLAT_LOW, 0x00cff200);
	guest_expect((rights_of(20 * 8 + 1) & 0xff00) == 0xf300);
	era_load_gdt_entry(20, 0, 0);
	guest_expect(rights_of(20 * 8 + 1) == 0);
}

static void entries_are_fixed_up(void)
{
	prepare(guest_looks_at_segments);
	expect_reason(era_run_again(), "CRASH: done");
}

static void guest_loads_tls(void)
{
	u32 i;

	for (i = 0; i < 3; i++) {
		IN_GUEST->gdt[i][0] = FLAT_LOW;
		IN_GUEST->gdt[i][1] = USER_DATA;
	}
	call2(LHCALL_LOAD_TLS, PHYS(gdt), 77);
	for (i = 6; i < 9; i++)
		guest_expect((rights_of(i * 8 + 3) & 0xff00) == 0xf300);
	guest_expect(rights_of(9 * 8 + 3) == 0 && rights_of(5 * 8 + 3) == 0);
}

static void tls(void)
{
	prepare(guest_loads_tls);
	expect_reason(era_run_again(), "CRASH: done");
}

static void guest_loads_tls_there(void)
{
	call2(LHCALL_LOAD_TLS, low_word, 0);
}

static void tls_nowhere(void)
{
	static const u32 wrong[] = { -1u, -24u, -ERA_BASE, 0xC0000000 - ERA_BASE, 0x60000000 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		prepare(guest_loads_tls_there);
		low_word = wrong[i];
		expect_formatted(era_run_again(), "bad read address %#x len 24", wrong[i]);
	}
}

static void guest_loads_table(void)
{
	call2(LHCALL_LOAD_GDT, PHYS(gdt), index_);
}

static void gdt_counts(void)
{
	static const u32 wrong[] = { 33, 256, 0x1fffffff, 0x20000000, 0x80000000, 0xffffffff };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		prepare(guest_loads_table);
		index_ = wrong[i];
		expect_formatted(era_run_again(), "too many GDT entries: %u", wrong[i]);
	}
	prepare(guest_loads_table);
	index_ = 12;
	expect_reason(era_run_again(), "CRASH: done");
}

int main(void)
{
	RUN_ERAS(ports_have_nothing, 0, ERA_TRAPS);
	RUN_ERAS(users_have_no_ports, 0, ERA_TRAPS);
	RUN_ERAS(cli, 0, ERA_TRAPS);
	RUN_ERAS(cli_of_user, 0, ERA_TRAPS);
	RUN_ERAS(others_are_reflected, 0, ERA_TRAPS);
	RUN_ERAS(system_call_gates, 0, 0);
	RUN_ERAS(many_calls_by_interrupt_gate, 0, 0);
	RUN_ERAS(gates_keep_dpl, 0, 0);
	RUN_ERAS(gate_vectors, 0, 0);
	RUN_ERAS(vectors_of_interrupts, 0, 0);
	RUN_ERAS(frames_have_virtual_flag, 0, 0);
	RUN_ERAS(faults_have_address, 0, 0);
	RUN_ERAS(without_gate, 0, 0);
	RUN_ERAS(gdt_entries_by_number, ERA_GDT_ENTRY, 0);
	RUN_ERAS(bad_gdt_entries, ERA_GDT_ENTRY, 0);
	RUN_ERAS(entries_are_fixed_up, 0, 0);
	RUN_ERAS(tls, 0, 0);
	RUN_ERAS(tls_nowhere, 0, 0);
	RUN_ERAS(gdt_counts, ERA_GDT, 0);
	return mini_done();
}
