// SPDX-License-Identifier: GPL-2.0
/*
 * Flags, and instructions that are not for guests: every combination of the
 * dangerous flags before everything that enters a kernel, from rings 1 and 3;
 * privileged instructions; IN and OUT in all their forms; ports that the
 * launcher may use.
 */
#include <sys/io.h>
#include "mini/mini.h"

#define TF	0x100u
#define DF	0x400u
#define IOPL	0x3000u
#define NT	0x4000u
#define RF	0x10000u
#define VM	0x20000u
#define AC	0x40000u
#define VIF	0x80000u
#define VIP	0x100000u
#define ID	0x200000u
#define NEVER	(IOPL | VM | VIF | VIP)

static const u32 all_flags[] = { TF, FL_IF, DF, 0x1000, 0x2000, NT, RF, VM, AC, ID };
#define COMBINATIONS	(1u << ARRAY_SIZE(all_flags))

static u32 flags_of(u32 combination)
{
	u32 i, flags = 2;

	for (i = 0; i < ARRAY_SIZE(all_flags); i++)
		flags |= combination & 1u << i ? all_flags[i] : 0;
	return flags;
}

static u32 combination, steps, calls;

/* The flags in a frame are the interrupted ones; no TF from here on. */
static void see_flags(struct frame *f)
{
	u32 now;

	asm volatile("pushfl\n\tpopl %0" : "=r" (now));
	if (now & (NEVER | TF | NT | RF) || !(now & FL_IF))
		crash("combination %x: vector %d: flags %x in the handler", combination,
		      f->vector, now);
	if (f->eflags & NEVER)
		crash("combination %x: vector %d: flags %x in the frame", combination,
		      f->vector, f->eflags);
	if (f->vector == 1)
		steps++;
	else if (f->vector == SYSCALL_VECTOR)
		calls++;
	else if (f->vector == 6)
		f->eip += 2;
	else
		crash("combination %x: vector %d errcode %x at %x", combination, f->vector,
		      f->errcode, f->eip);
	f->eflags &= ~(TF | NT);
}

#define WITH_FLAGS(insn)						\
	do {								\
		u32 these_ = flags;					\
									\
		asm volatile("xorl %%eax, %%eax\n\t"			\
			     "pushl %0\n\tpopfl\n\t"			\
			     insn "\n\t"				\
			     "pushl $2\n\tpopfl"			\
			     : : "r" (these_)				\
			     : "eax", "ecx", "memory", "cc");		\
	} while (0)

static void guest_popf(void)
{
	u32 flags;

	mini.on_trap = see_flags;
	mini_set_gate(1, GATE_TRAP);
	mini_set_gate(SYSCALL_VECTOR, GATE_TRAP | GATE_DPL3);
	for (combination = 0; combination < COMBINATIONS; combination++) {
		flags = flags_of(combination);
		WITH_FLAGS("int $0x1f");
		WITH_FLAGS("ud2");
		WITH_FLAGS("int $0x80");
		WITH_FLAGS("inb $0x80, %%al");
		WITH_FLAGS("movl %%ss, %%ecx\n\tmovl %%ecx, %%ss\n\tint $0x80");
		WITH_FLAGS("movl %%ss, %%ecx\n\tmovl %%ecx, %%ss\n\tint $0x1f");
	}
	guest_expect(calls >= 2 * COMBINATIONS && steps >= COMBINATIONS);
}

static u32 own_flags(void)
{
	u32 flags;

	asm volatile("pushfl\n\tpopl %0" : "=r" (flags));
	return flags & ~0x8d5u;	/* not those that arithmetic sets */
}

static void all_flags_in_ring_1(void)
{
	u32 before = own_flags();

	expect_reason(mini_run(guest_popf), "CRASH: done");
	expect_value(own_flags(), before);
}

/* The same by iret, within ring 1. */
static void guest_irets(void)
{
	u32 flags;

	mini.on_trap = see_flags;
	for (combination = 0; combination < COMBINATIONS; combination++) {
		/* which has a test of its own, below */
		flags = flags_of(combination) & ~VM;
		asm volatile("pushl %0\n\tpushl %%cs\n\tpushl $1f\n\tiret\n1:\t"
			     "int $0x80\n\t"
			     "pushl $2\n\tpopfl"
			     : : "r" (flags), "a" (0) : "memory", "cc");
	}
}

static void all_flags_by_iret(void)
{
	u32 before = own_flags();

	expect_reason(mini_run(guest_irets), "CRASH: done");
	expect_value(own_flags(), before);
}

/*
 * VM alone.  A CPU ignores it outside of ring 0.  QEMU's translator (7.2) enters
 * virtual 8086 mode, from where frames have another shape: the host must not
 * take any part of one for something else.  (Shifted, its flags read as an NMI.)
 */
static void guest_irets_to_vm86(void)
{
	asm volatile("pushl %0\n\tpushl %%cs\n\tpushl $1f\n\tiret\n1:\t"
		     "int $0x80"
		     : : "r" (VM | FL_IF | 2), "a" (0) : "memory", "cc");
}

/*
 * The same, to spin there until an interrupt of the host's comes.  The code is at an
 * address that the mode can reach; its segment is any ring's in the eyes of whoever
 * looks at its lowest bits.  Its stack is good, and where its instruction pointer leads
 * without the segment there is code, too: the end of a CPU that runs that in ring 0.
 */
#define CLI_AND_HLT	0xfdebf4fau	/* for ever */

static u32 vm86_cs;

static void guest_spins_in_vm86(void)
{
	u8 *code = (u8 *)(vm86_cs * 16);

	code[0] = 0xeb;		/* jmp to itself */
	code[1] = 0xfe;
	asm volatile("movl %0, 0" : : "r" (CLI_AND_HLT) : "memory");
	asm volatile("pushl $0\n\tpushl $0\n\tpushl $0\n\tpushl $0\n\tpushl $0\n\tpushl $0x100\n\t"
		     "pushl %0\n\tpushl %1\n\tpushl $0\n\tiret\n\t"
		     : : "r" (VM | FL_IF | 2), "r" (vm86_cs) : "memory", "cc");
}

/* How many NMIs the host has had, on all CPUs. */
static long host_nmis(void)
{
	char line[4096], *at, *end;
	long nmis = 0, n;
	FILE *f = fopen("/proc/interrupts", "r");

	expect(f, "/proc/interrupts: %s", strerror(errno));
	while (fgets(line, sizeof(line), f)) {
		at = strstr(line, "NMI:");
		if (!at)
			continue;
		for (at += 4; n = strtol(at, &end, 10), end != at; at = end)
			nmis += n;
	}
	fclose(f);
	return nmis;
}

/* The guest goes on and has its own trap, or it dies. */
static void expect_no_vm86(const char *reason)
{
	if (strncmp(reason, "CRASH: trap 128 ", 16) && strncmp(reason, "CRASH: trap 13 ", 15) &&
	    strncmp(reason, "bad stack segment", 17))
		expect_prefix(reason, "bad segments");
}

static void vm86_by_iret(void)
{
	long nmis = host_nmis();

	expect_no_vm86(mini_run(guest_irets_to_vm86));
	expect_value(host_nmis(), nmis);
}

/* The clock's tick is the interrupt; if that is lost, the CPU has had its last. */
static void interrupts_in_vm86(void)
{
	for (vm86_cs = 0x100; vm86_cs < 0x104; vm86_cs++) {
		mini_pin(vm86_cs % 2);
		mini_reset(guest_spins_in_vm86);
		mini.low[1] = (u32)mini.scratch[0] | P_ALL;
		mini.low[0] = (u32)mini.scratch[1] | P_ALL;
		expect_no_vm86(mini_run_again());
		usleep(50000);	/* by that clock */
	}
}

static void user_popf(void)
{
	u32 flags;

	for (combination = 0; combination < COMBINATIONS; combination++) {
		flags = flags_of(combination);
		WITH_FLAGS("int $0x80");
		WITH_FLAGS("ud2");
		WITH_FLAGS("movl %%ss, %%ecx\n\tmovl %%ecx, %%ss\n\tint $0x80");
	}
	syscall_of_user(99);
}

static void see_user_flags(struct frame *f)
{
	if (f->vector == SYSCALL_VECTOR && f->eax == 99)
		crash("%u calls", calls);
	if (f->vector == 17)
		crash("alignment");	/* no CR0.AM would be needed */
	see_flags(f);
}

static void guest_user_popf(void)
{
	mini.on_trap = see_user_flags;
	mini_load_gdt();
	mini_user(user_popf);
}

static void all_flags_in_ring_3(void)
{
	char want[40];

	snprintf(want, sizeof(want), "CRASH: %u calls", 2 * COMBINATIONS);
	expect_reason(mini_run(guest_user_popf), want);
}

/* Instructions that neither ring may execute. */
#define NOT_ALLOWED(name, insn)						\
	static void name(void) { asm volatile(insn : : "a" (0), "c" (0x174), "d" (0)); }

NOT_ALLOWED(do_cli, "cli")
NOT_ALLOWED(do_sti, "sti")
NOT_ALLOWED(do_hlt, "hlt")
NOT_ALLOWED(do_clts, "clts")
NOT_ALLOWED(do_lgdt, "lgdt 0x90000000")
NOT_ALLOWED(do_lidt, "lidt 0x90000000")
NOT_ALLOWED(do_lldt, "lldt %%ax")
NOT_ALLOWED(do_ltr, "ltr %%ax")
NOT_ALLOWED(do_lmsw, "lmsw %%ax")
NOT_ALLOWED(do_read_cr0, "movl %%cr0, %%eax")
NOT_ALLOWED(do_read_cr3, "movl %%cr3, %%eax")
NOT_ALLOWED(do_write_cr0, "movl %%eax, %%cr0")
NOT_ALLOWED(do_write_cr3, "movl %%eax, %%cr3")
NOT_ALLOWED(do_write_cr4, "movl %%eax, %%cr4")
NOT_ALLOWED(do_read_dr7, "movl %%dr7, %%eax")
NOT_ALLOWED(do_write_dr7, "movl %%eax, %%dr7")
NOT_ALLOWED(do_rdmsr, "rdmsr")
NOT_ALLOWED(do_wrmsr, "wrmsr")
NOT_ALLOWED(do_invlpg, "invlpg 0x90000000")
NOT_ALLOWED(do_wbinvd, "wbinvd")
NOT_ALLOWED(do_invd, "invd")
NOT_ALLOWED(do_sysenter, "sysenter")
NOT_ALLOWED(do_sysexit, "sysexit")
NOT_ALLOWED(do_int_8, "int $8")
NOT_ALLOWED(do_int_2, "int $2")
NOT_ALLOWED(do_int_32, "int $32")
NOT_ALLOWED(do_int_255, "int $255")
NOT_ALLOWED(do_locked_in, ".byte 0xf0\n\tinb $0x80, %%al")

static void (* const not_allowed[])(void) = {
	do_cli, do_sti, do_hlt, do_clts, do_lgdt, do_lidt, do_lldt, do_ltr, do_lmsw,
	do_read_cr0, do_read_cr3, do_write_cr0, do_write_cr3, do_write_cr4,
	do_read_dr7, do_write_dr7, do_rdmsr, do_wrmsr, do_invlpg, do_wbinvd, do_invd,
	do_sysenter, do_sysexit, do_int_8, do_int_2, do_int_32, do_int_255,
};

static void guest_tries(void)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(not_allowed); i++) {
		if (mini_try(not_allowed[i]) != 13)
			crash("instruction %u: vector %d", i, mini.trapped);
	}
	/* #UD, or #GP if the CPU looks at the port first; not executed in any case */
	guest_expect(mini_try(do_locked_in) != -1);
}

static void privileged_in_ring_1(void)
{
	expect_reason(mini_run(guest_tries), "CRASH: done");
}

static u32 tried;

static void user_tries_next(void)
{
	not_allowed[tried]();
	syscall_of_user(0);
}

static void user_faulted(struct frame *f)
{
	if (f->vector != 13)
		crash("instruction %u: vector %d", tried, f->vector);
	if (++tried == ARRAY_SIZE(not_allowed))
		crash("all of them");
	f->eip = (u32)user_tries_next;
	f->esp = USTACK_TOP;
}

static void guest_user_tries(void)
{
	mini.on_trap = user_faulted;
	mini_load_gdt();
	mini_user(user_tries_next);
}

static void privileged_in_ring_3(void)
{
	expect_reason(mini_run(guest_user_tries), "CRASH: all of them");
}

/* IN and OUT as bytes, at the end of a page and across two. */
static const struct {
	u8 bytes[16];
	u8 len;
	u32 ones;
} port_io[] = {
	{ { 0xe4, 0x80 }, 2, 0xff },
	{ { 0xe5, 0x80 }, 2, 0xffffffff },
	{ { 0xec }, 1, 0xff },
	{ { 0xed }, 1, 0xffffffff },
	{ { 0xe6, 0x80 }, 2, 0 },
	{ { 0xe7, 0x80 }, 2, 0 },
	{ { 0xee }, 1, 0 },
	{ { 0xef }, 1, 0 },
	{ { 0x66, 0xed }, 2, 0xffff },
	{ { 0x66, 0xe5, 0x80 }, 3, 0xffff },
	{ { 0x66, 0xec }, 2, 0xff },
	{ { 0x66, 0x66, 0xed }, 3, 0xffff },
	{ { 0x3e, 0x66, 0x2e, 0xed }, 4, 0xffff },
	{ { 0xf3, 0x65, 0xed }, 3, 0xffffffff },
	{ { 0x67, 0xe4, 0x80 }, 3, 0xff },
	{ { 0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x26,
	    0x26, 0xec }, 15, 0xff },
};

static u32 run_at, in_eax, bytes_at;

static void run_bytes(void)
{
	asm volatile("call *%1" : "+a" (in_eax) : "r" (run_at), "d" (0x80) : "memory");
}

/* The bytes and a RET, at each distance from the end of the page. */
static void guest_does_port_io(void)
{
	u32 i, back;

	for (i = 0; i < ARRAY_SIZE(port_io); i++) {
		for (back = 1; back <= 20; back++) {
			run_at = (u32)mini.scratch[1] - back;
			memcpy((void *)run_at, port_io[i].bytes, port_io[i].len);
			((u8 *)run_at)[port_io[i].len] = 0xc3;
			in_eax = 0x12345600;
			if (mini_try(run_bytes) != -1)
				crash("%u at -%u: vector %d", i, back, mini.trapped);
			if (in_eax != (0x12345600 | port_io[i].ones))
				crash("%u at -%u: eax %x", i, back, in_eax);
		}
	}
}

static void port_io_in_ring_1(void)
{
	expect_reason(mini_run(guest_does_port_io), "CRASH: done");
}

/* The rest of the instruction is not there: the CPU never gets to #GP. */
static void guest_runs_off(void)
{
	u8 *end = (u8 *)0x3000;

	end[-1] = 0xe4;
	run_at = 0x2fff;
	guest_expect(mini_try(run_bytes) == 14 && mini.trap_cr2 == 0x3000);
	end[-1] = 0x66;
	guest_expect(mini_try(run_bytes) == 14 && mini.trap_cr2 == 0x3000);
	/* one that ends with the page is whole */
	end[-1] = 0xec;
	guest_expect(mini_try(run_bytes) == 14 && mini.trap_cr2 == 0x3000);
	end[-1] = 0xf4;
	guest_expect(mini_try(run_bytes) == 13);
}

static void instruction_at_hole(void)
{
	mini_reset(guest_runs_off);
	mini.low[2] = (u32)mini.scratch[0] | P_ALL;
	expect_reason(mini_run_again(), "CRASH: done");
}

/* A code segment with a base: eip is not the address; it may wrap, too. */
static void run_far(void)
{
	asm volatile("pushl %%cs\n\tpushl $1f\n\tpushl %1\n\tpushl %2\n\tlret\n1:"
		     : "+a" (in_eax) : "i" (6 * 8 + 1), "r" (run_at), "d" (0x80) : "memory");
}

static void guest_with_base(void)
{
	static const u32 bases[] = { 0x1000, 0x80000000, 0xfffff000, 0x90000000 };
	u8 code[8] = { 0xec, 0x66, 0xed, 0xcb };
	u32 i;

	memcpy((void *)bytes_at, code, sizeof(code));
	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		mini.gdt[6][0] = bases[i] << 16 | 0xffff;
		mini.gdt[6][1] = KERNEL_CODE | (bases[i] & 0xff000000) | ((bases[i] >> 16) & 0xff);
		mini_load_gdt();
		run_at = bytes_at - bases[i];
		in_eax = 0;
		if (mini_try(run_far) != -1 || in_eax != 0xffff)
			crash("base %x: vector %d eax %x", bases[i], mini.trapped, in_eax);
	}
}

static void code_with_base(void)
{
	mini_reset(guest_with_base);
	bytes_at = (u32)mini.scratch[2];
	expect_reason(mini_run_again(), "CRASH: done");
	mini_reset(guest_with_base);
	bytes_at = 0x4;
	mini.low[0] = (u32)mini.scratch[2] | P_ALL;
	expect_reason(mini_run_again(), "CRASH: done");
}

/* The launcher's rights on ports are not the guest's. */
static void guest_reads_port(void)
{
	u32 i, eax;

	for (i = 0; i < 1000; i++) {
		eax = 0;
		asm volatile("outb %%al, $0x70\n\tinb $0x71, %%al" : "+a" (eax));
		guest_expect((eax & 0xff) == 0xff);
	}
}

static void launcher_with_ports(void)
{
	u32 notice[2];
	int fd;

	expect_value(ioperm(0, 0x400, 1), 0);
	expect_value(iopl(3), 0);
	fd = mini_new(guest_reads_port);
	expect_error(read(fd, notice, 8), ENOENT);
	expect_value(mini_counter(fd, "io_exits"), 2000);
	expect_reason(mini_reason(fd), "CRASH: done");
	/* and the launcher still has them */
	outb(0, 0x70);
	expect(inb(0x71) < 0x60, "this is no second of the hour");
}

int main(void)
{
	RUN(all_flags_in_ring_1);
	RUN(all_flags_by_iret);
	RUN(vm86_by_iret);
	RUN(interrupts_in_vm86);
	RUN(all_flags_in_ring_3);
	RUN(privileged_in_ring_1);
	RUN(privileged_in_ring_3);
	RUN(port_io_in_ring_1);
	RUN(instruction_at_hole);
	RUN(code_with_base);
	RUN(launcher_with_ports);
	return mini_done();
}
